// -d: MyDocker goes on as a process of its own, without the terminal, until the container ends; who
// called is told as soon as the container runs.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "cli/options.hpp"
#include "life/kept.hpp"
#include "life/log.hpp"
#include "mydocker/outcome.hpp"
#include "mydocker/runtime.hpp"
#include "mydocker/spec.hpp"
#include "mydocker/unique_fd.hpp"

namespace mydocker::cli {

// How many bytes of output are kept. Throws UsageError for what cannot be, and for options that have
// no meaning with -d, or none without it.
[[nodiscard]] std::uint64_t log_size(const Options& options);

class Detached {
 public:
  Detached(const Options& options, const ContainerSpec& spec, std::string records);
  // What never ran leaves nothing.
  ~Detached();
  Detached(const Detached&) = delete;
  Detached& operator=(const Detached&) = delete;

  // In the caller: waits until the container runs, and prints its id; or until it fails. Its exit
  // status. In the new process: nothing.
  [[nodiscard]] std::optional<int> fork();

  // All the rest is the new process's.
  // Makes the folder of what is kept, and the pipes that the container is to write to: from here on they
  // are this process's standard output and error.
  void begin(std::string_view about);
  // The caller's standard error until the container runs; then the log.
  [[nodiscard]] int voice() const { return voice_; }
  // The container runs. Throws SetupError if the caller is gone.
  void started();
  [[nodiscard]] std::vector<Stream> streams();
  // What MyDocker said last is in the log; the end is written down, while all that the container had is
  // still there.
  void ended(const Outcome& outcome);
  // The same, if it was MyDocker that failed; nothing, if the caller can still be told.
  void failed(const std::string& message);

 private:
  void ended(const Outcome& outcome, std::string_view reason);
  void give_back_voice();

  const Options& options_;
  const ContainerSpec& spec_;
  std::string records_;
  UniqueFd caller_, caller_voice_;
  UniqueFd out_, error_;  // the reading ends
  std::optional<life::Kept> kept_;
  std::unique_ptr<life::LogWriter> log_;
  int voice_ = 2;
  bool runs_ = false;
};

}  // namespace mydocker::cli
