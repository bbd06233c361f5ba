#include "verify/text.hpp"

#include <cerrno>

#include "verify/kernel.hpp"

namespace mydocker::verify {
namespace {

struct Named {
  int number;
  const char* name;
};
#define NAMED(error) \
  { error, #error }
// Those that the rows may be answered with.
constexpr Named kErrors[] = {
    NAMED(EPERM),      NAMED(ENOENT),       NAMED(ESRCH),           NAMED(EIO),
    NAMED(ENXIO),      NAMED(E2BIG),        NAMED(EBADF),           NAMED(ECHILD),
    NAMED(EAGAIN),     NAMED(ENOMEM),       NAMED(EACCES),          NAMED(EFAULT),
    NAMED(EBUSY),      NAMED(EEXIST),       NAMED(ENODEV),          NAMED(ENOTDIR),
    NAMED(EISDIR),     NAMED(EINVAL),       NAMED(ENFILE),          NAMED(EMFILE),
    NAMED(ENOTTY),     NAMED(ETXTBSY),      NAMED(ENOSPC),          NAMED(EROFS),
    NAMED(ENOSYS),     NAMED(ELOOP),        NAMED(EBADFD),          NAMED(ENOPKG),
    NAMED(EOPNOTSUPP), NAMED(EAFNOSUPPORT), NAMED(ENETUNREACH),     NAMED(EPROTONOSUPPORT),
    NAMED(ETIMEDOUT),  NAMED(ECONNREFUSED), NAMED(EHOSTUNREACH),    NAMED(ESTALE),
    NAMED(EDQUOT),     NAMED(ENOKEY),       NAMED(ESOCKTNOSUPPORT), NAMED(EADDRNOTAVAIL),
};
#undef NAMED

}  // namespace

std::string_view error_name(long error) {
  for (const auto& each : kErrors) {
    if (each.number == error || each.number == -error) return each.name;
  }
  return "another error";
}

std::string_view take(std::string_view& rest, char separator) {
  std::size_t size = 0;
  while (size < rest.size() && rest[size] != separator) ++size;
  const std::string_view first = piece(rest, 0, size);
  rest.remove_prefix(size < rest.size() ? size + 1 : size);
  return first;
}

long number_of(std::string_view digits) {
  long out = 0;
  if (digits.empty() || digits.size() > 18) return -1;
  for (const char c : digits) {
    if (c < '0' || c > '9') return -1;
    out = out * 10 + (c - '0');
  }
  return out;
}

std::uint64_t hexadecimal(std::string_view digits) {
  std::uint64_t out = 0;
  for (const char c : digits) {
    const bool is_digit = c >= '0' && c <= '9';
    if (!is_digit && (c < 'a' || c > 'f')) break;
    out = out * 16 + static_cast<std::uint64_t>(is_digit ? c - '0' : c - 'a' + 10);
  }
  return out;
}

bool begins_with(std::string_view text, std::string_view part) {
  return part.size() <= text.size() && piece(text, 0, part.size()) == part;
}

bool contains(std::string_view text, std::string_view part) {
  for (std::size_t at = 0; at + part.size() <= text.size(); ++at) {
    if (piece(text, at, part.size()) == part) return true;
  }
  return false;
}

bool lists(std::string_view list, std::string_view word, char separator) {
  while (!list.empty()) {
    if (take(list, separator) == word) return true;
  }
  return false;
}

void print(std::string_view text) {
  constexpr long kStandardOutput = 1;
  while (!text.empty()) {
    const long written =
        call(__NR_write, kStandardOutput, address(text.data()), static_cast<long>(text.size()));
    if (written == -EINTR) continue;
    if (written <= 0) return;
    text.remove_prefix(static_cast<std::size_t>(written));
  }
}

}  // namespace mydocker::verify
