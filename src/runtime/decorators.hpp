// Executors around another one: a narrator, a stopwatch. And one that only remembers.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "mydocker/executor.hpp"
#include "mydocker/unique_fd.hpp"
#include "runtime/shared_page.hpp"

namespace mydocker {

// --explain: prints each step just before it is performed, to a copy of standard error (the
// child's own may become the container's terminal).
class NarratingExecutor final : public Executor {
 public:
  NarratingExecutor(Executor& inner, const Plan& plan, bool json);
  void perform(const Step& step) override;
  bool undo(const Action& action) noexcept override { return inner_.undo(action); }

 private:
  void say(const std::string& text);

  Executor& inner_;
  const Plan& plan_;
  bool json_;
  UniqueFd output_;
  bool filtered_ = false;  // the filter is loaded: nothing may be written any more
};

// --timings: notes when each step was done; the child's notes are in the shared page.
class TimingExecutor final : public Executor {
 public:
  TimingExecutor(Executor& inner, const Plan& plan, SharedPage& page);
  void perform(const Step& step) override;
  bool undo(const Action& action) noexcept override { return inner_.undo(action); }

  // The time per stage and place, of all that was performed: a table, or JSON.
  [[nodiscard]] std::string table(bool json) const;

 private:
  Executor& inner_;
  const Plan& plan_;
  SharedPage& page_;
  std::uint64_t last_;
  struct Moment {
    std::string_view what;  // the stage whose step ended, or what the runtime did
    std::uint64_t end;
  };
  std::vector<Moment> host_;
};

// For tests: performs nothing, remembers all.
class RecordingExecutor final : public Executor {
 public:
  void perform(const Step& step) override { performed.push_back(step.action); }
  bool undo(const Action& action) noexcept override {
    undone.push_back(action);
    return true;
  }
  std::vector<Action> performed, undone;
};

}  // namespace mydocker
