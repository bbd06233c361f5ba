// Signals for containers of either kind, and waiting for their end.
#pragma once

#include <chrono>
#include <optional>

#include "life/containers.hpp"

namespace mydocker::life {

// The container, when it is no longer being made. Throws UsageError if there is none of that id.
[[nodiscard]] Container find_begun(const Places& places, const std::string& id);

// A signal for PID 1. One that means "end", which a PID 1 without a handler for it would lose, goes to
// the MyDocker that it is a child of, which knows what to do then. False if it has ended.
bool send(const Places& places, const Container& container, int signal);

// Until PID 1 has ended and what it had is taken away, at most so long. False if it still runs.
bool await_end(const Places& places, const Container& container,
               std::optional<std::chrono::milliseconds> most);

// The signal, and KILL after that time. Throws SetupError if even that does not end it.
void stop(const Places& places, const Container& container, int signal,
          std::chrono::milliseconds patience);

}  // namespace mydocker::life
