// From a file or folder to images in the store.
#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <vector>

#include "image/store.hpp"

namespace mydocker::image {

// What an image may take at most. Beyond that it is refused: a few bytes can unpack to any size.
struct Limits {
  std::uint64_t bytes = 32ULL << 30, inodes = 2000000;
};

using Say = std::function<void(const std::string& line)>;

// Who is told while images are unpacked.
struct Listener {
  Say say;  // what was left out
  // From time to time, how many bytes of a layer's file were read, of how many; at its end 0 of 0. It
  // may be missing.
  std::function<void(std::uint64_t done, std::uint64_t all)> progress;
};

// Unpacks all images of `path`: an archive of docker or of an OCI layout, a folder that is such a
// layout (FOLDER:TAG names one of its images), or an archive of a root file system, compressed or
// not; or a squashfs or erofs of one; or what lies elsewhere (pull.hpp). What is in the store already
// is not unpacked again. Throws SetupError.
[[nodiscard]] std::vector<Image> load(Store& store, const std::string& path, const Limits& limits,
                                      const Listener& listener);

// The one image that `text` means, for a start: a file or folder as above, or the name or the
// beginning of the id of an image in the store. It is unpacked if need be. Throws SetupError.
[[nodiscard]] Image find_or_load(Store& store, const std::string& text, const Limits& limits,
                                 const Listener& listener);

// The same, if that is to be had without unpacking. Throws SetupError.
[[nodiscard]] std::optional<Image> find_loaded(const Store& store, const std::string& text);

}  // namespace mydocker::image
