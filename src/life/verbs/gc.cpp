// gc: removes what MyDockers that were killed have left, as the next start would, and what no start looks
// for; tells what it was.
#include <algorithm>
#include <set>

#include "helpers/text.hpp"
#include "image/store.hpp"
#include "life/verbs.hpp"
#include "mydocker/error.hpp"
#include "mydocker/host_facts.hpp"
#include "mydocker/spec.hpp"
#include "runtime/network_sweep.hpp"
#include "runtime/own_root.hpp"
#include "runtime/records.hpp"
#include "runtime/shared_uses.hpp"
#include "sys/cgroup_tasks.hpp"
#include "sys/cgroups.hpp"
#include "sys/files.hpp"
#include "sys/own_cgroups.hpp"
#include "sys/removing.hpp"

namespace mydocker::life {
namespace {

constexpr oci::Flag kFlags[] = {
    {"store", 0, true, "DIR: where images lie unpacked (default as 'MyDocker image')"}};

void tell(const std::string& what, const std::string& name) {
  print("removed " + what + " " + text::printable(name) + "\n");
}

std::set<std::string> names_in(const std::string& folder) {
  const auto names = sys::names_in(folder);
  return {names.begin(), names.end()};
}

// Whoever makes something has a record of that name before, so who has none now has made nothing.
bool is_anybodys(const Places& places, const std::string& id) {
  return sys::exists(places.records + "/" + id);
}

void collect_records(const Places& places) {
  const auto before = names_in(places.records);
  sweep(places.records, "");
  const auto after = names_in(places.records);
  for (const auto& name : before) {
    if (valid_id(name) && !after.contains(name) && !recorded_container(places.records, name))
      tell("the record of", name);
  }
}

// Whose supervisor was killed, with --rm or without; and those that were killed while they began.
void collect_kept(const Places& places) {
  for (const auto& id : Kept::ids(places.records)) {
    const auto kept = Kept::try_open(places.records, id);
    if (!kept || !kept->is_orphan()) continue;
    const auto end = kept->end();
    if (kept->is_wanted() && end && end->reason != kLost) continue;
    kept->remove();
    tell("what was kept of", id);
  }
  for (const auto& name : Kept::begun_and_left(places.records)) {
    sys::remove_tree(kept_folder(places.records) + "/" + name);
    tell("the beginning of", name);
  }
}

void collect_cgroups(const Places& places) {
  for (const auto& hierarchy : sys::own_cgroup_layout().hierarchies) {
    for (const auto& id : sys::names_in(cgroup_folder(hierarchy, "mydocker"))) {
      const std::string folder = cgroup_folder(hierarchy, default_cgroup_path(id));
      if (!valid_id(id) || !sys::exists(folder + "/cgroup.procs") || is_anybodys(places, id) ||
          !sys::processes_in(folder).empty())
        continue;
      if (sys::remove_cgroup(hierarchy.mount_point, default_cgroup_path(id)))
        tell("the cgroup", folder);
    }
  }
}

void collect_network(const Places& places) {
  if (!sys::exists(places.records)) return;
  std::set<std::string> ids;
  const auto uses = SharedUses(places.records).all();
  for (const auto& use : uses) ids.insert(use.id);
  for (const auto& id : ids) {
    if (is_anybodys(places, id)) continue;
    take_back_network(places.records, id, -1);
    tell("the network of", id);
  }
}

void collect_images(const Places& places, const std::string& folder) {
  if (!sys::exists(folder)) return;
  for (const auto& id : sys::names_in(folder + "/writable")) {
    if (!valid_id(id) || is_anybodys(places, id)) continue;
    if (remove_own_tree(folder + "/writable/" + id)) tell("what was written by", id);
  }
  const auto before = names_in(folder + "/tmp");
  if (before.empty()) return;
  const UniqueFd lock =
      image::Store(folder).lock();  // removes them, as each change of the store does
  for (const auto& name : before) tell("an unpacking that was killed:", folder + "/tmp/" + name);
}

int gc(const Call& call) {
  collect_records(call.places);
  collect_kept(call.places);
  collect_cgroups(call.places);
  collect_network(call.places);
  collect_images(call.places, image::store_folder(call.arguments.value("store")));
  return 0;
}

}  // namespace

const Verb gc_verb{"gc",   "Removes what was left by those that were killed, and tells what.",
                   kFlags, oci::Rest::flags_too,
                   0,      0,
                   "",     gc};

}  // namespace mydocker::life
