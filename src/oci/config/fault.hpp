// Where a text stops being JSON, in words.
#pragma once

#include <nlohmann/json.hpp>
#include <string>
#include <string_view>

namespace mydocker::oci {

// "line 3, column 7: unexpected '}'; expected string literal". `error` is what the parser threw.
[[nodiscard]] std::string fault_of(std::string_view text, const nlohmann::json::exception& error);

}  // namespace mydocker::oci
