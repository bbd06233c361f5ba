// The listener of a seccomp filter: calls that wait for an answer. See seccomp_unotify(2).
#pragma once

#include "mydocker/watched_call.hpp"

namespace mydocker::sys {

// Takes the next call that waits at `listener` and answers it; a caller that is gone by then, or
// was interrupted, needs no answer. Throws std::system_error.
void answer_next_call(int listener, const AnswerCall& answer);

}  // namespace mydocker::sys
