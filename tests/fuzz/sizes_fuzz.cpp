// Numbers, sizes, lists and seconds.
#include "fuzz/fuzz.hpp"
#include "helpers/numbers.hpp"

using namespace mydocker;

int LLVMFuzzerTestOneInput(const std::uint8_t* bytes, std::size_t size) {
  const std::string_view text = fuzz::text_of(bytes, size);
  const auto number = numbers::parse(text);
  const auto amount = numbers::parse_size(text);
  if (number) fuzz::require(amount && amount->count == *number);
  if (amount) fuzz::require(!numbers::size_text(*amount).empty());
  if (const auto list = numbers::parse_list(text, 1023)) {
    for (const unsigned each : *list) fuzz::require(each <= 1023);
  }
  if (const auto time = numbers::parse_milliseconds(text))
    fuzz::require(*time >= 0 && *time <= 316224000999);
  return 0;
}
