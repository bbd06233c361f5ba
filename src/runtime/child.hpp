// What runs between clone and execve.
#pragma once

#include "mydocker/executor.hpp"
#include "runtime/context.hpp"

namespace mydocker {

// Waits for Go, performs the plan's `enter` steps, executes the entrypoint. Never returns and
// never throws: an exception that crossed the clone would run the parent's destructors in the
// child.
[[noreturn]] void child_main(const Plan& plan, Executor& executor, Context& context,
                             ChildEnd& channel) noexcept;

}  // namespace mydocker
