#include "life/containers.hpp"

#include <sys/stat.h>

#include <algorithm>
#include <set>

#include "helpers/text.hpp"
#include "helpers/times.hpp"
#include "mydocker/error.hpp"
#include "mydocker/host_facts.hpp"
#include "oci/lifecycle.hpp"
#include "oci/store.hpp"
#include "oci/verbs.hpp"
#include "runtime/records.hpp"
#include "sys/cgroup_tasks.hpp"
#include "sys/cgroups.hpp"
#include "sys/files.hpp"
#include "sys/processes.hpp"

namespace mydocker::life {
namespace {

bool is_file(const std::string& path) {
  struct stat info {};
  return ::lstat(path.c_str(), &info) == 0 && S_ISREG(info.st_mode);
}

// A moment of CLOCK_BOOTTIME.
std::int64_t since_1970(std::uint64_t moment) {
  return now() - static_cast<std::int64_t>(sys::boot_time() - moment);
}

void take_description(std::string text, Container& out) {
  out.about = about_in(text);
  out.description = std::move(text);
  if (out.about) out.cgroup = out.about->cgroup;
}

// Those of the path that exist: a host of version 1 has it where something is limited alone.
void find_cgroups(Container& out) {
  if (out.cgroup.empty() || out.status == Status::ended) return;
  for (const auto& hierarchy : sys::read_cgroup_layout().hierarchies) {
    std::string folder = cgroup_folder(hierarchy, out.cgroup);
    const bool is_new =
        std::find(out.cgroups.begin(), out.cgroups.end(), folder) == out.cgroups.end();
    if (is_new && sys::exists(folder)) out.cgroups.push_back(std::move(folder));
  }
  const bool is_frozen = std::any_of(out.cgroups.begin(), out.cgroups.end(), sys::is_frozen);
  if (is_frozen && out.status == Status::running) out.status = Status::paused;
}

// Whether PID 1 has left MyDocker's program for the container's, or is the container's small init. Until
// then it may still be in the host's root, and nobody may join it.
bool has_begun(pid_t pid) {
  const std::string folder = "/proc/" + std::to_string(pid);
  const auto status = sys::try_read_file(folder + "/status").value_or("");
  std::string parent;
  for (const auto line : text::split(status, '\n')) {
    const auto words = text::words(line);
    if (words.size() < 2) continue;
    if (words[0] == "Name:" && words[1] == "mydocker-init") return true;
    if (words[0] == "PPid:") parent = words[1];
  }
  struct stat own {
  }, of_parent{};
  if (::stat((folder + "/exe").c_str(), &own) < 0 ||
      ::stat(("/proc/" + parent + "/exe").c_str(), &of_parent) < 0)
    return true;  // without root not all can be looked at; what may be joined the kernel says then
  return own.st_dev != of_parent.st_dev || own.st_ino != of_parent.st_ino;
}

std::optional<Container> find_classic(const Places& places, const std::string& id) {
  Container out;
  out.id = id;
  out.kept = Kept::try_open(places.records, id);
  // One that is being made has no pid yet.
  if (is_file(places.records + "/" + id)) {
    if (auto record = recorded_container(places.records, id)) {
      out.pid = record->pid;
      out.created = since_1970(record->written);
      take_description(std::move(record->description), out);
    }
  }
  if (out.kept) {
    out.created = out.kept->made();
    if (out.description.empty()) take_description(out.kept->about(), out);
    out.end = out.kept->end();
  }
  if (out.pid == 0 && !out.kept) return std::nullopt;
  if (out.end) {
    out.status = Status::ended;
    out.pid = 0;
  } else if (out.pid == 0 || !has_begun(out.pid)) {
    out.status = Status::creating;
  }
  find_cgroups(out);
  return out;
}

Status status_of(oci::Status status) {
  switch (status) {
    case oci::Status::creating:
      return Status::creating;
    case oci::Status::created:
      return Status::created;
    case oci::Status::running:
      return Status::running;
    case oci::Status::paused:
      return Status::paused;
    case oci::Status::stopped:
      return Status::ended;
  }
  return Status::ended;
}

std::optional<Container> find_oci(const Places& places, const std::string& id) {
  if (!sys::exists(places.states + "/" + id)) return std::nullopt;
  const auto found = oci::Store(places.states).try_open(id);
  if (!found) return std::nullopt;
  Container out;
  out.id = id;
  out.kind = Kind::oci;
  out.status = status_of(found->status());
  const auto init = found->init();
  if (init && out.status != Status::ended) out.pid = init->pid;
  const oci::State state = found->read_state();
  out.created = times::parse(state.created).value_or(0);
  About about;
  about.root = state.rootfs;
  out.about = std::move(about);
  for (const auto& cgroup : state.cgroups) {
    out.cgroup = cgroup.path;
    if (out.status != Status::ended) out.cgroups.push_back(cgroup.folder());
  }
  return out;
}

}  // namespace

std::string_view name_of(Status status) {
  static constexpr std::string_view kNames[] = {"creating", "created", "running", "paused",
                                                "exited"};
  return kNames[static_cast<std::size_t>(status)];
}

Places default_places() { return {record_folder(), record_folder()}; }

bool is_classic(const Places& places, const std::string& id) {
  return valid_id(id) && (is_file(places.records + "/" + id) ||
                          sys::exists(kept_folder(places.records) + "/" + id));
}

std::optional<Container> try_find(const Places& places, const std::string& id) {
  if (!valid_id(id)) return std::nullopt;
  if (is_classic(places, id)) return find_classic(places, id);
  return find_oci(places, id);
}

Container find(const Places& places, const std::string& id) {
  auto found = try_find(places, id);
  if (!found)
    throw UsageError("no container is called " + text::quoted(id) +
                     ": 'MyDocker ps -a' lists them");
  return std::move(*found);
}

std::vector<Container> all(const Places& places, bool ended) {
  std::set<std::string> ids;
  for (auto& name : sys::names_in(places.records)) ids.insert(std::move(name));
  for (auto& name : Kept::ids(places.records)) ids.insert(std::move(name));
  if (places.states != places.records)
    for (auto& name : sys::names_in(places.states)) ids.insert(std::move(name));
  std::vector<Container> out;
  for (const auto& id : ids) {
    try {
      auto found = try_find(places, id);
      if (found && (ended || found->status != Status::ended)) out.push_back(std::move(*found));
    } catch (const std::exception&) {
      // Removed while it was read, or no container at all.
    }
  }
  return out;
}

UniqueFd open_init(const Places& places, const Container& container) {
  if (container.pid == 0) return {};
  if (container.kind == Kind::oci) return oci::Store(places.states).open(container.id).open_init();
  UniqueFd process = sys::open_process(container.pid);
  if (!process || sys::has_ended(process.get())) return {};
  // The number is another's by now, unless the record still names it.
  const auto again = recorded_container(places.records, container.id);
  const auto started = sys::start_time(container.pid);
  const bool is_same =
      again && again->pid == container.pid && started && *started <= again->written;
  return is_same ? std::move(process) : UniqueFd();
}

}  // namespace mydocker::life
