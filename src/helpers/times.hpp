// Moments and spans of time as people and programs write them. Pure: no system calls, no locale.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace mydocker::times {

inline constexpr std::int64_t kSecond = 1000000000;

// "2026-11-26T07:48:45.012345678Z" for nanoseconds since 1970: RFC 3339, always nine digits, so that
// their order is that of the texts.
[[nodiscard]] std::string text(std::int64_t nanoseconds);

// A moment of RFC 3339 ("...Z", "...+01:00", with or without a fraction); nothing for any other text.
[[nodiscard]] std::optional<std::int64_t> parse(std::string_view text);

// A span as Go writes it: "90s", "1h30m", "500ms"; nothing for any other text.
[[nodiscard]] std::optional<std::int64_t> parse_span(std::string_view text);

// "3 minutes", "1 hour", "less than a second": about how long that is.
[[nodiscard]] std::string about(std::int64_t nanoseconds);

}  // namespace mydocker::times
