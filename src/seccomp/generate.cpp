// Run while MyDocker is built: compiles the denylist by libseccomp and prints it as numbers for
// C++.
// So a start pays for loading the filter, not for compiling it.
#include <linux/filter.h>
#include <seccomp.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstdio>
#include <cstdlib>
#include <cstring>

#include <string>
#include <vector>

#include "seccomp/denylist.hpp"

namespace {

void require(int result, std::string_view what) {
  if (result >= 0) return;
  std::fprintf(stderr, "seccomp generator: %.*s: %s\n", static_cast<int>(what.size()), what.data(),
               std::strerror(-result));
  std::exit(1);
}

// -1 for a call that this architecture does not have.
int number_of(const mydocker::seccomp::Denied& denied) {
  const int known = seccomp_syscall_resolve_name(std::string(denied.name).c_str());
  return known >= 0 ? known : denied.number;
}

void add(scmp_filter_ctx filter, const mydocker::seccomp::Denied& denied) {
  const int number = number_of(denied);
  if (number < 0) return;
  std::vector<scmp_arg_cmp> conditions;
  for (const auto& condition : denied.when) {
    conditions.push_back({condition.argument, SCMP_CMP_MASKED_EQ, condition.bits, condition.bits});
  }
  require(seccomp_rule_add_exact_array(filter, SCMP_ACT_ERRNO(static_cast<unsigned>(denied.error)),
                                       number, static_cast<unsigned>(conditions.size()),
                                       conditions.data()),
          denied.name);
}

}  // namespace

int main() {
  const scmp_filter_ctx filter = seccomp_init(SCMP_ACT_ALLOW);
  // The entry points of other architectures, and x32, would be ways round: a program that uses
  // them is killed, since most cannot handle an errno there and would crash less clearly.
  require(seccomp_attr_set(filter, SCMP_FLTATR_ACT_BADARCH, SCMP_ACT_KILL_PROCESS),
          "bad architecture");
  require(seccomp_attr_set(filter, SCMP_FLTATR_CTL_OPTIMIZE, 2), "binary tree");
  for (const auto& denied : mydocker::seccomp::original_denylist()) add(filter, denied);

  std::FILE* const file = std::tmpfile();
  require(seccomp_export_bpf(filter, fileno(file)), "export");
  std::rewind(file);
  sock_filter instruction;
  while (std::fread(&instruction, sizeof instruction, 1, file) == 1) {
    std::printf("{%u, %u, %u, %uU},\n", instruction.code, instruction.jt, instruction.jf,
                instruction.k);
  }
  seccomp_release(filter);
  return 0;
}
