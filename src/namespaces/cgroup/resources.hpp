// What `linux.resources` means in files of a cgroup: pure, for a start and for an update.
#pragma once

#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "mydocker/plan.hpp"

namespace mydocker::cgroup {

// One property, and what is written for it.
struct Setting {
  enum class Kind {
    limit,   // a promise: what cannot be kept is an error
    share,   // counts against neighbours only: without its controller there is a warning
    advice,  // the same, and the kernel may lack the file too
  } kind = Kind::limit;
  std::string property;  // in the specification's words: "memory.limit"
  std::vector<std::pair<std::string, std::string>> files_and_texts;  // the first that exists
  std::string_view why;
  Missing missing = Missing::is_an_error;
  std::string warning;  // of a share or advice; empty: nobody cares
};

// What one controller is told, in this order, and what has to be said before.
struct Settings {
  std::vector<Setting> list;
  std::vector<std::string> notices;

  void limit(std::string property, std::string file, std::string text, std::string_view why,
             Missing missing = Missing::is_an_error);
  void share(std::string property, std::string file, std::string text, std::string_view why);
  void advice(std::string property, std::vector<std::pair<std::string, std::string>> choices,
              std::string_view why, std::string warning);
};

struct Asked {
  const CgroupRequest& request;
  const HostFacts& facts;
  [[nodiscard]] const Resources& resources() const { return request.resources; }
  [[nodiscard]] const CgroupNow& now() const { return facts.cgroup_now; }
};

// The controllers of version 1: resources_v1.cpp. Throw SetupError for what cannot be had.
namespace v1 {
[[nodiscard]] Settings memory(const Asked& asked);
[[nodiscard]] Settings cpu(const Asked& asked);
[[nodiscard]] Settings cpuset(const Asked& asked);
[[nodiscard]] Settings pids(const Asked& asked);
[[nodiscard]] Settings blkio(const Asked& asked);
[[nodiscard]] Settings hugetlb(const Asked& asked);
[[nodiscard]] Settings net_cls(const Asked& asked);
[[nodiscard]] Settings net_prio(const Asked& asked);
[[nodiscard]] Settings rdma(const Asked& asked);
[[nodiscard]] Settings devices(const Asked& asked);
}  // namespace v1

// Those of version 2: resources_v2.cpp. What is not here is the same in both.
namespace v2 {
[[nodiscard]] Settings memory(const Asked& asked);
[[nodiscard]] Settings cpu(const Asked& asked);
[[nodiscard]] Settings io(const Asked& asked);
[[nodiscard]] Settings hugetlb(const Asked& asked);

// v1's 2 to 262144, default 1024, as v2's 1 to 10000, default 100.
[[nodiscard]] std::uint64_t cpu_weight(std::uint64_t shares);
// v1's 10 to 1000 as v2's 1 to 10000.
[[nodiscard]] unsigned io_weight(unsigned weight);
}  // namespace v2

// Said of both versions.
[[noreturn]] void refuse(const std::string& property, int error, const std::string& reason);
void refuse_below_usage(const Asked& asked);
[[nodiscard]] Missing missing_swap(const Asked& asked);
[[nodiscard]] bool bursts_first(const Asked& asked);
// Of the weight that all disks have in common. The warning is for where no file takes it; it is
// moved to the notices where that is known to be in vain.
[[nodiscard]] std::string weight_property(const Asked& asked);
[[nodiscard]] std::string weight_warning(const Asked& asked, Settings& out);
[[nodiscard]] std::string device_number(std::int64_t major, std::int64_t minor);
[[nodiscard]] std::string page_size(const HugepageLimit& limit);

inline constexpr std::string_view kWhyMemory = "beyond it the kernel kills inside, not outside";
inline constexpr std::string_view kWhySwap =
    "else what does not fit in memory would go on in swap, unlimited";
inline constexpr std::string_view kWhyReservation = "while memory is short, so much is left alone";
inline constexpr std::string_view kWhyShare =
    "a share against its neighbours while the processors are busy";
inline constexpr std::string_view kWhyQuota = "so much processor time a period, and no more";
inline constexpr std::string_view kWhyBurst = "what earlier periods left over may be used";
inline constexpr std::string_view kWhyIdle = "runs when nobody else wants to";
inline constexpr std::string_view kWhyDisk = "a share of the disk while it is busy";
inline constexpr std::string_view kWhyRate = "so much of this disk a second, and no more";
inline constexpr std::string_view kWhyHugepages = "huge pages are scarce: so many, and no more";
inline constexpr std::string_view kNoLeafWeight =
    " has no effect: only the CFQ scheduler knew it, which Linux 5.0 took out";

// The resources of a request, where this host's controllers are.
struct Orders {
  struct Used {
    std::string_view controller;  // empty: v2's folder is wanted without one
    const CgroupHierarchy* where;
  };
  std::vector<Used> used;
  std::vector<Step> steps;
  std::vector<std::string> notices;
};

// Throws SetupError that names the property and the controller if a limit cannot be kept.
[[nodiscard]] Orders orders_for(const CgroupRequest& request, const HostFacts& facts);

}  // namespace mydocker::cgroup
