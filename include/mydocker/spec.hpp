// What somebody asks for, in one value: both front ends (flags; config.json) end in a
// ContainerSpec.
#pragma once

#include <sys/types.h>

#include <array>
#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace mydocker {

// A number of bytes: Bytes{1} << 20 is one MiB.
struct Bytes {
  std::uint64_t count = 0;
  auto operator<=>(const Bytes&) const = default;
};

// One line of /proc/PID/uid_map, see user_namespaces(7).
struct IdRange {
  std::uint32_t inside = 0, outside = 0, count = 0;
  bool operator==(const IdRange&) const = default;
};

// Which namespaces are new; the user namespace alone is optional on the classic command line.
struct Namespaces {
  bool user = false;
  bool operator==(const Namespaces&) const = default;
};

// Limits and weights; nothing is limited where a value is missing.
struct Limits {
  std::optional<Bytes> memory;          // 1 byte to 4 GiB; swap is counted in
  std::optional<unsigned> cpu_percent;  // 1 to 100; 100 is the kernel's default weight
  std::optional<unsigned> pids;         // 10 to 32768
  std::optional<unsigned> io_weight;    // 10 to 1000
  bool io_weight_was_given = false;  // said by the user, so worth a warning where it has no effect
  bool accounting = false;  // a report is wanted: controllers count even where nothing is limited
  bool operator==(const Limits&) const = default;
};

// A folder or file of the host inside the container.
struct Volume {
  std::string source, target;  // source: any path of the host; target: absolute, inside
  bool read_only = false;
  bool operator==(const Volume&) const = default;
};

struct Tmpfs {
  std::string target;
  std::optional<Bytes> size;
  bool operator==(const Tmpfs&) const = default;
};

struct User {
  uid_t uid = 0;
  gid_t gid = 0;
  std::vector<gid_t> groups;  // supplementary ones; the caller's own are never kept
  bool operator==(const User&) const = default;
};

// The container's own pseudo-terminal, and which of its standard descriptors are on it: those that
// were on a terminal outside. A pipe or a file is handed through as it is.
struct Terminal {
  std::array<bool, 3> on_terminal{};
  unsigned short rows = 24, columns = 80;
  bool operator==(const Terminal&) const = default;
};

struct Process {
  std::vector<std::string> argv;         // the entrypoint and its words; never empty once validated
  std::vector<std::string> environment;  // "KEY=value", all of it: nothing is inherited
  std::string workdir = "/";
  User user;
  std::optional<Terminal> terminal;
  bool init = false;  // a small PID 1 that reaps and forwards signals
  bool operator==(const Process&) const = default;
};

struct Root {
  std::string path;  // a folder of the host
  bool read_only = false;
  bool operator==(const Root&) const = default;
};

enum class SeccompProfile { original };

struct ContainerSpec {
  std::string id;  // names the cgroup and the record; see valid_id()
  std::string hostname = "container";
  Namespaces namespaces;
  std::vector<IdRange> id_map;  // both uids and gids; used with a user namespace only
  Process process;
  Root root;
  std::vector<Volume> volumes;
  std::vector<Tmpfs> tmpfs;
  std::optional<Limits> limits;  // missing: no cgroup is made
  SeccompProfile seccomp = SeccompProfile::original;
  bool operator==(const ContainerSpec&) const = default;
};

// All that is wrong with a spec, a line each; empty when it can be planned.
[[nodiscard]] std::vector<std::string> problems_of(const ContainerSpec& spec);

// Letters, digits, '_', '.', '-', at most 64, beginning with a letter or digit: safe as a folder's
// name.
[[nodiscard]] bool valid_id(std::string_view id);

}  // namespace mydocker
