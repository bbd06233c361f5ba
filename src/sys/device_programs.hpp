// Programs that decide which devices a cgroup of version 2 may use. See bpf(2).
#pragma once

#include <linux/bpf.h>

#include <string>
#include <vector>

namespace mydocker::sys {

// Loads `program` and attaches it to `folder`, then takes off what an earlier call put there: in
// between both have to agree, so that there is no moment without. Throws std::system_error.
void attach_device_program(const std::string& folder, const std::vector<bpf_insn>& program);

}  // namespace mydocker::sys
