// The records of running containers, one file each in /run/mydocker, and the sweep of what dead
// owners left.
#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "mydocker/host_facts.hpp"
#include "mydocker/unique_fd.hpp"

namespace mydocker {

// Where containers of -d keep what outlives them, a folder each; see life/kept.hpp. Begins with a dot:
// no container can have that name.
[[nodiscard]] std::string kept_folder(const std::string& folder);

// Makes the folder of records, mode 0700; one that is not ours alone is EPERM. Throws
// std::system_error.
void make_record_folder(const std::string& folder);

// Creates `path` and locks it; its folder is made with mode 0700 and must be ours alone. A record
// of the same name whose owner is dead is swept first; one whose owner lives is EEXIST. Throws
// std::system_error.
[[nodiscard]] UniqueFd create_record(const std::string& path);

// Writes the child's pid and the present time into a record, the folder that goes with it, if there is
// one, and a line about it.
void record_child(int record, int pid, const std::string& folder, const std::string& description);

// Writes into a record that `folder` goes with the container, with all that is in it; before the
// folder is made.
void record_folder_to_remove(int record, const std::string& folder);

struct RecordedContainer {
  int pid = 0;                // of its PID 1
  std::uint64_t written = 0;  // CLOCK_BOOTTIME nanoseconds
  std::string folder;         // that goes with it; empty: none
  std::string description;    // see RecordChild
};

// The container `id`, if its record in `folder` has an owner that lives.
[[nodiscard]] std::optional<RecordedContainer> recorded_container(const std::string& folder,
                                                                  const std::string& id);

// Ends and removes whatever records in `folder` name whose owner no longer lives, but for the
// record `own`.
// Never throws: a sweep that fails is tried again by the next start.
void sweep(const std::string& folder, const std::string& own) noexcept;

}  // namespace mydocker
