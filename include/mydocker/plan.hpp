// The plan: every request that makes one container, in order, as values.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "mydocker/action.hpp"
#include "mydocker/host_facts.hpp"

namespace mydocker {

struct Step {
  Action action;
  std::string_view why;      // the reason, for --explain; a literal
  std::vector<Action> undo;  // performed in reverse when the container ends or set-up fails
  std::string_view stage;    // filled in by make_plan
};

// What one stage adds. The lists run at their own times:
struct StagePlan {
  std::uint64_t clone_flags = 0;     // CLONE_NEW*, for clone3(2)
  std::uint64_t join_first = 0;      // CLONE_NEW* of OpenNamespaces to be entered before clone3
  std::string born_in;               // a cgroup v2 folder for CLONE_INTO_CGROUP, or empty
  std::vector<Step> prepare;         // on the host, before clone
  std::vector<Step> attach;          // on the host, while the child waits
  std::vector<Step> meanwhile;       // on the host, while the child waits in AwaitHooks
  std::vector<Step> enter;           // in the child
  std::vector<Step> finish;          // on the host, while the child, ready, waits for the last time
  std::vector<std::string> notices;  // said before the start, a line each
};

// A record with a function, not a base class: the list of stages reads like a table of contents.
struct Stage {
  std::string_view name;  // the folder's name
  std::string_view summary;
  std::string_view man_page;
  StagePlan (*plan)(const ContainerSpec&, const HostFacts&);
};

struct Plan {
  std::uint64_t clone_flags = 0, join_first = 0;
  std::string born_in;
  std::vector<Step> prepare, attach, meanwhile, enter, finish;
  std::vector<std::string> notices;
};

// THE LIST, in src/plan/stages.cpp.
[[nodiscard]] std::span<const Stage> stages();

// Asks each stage in order and merges what they say. Pure: the same values give the same plan.
// Throws std::logic_error if a rule of the order is broken (rules.hpp).
[[nodiscard]] Plan make_plan(std::span<const Stage> stages, const ContainerSpec& spec,
                             const HostFacts& facts);

}  // namespace mydocker
