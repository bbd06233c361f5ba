// Texts without a C library and without a heap.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>

namespace mydocker::verify {

// A text of a fixed room; what does not fit is left out.
template <std::size_t kRoom>
class Text {
 public:
  Text& add(std::string_view words) {
    for (const char c : words) {
      if (size_ + 1 < kRoom) data_[size_++] = c;
    }
    data_[size_] = '\0';
    return *this;
  }
  Text& add(long number) {
    char digits[24];
    std::size_t at = sizeof digits;
    auto rest =
        number < 0 ? 0UL - static_cast<unsigned long>(number) : static_cast<unsigned long>(number);
    do {
      digits[--at] = static_cast<char>('0' + rest % 10);
      rest /= 10;
    } while (rest != 0);
    if (number < 0) digits[--at] = '-';
    return add(std::string_view(digits + at, sizeof digits - at));
  }
  // A word of a list: "a, b".
  Text& item(std::string_view word) { return add(size_ == 0 ? "" : ", ").add(word); }
  Text& pad(std::size_t width) {
    while (size_ < width && size_ + 1 < kRoom) add(" ");
    return *this;
  }
  [[nodiscard]] const char* c_str() const { return data_; }
  [[nodiscard]] std::string_view view() const { return {data_, size_}; }
  [[nodiscard]] bool empty() const { return size_ == 0; }

 private:
  char data_[kRoom] = {};
  std::size_t size_ = 0;
};

using Path = Text<256>;

// "EPERM" for 1 and for -1.
[[nodiscard]] std::string_view error_name(long error);

// `size` characters from `at` on, which are there. (substr and starts_with can throw, which nobody
// could catch.)
[[nodiscard]] constexpr std::string_view piece(std::string_view text, std::size_t at,
                                               std::size_t size) {
  return {text.data() + at, size};
}

// The first piece of `rest` up to `separator`, which leaves `rest` with it.
[[nodiscard]] std::string_view take(std::string_view& rest, char separator);

// Decimal digits alone, or -1.
[[nodiscard]] long number_of(std::string_view digits);
// Hexadecimal digits up to the first character that is none.
[[nodiscard]] std::uint64_t hexadecimal(std::string_view digits);

[[nodiscard]] bool begins_with(std::string_view text, std::string_view part);
[[nodiscard]] bool contains(std::string_view text, std::string_view part);
// Whether `word` is one of those that `separator` divides `list` into.
[[nodiscard]] bool lists(std::string_view list, std::string_view word, char separator = ',');

// Writes all of it to standard output.
void print(std::string_view text);

}  // namespace mydocker::verify
