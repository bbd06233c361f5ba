#include "seccomp/choose_filter.hpp"

#include <iterator>

#include "seccomp/compile_profile.hpp"
#include "seccomp/watch.hpp"

namespace mydocker::seccomp {
namespace {

constexpr sock_filter kDefault[] = {
#include "default_filter.inc"
};
constexpr sock_filter kOriginal[] = {
#include "original_filter.inc"
};

using Filter = std::vector<sock_filter>;

Filter allowlist_filter(const Freedoms& freedoms) {
  if (freedoms == kDefaultFreedoms) return {std::begin(kDefault), std::end(kDefault)};
  return compile_profile(allowlist_profile(freedoms));
}

}  // namespace

Freedoms freedoms_of(const ContainerSpec& spec, const DefaultAllowlist& choice) {
  std::uint64_t capabilities = 0;
  for (const int one : spec.process.capabilities.bounding) capabilities |= std::uint64_t{1} << one;
  return {lifting(capabilities), choice.abi32, spec.open_to_others.empty()};
}

Filter filter_of(const ContainerSpec& spec) {
  if (spec.seccomp_watch != SeccompWatch::none)
    return watching_filter(profile_of(spec), spec.seccomp_watch);
  if (const auto* const choice = std::get_if<DefaultAllowlist>(&spec.seccomp))
    return allowlist_filter(freedoms_of(spec, *choice));
  if (const auto* const profile = std::get_if<SeccompProfile>(&spec.seccomp))
    return compile_profile(*profile);
  if (std::holds_alternative<OriginalDenylist>(spec.seccomp))
    return {std::begin(kOriginal), std::end(kOriginal)};
  return {};
}

}  // namespace mydocker::seccomp
