// --user, and the passwd and group of a root that nobody vouches for: separated by NUL bytes.
#include "fuzz/fuzz.hpp"
#include "helpers/text.hpp"
#include "mydocker/error.hpp"
#include "spec/users.hpp"

using namespace mydocker;

int LLVMFuzzerTestOneInput(const std::uint8_t* bytes, std::size_t size) {
  auto parts = text::split(fuzz::text_of(bytes, size), '\0');
  parts.resize(3);
  try {
    const auto found = resolve_user(parts[0], {std::string(parts[1]), std::string(parts[2])});
    fuzz::require(found.user.uid != UINT32_MAX && found.user.gid != UINT32_MAX);
    fuzz::require(!found.user.groups.empty() && found.user.groups.front() == found.user.gid);
    fuzz::require(found.home.starts_with('/'));
  } catch (const UsageError&) {
    // Refused, and that is an answer.
  }
  return 0;
}
