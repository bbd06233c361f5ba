// `linux.devices` with those that every container has, and `linux.netDevices`.
#include <algorithm>

#include "helpers/text.hpp"
#include "oci/config/sections.hpp"
#include "oci/config/words.hpp"

namespace mydocker::oci {
namespace {

// The numbers' widths in the kernel, see makedev(3).
constexpr Range kMajors{0, 4095}, kMinors{0, 1048575};

// What every container has; console and ptmx come with its terminal and its devpts.
const Device kDefaults[] = {
    {"/dev/null", 'c', 1, 3},   {"/dev/zero", 'c', 1, 5},    {"/dev/full", 'c', 1, 7},
    {"/dev/random", 'c', 1, 8}, {"/dev/urandom", 'c', 1, 9}, {"/dev/tty", 'c', 5, 0},
};

// u is mknod(1)'s older word for c.
constexpr Word<char> kTypes[] = {{"c", 'c'}, {"b", 'b'}, {"u", 'c'}, {"p", 'p'}};

bool goes_up(std::string_view path) {
  const auto parts = text::split(path, '/');
  return std::find(parts.begin(), parts.end(), "..") != parts.end();
}

Device read_device(const Value& device) {
  Device out;
  const Value path = device["path"].required();
  if (path.into(out.path) && (!out.path.starts_with('/') || goes_up(out.path)))
    path.refuse("has to be an absolute path without '..'");
  out.type = device["type"].required().one_of(kTypes).value_or('c');
  if (out.type != 'p') {
    device["major"].required().into(out.major, kMajors);
    device["minor"].required().into(out.minor, kMinors);
  }
  // As stat(2) gives it: some engines leave the type of the file in it.
  constexpr unsigned kPermissions = 07777;
  if (device["fileMode"].into(out.mode, {0, 0177777})) out.mode &= kPermissions;
  device["uid"].into(out.uid, kIds);
  device["gid"].into(out.gid, kIds);
  return out;
}

// As the kernel's dev_valid_name().
bool is_interface(std::string_view name) {
  constexpr std::size_t kLongest = 15;
  return !name.empty() && name.size() <= kLongest && name != "." && name != ".." &&
         name.find_first_of("/: \t\n\v\f\r") == std::string_view::npos;
}

}  // namespace

void read_devices(const Value& devices, ContainerSpec& spec) {
  for (const Value& each : devices.elements()) spec.devices.push_back(read_device(each));
  if (spec.brings_its_own_dev()) return;
  for (const Device& each : kDefaults) {
    const bool is_listed =
        std::any_of(spec.devices.begin(), spec.devices.end(),
                    [&](const Device& device) { return device.path == each.path; });
    if (!is_listed) spec.devices.push_back(each);
  }
}

void read_network_devices(const Value& devices, ContainerSpec& spec) {
  constexpr std::string_view kAllowed =
      "no name of a network device: 1 to 15 characters without blanks, '/' and ':'";
  for (const auto& [name, device] : devices.members()) {
    NetworkDevice out{std::string(name), std::string(name)};
    if (!is_interface(name)) device.refuse_place(kAllowed);
    const Value inside = device["name"];
    std::string other;
    if (inside.into(other) && !other.empty()) {
      if (!is_interface(other)) inside.refuse(kAllowed);
      out.name_inside = std::move(other);
    }
    spec.network_devices.push_back(std::move(out));
  }
  if (!spec.network_devices.empty() &&
      spec.namespaces.network.kind == NamespaceUse::Kind::inherited)
    devices.refuse_place("linux.namespaces has no 'network' that they could move to");
}

}  // namespace mydocker::oci
