// How MyDocker and its child talk until the entrypoint runs: one SOCK_SEQPACKET pair, two types
// for its two ends, so that no side can send what is not its to send.
//
//     host                              wire                  child
//     clone3 ───────────────────────────────────────────────► await_go()
//     attach steps (id maps, root)
//     send_go()                          Go ────────────────► enter steps
//     keeps the pty's master         ◄── Console(fd)          when there is a terminal
//     meanwhile steps (hooks)        ◄── AtHooks
//     send_hooks_done()                  HooksDone ─────────► pivot_root, the rest
//     receive()                      ◄── Ready                with a gate the child waits here, and
//     finish steps (rules)                                    when there are finish steps
//     send_start()                       Start ─────────────► seccomp, execve
//                                    ◄── Failed               at any time: what, where, errno, advice
//     end of file: the child executed its entrypoint, or died
//
// OCI's create and start are two processes: behind a closed gate the child lets go of this pair and
// listens on a socket in the state folder. Who connects is the host from then on:
//
//     start                             wire                  child
//     connect ──────────────────────────────────────────────► accept
//     receive()                      ◄── Page(fd)             where execve's errno will stand
//     send_start()                       Start ─────────────► startContainer hooks, seccomp, execve
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
  // Tells that the host may run its hooks, and waits until it has.
  [[nodiscard]] bool await_hooks();
  // Waits for a connection on `listener`, which takes the place of the present channel, passes
  // `page` to it and waits for its start; and for the next one, if that dies before.
  void await_starter(int listener, int page);
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
  struct AtHooks {};
  struct Console {
    UniqueFd master;
  };
  struct Page {
    UniqueFd memory;
  };
  struct Closed {};
  using Message = std::variant<Ready, AtHooks, Console, Page, SetupError, Closed>;

  HostEnd() = default;
  explicit HostEnd(UniqueFd socket) : socket_(std::move(socket)) {}

  // To a child that is gone nothing is sent: receive() tells.
  void send_go();
  void send_start();
  void send_hooks_done();
  // Whether there is a word, or the end, within so many milliseconds.
  [[nodiscard]] bool is_readable(int milliseconds) const;
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
