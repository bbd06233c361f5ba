// Which controller is told what, and in which version's words.
#include "namespaces/cgroup/resources.hpp"

#include <algorithm>
#include <cctype>
#include <cerrno>

#include "helpers/device_rules.hpp"
#include "helpers/text.hpp"
#include "mydocker/error.hpp"

namespace mydocker::cgroup {
namespace {

// One controller, by its names in both versions; empty where that version has none.
struct Row {
  std::string_view v1_name, v2_name;
  Settings (*v1_files)(const Asked&);
  Settings (*v2_files)(const Asked&);
  bool counts = false;  // worth having for what it counts alone
};

Settings nothing(const Asked&) { return {}; }

constexpr Row kRows[] = {
    {"memory", "memory", v1::memory, v2::memory, true},
    {"cpu", "cpu", v1::cpu, v2::cpu, true},
    {"cpuacct", "", nothing, nothing, true},
    {"cpuset", "cpuset", v1::cpuset, v1::cpuset},
    {"pids", "pids", v1::pids, v1::pids, true},
    {"blkio", "io", v1::blkio, v2::io},
    {"hugetlb", "hugetlb", v1::hugetlb, v2::hugetlb},
    {"net_cls", "", v1::net_cls, nothing},
    {"net_prio", "", v1::net_prio, nothing},
    {"rdma", "rdma", v1::rdma, v1::rdma},
};

[[noreturn]] void refuse_without(const std::string& property, std::string_view controller,
                                 const HostFacts& facts) {
  if (facts.uid != 0)
    refuse(property, EOPNOTSUPP,
           "no cgroup of yours has the controller '" + std::string(controller) +
               "': 'systemd-run --user --scope -p Delegate=yes MyDocker ...' asks systemd for one");
  refuse(property, EOPNOTSUPP,
         "this host mounts no '" + std::string(controller) +
             "' controller: 'MyDocker doctor' says what it has and how to get the rest");
}

class Planner {
 public:
  Planner(const CgroupRequest& request, const HostFacts& facts)
      : request_(request), facts_(facts), asked_{request, facts} {}

  Orders plan() {
    for (const auto& row : kRows) add(row);
    devices();
    for (const auto& [key, value] : request_.resources.unified) unified(key, value);
    return std::move(out_);
  }

 private:
  [[nodiscard]] const CgroupHierarchy* v2_hierarchy() const {
    const auto& all = facts_.cgroups.hierarchies;
    const auto found =
        std::find_if(all.begin(), all.end(), [](const auto& each) { return each.version == 2; });
    return found == all.end() ? nullptr : &*found;
  }

  void use(std::string_view controller, const CgroupHierarchy& where) {
    const auto same = [&](const auto& each) { return each.controller == controller; };
    if (std::none_of(out_.used.begin(), out_.used.end(), same))
      out_.used.push_back({controller, &where});
  }

  void add(const Row& row) {
    const auto* where = facts_.cgroups.find(row.v2_name);
    if (where == nullptr) where = facts_.cgroups.find(row.v1_name);
    Settings settings =
        where != nullptr && where->version == 2 ? row.v2_files(asked_) : row.v1_files(asked_);
    if (where == nullptr) return explain_lack(settings, row.v1_name);
    if (!settings.list.empty() || (row.counts && request_.accounting))
      use(where->version == 2 ? row.v2_name : row.v1_name, *where);
    apply(std::move(settings), *where);
  }

  void explain_lack(const Settings& settings, std::string_view controller) {
    for (const auto& notice : settings.notices) out_.notices.push_back(notice);
    for (const auto& each : settings.list) {
      if (each.kind == Setting::Kind::limit) refuse_without(each.property, controller, facts_);
      if (!each.warning.empty()) out_.notices.push_back(each.warning);
    }
  }

  void apply(Settings&& settings, const CgroupHierarchy& where) {
    const std::string folder = cgroup_folder(where, request_.path) + "/";
    for (auto& notice : settings.notices) out_.notices.push_back(std::move(notice));
    for (auto& each : settings.list) {
      for (auto& [file, text] : each.files_and_texts) file.insert(0, folder);
      if (each.kind == Setting::Kind::advice) {
        out_.steps.push_back({WriteWeight{std::move(each.files_and_texts), std::move(each.warning)},
                              each.why,
                              {},
                              {}});
      } else {
        auto& [file, text] = each.files_and_texts.front();
        out_.steps.push_back(
            {WriteFile{std::move(file), std::move(text), each.missing}, each.why, {}, {}});
      }
    }
  }

  void devices() {
    const auto& rules = request_.resources.devices;
    if (rules.empty()) return;
    if (!facts_.can_limit_devices) {
      out_.notices.emplace_back(
          "the device rules have no effect: they need CAP_SYS_ADMIN outside of all user "
          "namespaces");
      return;
    }
    if (const auto* const where = facts_.cgroups.find("devices")) {
      use("devices", *where);
      return apply(v1::devices(asked_), *where);
    }
    const auto* const where = v2_hierarchy();
    if (where == nullptr) refuse_without("devices", "devices", facts_);
    use("", *where);  // on v2 a program does it, and no controller
    out_.steps.push_back(
        {AllowDevices{cgroup_folder(*where, request_.path), with_default_devices(rules)},
         "a node that is made or passed in opens only what the rules allow",
         {},
         {}});
  }

