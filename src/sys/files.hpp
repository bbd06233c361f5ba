// Small files, whole. All descriptors are close-on-exec.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "mydocker/unique_fd.hpp"

namespace mydocker::sys {

// Opens what is there, if no part of the path is a symbolic link (ELOOP). Throws std::system_error.
[[nodiscard]] UniqueFd open_without_links(const char* path, int flags);

// The whole content; throws std::system_error, EFBIG above 16 MiB. Meant for files of /proc and /sys
// and small configuration.
[[nodiscard]] std::string read_file(const std::string& path);

// The whole content, or nothing if the file cannot be opened or read.
[[nodiscard]] std::optional<std::string> try_read_file(const std::string& path);

// The whole content, or nothing if there is no such file; throws for what read_file() throws. For what
// must not be taken for missing because it could not be read.
[[nodiscard]] std::optional<std::string> read_file_if_there(const std::string& path);

// The same of an open file.
[[nodiscard]] std::string read_whole(int fd);

// All that `fd` still gives, up to `limit` bytes.
[[nodiscard]] std::string read_all(int fd, std::size_t limit);

// Writes `text` in one write(2), as the kernel's files want it; throws std::system_error.
void write_file(const std::string& path, std::string_view text);

// The same; 0, or the errno.
[[nodiscard]] int try_write_file(const std::string& path, std::string_view text);

// Writes all of `text`, in as many calls as it takes; throws std::system_error.
void write_all(int fd, std::string_view text);

// Opens /dev/null in the place of each standard descriptor that is closed: else the next file
// opened would be taken for standard output by everybody.
void open_standard_descriptors();

[[nodiscard]] bool exists(const std::string& path);

// The names in a folder, without "." and ".."; empty if it cannot be read.
[[nodiscard]] std::vector<std::string> names_in(const std::string& folder);

}  // namespace mydocker::sys
