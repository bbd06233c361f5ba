#include "doctor/examine.hpp"

#include <sys/utsname.h>
#include <unistd.h>

#include <cerrno>

#include "doctor/probes.hpp"
#include "doctor/programs.hpp"
#include "helpers/file_rights.hpp"
#include "helpers/firewall_text.hpp"
#include "helpers/id_maps.hpp"
#include "helpers/numbers.hpp"
#include "helpers/text.hpp"
#include "mydocker/error.hpp"
#include "mydocker/host_facts.hpp"
#include "mydocker/spec.hpp"
#include "spec/defaults.hpp"
#include "sys/carried.hpp"
#include "sys/cgroups.hpp"
#include "sys/files.hpp"
#include "sys/firewall.hpp"
#include "sys/forward_chains.hpp"
#include "sys/landlock.hpp"
#include "sys/own_ids.hpp"

namespace mydocker::doctor {
namespace {

bool is_root() { return ::geteuid() == 0; }

Finding kernel() {
  utsname name{};
  ::uname(&name);
  const std::string release = name.release;
  const auto parts = text::split(release, '.');
  const auto major = numbers::parse(parts[0]);
  const auto minor = parts.size() > 1 ? numbers::parse(parts[1]) : std::nullopt;
  const bool recent = major && minor && (*major > 5 || (*major == 5 && *minor >= 12));
  if (recent) return {"kernel", State::good, release, ""};
  return {"kernel", State::failing, release + ": too old for mount_setattr",
          "boot Linux 5.12 or newer"};
}

bool switched(const char* file, char on) {
  const auto content = sys::try_read_file(file);
  return content && !content->empty() && content->front() == on;
}

std::string why_no_user_namespace(Error error) {
  if (error == ENOSPC || switched("/proc/sys/user/max_user_namespaces", '0'))
    return "sysctl -w user.max_user_namespaces=10000";
  if (switched("/proc/sys/kernel/apparmor_restrict_unprivileged_userns", '1') && !is_root())
    return "AppArmor restricts it: sysctl -w kernel.apparmor_restrict_unprivileged_userns=0, or a "
           "profile with 'userns,'";
  if (switched("/proc/sys/kernel/unprivileged_userns_clone", '0') && !is_root())
    return "sysctl -w kernel.unprivileged_userns_clone=1";
  return "the kernel or the outer container forbids it (its seccomp profile)";
}

std::uint64_t sum_of(const std::vector<IdRange>& ranges) {
  std::uint64_t out = 0;
  for (const auto& range : ranges) out += range.count;
  return out;
}

Finding namespaces() {
  const Error error = try_namespaces(is_root() ? OwnUser::no : OwnUser::too);
  if (error == 0) return {"namespaces", State::good, "pid, mount, uts, ipc, net, cgroup", ""};
  const std::string remedy =
      !is_root() ? why_no_user_namespace(error)
      : error == ENOSPC
          ? "raise the limits in /proc/sys/user/max_*_namespaces"
          : "the outer container withholds CAP_SYS_ADMIN: start it with that capability";
  return {"namespaces", State::failing, errno_text(error), remedy};
}

Finding user_namespace() {
  const Error error = try_user_namespace();
  if (error == 0) return {"user namespace", State::good, "can be made", ""};
  return {"user namespace", is_root() ? State::lacking : State::failing,
          "-U cannot work: " + errno_text(error), why_no_user_namespace(error)};
}

// What gives an ordinary user more than one id.
Finding ids() {
  const sys::OwnIds own = sys::own_ids();
  const char* const topic = "several ids";
  if (own.are_several())
    return {topic, State::good, std::to_string(sum_of(own.uids)) + " in a container", ""};
  std::string remedy;
  for (const char* const program : {"newuidmap", "newgidmap"}) {
    if (sys::find_map_program(program).empty()) remedy = "install the package uidmap";
  }
  if (remedy.empty())
    remedy =
        "sudo usermod --add-subuids 500000-565535 --add-subgids 500000-565535 NAME, ids that "
        "nobody else has: see /etc/subuid and /etc/subgid";
  return {topic, State::lacking, "a container has one id alone", remedy};
}

// Who may map the ids of a container's processes may send them signals.
void shared_ids(std::vector<Finding>& out) {
  const auto file = sys::try_read_file("/etc/subuid");
  const std::string who = file ? sharer_of(kDefaultIds, *file) : std::string();
  if (who.empty()) return;
  const std::string last = std::to_string(kDefaultIds.outside + kDefaultIds.count - 1);
  const std::string ids = std::to_string(kDefaultIds.outside) + "-" + last;
  out.push_back({"ids of -U", State::lacking,
                 "/etc/subuid gives " + text::quoted(who) + " some of " + ids +
                     ": he can end the processes of root's containers, and write to what they keep",
                 "give him others: usermod --del-subuids " + ids + " --add-subuids 500000-565535 " +
                     text::printable(who) + ", and the same with subgids"});
}

Finding controller(const CgroupLayout& layout, const std::string& option, const char* v2,
                   const char* v1) {
  const std::string topic = std::string("cgroup ") + v2;
  const auto* found = layout.find(v2);
  if (found == nullptr) found = layout.find(v1);
  if (found == nullptr && !is_root())
    return {topic, State::lacking, option + " cannot work: no cgroup of yours has this controller",
            "'systemd-run --user --scope -p Delegate=yes MyDocker ...' asks systemd for one"};
  if (found == nullptr) {
    return {
        topic, State::lacking, option + " cannot work: no such controller is mounted",
        "boot with cgroup_no_v1=all systemd.unified_cgroup_hierarchy=1, or mount the controller"};
  }
  const std::string where = "v" + std::to_string(found->version) + " at " + found->mount_point;
  if (::access(found->mount_point.c_str(), W_OK) != 0) {
    return {topic, State::lacking, where + ", not writable: " + errno_text(errno),
            "the outer container's engine has to delegate a cgroup (docker: --cgroupns=private "
            "--privileged)"};
  }
  return {topic, State::good, where, ""};
}

void cgroups(std::vector<Finding>& out) {
  ContainerSpec spec;
  spec.without_root = !is_root();
  spec.cgroup = CgroupRequest{.io_weight_was_given = true};
  spec.cgroup->resources.memory.limit = 1;
  const HostFacts facts = read_host_facts(spec);
  out.push_back(controller(facts.cgroups, "-M", "memory", "memory"));
  out.push_back(controller(facts.cgroups, "-C", "cpu", "cpu"));
  out.push_back(controller(facts.cgroups, "-P", "pids", "pids"));
  out.push_back(controller(facts.cgroups, "-I", "io", "blkio"));
  if (facts.io_weight_works) {
    out.push_back({"disk weights", State::good, "a disk's scheduler honours them", ""});
  } else {
    out.push_back({"disk weights", State::lacking,
                   "-I has no effect: no disk's scheduler honours a weight",
                   "echo bfq > /sys/block/DISK/queue/scheduler"});
  }
}

Finding id_mapped_mounts(const std::string& root_fs) {
  const std::string folder = sys::exists(root_fs) ? root_fs : "/";
  const Error error = try_id_mapped_mount(folder);
  if (error == 0) return {"ID-mapped mounts", State::good, "at " + folder, ""};
  return {"ID-mapped mounts", State::lacking,
          "with -U the root at " + folder + " can only be read: " + errno_text(error),
          "put the root on ext4, xfs or btrfs, or use -a without -U"};
}

Finding root(const std::string& root_fs) {
  if (sys::exists(root_fs)) return {"root file system", State::good, root_fs, ""};
  return {"root file system", State::lacking, "none at " + root_fs,
          "tools/make_root_fs.sh, or --rootfs DIR"};
}

Finding landlock() {
  const int abi = sys::landlock_abi();
  if (abi >= file_rights::kLeastAbi)
    return {"Landlock", State::good, "ABI " + std::to_string(abi), ""};
  return {"Landlock", State::lacking,
          "no seal around the root: " +
              std::string(abi == 0 ? "not in this kernel" : "ABI 1 refuses renames"),
          "Linux 5.19 or newer, booted with lsm=landlock,... (CONFIG_SECURITY_LANDLOCK)"};
}

Finding seccomp() {
  if (has_seccomp()) return {"seccomp", State::good, "filters can be loaded", ""};
  return {"seccomp", State::failing, "no filters", "a kernel with CONFIG_SECCOMP_FILTER"};
}

Finding file_system(const std::string& name, const std::string& lacking) {
  const auto types = sys::try_read_file("/proc/filesystems");
  if (types && types->find("\t" + name + "\n") != std::string::npos)
    return {name, State::good, "available", ""};
  return {name, State::lacking, lacking, "modprobe " + name};
}

Finding unpacker() {
  if (!sys::unpacker().empty()) return {"image archives", State::good, "can be unpacked", ""};
  return {"image archives", State::lacking, "MyDocker was built without an unpacker",
          "install the packages of README.md for --image, and build it again"};
}

Finding netfilter(const char* topic, Error error, const char* module) {
  if (error == 0) return {topic, State::good, "answers", ""};
  return {topic, State::lacking, errno_text(error), std::string("modprobe ") + module};
}

void shut_chains(std::vector<Finding>& out) {
  for (const auto& chain : sys::shut_forward_chains(sys::used_firewall(), true)) {
    out.push_back({"forwarding", State::lacking,
                   firewall::chain_text(chain) + " drops what is forwarded: --network nat reaches "
                                                 "this host alone",
                   firewall::opening_line(chain)});
  }
}

Finding proc() {
  const auto mounts = sys::try_read_file("/proc/self/mountinfo");
  const std::string masked = mounts ? masked_proc(*mounts) : std::string();
  if (masked.empty()) return {"/proc", State::good, "not masked", ""};
  return {"/proc", State::lacking,
          "masked at " + masked + ": the kernel then refuses a new proc under -U",
          "start the outer container with an unmasked /proc (podman: --security-opt unmask=ALL)"};
}

}  // namespace

std::vector<Finding> examine(const std::string& root_fs) {
  std::vector<Finding> out{kernel(), namespaces(), user_namespace()};
  cgroups(out);
  out.push_back(root(root_fs));
  if (is_root()) {
    out.push_back(id_mapped_mounts(root_fs));
    shared_ids(out);
  } else {
    out.push_back(ids());
  }
  out.push_back(proc());
  out.push_back(seccomp());
  out.push_back(landlock());
  out.push_back(unpacker());
  out.push_back(file_system("overlay", "no images, no --overlay"));
  out.push_back(file_system("squashfs", "no squashfs as --image"));
  out.push_back(file_system("erofs", "no erofs as --image"));
  if (is_root()) {
    out.push_back(netfilter("netfilter legacy", try_legacy_netfilter(), "iptable_filter"));
    out.push_back(netfilter("netfilter nf_tables", try_nf_tables(), "nf_tables"));
    shut_chains(out);
  }
  const auto programs = find_programs();
  out.insert(out.end(), programs.begin(), programs.end());
  return out;
}

}  // namespace mydocker::doctor
