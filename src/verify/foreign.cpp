// The other doors into the same kernel: calls of 32-bit programs, and of x32.
#include <sys/socket.h>

#include <cerrno>

#include "verify/attempts.hpp"
#include "verify/kernel.hpp"

namespace mydocker::verify {

#if defined(__x86_64__)
namespace {

constexpr long kGetpid = 20, kSocketcall = 102, kIpc = 117;  // of i386
constexpr long kX32 = 0x40000000;
constexpr int kAlg = 38, kSeqpacket = 5;

// Arguments lie below 4 GB, as all that is static does in this program.
long call_i386(long number, long a, long b) {
  long result = number;
  asm volatile("int $0x80" : "+a"(result) : "b"(a), "c"(b), "d"(0L), "S"(0L), "D"(0L) : "memory");
  return static_cast<int>(result);
}

Answer judged(long answer) {
  if (answer == -ENOSYS && !has_filter()) return absent("ENOSYS");
  return is_refusal(answer) ? blocked(error_name(answer))
                            : open(answer < 0 ? error_name(answer) : "answered");
}

}  // namespace

Answer try_i386(const Row&) { return judged(call_i386(kGetpid, 0, 0)); }

Answer try_i386_socketcall(const Row&) {
  static unsigned arguments[] = {kAlg, kSeqpacket, 0};
  constexpr long kSocket = 1;
  const long answer = call_i386(kSocketcall, kSocket, address(arguments));
  // A kernel without the family answers that it has none: the call itself was let through.
  return answer == -EPERM || answer == -ENOSYS ? blocked(error_name(answer))
                                               : open(answer < 0 ? error_name(answer) : "a socket");
}

// semget without any semaphores, which the kernel answers with EINVAL.
Answer try_i386_ipc(const Row&) {
  constexpr long kSemget = 2;
  return judged(call_i386(kIpc, kSemget, 0));
}

Answer try_x32(const Row& row) {
  const long answer = call(kX32 | __NR_getpid);
  if (answer == -ENOSYS && lists(known().absent, row.id)) return absent("ENOSYS");
  return judged(answer);
}

#else

namespace {
Answer none() { return absent("no such entry on this machine"); }
}  // namespace
Answer try_i386(const Row&) { return none(); }
Answer try_i386_socketcall(const Row&) { return none(); }
Answer try_i386_ipc(const Row&) { return none(); }
Answer try_x32(const Row&) { return none(); }

#endif

}  // namespace mydocker::verify
