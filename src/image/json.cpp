#include "image/json.hpp"

#include "helpers/text.hpp"

namespace mydocker::image::json {
namespace {

std::string plain(const Json& value, const std::string& key) {
  if (!value.is_string()) throw BadImage(text::quoted(key) + " is no text");
  std::string out = value.get<std::string>();
  if (out.find('\0') != std::string::npos) throw BadImage(text::quoted(key) + " holds a zero byte");
  return out;
}

}  // namespace

Json parse(std::string_view text, const std::string& what) {
  // What walks over it later does so by recursion.
  const auto is_flat = [&](int depth, Json::parse_event_t, Json&) {
    constexpr int kDeepest = 200;
    if (depth > kDeepest) throw BadImage(what + " is too deep");
    return true;
  };
  Json out = Json::parse(text, is_flat, false);
  if (out.is_discarded()) throw BadImage(what + " is no JSON");
  return out;
}

const Json* member(const Json& object, const std::string& key) {
  if (!object.is_object()) return nullptr;
  const auto found = object.find(key);
  return found == object.end() || found->is_null() ? nullptr : &*found;
}

std::string text_of(const Json& object, const std::string& key) {
  const Json* const value = member(object, key);
  return value != nullptr ? plain(*value, key) : std::string();
}

std::vector<std::string> texts_of(const Json& object, const std::string& key) {
  std::vector<std::string> out;
  const Json* const value = member(object, key);
  if (value == nullptr) return out;
  if (!value->is_array()) throw BadImage(text::quoted(key) + " is no list");
  for (const auto& each : *value) out.push_back(plain(each, key));
  return out;
}

}  // namespace mydocker::image::json
