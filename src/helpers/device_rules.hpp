// The device rules of a cgroup: as text, as lines of v1's files, as a program for v2. Pure.
#pragma once

#include <linux/bpf.h>

#include <string>
#include <vector>

#include "mydocker/resources.hpp"

namespace mydocker {

// "c 1:3 rwm", "b *:* m", "a *:* rwm".
[[nodiscard]] std::string device_rule_text(const DeviceRule& rule);

// Whether it speaks of every device and every access, so that nothing before it matters.
[[nodiscard]] bool is_about_everything(const DeviceRule& rule);

// `rules`, and behind the last that denies everything those devices that every container has.
[[nodiscard]] std::vector<DeviceRule> with_default_devices(const std::vector<DeviceRule>& rules);

// What v1 can hold: everything allowed or denied, but for `exceptions`, which say the contrary.
struct DeviceTable {
  bool allows_rest = true;
  bool is_complete = false;  // some rule was about everything: what was there before is void
  std::vector<DeviceRule> exceptions;
};

// Throws std::invalid_argument where a part of an exception would have to be taken back.
[[nodiscard]] DeviceTable device_table(const std::vector<DeviceRule>& rules);

// For BPF_PROG_TYPE_CGROUP_DEVICE: of each access that is asked for, the last rule that speaks of
// it decides; what none speaks of is allowed.
[[nodiscard]] std::vector<bpf_insn> device_program(const std::vector<DeviceRule>& rules);

}  // namespace mydocker
