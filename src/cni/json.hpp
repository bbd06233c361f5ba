// The JSON library, as this folder uses it: the order of a text's keys is kept.
#pragma once

#include <nlohmann/json.hpp>
#include <string>
#include <string_view>

#include "cni/config_error.hpp"

namespace mydocker::cni {

using Json = nlohmann::ordered_json;

// Throws ConfigError, which says where. What is nested without end would use up the stack when it is
// written again.
[[nodiscard]] inline Json parsed(std::string_view text) {
  const auto allow = [](int depth, Json::parse_event_t, Json&) {
    constexpr int kDeepest = 100;
    if (depth > kDeepest) throw ConfigError("it is nested too deeply");
    return true;
  };
  try {
    return Json::parse(text, allow);
  } catch (const Json::exception& error) {
    throw ConfigError(error.what());
  }
}

// Bytes that are no UTF-8 do not make the writing fail.
[[nodiscard]] inline std::string dumped(const Json& json) {
  return json.dump(-1, ' ', false, Json::error_handler_t::replace);
}

// The text at `key`; empty if there is none, or something else.
[[nodiscard]] inline std::string text_at(const Json& json, const char* key) {
  const auto found = json.is_object() ? json.find(key) : json.end();
  return found != json.end() && found->is_string() ? found->get<std::string>() : std::string();
}

// The list at `key`; empty if there is none, or something else.
[[nodiscard]] inline Json list_at(const Json& json, const char* key) {
  const auto found = json.is_object() ? json.find(key) : json.end();
  return found != json.end() && found->is_array() ? *found : Json::array();
}

}  // namespace mydocker::cni
