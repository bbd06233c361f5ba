#include "seccomp/call_table.hpp"

#include <algorithm>
#include <iterator>

namespace mydocker::seccomp {
namespace {

// constexpr: the table lies in the file as it is, so that it costs a start nothing.
constexpr Call kCalls[] = {
#include "call_table.inc"
};

constexpr bool by_name(const Call& a, const Call& b) { return a.name < b.name; }
static_assert(std::is_sorted(std::begin(kCalls), std::end(kCalls), by_name));

}  // namespace

std::span<const Call> calls() { return kCalls; }

const Call* try_find_call(std::string_view name) {
  const auto* const found =
      std::lower_bound(std::begin(kCalls), std::end(kCalls), Call{name, {}}, by_name);
  return found != std::end(kCalls) && found->name == name ? found : nullptr;
}

}  // namespace mydocker::seccomp
