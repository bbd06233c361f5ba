// The containers of this user, whoever made them: those of the classic command line, in the foreground
// or by -d, running or ended, and those of the OCI verbs.
#pragma once

#include <sys/types.h>

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "life/about.hpp"
#include "life/kept.hpp"
#include "mydocker/unique_fd.hpp"

namespace mydocker::life {

enum class Kind {
  classic,  // the classic command line's
  oci,      // made by the OCI verbs
};
enum class Status { creating, created, running, paused, ended };
[[nodiscard]] std::string_view name_of(Status status);

struct Container {
  std::string id;
  Kind kind = Kind::classic;
  Status status = Status::running;
  pid_t pid = 0;             // of its PID 1; 0: none that runs
  std::int64_t created = 0;  // nanoseconds since 1970
  std::optional<About> about;
  std::string description;           // the text that `about` was read from
  std::optional<Kept> kept;          // of -d
  std::optional<End> end;            // how it ended, if somebody has kept that
  std::vector<std::string> cgroups;  // the folders that all its processes are in, one a hierarchy
  std::string cgroup;                // their path below each; empty: it has none
};

// Where they are looked for.
struct Places {
  std::string records;  // of the classic command line
  std::string states;   // of the OCI verbs
};

[[nodiscard]] Places default_places();

// Nothing if there is none of that id.
[[nodiscard]] std::optional<Container> try_find(const Places& places, const std::string& id);

// Throws UsageError.
[[nodiscard]] Container find(const Places& places, const std::string& id);

// Whether the classic command line has one of that id; asks little.
[[nodiscard]] bool is_classic(const Places& places, const std::string& id);

// By their ids. With `ended` also those that have.
[[nodiscard]] std::vector<Container> all(const Places& places, bool ended);

// Open while PID 1 is the one that was found; empty if it has ended.
[[nodiscard]] UniqueFd open_init(const Places& places, const Container& container);

}  // namespace mydocker::life
