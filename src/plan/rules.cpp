#include "plan/rules.hpp"

#include <linux/capability.h>
#include <linux/sched.h>

#include <algorithm>
#include <cstddef>
#include <optional>
#include <stdexcept>

#include "helpers/firewall_text.hpp"
#include "helpers/text.hpp"

namespace mydocker {
namespace {

using Steps = std::vector<Step>;

template <class Kind>
std::optional<std::size_t> last(const Steps& steps) {
  for (std::size_t i = steps.size(); i > 0; --i) {
    if (std::holds_alternative<Kind>(steps[i - 1].action)) return i - 1;
  }
  return std::nullopt;
}

template <class Kind>
std::size_t count(const Steps& steps) {
  return static_cast<std::size_t>(std::count_if(steps.begin(), steps.end(), [](const Step& s) {
    return std::holds_alternative<Kind>(s.action);
  }));
}

// Requests that need what the capability stage takes away.
bool is_privileged(const Action& action) {
  return std::visit(
      [](const auto& a) {
        using Kind = std::decay_t<decltype(a)>;
        return std::is_same_v<Kind, AttachRoot> || std::is_same_v<Kind, MountLayers> ||
               std::is_same_v<Kind, MountDisk> || std::is_same_v<Kind, AttachTree> ||
               std::is_same_v<Kind, MountFileSystem> || std::is_same_v<Kind, ChangeMount> ||
               std::is_same_v<Kind, MakeNode> || std::is_same_v<Kind, BindDevice> ||
               std::is_same_v<Kind, BindFolder> || std::is_same_v<Kind, MaskPath> ||
               std::is_same_v<Kind, ProvideFile> || std::is_same_v<Kind, MakeReadOnly> ||
               std::is_same_v<Kind, PivotRoot> || std::is_same_v<Kind, SetPropagation> ||
               std::is_same_v<Kind, JoinNamespaces> || std::is_same_v<Kind, SetDomainname> ||
               std::is_same_v<Kind, SetRlimit> || std::is_same_v<Kind, SetHostname> ||
               std::is_same_v<Kind, RaiseLoopback> || std::is_same_v<Kind, Unshare> ||
               std::is_same_v<Kind, OpenTerminal>;
      },
      action);
}

bool mounts(const Action& action) {
  return std::holds_alternative<MountFileSystem>(action) ||
         std::holds_alternative<MountLayers>(action) ||
         std::holds_alternative<AttachTree>(action) || std::holds_alternative<BindDevice>(action) ||
         std::holds_alternative<BindFolder>(action) || std::holds_alternative<MaskPath>(action) ||
         std::holds_alternative<ProvideFile>(action);
}

bool holds_sys_admin(const SetCapabilities& action) {
  const auto has = [](const std::vector<int>& set) {
    return std::find(set.begin(), set.end(), CAP_SYS_ADMIN) != set.end();
  };
  return has(action.until_exec) || has(action.sets.effective);
}

// Whether the child may still load a filter, or seal itself, without no_new_privs.
bool is_able(const Steps& steps) {
  const auto stripped = last<SetCapabilities>(steps);
  return stripped && holds_sys_admin(std::get<SetCapabilities>(steps[*stripped].action));
}

// Whether something of `until_exec` would still be there after execve by itself.
bool outlives_exec(const SetCapabilities& action) {
  const auto in = [](const std::vector<int>& set, int capability) {
    return std::find(set.begin(), set.end(), capability) != set.end();
  };
  return std::any_of(action.until_exec.begin(), action.until_exec.end(), [&](int capability) {
    return in(action.sets.inheritable, capability) || in(action.sets.ambient, capability);
  });
}

// Rules inside a container's network go with that.
bool is_on_host(const AddRules* rules) {
  return rules != nullptr && !firewall::are_inside(rules->shared);
}

// Requests whose result outlives the container unless it is removed.
bool creates(const Action& action) {
  const auto* const writable = std::get_if<MakeWritable>(&action);
  return std::holds_alternative<CreateRecord>(action) ||
         (writable != nullptr && !writable->may_exist) ||
         std::holds_alternative<MakeCgroup>(action) || std::holds_alternative<MakeFolder>(action) ||
         std::holds_alternative<StartUnit>(action) || std::holds_alternative<HoldSetting>(action) ||
         std::holds_alternative<StartPasta>(action) || std::holds_alternative<OpenCni>(action) ||
         is_on_host(std::get_if<AddRules>(&action));
}

// Whether the child enters the mount namespace of a container that is there already.
bool joins_mounts(const Steps& steps) {
  return std::any_of(steps.begin(), steps.end(), [](const Step& s) {
    const auto* const join = std::get_if<JoinNamespaces>(&s.action);
    return join != nullptr && (join->types & CLONE_NEWNS) != 0;
  });
}

// A step behind `at` for which `broken` holds.
template <class Predicate>
bool any_after(const Steps& steps, std::size_t at, Predicate broken) {
  return std::any_of(steps.begin() + static_cast<std::ptrdiff_t>(at) + 1, steps.end(),
                     [&](const Step& s) { return broken(s.action); });
}

}  // namespace

std::vector<std::string> broken_rules(const Plan& plan) {
  std::vector<std::string> broken;
  const auto require = [&](bool holds, const char* rule) {
    if (!holds) broken.emplace_back(rule);
  };
  const Steps& enter = plan.enter;
  const std::size_t size = enter.size();

  require(count<Exec>(enter) == 1 && last<Exec>(enter) == size - 1,
          "exec is the child's last step, once");
  if (const auto filter = last<LoadSeccomp>(enter)) {
    require(*filter + 2 == size, "the seccomp filter is loaded directly before exec");
    const auto locked = last<NoNewPrivileges>(enter);
    require((locked && *locked < *filter) || is_able(enter),
            "the seccomp filter finds no_new_privs set, or CAP_SYS_ADMIN still there");
  }
  if (const auto pivot = last<PivotRoot>(enter)) {
    require(count<PivotRoot>(enter) == 1, "pivot_root happens once");
    require(!any_after(enter, *pivot, mounts), "nothing is mounted after pivot_root");
  } else {
    require(joins_mounts(enter), "the child leaves the host's root by pivot_root");
  }
  if (const auto sealed = last<RestrictFiles>(enter)) {
    require(!any_after(enter, *sealed, mounts) && last<PivotRoot>(enter) < sealed,
            "the seal of files stands behind every mount");
    const auto locked = last<NoNewPrivileges>(enter);
    require((locked && *locked < *sealed) || is_able(enter),
            "the seal of files finds no_new_privs set, or CAP_SYS_ADMIN still there");
  }
  if (const auto stripped = last<SetCapabilities>(enter)) {
    require(!any_after(enter, *stripped, is_privileged),
            "nothing privileged follows the capability drop");
    const auto bounding = last<DropBounding>(enter);
    require(bounding && *bounding < *stripped,
            "the bounding set is dropped while SETPCAP is still there");
  } else {
    require(false, "the child drops its capabilities");
  }
  if (const auto ids = last<SetIds>(enter)) {
    const auto death = last<DieWithParent>(enter);
    require(death && *death > *ids,
            "the parent-death signal is asked for again after the last change of ids");
  }
  for (std::size_t i = 0; i < size; ++i) {
    const auto* const kept = std::get_if<SetCapabilities>(&enter[i].action);
    if (kept == nullptr) continue;
    require(!outlives_exec(*kept), "a capability kept until exec is in no set that outlives it");
  }
  const auto closed = last<CloseOnExec>(enter);
  require(closed.has_value(), "inherited descriptors are closed on exec");
  for (const auto* const steps : {&plan.prepare, &plan.attach}) {
    require(!std::any_of(steps->begin(), steps->end(),
                         [](const Step& s) { return creates(s.action) && s.undo.empty(); }),
            "what is created on the host has an undo");
  }
  require(count<AddRules>(plan.attach) == 0 ||
              (count<StartFirewall>(plan.prepare) == 1 && count<AwaitRules>(plan.finish) == 1),
          "rules of the packet filter that were asked for are awaited");
  require(count<StartUnit>(plan.attach) > 0 || count<MakeCgroup>(plan.attach) == 0,
          "cgroups and their limits are made before the child exists, unless systemd makes them");
  return broken;
}

void check_rules(const Plan& plan) {
  const auto broken = broken_rules(plan);
  if (!broken.empty()) throw std::logic_error("the plan is unsound: " + text::join(broken, "; "));
}

}  // namespace mydocker
