// An owned file descriptor: closed exactly once, moved, never copied.
#pragma once

#include <unistd.h>

#include <utility>

namespace mydocker {

class UniqueFd {
 public:
  UniqueFd() = default;
  // Takes ownership of `fd`; -1 stands for "none".
  explicit UniqueFd(int fd) noexcept : fd_(fd) {}
  UniqueFd(UniqueFd&& other) noexcept : fd_(std::exchange(other.fd_, -1)) {}
  UniqueFd& operator=(UniqueFd&& other) noexcept {
    reset(std::exchange(other.fd_, -1));
    return *this;
  }
  ~UniqueFd() { reset(); }

  // The descriptor, still owned here; -1 when there is none.
  [[nodiscard]] int get() const noexcept { return fd_; }
  // Gives the descriptor away; the caller closes it.
  [[nodiscard]] int release() noexcept { return std::exchange(fd_, -1); }
  explicit operator bool() const noexcept { return fd_ >= 0; }

  void reset(int fd = -1) noexcept {
    if (fd_ >= 0) ::close(fd_);
    fd_ = fd;
  }

 private:
  int fd_ = -1;
};

}  // namespace mydocker
