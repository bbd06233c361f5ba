// Run while MyDocker is built: asks libseccomp for each system call's name and numbers, adds the
// calls that are newer than it, and prints them as rows for C++.
#include <seccomp.h>

#include <array>
#include <cstdio>
#include <cstdlib>
#include <map>
#include <memory>
#include <string>

#include "seccomp/call_table.hpp"

namespace {

using namespace mydocker::seccomp;

constexpr std::array<std::uint32_t, kArchitectures.size()> kTokens{
    SCMP_ARCH_X86_64, SCMP_ARCH_X86, SCMP_ARCH_X32, SCMP_ARCH_AARCH64, SCMP_ARCH_ARM};

// libseccomp has no list to read, so all numbers are asked that a call may have.
struct Numbers {
  int first, last;
};
constexpr Numbers kWhereCallsAre[] = {
    {0, 1023},
    {static_cast<int>(kX32Bit), static_cast<int>(kX32Bit) + 1023},
    {0xF0000, 0xF00FF},  // arm's own
    {-10999, -10000},    // libseccomp's, for a call that other architectures have
};

// Since Linux 5.1 a new call has one number on all architectures.
enum class Where { everywhere, not_x32, x86_64 };
struct Newer {
  const char* name;
  int number;
  Where where = Where::everywhere;
};
constexpr Newer kNewer[] = {
    {"cachestat", 451},
    {"fchmodat2", 452},
    {"map_shadow_stack", 453, Where::not_x32},
    {"futex_wake", 454},
    {"futex_wait", 455},
    {"futex_requeue", 456},
    {"statmount", 457},
    {"listmount", 458},
    {"lsm_get_self_attr", 459},
    {"lsm_set_self_attr", 460},
    {"lsm_list_modules", 461},
    {"mseal", 462},
    {"setxattrat", 463},
    {"getxattrat", 464},
    {"listxattrat", 465},
    {"removexattrat", 466},
    {"open_tree_attr", 467},
    {"file_getattr", 468},
    {"file_setattr", 469},
    {"uretprobe", 335, Where::x86_64},
};

bool has(std::size_t column, Where where) {
  return where == Where::everywhere || (where == Where::not_x32 && column != kX32) ||
         (where == Where::x86_64 && column == kX86_64);
}

class Table {
 public:
  void ask_numbers() {
    for (std::size_t column = 0; column < kTokens.size(); ++column) {
      for (const auto& numbers : kWhereCallsAre) {
        for (int number = numbers.first; number <= numbers.last; ++number) ask(column, number);
      }
    }
  }

  // Two names may have the same number; by the number libseccomp tells one of them.
  void ask_names() {
    for (const auto& [name, row] : rows_) {
      for (std::size_t column = 0; column < kTokens.size(); ++column) {
        add(name.c_str(), column, seccomp_syscall_resolve_name_arch(kTokens[column], name.c_str()));
      }
    }
  }

  // A call that libseccomp knows by now is left as libseccomp has it.
  void add_newer() {
    for (const auto& call : kNewer) {
      if (rows_.contains(call.name)) continue;
      for (std::size_t column = 0; column < kTokens.size(); ++column) {
        if (has(column, call.where)) add(call.name, column, call.number);
      }
    }
  }

  void print() const {
    for (const auto& [name, row] : rows_) {
      std::printf("{\"%s\", {", name.c_str());
      for (const auto number : row) std::printf("%d, ", number);
      std::printf("}},\n");
    }
  }

 private:
  using Row = decltype(Call::numbers);

  Row& row_of(const char* name) {
    Row empty;
    empty.fill(kNoNumber);
    return rows_.try_emplace(name, empty).first->second;
  }

  // libseccomp's own, negative numbers mean that the architecture lacks the call.
  void add(const char* name, std::size_t column, int number) {
    auto& known = row_of(name)[column];
    if (number < 0 || known != kNoNumber) return;
    known = column == kX32 ? number | static_cast<int>(kX32Bit) : number;
  }

  void ask(std::size_t column, int number) {
    const std::unique_ptr<char, decltype(&std::free)> name(
        seccomp_syscall_resolve_num_arch(kTokens[column], number), &std::free);
    if (name) add(name.get(), column, number);
  }

  std::map<std::string, Row> rows_;
};

}  // namespace

int main() {
  Table table;
  table.ask_numbers();
  table.ask_names();
  table.add_newer();
  table.print();
  return 0;
}
