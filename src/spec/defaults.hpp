// What the classic command line gives a container unasked: its mounts, devices, masks and
// capabilities. Pure.
#pragma once

#include <vector>

#include "mydocker/spec.hpp"

namespace mydocker {

// The ids that -U gives to root's containers.
inline constexpr IdRange kDefaultIds{0, 100000, 65536};

// /proc, /sys, /dev and what belongs in them, in this order. `has_tty_group`: whether the group 5 of
// terminals exists inside.
[[nodiscard]] std::vector<Mount> default_mounts(bool has_tty_group);

// The six that every program expects.
[[nodiscard]] std::vector<Device> default_devices();

// What tells about the host or reaches its memory, and what changes the whole kernel.
[[nodiscard]] Masks default_masks();

// The capabilities that the container's root keeps: all that the original did not drop, without
// NET_RAW. An allowlist, so that what a newer kernel adds is dropped without being known here. Who is
// not root keeps them in the bounding set alone.
[[nodiscard]] CapabilitySets default_capabilities(bool is_root);

}  // namespace mydocker
