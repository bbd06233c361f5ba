// What an image says of the container that it wants to become: the texts of docker's and OCI's
// formats as values. Pure: nothing is opened here.
#pragma once

#include <stdexcept>
#include <string>
#include <string_view>
#include <vector>

namespace mydocker::image {

// What is wrong with an image, in words.
class BadImage : public std::runtime_error {
 public:
  using std::runtime_error::runtime_error;
};

// The image configuration, of docker's archives and of OCI the same. See the image specification of
// OCI, config.md.
struct Config {
  std::vector<std::string> entrypoint, command;  // what to run, and words behind it
  std::vector<std::string> environment;          // "KEY=value"
  std::string user, workdir, stop_signal;        // empty: not said
  std::vector<std::string> ports;                // "80/tcp"
  std::vector<std::string> diff_ids;  // of the layers unpacked, 64 digits each, bottom first
  std::string os, architecture;       // empty: not said
  bool operator==(const Config&) const = default;
};

// Throws BadImage.
[[nodiscard]] Config parse_config(std::string_view text);

// The 64 digits of "sha256:DIGITS"; throws BadImage for any other digest.
[[nodiscard]] std::string digits_of(std::string_view digest);

}  // namespace mydocker::image
