// Rows of cgroups, and of limits that have to bind.
#include <fcntl.h>
#include <sys/mman.h>
#include <sys/vfs.h>
#include <sys/wait.h>

#include <cerrno>
#include <csignal>

#include "verify/attempts.hpp"
#include "verify/kernel.hpp"

namespace mydocker::verify {
namespace {

struct Search {
  const char* folder;
  const char* name;
  Text<160> found;
  int depth = 0;
};

// The file of that name in each folder, three folders deep: hierarchies of version 1 lie one
// deeper.
void search(void* context, std::string_view name) {
  auto* const at = static_cast<Search*>(context);
  Path path;
  path.add(at->folder).add("/").add(name);
  if (name == at->name) {
    const long fd = open_file(path.c_str(), O_WRONLY | O_NONBLOCK);
    if (fd < 0) return;
    close_file(fd);
    at->found.item(path.view());
    return;
  }
  constexpr int kDeepest = 3;
  if (at->depth == kDeepest) return;
  Search below{path.c_str(), at->name, {}, at->depth + 1};
  (void)visit_folder(path.c_str(), search, &below);
  if (!below.found.empty() && at->found.empty()) at->found.item(below.found.view());
}

long file_system_of(const char* path, struct statfs& to) {
  return call(__NR_statfs, address(path), address(&to));
}

std::uint64_t memory_of_host() {
  char text[256] = {};
  const long size = read_file("/proc/meminfo", text, sizeof text - 1);
  std::string_view rest(text, size > 0 ? static_cast<std::size_t>(size) : 0);
  std::string_view line = take(rest, '\n');
  (void)take(line, ':');
  while (!line.empty() && line.front() == ' ') line.remove_prefix(1);
  const long kilobytes = number_of(take(line, ' '));
  return kilobytes > 0 ? static_cast<std::uint64_t>(kilobytes) << 10 : 0;
}

}  // namespace

Answer try_cgroup_root(const Row&) {
  char text[2048] = {};
  const long size = read_file("/proc/self/cgroup", text, sizeof text - 1);
  if (size <= 0) return untried("no /proc/self/cgroup");
  for (std::string_view rest(text, static_cast<std::size_t>(size)); !rest.empty();) {
    std::string_view line = take(rest, '\n');
    (void)take(line, ':');
    (void)take(line, ':');
    if (line != "/") return open(line);
  }
  return blocked("/ in each hierarchy");
}

Answer try_cgroup_files(const Row& row) {
  Search all{"/sys/fs/cgroup", row.text, {}, 0};
  const long names = visit_folder(all.folder, search, &all);
  if (!all.found.empty()) return open(all.found.view());
  return blocked(names < 0 ? error_name(names) : "none can be opened for writing");
}

Answer try_processes(const Row&) {
  int ends[2] = {};
  call(__NR_pipe2, address(ends), 0);
  long answer = 0, made = 0;
  const long wanted = known().processes;
  while (made < wanted && (answer = fork_child()) > 0) ++made;
  if (answer == 0) {
    // All wait for the end of the pipe.
    close_file(ends[1]);
    char nothing = 0;
    call(__NR_read, ends[0], address(&nothing), 1);
    leave(0);
  }
  close_file(ends[1]);
  for (long i = 0; i < made; ++i) (void)wait_for(-1);
  Text<160> how;
  how.add(made).add(" at once");
  return answer < 0 ? blocked(how.add(", then ").add(error_name(answer)).view()) : open(how.view());
}

Answer try_memory(const Row&) {
  const long wanted = known().memory;
  const long child = fork_child();
  if (child == 0) {
    const long at = call(__NR_mmap, 0, wanted, PROT_READ | PROT_WRITE,
                         MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
    if (at < 0 && at > -4096) leave(1);
    constexpr long kPage = 4096;
    auto* const bytes = reinterpret_cast<volatile char*>(at);
    for (long i = 0; i < wanted; i += kPage) bytes[i] = 1;
    leave(0);
  }
  if (child < 0) return untried(error_name(child));
  const int status = wait_for(child);
  Text<160> how;
  how.add(wanted >> 20).add(" MiB");
  if (WIFEXITED(status) && WEXITSTATUS(status) == 0) return open(how.add(" taken").view());
  return blocked(how.add(WIFSIGNALED(status) ? " refused: killed" : " refused").view());
}

Answer try_shared_memory(const Row&) {
  struct statfs info {};
  const long answer = file_system_of("/dev/shm", info);
  if (answer < 0) return blocked(error_name(answer));
  const auto size =
      static_cast<std::uint64_t>(info.f_blocks) * static_cast<std::uint64_t>(info.f_bsize);
  const std::uint64_t host = memory_of_host();
  Text<160> how;
  how.add(static_cast<long>(size >> 20)).add(" MiB");
  // What a tmpfs has unless it is told otherwise: half of the memory.
  return size == 0 || (host != 0 && size >= host / 2 - host / 64) ? open(how.view())
                                                                  : blocked(how.view());
}

Answer try_inodes(const Row& row) {
  constexpr std::uint64_t kPage = 4096;
  const std::uint64_t host = memory_of_host() / kPage / 2;
  Text<160> unlimited, limited;
  for (std::string_view rest = row.text; !rest.empty();) {
    Path path;
    path.add(take(rest, ' '));
    struct statfs info {};
    const long answer = file_system_of(path.c_str(), info);
    const bool is_unlimited =
        answer == 0 && (info.f_files == 0 || (host != 0 && info.f_files >= host - host / 32));
    auto& list = is_unlimited ? unlimited : limited;
    list.item(path.view()).add(" ");
    answer < 0 ? list.add(error_name(answer)) : list.add(static_cast<long>(info.f_files));
  }
  return unlimited.empty() ? blocked(limited.view()) : open(unlimited.view());
}

}  // namespace mydocker::verify
