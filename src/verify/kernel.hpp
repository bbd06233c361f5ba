// The kernel, called directly: the probe has no C library, so that it is small and runs in any
// root.
#pragma once

#include <asm/unistd.h>

#include <cstddef>
#include <cstdint>

namespace mydocker::verify {

// The kernel's own answer: what the call gives, or -errno.
inline long call(long number, long a = 0, long b = 0, long c = 0, long d = 0, long e = 0,
                 long f = 0) {
#if defined(__x86_64__)
  long result = number;
  register long r10 asm("r10") = d;
  register long r8 asm("r8") = e;
  register long r9 asm("r9") = f;
  asm volatile("syscall"
               : "+a"(result)
               : "D"(a), "S"(b), "d"(c), "r"(r10), "r"(r8), "r"(r9)
               : "rcx", "r11", "memory");
  return result;
#elif defined(__aarch64__)
  register long x8 asm("x8") = number;
  register long x0 asm("x0") = a;
  register long x1 asm("x1") = b;
  register long x2 asm("x2") = c;
  register long x3 asm("x3") = d;
  register long x4 asm("x4") = e;
  register long x5 asm("x5") = f;
  asm volatile("svc #0"
               : "+r"(x0)
               : "r"(x8), "r"(x1), "r"(x2), "r"(x3), "r"(x4), "r"(x5)
               : "memory");
  return x0;
#else
#error "how this machine calls its kernel is not known here"
#endif
}

inline long address(const void* pointer) { return reinterpret_cast<long>(pointer); }

// A child with a copy of all this, as fork(2) makes it: its pid, 0 in it, -errno.
[[nodiscard]] long fork_child(unsigned long flags = 0);
// Ends this process.
[[noreturn]] void leave(int status);
// Waits for the child; the status word of wait(2).
[[nodiscard]] int wait_for(long pid);

[[nodiscard]] long open_file(const char* path, int flags, unsigned mode = 0);
void close_file(long fd);
// At most `room` bytes of a file, which read(2) may give in pieces: how many, or -errno.
[[nodiscard]] long read_file(const char* path, char* to, std::size_t room);

}  // namespace mydocker::verify
