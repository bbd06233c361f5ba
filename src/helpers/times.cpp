#include "helpers/times.hpp"

#include <array>
#include <chrono>
#include <cstddef>
#include <cstdio>
#include <iterator>

#include "helpers/numbers.hpp"

namespace mydocker::times {
namespace {

constexpr std::int64_t kMinute = 60 * kSecond, kHour = 60 * kMinute, kDay = 24 * kHour;
constexpr std::size_t kFraction = 9;

// Takes digits off the front of `text`, just so many, as a number.
std::optional<int> take_number(std::string_view& text, std::size_t digits) {
  if (text.size() < digits) return std::nullopt;
  const auto number = numbers::parse(text.substr(0, digits));
  text.remove_prefix(digits);
  return number ? std::optional(static_cast<int>(*number)) : std::nullopt;
}

bool take(std::string_view& text, char wanted) {
  if (text.empty() || text.front() != wanted) return false;
  text.remove_prefix(1);
  return true;
}

// ".012" as nanoseconds; what is finer is cut off.
std::optional<std::int64_t> take_fraction(std::string_view& text) {
  if (!take(text, '.')) return 0;
  std::string digits;
  while (!text.empty() && text.front() >= '0' && text.front() <= '9') {
    digits += text.front();
    text.remove_prefix(1);
  }
  if (digits.empty()) return std::nullopt;
  digits.resize(kFraction, '0');
  return static_cast<std::int64_t>(*numbers::parse(digits));
}

// "Z", "+01:00": how far the clock there is ahead.
std::optional<std::int64_t> take_zone(std::string_view& text) {
  if (take(text, 'Z') || take(text, 'z')) return 0;
  const bool is_behind = take(text, '-');
  if (!is_behind && !take(text, '+')) return std::nullopt;
  const auto hours = take_number(text, 2);
  const bool has_colon = take(text, ':');
  const auto minutes = take_number(text, 2);
  if (!hours || !has_colon || !minutes || *hours > 23 || *minutes > 59) return std::nullopt;
  const std::int64_t out = *hours * kHour + *minutes * kMinute;
  return is_behind ? -out : out;
}

}  // namespace

// Not gmtime(3) and strftime(3): they read /etc/localtime, for UTC too.
std::string text(std::int64_t nanoseconds) {
  using namespace std::chrono;
  const sys_time<std::chrono::nanoseconds> moment{std::chrono::nanoseconds(nanoseconds)};
  const auto day = floor<days>(moment);
  const year_month_day date(day);
  const std::int64_t rest = (moment - day).count();
  std::array<char, 64> out{};
  std::snprintf(out.data(), out.size(), "%04d-%02u-%02uT%02d:%02d:%02d.%09dZ",
                static_cast<int>(date.year()), static_cast<unsigned>(date.month()),
                static_cast<unsigned>(date.day()), static_cast<int>(rest / kHour),
                static_cast<int>(rest / kMinute % 60), static_cast<int>(rest / kSecond % 60),
                static_cast<int>(rest % kSecond));
  return out.data();
}

std::optional<std::int64_t> parse(std::string_view text) {
  const auto year = take_number(text, 4);
  bool ok = take(text, '-');
  const auto month = take_number(text, 2);
  ok = take(text, '-') && ok;
  const auto day = take_number(text, 2);
  ok = (take(text, 'T') || take(text, 't') || take(text, ' ')) && ok;
  const auto hour = take_number(text, 2);
  ok = take(text, ':') && ok;
  const auto minute = take_number(text, 2);
  ok = take(text, ':') && ok;
  const auto second = take_number(text, 2);
  const auto fraction = take_fraction(text);
  const auto zone = take_zone(text);
  if (!ok || !year || !month || !day || !hour || !minute || !second || !fraction || !zone ||
      !text.empty())
    return std::nullopt;
  using namespace std::chrono;
  const year_month_day date(std::chrono::year(*year),
                            std::chrono::month(static_cast<unsigned>(*month)),
                            std::chrono::day(static_cast<unsigned>(*day)));
  // The first and the last year that 64 bits of nanoseconds hold whole.
  if (*year < 1678 || *year > 2261) return std::nullopt;
  if (!date.ok() || *hour > 23 || *minute > 59 || *second > 60) return std::nullopt;
  const std::int64_t since_1970 = sys_days(date).time_since_epoch().count();
  return since_1970 * kDay + *hour * kHour + *minute * kMinute + *second * kSecond + *fraction -
         *zone;
}

std::optional<std::int64_t> parse_span(std::string_view text) {
  static constexpr struct {
    std::string_view name;
    std::int64_t size;
  } kUnits[] = {{"ms", kSecond / 1000}, {"h", kHour}, {"m", kMinute}, {"s", kSecond}};
  constexpr std::uint64_t kMost = 1000000000;
  if (text.empty()) return std::nullopt;
  std::int64_t out = 0;
  while (!text.empty()) {
    const auto digits = text.find_first_not_of("0123456789");
    if (digits == std::string_view::npos) return std::nullopt;
    const auto number = numbers::parse(text.substr(0, digits), kMost);
    text.remove_prefix(digits);
    std::int64_t size = 0;
    for (const auto& unit : kUnits) {
      if (size != 0 || !text.starts_with(unit.name)) continue;
      size = unit.size;
      text.remove_prefix(unit.name.size());
    }
    std::int64_t part = 0;
    if (!number || size == 0 ||
        __builtin_mul_overflow(static_cast<std::int64_t>(*number), size, &part) ||
        __builtin_add_overflow(out, part, &out))
      return std::nullopt;
  }
  return out;
}

std::string about(std::int64_t nanoseconds) {
  static constexpr struct {
    std::int64_t size;
    std::string_view name;
  } kUnits[] = {{kDay, "day"}, {kHour, "hour"}, {kMinute, "minute"}, {kSecond, "second"}};
  for (const auto& unit : kUnits) {
    const std::int64_t count = nanoseconds / unit.size;
    if (count < 1) continue;
    return std::to_string(count) + " " + std::string(unit.name) + (count == 1 ? "" : "s");
  }
  return "less than a second";
}

}  // namespace mydocker::times