  // The first word of a key is its controller: "memory.high"; "cgroup.*" is there without one.
  void unified(const std::string& key, const std::string& value) {
    const std::string property = "unified '" + key + "'";
    if (key.empty() || key == "." || key == ".." || key.find('/') != std::string::npos)
      refuse(property, EINVAL, "it has to name a file of the cgroup's folder");
    const auto* const where = v2_hierarchy();
    if (where == nullptr) refuse(property, EOPNOTSUPP, "this host has no cgroup v2");
    const std::string_view controller = std::string_view(key).substr(0, key.find('.'));
    if (controller != "cgroup") {
      const auto& offered = where->controllers;
      if (std::find(offered.begin(), offered.end(), controller) == offered.end()) {
        refuse(property, EOPNOTSUPP,
               facts_.cgroups.find(controller) != nullptr
                   ? "this host has '" + std::string(controller) + "' in cgroup v1"
                   : "cgroup v2 of this host has no controller '" + std::string(controller) + "'");
      }
      use(controller, *where);
    }
    Settings settings;
    // io.max and its kin take a line at a time.
    for (const auto line : text::split(value, '\n')) {
      if (!line.empty() || value.empty())
        settings.limit(property, key, std::string(line), "asked for by its file's name");
    }
    apply(std::move(settings), *where);
  }

  const CgroupRequest& request_;
  const HostFacts& facts_;
  Asked asked_;
  Orders out_;
};

}  // namespace

void Settings::limit(std::string property, std::string file, std::string text, std::string_view why,
                     Missing missing) {
  list.push_back({Setting::Kind::limit,
                  std::move(property),
                  {{std::move(file), std::move(text)}},
                  why,
                  missing,
                  {}});
}

void Settings::share(std::string property, std::string file, std::string text,
                     std::string_view why) {
  std::string warning = property + " has no effect: this host mounts no 'cpu' controller";
  list.push_back({Setting::Kind::share,
                  std::move(property),
                  {{std::move(file), std::move(text)}},
                  why,
                  Missing::is_an_error,
                  std::move(warning)});
}

void Settings::advice(std::string property,
                      std::vector<std::pair<std::string, std::string>> choices,
                      std::string_view why, std::string warning) {
  list.push_back({Setting::Kind::advice, std::move(property), std::move(choices), why,
                  Missing::is_fine, std::move(warning)});
}

void refuse(const std::string& property, int error, const std::string& reason) {
  throw SetupError("cgroup", "set " + property, error, reason);
}

void refuse_below_usage(const Asked& asked) {
  const MemoryResources& memory = asked.resources().memory;
  const auto& usage = asked.now().memory_usage;
  if (memory.check_before_update && memory.limit && *memory.limit >= 0 && usage &&
      static_cast<std::uint64_t>(*memory.limit) < *usage) {
    refuse("memory.limit", EBUSY, std::to_string(*usage) + " bytes are in use already");
  }
}

// A host without swap needs no file against it, and none to allow it.
Missing missing_swap(const Asked& asked) {
  return asked.facts.has_swap && asked.resources().memory.swap.value_or(-1) >= 0
             ? Missing::is_an_error
             : Missing::is_fine;
}

// A burst is never above the quota, not even between two writes.
bool bursts_first(const Asked& asked) {
  const auto& [burst, quota] = std::pair(asked.resources().cpu.burst, asked.now().cpu_quota);
  return burst && quota && *burst <= *quota;
}

std::string weight_property(const Asked& asked) {
  return asked.request.every_hierarchy ? "blockIO.weight" : "-I";
}

std::string weight_warning(const Asked& asked, Settings& out) {
  // The default of -I comes with every -c, so that it is not worth a word.
  if (!asked.request.io_weight_was_given && !asked.request.every_hierarchy) return {};
  std::string warning = weight_property(asked) +
                        " has no effect: no disk of this host has an I/O scheduler that honours a "
                        "weight (bfq, or io.cost on v2)";
  if (asked.facts.io_weight_works) return warning;
  out.notices.push_back(std::move(warning));
  return {};
}

std::string device_number(std::int64_t major, std::int64_t minor) {
  return std::to_string(major) + ":" + std::to_string(minor);
}

std::string page_size(const HugepageLimit& limit) {
  const auto& size = limit.page_size;
  if (size.empty() ||
      !std::all_of(size.begin(), size.end(), [](unsigned char c) { return std::isalnum(c) != 0; }))
    refuse("hugepageLimits", EINVAL, text::quoted(size) + " has to be a size as in 2MB");
  return size;
}

Orders orders_for(const CgroupRequest& request, const HostFacts& facts) {
  return Planner(request, facts).plan();
}

}  // namespace mydocker::cgroup
