// Rows of mounts, and of what lies in files.
#include <fcntl.h>
#include <linux/stat.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/vfs.h>

#include <cerrno>

#include "verify/attempts.hpp"
#include "verify/kernel.hpp"

namespace mydocker::verify {
namespace {

struct MountLine {
  std::string_view target, options, tags;
};

// One line of /proc/PID/mountinfo, see proc_pid_mountinfo(5).
MountLine parse(std::string_view line) {
  constexpr int kBeforeTarget = 4;
  for (int i = 0; i < kBeforeTarget; ++i) (void)take(line, ' ');
  MountLine out;
  out.target = take(line, ' ');
  out.options = take(line, ' ');
  std::size_t size = 0;
  while (size + 1 < line.size() && piece(line, size, 2) != "- ") ++size;
  out.tags = piece(line, 0, size);
  return out;
}

// The targets of all mounts for which `wanted` holds; blocked(none) without any.
template <class Wanted>
Answer no_mount(std::string_view none, Wanted wanted) {
  static char text[1 << 17];
  const long size = read_file("/proc/self/mountinfo", text, sizeof text);
  if (size <= 0) return untried("no /proc/self/mountinfo");
  Text<160> found;
  for (std::string_view rest(text, static_cast<std::size_t>(size)); !rest.empty();) {
    const MountLine line = parse(take(rest, '\n'));
    if (wanted(line)) found.item(line.target);
  }
  return found.empty() ? blocked(none) : open(found.view());
}

Answer judged(long answer) {
  return is_refusal(answer) ? blocked(error_name(answer))
                            : open(answer < 0 ? error_name(answer) : "done");
}

struct Identity {
  std::uint64_t inode;
  unsigned major, minor;
  bool operator==(const Identity&) const = default;
};

Identity identity_of(const char* path) {
  struct statx info = {};
  call(__NR_statx, AT_FDCWD, address(path), 0, STATX_BASIC_STATS, address(&info));
  return {info.stx_ino, info.stx_dev_major, info.stx_dev_minor};
}

// The number of the mount that a path leads to; 0: the kernel does not tell.
std::uint64_t mount_of(const char* path) {
  struct statx info = {};
  call(__NR_statx, AT_FDCWD, address(path), 0, STATX_MNT_ID, address(&info));
  return (info.stx_mask & STATX_MNT_ID) != 0 ? info.stx_mnt_id : 0;
}

constexpr unsigned kSetId = 04755;

Answer keeps_set_id(long fd) {
  struct statx info = {};
  call(__NR_statx, fd, address(""), AT_EMPTY_PATH, STATX_BASIC_STATS, address(&info));
  return (info.stx_mode & S_ISUID) != 0 ? open("the file has the bit")
                                        : blocked("the bit was dropped");
}

long memory_file() { return call(__NR_memfd_create, address("mydocker-verify"), 1); }

}  // namespace

// With the attributes that it has: nothing changes even if it is let through.
Answer try_remount(const Row&) {
  struct statfs info {};
  const long answer = call(__NR_statfs, address("/sys"), address(&info));
  if (answer < 0) return untried(error_name(answer));
  constexpr long kSameInBoth = MS_RDONLY | MS_NOSUID | MS_NODEV | MS_NOEXEC;
  return judged(call(__NR_mount, 0, address("/sys"), 0,
                     MS_REMOUNT | MS_BIND | (info.f_flags & kSameInBoth), 0));
}

// Of what is no mount: EINVAL says that one would have been taken away.
Answer try_unmount(const Row&) { return judged(call(__NR_umount2, address("/proc/self"), 0)); }

Answer try_mount(const Row& row) {
  const bool is_bind = std::string_view(row.text) == "bind";
  const long answer =
      is_bind ? call(__NR_mount, address("/proc"), address("/proc"), 0, MS_BIND, 0)
              : call(__NR_mount, address("none"), address("/proc"), address(row.text), 0, 0);
  if (answer == 0) call(__NR_umount2, address("/proc"), MNT_DETACH);
  if (answer == -ENODEV) return absent("ENODEV");
  return judged(answer);
}

Answer try_chroot(const Row&) {
  const Identity top = identity_of("/");
  const long answer = call(__NR_chroot, address("/proc"));
  if (answer < 0) return judged(answer);
  // The working folder is outside of the new root now, and nothing stops it on its way up.
  constexpr int kDeep = 64;
  for (int i = 0; i < kDeep; ++i) call(__NR_chdir, address(".."));
  return identity_of(".") == top ? blocked("it leads no higher than the root")
                                 : open("a folder above the root");
}

// ".." of the root is what is mounted over it.
Answer try_climbing(const Row&) {
  if (mount_of("/") != mount_of("/..") || identity_of("/") != identity_of("/.."))
    return open("another mount lies over the root");
  bool is_first = true;
  return no_mount("nothing lies over the root", [&](const MountLine& line) {
    const bool is_root = line.target == "/";
    const bool is_second = is_root && !is_first;
    if (is_root) is_first = false;
    return is_second;
  });
}

Answer try_propagation(const Row&) {
  return no_mount("no mount is shared",
                  [](const MountLine& line) { return contains(line.tags, "shared:"); });
}

Answer try_set_id_files(const Row&) {
  if (own_status("NoNewPrivs") == "1") return blocked("no_new_privs");
  return no_mount("every mount is nosuid",
                  [](const MountLine& line) { return !lists(line.options, "nosuid"); });
}

Answer try_device_files(const Row&) {
  return no_mount("every mount but /dev is nodev", [](const MountLine& line) {
    return !lists(line.options, "nodev") && line.target != "/dev" &&
           !begins_with(line.target, "/dev/");
  });
}

Answer try_fchmod(const Row&) {
  const long fd = memory_file();
  if (fd < 0) return untried(error_name(fd));
  const long answer = call(__NR_fchmod, fd, kSetId);
  return answer < 0 ? judged(answer) : keeps_set_id(fd);
}

Answer try_fchmodat2(const Row&) {
  constexpr long kFchmodat2 = 452;
  const long fd = memory_file();
  if (fd < 0) return untried(error_name(fd));
  const long answer = call(kFchmodat2, fd, address(""), kSetId, AT_EMPTY_PATH);
  return answer < 0 ? judged(answer) : keeps_set_id(fd);
}

Answer try_set_id_open(const Row&) {
  const long fd = scratch_file(kSetId);
  return fd < 0 ? judged(fd == -EROFS ? -EPERM : fd) : keeps_set_id(fd);
}

}  // namespace mydocker::verify
