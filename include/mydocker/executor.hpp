// Who performs a plan: Linux, a printer, a recorder; a stopwatch around any of them.
#pragma once

#include "mydocker/plan.hpp"

namespace mydocker {

class Executor {
 public:
  virtual ~Executor() = default;
  // Performs one step or throws SetupError. Called on the host for `prepare` and `attach`,
  // in the child for `enter`.
  virtual void perform(const Step& step) = 0;
  // Takes one thing back. False if that was not possible: the record then stays, for the next
  // start's sweep.
  virtual bool undo(const Action& action) noexcept = 0;
};

}  // namespace mydocker
