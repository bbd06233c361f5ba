// A JSON file as values that know their place in it, so that each problem can name it. The JSON
// library is behind this.
#pragma once

#include <cstdint>
#include <limits>
#include <memory>
#include <nlohmann/json_fwd.hpp>
#include <optional>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>
#include <vector>

namespace mydocker::oci {

// One word of those that a property may have, and what it means.
template <class T>
struct Word {
  std::string_view word;
  T value;
};

// Whole numbers that a property may have, both ends included.
struct Range {
  std::int64_t least = 0;
  std::uint64_t most = UINT64_MAX;
};

template <class T>
struct Inner {
  using type = T;
  static constexpr bool is_optional = false;
};
template <class T>
struct Inner<std::optional<T>> {
  using type = T;
  static constexpr bool is_optional = true;
};

class Value;

class Document {
 public:
  // Throws ConfigError, with line and column, where the text is no JSON.
  explicit Document(std::string_view text);
  ~Document();
  Document(const Document&) = delete;
  Document& operator=(const Document&) = delete;

  [[nodiscard]] Value top();

  // Throws ConfigError if there was any problem; gives the warnings.
  [[nodiscard]] std::vector<std::string> finish();

 private:
  friend class Value;
  std::unique_ptr<nlohmann::json> json_;
  std::vector<std::string> problems_, warnings_;
};

// A value of the file, or the lack of one. As Go's encoders write null for "nothing given", a
// property that is null is a lack. What is asked of it and does not fit becomes a problem of the document.
class Value {
 public:
  [[nodiscard]] bool is_given() const;

  // A property of an object.
  [[nodiscard]] Value operator[](const char* name) const;
  // The elements of an array; the properties of an object whose names are the file's own.
  [[nodiscard]] std::vector<Value> elements() const;
  [[nodiscard]] std::vector<std::pair<std::string_view, Value>> members() const;

  // Null where there is none, or where it is no string.
  [[nodiscard]] const std::string* text() const;
  [[nodiscard]] std::optional<bool> truth() const;

  // What the word stands for.
  template <class T, std::size_t N>
  [[nodiscard]] std::optional<T> one_of(const Word<T> (&words)[N]) const {
    const std::string* const came = text();
    if (came == nullptr) return std::nullopt;
    std::string allowed;
    for (const auto& [word, value] : words) {
      if (word == *came) return value;
      if (!word.empty()) allowed.append(allowed.empty() ? "" : ", ").append(word);
    }
    refuse("allowed are " + allowed);
    return std::nullopt;
  }

  // Fills `out` if the value is given and fits; says whether it did (of an array: whether it is one).
  template <class T>
  bool into(T& out, Range range = all_of<T>()) const {
    using Plain = typename Inner<T>::type;
    if constexpr (std::is_same_v<Plain, std::string>) {
      const std::string* const came = text();
      if (came != nullptr) out = *came;
      return came != nullptr;
    } else if constexpr (std::is_same_v<Plain, bool>) {
      const auto came = truth();
      if (came) out = *came;
      return came.has_value();
    } else {
      // In two's complement, if it is negative.
      const auto came = bits_of_number(range);
      if (came) out = static_cast<Plain>(*came);
      return came.has_value();
    }
  }
  template <class T>
  bool into(std::vector<T>& out, Range range = all_of<T>()) const {
    for (const Value& each : elements()) {
      T element{};
      if (each.into(element, range)) out.push_back(std::move(element));
    }
    return is_array();
  }

  // A problem if it is not given.
  [[nodiscard]] Value required() const;

  // "linux.seccomp.flags[0]: 'X': reason"
  void refuse(std::string_view reason) const;
  void warn(std::string_view reason) const;
  // "linux.seccomp.flags[0]: reason", where what came is not the point.
  void refuse_place(std::string_view reason) const;

 private:
  friend class Document;
  Value(Document* document, const nlohmann::json* node, const nlohmann::json* parent,
        const char* name)
      : document_(document), node_(node), parent_(parent), name_(name) {}

  template <class T>
  static constexpr Range all_of() {
    using Plain = typename Inner<T>::type;
    if constexpr (std::is_integral_v<Plain>) {
      return {static_cast<std::int64_t>(std::numeric_limits<Plain>::min()),
              static_cast<std::uint64_t>(std::numeric_limits<Plain>::max())};
    }
    return {};
  }

  [[nodiscard]] bool is_array() const;
  [[nodiscard]] std::optional<std::uint64_t> bits_of_number(Range range) const;
  // Not where what it would be a property of is missing as well: that has been said, or is no
  // problem. And not when enough has been said.
  [[nodiscard]] bool can_be_named() const;
  [[nodiscard]] std::string place() const;
  [[nodiscard]] std::string place_and_value() const;

  Document* document_;
  const nlohmann::json* node_;    // null: missing
  const nlohmann::json* parent_;  // of a missing one; null: the parent is missing itself
  const char* name_;              // of a missing one
};

}  // namespace mydocker::oci
