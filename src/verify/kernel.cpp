#include "verify/kernel.hpp"

#include <fcntl.h>

#include <csignal>

// What the compiler may call by itself.
extern "C" {
void* memset(void* to, int byte, std::size_t size) {
  auto* const bytes = static_cast<unsigned char*>(to);
  for (std::size_t i = 0; i < size; ++i) bytes[i] = static_cast<unsigned char>(byte);
  return to;
}
void* memcpy(void* to, const void* from, std::size_t size) {
  auto* const bytes = static_cast<unsigned char*>(to);
  const auto* const source = static_cast<const unsigned char*>(from);
  for (std::size_t i = 0; i < size; ++i) bytes[i] = source[i];
  return to;
}
int memcmp(const void* one, const void* other, std::size_t size) {
  const auto* const a = static_cast<const unsigned char*>(one);
  const auto* const b = static_cast<const unsigned char*>(other);
  for (std::size_t i = 0; i < size; ++i) {
    if (a[i] != b[i]) return a[i] < b[i] ? -1 : 1;
  }
  return 0;
}
std::size_t strlen(const char* text) {
  std::size_t size = 0;
  while (text[size] != '\0') ++size;
  return size;
}
}

namespace mydocker::verify {

long fork_child(unsigned long flags) {
  return call(__NR_clone, static_cast<long>(flags | SIGCHLD));
}

void leave(int status) {
  for (;;) call(__NR_exit_group, status);
}

int wait_for(long pid) {
  constexpr long kInterrupted = -4;  // EINTR
  int status = 0;
  while (call(__NR_wait4, pid, address(&status)) == kInterrupted) {
  }
  return status;
}

long open_file(const char* path, int flags, unsigned mode) {
  return call(__NR_openat, AT_FDCWD, address(path), flags | O_CLOEXEC | O_NOCTTY, mode);
}

void close_file(long fd) { call(__NR_close, fd); }

long read_file(const char* path, char* to, std::size_t room) {
  const long fd = open_file(path, O_RDONLY | O_NONBLOCK);
  if (fd < 0) return fd;
  std::size_t size = 0;
  long got = 0;
  while (size < room) {
    got = call(__NR_read, fd, address(to + size), static_cast<long>(room - size));
    if (got <= 0) break;
    size += static_cast<std::size_t>(got);
  }
  close_file(fd);
  return size == 0 && got < 0 ? got : static_cast<long>(size);
}

}  // namespace mydocker::verify
