// How MyDocker and its child talk until the entrypoint runs: one SOCK_SEQPACKET pair, two types
// for its two ends, so that no side can send what is not its to send.
//
//     host                              wire                  child
//     clone3 ───────────────────────────────────────────────► await_go()
//     attach steps (id maps, root)
//     send_go()                          Go ────────────────► enter steps
//     keeps the pty's master         ◄── Console(fd)          when there is a terminal
//     receive()                      ◄── Ready                with a gate the child waits here
//     send_start()                       Start ─────────────► seccomp, execve
//                                    ◄── Failed               instead of Ready: what, where, errno, advice
//     end of file: the child executed its entrypoint, or died
#pragma once

#include <variant>

#include "mydocker/error.hpp"
#include "mydocker/unique_fd.hpp"

namespace mydocker {

class ChildEnd {
 public:
  explicit ChildEnd(UniqueFd socket) : socket_(std::move(socket)) {}

  // False if MyDocker is gone: then the child has to leave.
  [[nodiscard]] bool await_go();
  [[nodiscard]] bool await_start();
  // Whether MyDocker has closed its end, without waiting.
  [[nodiscard]] bool is_hung_up() const;
  void send_console(int master);
  void send_ready();
  void send_failed(const SetupError& error) noexcept;
  void close() { socket_.reset(); }

 private:
  UniqueFd socket_;
};

class HostEnd {
 public:
  struct Ready {};
  struct Console {
    UniqueFd master;
  };
  struct Closed {};
  using Message = std::variant<Ready, Console, SetupError, Closed>;

  HostEnd() = default;
  explicit HostEnd(UniqueFd socket) : socket_(std::move(socket)) {}

  void send_go();
  void send_start();
  // Waits for the child's next word. Throws std::system_error.
  [[nodiscard]] Message receive();
  void close() { socket_.reset(); }

 private:
  UniqueFd socket_;
};

struct Channel {
  HostEnd host;
  ChildEnd child;
  // socketpair(2), close-on-exec. After clone each side closes the other's end at once: else a
  // child would wait for ever for a MyDocker that was killed.
  [[nodiscard]] static Channel make();
};

}  // namespace mydocker
