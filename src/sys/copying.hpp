// Copies of folders, for tmpfs mounts that begin with what the root has in their place.
#pragma once

namespace mydocker::sys {

// Copies what is in the folder `from` (O_PATH will do) into `to`: folders, files, links, owners,
// modes, times; no file system below is entered, devices and sockets are left out. Throws
// std::system_error.
void copy_folder(int from, int to);

}  // namespace mydocker::sys
