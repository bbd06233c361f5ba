// The systemd cgroup driver in words: names of units, their folders, what a unit is told. Pure.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "mydocker/resources.hpp"
#include "mydocker/systemd_unit.hpp"

namespace mydocker::systemd_units {

// A unit, and the slice that it belongs to.
struct Place {
  std::string slice, unit;
  bool operator==(const Place&) const = default;
};

// "machine.slice:libpod:ID" is the unit libpod-ID.scope in machine.slice; without a prefix it is
// ID.scope, and a name that ends in ".slice" stays a slice. An empty slice is `default_slice`.
// Characters that systemd knows in no name become "\x2b". Nothing for any other text.
[[nodiscard]] std::optional<Place> parse(std::string_view path, std::string_view default_slice);

// The cgroup of a slice below the top of its systemd: "/a.slice/a-b.slice" for "a-b.slice", "" for
// "-.slice". Nothing for what is no slice's name.
[[nodiscard]] std::optional<std::string> slice_path(std::string_view slice);

// The cgroup of the unit below the top of its systemd: "/machine.slice/libpod-ID.scope".
[[nodiscard]] std::optional<std::string> unit_path(const Place& place);

// A cgroup's files and what is written into them: {"memory.max", "1048576"}.
using FilesAndTexts = std::vector<std::pair<std::string, std::string>>;

// The same in systemd's words, v1's files and v2's, as far as it has words for them. MyDocker
// writes the files all the same, since the words are fewer and coarser. But whoever reloads systemd
// has it write again what it knows: without this, its defaults.
[[nodiscard]] UnitProperties properties_of(const FilesAndTexts& files);

// The device rules of v1's `devices`, for the same reason: a systemd that knows none allows all
// when it is reloaded. In v2 it leaves alone what others attached, so there it is told nothing.
// Throws std::invalid_argument as device_table() does.
[[nodiscard]] UnitProperties device_properties(const std::vector<DeviceRule>& rules);

}  // namespace mydocker::systemd_units
