// The states of containers: a folder each below the root folder, which outlives the process that
// made it. Everything in it is opened by the folder's descriptor, without following links.
#pragma once

#include <sys/types.h>

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "mydocker/unique_fd.hpp"

namespace mydocker::oci {

enum class Status { creating, created, running, paused, stopped };
[[nodiscard]] std::string_view name_of(Status status);

// A folder that the container's processes are in; see MakeCgroup.
struct CgroupFolder {
  int version = 2;
  std::string top, path;
  std::vector<std::string> controllers;
  [[nodiscard]] std::string folder() const;
  bool operator==(const CgroupFolder&) const = default;
};

// Written once, before anything is made: so that whatever a crash leaves can be found and removed.
struct State {
  std::string oci_version, id, bundle, rootfs;
  std::string created;  // RFC 3339
  uid_t owner = 0;
  bool rootless = false;
  std::vector<CgroupFolder> cgroups;
  std::string systemd_unit;          // of the systemd driver
  std::vector<std::string> folders;  // others that were made for it, the last one first to go
  std::vector<std::pair<std::string, std::string>> annotations;
  bool operator==(const State&) const = default;
};

// The first process, by its pid and the moment it started: a pid alone may be another's by now.
struct Init {
  pid_t pid = 0;
  std::uint64_t started = 0;  // nanoseconds of CLOCK_BOOTTIME
};

class Container {
 public:
  Container(std::string path, UniqueFd folder)
      : path_(std::move(path)), folder_(std::move(folder)) {}

  // Waits until nobody else changes this container; held as long as the descriptor.
  [[nodiscard]] UniqueFd lock() const;

  void write_state(const State& state) const;
  [[nodiscard]] State read_state() const;
  // A copy of config.json as it was at create: the bundle may change or go.
  void write_config(std::string_view text) const;
  [[nodiscard]] std::string read_config() const;
  void record_init(pid_t pid) const;
  [[nodiscard]] std::optional<Init> init() const;

  // Open while the process still is the recorded one and has not ended; empty otherwise.
  [[nodiscard]] UniqueFd open_init() const;
  [[nodiscard]] Status status() const;

  // The socket on which the created container waits for its start.
  [[nodiscard]] UniqueFd listen_for_start() const;
  [[nodiscard]] UniqueFd connect_to_start() const;
  void forget_start() const;

  // Removes the folder and what is in it.
  void remove() const;

 private:
  void write(const char* name, std::string_view text) const;
  [[nodiscard]] std::string read(const char* name) const;
  [[nodiscard]] bool has(const char* name) const;

  std::string path_;
  UniqueFd folder_;
};

class Store {
 public:
  // Makes the folder, mode 0700, if it is missing. Throws std::system_error: EPERM if it is another
  // user's or others may write to it.
  explicit Store(std::string root);

  // Throws Failure if there is a container of this id.
  [[nodiscard]] Container make(const std::string& id) const;
  [[nodiscard]] std::optional<Container> try_open(const std::string& id) const;
  // Throws Failure: "container ... does not exist".
  [[nodiscard]] Container open(const std::string& id) const;
  [[nodiscard]] std::vector<std::string> ids() const;

 private:
  std::string root_;
};

}  // namespace mydocker::oci
