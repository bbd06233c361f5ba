#include "oci/config/document.hpp"

#include <algorithm>
#include <nlohmann/json.hpp>

#include "helpers/text.hpp"
#include "oci/config/fault.hpp"
#include "oci/config/load.hpp"

namespace mydocker::oci {
namespace {

using nlohmann::json;

// No property that is read lies deeper.
constexpr int kDeepest = 16;
constexpr std::size_t kLongestShown = 100;
// More than anybody reads.
constexpr std::size_t kMostLines = 200;

// "name", or "['odd.name']" where dots and brackets would mislead.
void append_name(std::string& path, std::string_view name) {
  const bool plain = !name.empty() && std::all_of(name.begin(), name.end(), [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_';
  });
  if (!plain) {
    path.append("[").append(text::quoted(name)).append("]");
  } else {
    path.append(path.empty() ? "" : ".").append(name);
  }
}

// Looked for only when there is something to say: values that are good pay nothing for their place.
bool find_path(const json& from, const json* wanted, std::string& path, int depth = 0) {
  if (&from == wanted) return true;
  if (depth == kDeepest) return false;
  const std::size_t length = path.size();
  if (from.is_object()) {
    for (const auto& [name, value] : from.get_ref<const json::object_t&>()) {
      append_name(path, name);
      if (find_path(value, wanted, path, depth + 1)) return true;
      path.resize(length);
    }
  } else if (from.is_array()) {
    for (std::size_t i = 0; i < from.size(); ++i) {
      path.append("[").append(std::to_string(i)).append("]");
      if (find_path(from[i], wanted, path, depth + 1)) return true;
      path.resize(length);
    }
  }
  return false;
}

std::string shown(const json& value) {
  if (value.is_object()) return "an object";
  if (value.is_array()) return "an array";
  if (!value.is_string()) return value.dump();
  std::string_view text = value.get_ref<const std::string&>();
  if (text.size() <= kLongestShown) return text::quoted(text);
  text = text.substr(0, kLongestShown);
  // Not in the middle of a character.
  while (!text.empty() && (static_cast<unsigned char>(text.back()) & 0x80) != 0)
    text.remove_suffix(1);
  return text::quoted(text) + "...";
}

// A value that is looked at twice is wrong once.
void add_line(std::vector<std::string>& lines, std::string place, std::string_view reason) {
  place.append(": ").append(reason);
  if (std::find(lines.begin(), lines.end(), place) == lines.end())
    lines.push_back(std::move(place));
}

}  // namespace

ConfigError::ConfigError(std::vector<std::string> problems)
    : std::runtime_error(text::join(problems, "\n")), problems_(std::move(problems)) {}

Document::Document(std::string_view text) {
  try {
    json_ = std::make_unique<json>(json::parse(text));
  } catch (const json::exception& error) {
    throw ConfigError({fault_of(text, error)});
  }
  if (!json_->is_object())
    throw ConfigError({"the file has to be an object, but is " + shown(*json_)});
}

Document::~Document() = default;

Value Document::top() { return {this, json_.get(), nullptr, nullptr}; }

std::vector<std::string> Document::finish() {
  if (!problems_.empty()) throw ConfigError(std::move(problems_));
  return std::move(warnings_);
}

// Each line costs a search for the place.
bool Value::can_be_named() const {
  return (node_ != nullptr || parent_ != nullptr) &&
         document_->problems_.size() + document_->warnings_.size() < kMostLines;
}

bool Value::is_given() const { return node_ != nullptr && !node_->is_null(); }

bool Value::is_array() const { return node_ != nullptr && node_->is_array(); }

Value Value::operator[](const char* name) const {
  if (!is_given()) return {document_, nullptr, nullptr, name};
  if (!node_->is_object()) {
    refuse("has to be an object");
    return {document_, nullptr, nullptr, name};
  }
  const auto& all = node_->get_ref<const json::object_t&>();
  const auto found = all.find(name);
  return {document_, found == all.end() ? nullptr : &found->second, node_, name};
}

std::vector<Value> Value::elements() const {
  std::vector<Value> out;
  if (!is_given()) return out;
  if (!node_->is_array()) {
    refuse("has to be an array");
    return out;
  }
  out.reserve(node_->size());
  for (const json& each : *node_) {
    const Value value{document_, &each, nullptr, nullptr};
    // A lack in a list would move all that stands behind it.
    if (each.is_null())
      value.refuse("has to be a value");
    else
      out.push_back(value);
  }
  return out;
}

std::vector<std::pair<std::string_view, Value>> Value::members() const {
  std::vector<std::pair<std::string_view, Value>> out;
  if (!is_given()) return out;
  if (!node_->is_object()) {
    refuse("has to be an object");
    return out;
  }
  for (const auto& [name, json] : node_->get_ref<const json::object_t&>()) {
    const Value value{document_, &json, nullptr, nullptr};
    if (name.find('\0') != std::string::npos)
      value.refuse_place("the name holds a NUL character");
    else if (json.is_null())
      value.refuse("has to be a value");
    else
      out.emplace_back(name, value);
  }
  return out;
}

const std::string* Value::text() const {
  if (!is_given()) return nullptr;
  if (!node_->is_string()) {
    refuse("has to be a string");
    return nullptr;
  }
  const auto& came = node_->get_ref<const std::string&>();
  // The kernel would take what stands before it for the whole.
  if (came.find('\0') != std::string::npos) {
    refuse("holds a NUL character");
    return nullptr;
  }
  return &came;
}

std::optional<bool> Value::truth() const {
  if (!is_given()) return std::nullopt;
  if (!node_->is_boolean()) {
    refuse("has to be true or false");
    return std::nullopt;
  }
  return node_->get<bool>();
}

std::optional<std::uint64_t> Value::bits_of_number(Range range) const {
  if (!is_given()) return std::nullopt;
  if (!node_->is_number_integer()) {
    // What fits in no 64 bits has become a fraction for the library.
    refuse(node_->is_number()
               ? "has to be a whole number of at most 64 bits, without a point or an "
                 "exponent"
               : "has to be a number");
    return std::nullopt;
  }
  const bool negative = !node_->is_number_unsigned() && node_->get<std::int64_t>() < 0;
  const auto bits = negative ? static_cast<std::uint64_t>(node_->get<std::int64_t>())
                             : node_->get<std::uint64_t>();
  const bool enough = negative
                          ? static_cast<std::int64_t>(bits) >= range.least
                          : range.least <= 0 || bits >= static_cast<std::uint64_t>(range.least);
  if (enough && (negative || bits <= range.most)) return bits;
  refuse("allowed are " + std::to_string(range.least) + " to " + std::to_string(range.most));
  return std::nullopt;
}

Value Value::required() const {
  if (!is_given()) refuse_place("missing");
  return *this;
}

std::string Value::place() const {
  std::string out;
  find_path(*document_->json_, node_ != nullptr ? node_ : parent_, out);
  if (node_ == nullptr) append_name(out, name_);
  return out.empty() ? "the file" : out;
}

std::string Value::place_and_value() const {
  return place() + (node_ != nullptr ? ": " + shown(*node_) : "");
}

void Value::refuse(std::string_view reason) const {
  if (can_be_named()) add_line(document_->problems_, place_and_value(), reason);
}

void Value::refuse_place(std::string_view reason) const {
  if (can_be_named()) add_line(document_->problems_, place(), reason);
}

void Value::warn(std::string_view reason) const {
  if (can_be_named()) add_line(document_->warnings_, place_and_value(), reason);
}

}  // namespace mydocker::oci
