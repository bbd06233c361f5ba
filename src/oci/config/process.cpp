// `process`: what runs, as whom, and with which limits.
#include <algorithm>

#include "oci/config/sections.hpp"
#include "oci/config/words.hpp"

namespace mydocker::oci {
namespace {

void read_words(const Value& process, Process& out) {
  const Value args = process["args"].required();
  if (args.into(out.argv) && args.elements().empty())
    args.refuse_place("empty: the first element is the program to run");
  else if (!out.argv.empty() && out.argv.front().empty())
    args.refuse_place("the program's name is empty");

  const Value workdir = process["cwd"].required();
  if (workdir.into(out.workdir) && !out.workdir.starts_with('/'))
    workdir.refuse("has to be an absolute path");

  for (const Value& variable : process["env"].elements()) {
    std::string text;
    if (!variable.into(text)) continue;
    if (text.find('=') == std::string::npos || text.front() == '=')
      variable.refuse("has to be NAME=VALUE");
    out.environment.push_back(std::move(text));
  }
}

void read_terminal(const Value& process, Process& out) {
  bool wanted = false;
  process["terminal"].into(wanted);
  if (!wanted) return;
  Terminal terminal{.on_terminal = {true, true, true}};
  if (const Value size = process["consoleSize"]; size.is_given()) {
    size["height"].required().into(terminal.rows);
    size["width"].required().into(terminal.columns);
  }
  out.terminal = terminal;
}

void read_user(const Value& user, Process& out) {
  user["uid"].required().into(out.user.uid, kIds);
  user["gid"].required().into(out.user.gid, kIds);
  user["additionalGids"].into(out.user.groups, kIds);
  user["umask"].into(out.umask, {0, 0777});
}

void read_rlimits(const Value& rlimits, Process& out) {
  for (const Value& each : rlimits.elements()) {
    const auto resource = each["type"].required().one_of(kRlimits);
    Rlimit limit;
    const bool has_soft = each["soft"].required().into(limit.soft);
    const bool has_hard = each["hard"].required().into(limit.hard);
    if (has_soft && has_hard && limit.soft > limit.hard)
      each["soft"].refuse("above the hard limit, " + std::to_string(limit.hard));
    if (!resource) continue;
    limit.resource = *resource;
    const bool is_second = std::any_of(out.rlimits.begin(), out.rlimits.end(),
                                       [&](const auto& r) { return r.resource == limit.resource; });
    if (is_second) each["type"].refuse("given twice");
    out.rlimits.push_back(limit);
  }
}

}  // namespace

void read_process(const Value& process, Process& out) {
  read_words(process, out);
  read_terminal(process, out);
  read_user(process["user"].required(), out);
  read_rlimits(process["rlimits"], out);
  read_capabilities(process["capabilities"], out.capabilities);
  process["noNewPrivileges"].into(out.no_new_privileges);
  process["oomScoreAdj"].into(out.oom_score_adj, {-1000, 1000});
  read_scheduling(process, out);
  process["apparmorProfile"].into(out.apparmor_profile);
  process["selinuxLabel"].into(out.selinux_label);
}

void check_user(const Value& user, const ContainerSpec& spec) {
  if (!spec.namespaces.user.is_new()) return;
  const auto check = [](const Value& value, std::uint32_t id, const std::vector<IdRange>& map) {
    const bool is_mapped = std::any_of(map.begin(), map.end(), [id](const IdRange& range) {
      return id >= range.inside && id - range.inside < range.count;
    });
    if (value.is_given() && !is_mapped)
      value.refuse("does not exist in the container: linux's mappings leave it out");
  };
  const User& who = spec.process.user;
  check(user["uid"], who.uid, spec.uid_map);
  check(user["gid"], who.gid, spec.gid_map);
  const auto groups = user["additionalGids"].elements();
  // An element that is no number has been refused already, and then the two differ.
  if (groups.size() != who.groups.size()) return;
  for (std::size_t i = 0; i < groups.size(); ++i) check(groups[i], who.groups[i], spec.gid_map);
}

}  // namespace mydocker::oci
