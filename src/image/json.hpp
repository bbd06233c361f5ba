// Reading JSON that nobody vouches for. Every function throws BadImage where a value is of another
// kind than asked for, and names it.
#pragma once

#include <nlohmann/json.hpp>
#include <string>
#include <string_view>
#include <vector>

#include "image/config.hpp"

namespace mydocker::image::json {

using Json = nlohmann::json;

// `what` names the text in messages.
[[nodiscard]] Json parse(std::string_view text, const std::string& what);

// A member of an object; null if it is missing, or null.
[[nodiscard]] const Json* member(const Json& object, const std::string& key);

[[nodiscard]] std::string text_of(const Json& object, const std::string& key);

[[nodiscard]] std::vector<std::string> texts_of(const Json& object, const std::string& key);

}  // namespace mydocker::image::json
