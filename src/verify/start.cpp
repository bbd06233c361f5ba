// Where the program begins: there is no C library that would call main.
#include "verify/start.hpp"

#include "verify/kernel.hpp"
#include "verify/text.hpp"

namespace mydocker::verify {
namespace {
const char* const* environment = nullptr;
}

bool has_variable(std::string_view name) {
  for (const char* const* each = environment; *each != nullptr; ++each) {
    std::string_view variable(*each);
    if (take(variable, '=') == name) return true;
  }
  return false;
}

}  // namespace mydocker::verify

// The stack as execve(2) leaves it: the number of words, the words, a null, the environment, a
// null.
extern "C" [[noreturn]] void mydocker_probe_start(const long* stack) {
  const auto count = static_cast<int>(*stack);
  const auto* const words = reinterpret_cast<const char* const*>(stack + 1);
  mydocker::verify::environment = words + count + 1;
  mydocker::verify::leave(mydocker::verify::run(count, words));
}

#if defined(__x86_64__)
asm(".globl _start\n_start:\n  xor %ebp, %ebp\n  mov %rsp, %rdi\n  and $-16, %rsp\n  call "
    "mydocker_probe_start\n");
#elif defined(__aarch64__)
asm(".globl _start\n_start:\n  mov x29, #0\n  mov x0, sp\n  bl mydocker_probe_start\n");
#endif
