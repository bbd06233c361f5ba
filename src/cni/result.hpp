// What a plugin answers. Pure.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "cni/config_error.hpp"
#include "mydocker/network.hpp"

namespace mydocker::cni {

struct Result {
  std::vector<IpAddress> addresses;  // of the container
  std::string resolv_conf;           // lines of such a file; empty: it says nothing of names
};

// Throws ConfigError if it is none.
[[nodiscard]] Result read_result(std::string_view text);

// The configuration of a plugin with the result that the one before it gave; without, if there is
// none.
[[nodiscard]] std::string with_result(const std::string& config, const std::string& result);

// What a plugin that failed says: "msg (code 7): details"; empty if `text` is no such error.
[[nodiscard]] std::string error_in(std::string_view text);

}  // namespace mydocker::cni
