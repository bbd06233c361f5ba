// Run while MyDocker is built, with the name of one of our own lists: compiles it and prints it as
// numbers for C++. So a start pays for loading the filter, not for compiling it.
#include <cstdio>
#include <exception>
#include <string_view>

#include "seccomp/allowlist.hpp"
#include "seccomp/compile_profile.hpp"
#include "seccomp/rules.hpp"

namespace {

using namespace mydocker::seccomp;

mydocker::SeccompProfile profile_of(std::string_view name) {
  return name == "original" ? original_profile() : allowlist_profile(kDefaultFreedoms);
}

}  // namespace

int main(int count, char** words) {
  try {
    for (const auto& one : compile_profile(profile_of(count > 1 ? words[1] : "default")))
      std::printf("{%u, %u, %u, %uU},\n", one.code, one.jt, one.jf, one.k);
    return 0;
  } catch (const std::exception& error) {
    std::fprintf(stderr, "filter generator: %s\n", error.what());
    return 1;
  }
}
