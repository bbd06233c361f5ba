// What a container has written becomes a layer of a new image; and its root an archive.
#pragma once

#include <string>

#include "mydocker/unique_fd.hpp"

namespace mydocker::image {

// Writes an OCI layout, a tar, into `file`: the layers below the writable folder, and on top of them
// what was written. The image is called `name`, and its configuration is that of the image below.
// Gives its id. Throws SetupError; then there is no file.
[[nodiscard]] std::string commit(const std::string& writable, const std::string& file,
                                 const std::string& name);

// The root of the process `pid`, to be written into `file`. Throws SetupError.
[[nodiscard]] UniqueFd open_root(int pid, const std::string& file);

// Writes that root, without what is mounted in it, as an archive into `file`. The ids are those that
// the process sees itself. Throws SetupError.
void export_root(int pid, int root, const std::string& file);

}  // namespace mydocker::image
