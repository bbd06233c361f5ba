// Numbers and sizes as people write them. Pure: no system calls, no locale.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "mydocker/resources.hpp"

namespace mydocker::numbers {

// Decimal digits alone, the whole text, at most `largest`; nothing else (no sign, no blank, no 0x).
[[nodiscard]] std::optional<std::uint64_t> parse(std::string_view text,
                                                 std::uint64_t largest = UINT64_MAX);

// Digits and at most one unit: k, m or g in either case, powers of 1024. Overflow is no size.
[[nodiscard]] std::optional<Bytes> parse_size(std::string_view text);

// Numbers and ranges as in cpuset(7), "0-3,5", each at most `largest`; an empty text is an empty list.
[[nodiscard]] std::optional<std::vector<unsigned>> parse_list(std::string_view text,
                                                              unsigned largest);

// "64 MiB", "1 GiB", "1000 bytes": the largest unit that divides it.
[[nodiscard]] std::string size_text(Bytes size);

// Seconds, with a fraction if there is one ("10", "0.5"), as milliseconds; at most 10 years.
[[nodiscard]] std::optional<std::int64_t> parse_milliseconds(std::string_view text);

}  // namespace mydocker::numbers
