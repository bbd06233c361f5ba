#include "sys/device_programs.hpp"

#include <fcntl.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <array>
#include <string_view>

#include "sys/check.hpp"

namespace mydocker::sys {
namespace {

constexpr std::string_view kName = "mydocker";  // by which we know ours again

long bpf(bpf_cmd command, bpf_attr& attributes) {
  return ::syscall(SYS_bpf, command, &attributes, sizeof attributes);
}

__u64 address(const void* memory) { return reinterpret_cast<__u64>(memory); }

UniqueFd load(const std::vector<bpf_insn>& program) {
  bpf_attr attributes{};
  attributes.prog_type = BPF_PROG_TYPE_CGROUP_DEVICE;
  attributes.insns = address(program.data());
  attributes.insn_cnt = static_cast<__u32>(program.size());
  attributes.license = address("GPL");
  kName.copy(attributes.prog_name, sizeof attributes.prog_name - 1);
  return check_fd(bpf(BPF_PROG_LOAD, attributes), "bpf(BPF_PROG_LOAD)");
}

bool is_ours(const UniqueFd& program) {
  bpf_prog_info info{};
  bpf_attr attributes{};
  attributes.info.bpf_fd = static_cast<__u32>(program.get());
  attributes.info.info_len = sizeof info;
  attributes.info.info = address(&info);
  return bpf(BPF_OBJ_GET_INFO_BY_FD, attributes) == 0 && kName == info.name;
}

// Ours among those that are attached to `folder`. None where the kernel does not tell.
std::vector<UniqueFd> attached(int folder) {
  std::array<__u32, 64> ids{};
  bpf_attr query{};
  query.query.target_fd = static_cast<__u32>(folder);
  query.query.attach_type = BPF_CGROUP_DEVICE;
  query.query.prog_ids = address(ids.data());
  query.query.prog_cnt = ids.size();
  std::vector<UniqueFd> out;
  if (bpf(BPF_PROG_QUERY, query) < 0) return out;
  for (__u32 i = 0; i < query.query.prog_cnt; ++i) {
    bpf_attr get{};
    get.prog_id = ids.at(i);
    UniqueFd program(static_cast<int>(bpf(BPF_PROG_GET_FD_BY_ID, get)));
    if (program && is_ours(program)) out.push_back(std::move(program));
  }
  return out;
}

bpf_attr attachment(int folder, const UniqueFd& program) {
  bpf_attr out{};
  out.target_fd = static_cast<__u32>(folder);
  out.attach_bpf_fd = static_cast<__u32>(program.get());
  out.attach_type = BPF_CGROUP_DEVICE;
  return out;
}

}  // namespace

void attach_device_program(const std::string& folder, const std::vector<bpf_insn>& program) {
  const UniqueFd at = check_fd(::open(folder.c_str(), O_DIRECTORY | O_RDONLY | O_CLOEXEC), "open");
  const UniqueFd loaded = load(program);
  const auto former = attached(at.get());
  bpf_attr attach = attachment(at.get(), loaded);
  attach.attach_flags = BPF_F_ALLOW_MULTI;
  check(bpf(BPF_PROG_ATTACH, attach), "bpf(BPF_PROG_ATTACH)");
  for (const auto& each : former) {
    bpf_attr detach = attachment(at.get(), each);
    check(bpf(BPF_PROG_DETACH, detach), "bpf(BPF_PROG_DETACH)");
  }
}

}  // namespace mydocker::sys
