// Disk images (squashfs, erofs) unpacked by the programs that come with them: for those who may not
// mount, and for the store.
#pragma once

#include <string>

#include "image/load.hpp"
#include "image/store.hpp"
#include "mydocker/mount.hpp"

namespace mydocker::image {

// Unpacks `disk` into the folder that `target` is. The program may write nowhere else, and is ended
// when what it has written is beyond `limits`. `say` hears what had to be left out. Throws BadImage if
// the disk is at fault; SetupError with the package's name if there is no such program.
void unpack_disk(const Disk& disk, const Temporary& target, const Limits& limits, const Say& say);

}  // namespace mydocker::image
