// The code of one rule's conditions.
#pragma once

#include "mydocker/seccomp_profile.hpp"
#include "seccomp/bpf_writer.hpp"

namespace mydocker::seccomp {

// How much of an argument is compared. Where pointers have 32 bits, x32 too, only the lower halves
// count, of the argument and of the condition's value: as libseccomp has it, and as calls take it.
enum class Width { narrow, wide };

// Whether one of the rule's conditions is enough, else all must hold: an argument is named twice.
[[nodiscard]] bool one_is_enough(const SeccompRule& rule);

// Code that goes on at `yes` when the conditions of `rule` hold, else at `no`.
[[nodiscard]] BpfWriter::Label write_conditions(BpfWriter& writer, const SeccompRule& rule,
                                                Width width, BpfWriter::Label yes,
                                                BpfWriter::Label no);

}  // namespace mydocker::seccomp
