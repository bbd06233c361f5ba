// The floor's mounts: the same tables as the mount stage's, so that a difference shows in requests.py.
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <linux/mount.h>
#include <linux/openat2.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/sysmacros.h>
#include <unistd.h>

#include "floor.h"

enum { kSafe = MOUNT_ATTR_NOSUID | MOUNT_ATTR_NOEXEC, kInert = kSafe | MOUNT_ATTR_NODEV };

static const struct { const char* name; unsigned major, minor; } kDevices[] = {
    {"null", 1, 3}, {"zero", 1, 5}, {"full", 1, 7}, {"random", 1, 8}, {"urandom", 1, 9}, {"tty", 5, 0}};

static const char* const kLinks[][2] = {{"pts/ptmx", "ptmx"},         {"/proc/self/fd", "fd"},
                                        {"/proc/self/fd/0", "stdin"}, {"/proc/self/fd/1", "stdout"},
                                        {"/proc/self/fd/2", "stderr"}};

static const char* const kMasked[] = {
    "/sys/firmware",      "/sys/devices/virtual/powercap", "/proc/acpi",        "/proc/asound",
    "/proc/scsi",         "/proc/kcore",                   "/proc/kallsyms",    "/proc/keys",
    "/proc/interrupts",   "/proc/timer_list",              "/proc/timer_stats", "/proc/sched_debug",
    "/proc/latency_stats", "/proc/dynamic_debug",          "/proc/vmallocinfo", "/proc/kpagecount",
    "/proc/kpageflags",    "/proc/kpagecgroup"};

static const char* const kReadOnly[] = {"/proc/bus", "/proc/fs", "/proc/irq", "/proc/sys", "/proc/sysrq-trigger"};

// Of the kernel's file systems, and of what lies in /dev.
struct mounts {
  int proc, sys, dev, pts, shm, mqueue;
};

#define COUNT(array) (sizeof(array) / sizeof(array)[0])

// A path inside the root, no symlink followed. -1 with errno if it is not there.
static int try_open(int root, const char* path) {
  struct open_how how = {.flags = O_PATH | O_CLOEXEC,
                         .resolve = RESOLVE_IN_ROOT | RESOLVE_NO_MAGICLINKS | RESOLVE_NO_SYMLINKS};
  return (int)syscall(SYS_openat2, root, path, &how, sizeof how);
}

static int open_inside(int root, const char* path) { return (int)need(try_open(root, path), path); }

static void attach(int mount, int target) {
  need(syscall(SYS_move_mount, mount, "", target, "", MOVE_MOUNT_F_EMPTY_PATH | MOVE_MOUNT_T_EMPTY_PATH), "move_mount");
}

static int copy_tree(int at, const char* path, unsigned more) {
  return (int)need(syscall(SYS_open_tree, at, path, OPEN_TREE_CLONE | OPEN_TREE_CLOEXEC | AT_EMPTY_PATH | more), path);
}

static void add_flags(int mount, unsigned flags, unsigned more) {
  struct mount_attr attr = {.attr_set = flags};
  need(syscall(SYS_mount_setattr, mount, "", AT_EMPTY_PATH | more, &attr, sizeof attr), "mount_setattr");
}

// A new file system. `options`: name and value in turn, a NULL value for a flag, NULL at the end.
static int make_mount(const char* type, unsigned flags, const char* const* options) {
  const int context = (int)need(syscall(SYS_fsopen, type, FSOPEN_CLOEXEC), type);
  for (; options[0] != NULL; options += 2) {
    const unsigned command = options[1] != NULL ? FSCONFIG_SET_STRING : FSCONFIG_SET_FLAG;
    need(syscall(SYS_fsconfig, context, command, options[0], options[1], 0), options[0]);
  }
  need(syscall(SYS_fsconfig, context, FSCONFIG_CMD_CREATE, NULL, NULL, 0), type);
  const int mount = (int)need(syscall(SYS_fsmount, context, FSMOUNT_CLOEXEC, flags), type);
  close(context);
  return mount;
}

// Makes a file system and attaches it at a folder of another. Returns its descriptor.
static int mount_at(int below, const char* type, const char* path, unsigned flags, const char* const* options) {
  const int mount = make_mount(type, flags, options);
  const int target = open_inside(below, path);
  attach(mount, target);
  close(target);
  return mount;
}

// The same below /dev, where the folder has to be made first.
static int mount_in_dev(const struct mounts* made, int parent, const char* type, const char* path, unsigned flags,
                        const char* const* options) {
  need(mkdirat(parent, path + 1, 0755), path);
  return mount_at(made->dev, type, path, flags, options);
}

// A user namespace may make no device nodes: the host's are bound.
static void bind_device(int dev, const char* name) {
  char host[32] = "/dev/";
  for (unsigned i = 0; i == 0 || name[i - 1] != '\0'; ++i) host[5 + i] = name[i];
  const int device = copy_tree(AT_FDCWD, host, 0);
  add_flags(device, kSafe, 0);
  const int target =
      (int)need(openat(dev, name, O_CREAT | O_EXCL | O_WRONLY | O_NOFOLLOW | O_CLOEXEC, 0666), name);
  attach(device, target);
  close(target);
  close(device);
}

// The nodes, links and file systems of /dev. Returns its descriptor.
static int fill_dev(struct mounts* made, bool bind) {
  const int dev = open_inside(made->dev, "/");
  for (unsigned i = 0; i < COUNT(kDevices); ++i) {
    const dev_t number = makedev(kDevices[i].major, kDevices[i].minor);
    if (bind) bind_device(dev, kDevices[i].name);
    else need(mknodat(dev, kDevices[i].name, S_IFCHR | 0666, number), kDevices[i].name);
  }
  for (unsigned i = 0; i < COUNT(kLinks); ++i) need(symlinkat(kLinks[i][0], dev, kLinks[i][1]), kLinks[i][1]);
  const char* const pts[] = {"newinstance", NULL, "ptmxmode", "0666", "mode", "0620", "gid", "5", NULL};
  const char* const shm[] = {"mode", "1777", "size", "64m", "nr_inodes", "16k", NULL};
  made->pts = mount_in_dev(made, dev, "devpts", "/pts", kSafe, pts);
  made->shm = mount_in_dev(made, dev, "tmpfs", "/shm", kInert, shm);
  made->mqueue = mount_in_dev(made, dev, "mqueue", "/mqueue", kInert, (const char* const[]){NULL});
  return dev;
}

// The one mount that all masks are copies of; the container's own /dev will cover it.
static int make_mask(int root) {
  const char* const options[] = {"mode", "555", "size", "4k", "nr_inodes", "4", NULL};
  const int mask = make_mount("tmpfs", kInert, options);
  need(mkdirat(mask, "folder", 0555), "folder");
  need(mknodat(mask, "file", S_IFCHR, makedev(0, 0)), "file");
  add_flags(mask, MOUNT_ATTR_RDONLY, 0);
  const int place = try_open(root, "/dev");
  attach(mask, place);
  close(place);
  return mask;
}

// A path of /proc or /sys, from the mount on: whoever shares the root may rename the folder below it.
static int try_open_made(const struct mounts* made, const char* path) {
  return path[1] == 's' ? try_open(made->sys, path + sizeof "/sys" - 1) : try_open(made->proc, path + sizeof "/proc" - 1);
}

// Hides what tells about the host. Returns the mask.
static int hide(int root, const struct mounts* made) {
  int mask = -1;
  for (unsigned i = 0; i < COUNT(kMasked); ++i) {
    const int target = try_open_made(made, kMasked[i]);
    if (target < 0) continue;
    if (mask < 0) mask = make_mask(root);
    struct stat info;
    need(fstat(target, &info), kMasked[i]);
    const int copy = copy_tree(mask, S_ISDIR(info.st_mode) ? "folder" : "file", 0);
    attach(copy, target);
    close(copy);
    close(target);
  }
  return mask;
}

// Covers parts of /proc by read-only copies of themselves.
static void make_read_only(const struct mounts* made) {
  for (unsigned i = 0; i < COUNT(kReadOnly); ++i) {
    const int target = try_open_made(made, kReadOnly[i]);
    if (target < 0) continue;
    const int copy = copy_tree(target, "", AT_RECURSIVE);
    add_flags(copy, kInert | MOUNT_ATTR_RDONLY, AT_RECURSIVE);
    attach(copy, target);
    close(copy);
    close(target);
  }
}

// Puts the root's tree over "/", so that pivot_root finds a mount point.
static void attach_root(int root) {
  need(syscall(SYS_mount, NULL, "/", NULL, 1UL << 14 | 1UL << 18, NULL), "mount");
  const int old_root = (int)need(open("/", O_PATH | O_CLOEXEC), "/");
  attach(root, old_root);
  close(old_root);
}

void enter_root(const struct floor* floor) {
  const int root = floor->tree;
  const char* const none[] = {NULL};
  const char* const dev_options[] = {"mode", "755", "size", "64k", "nr_inodes", "1k", NULL};
  attach_root(root);
  struct mounts made;
  made.proc = mount_at(root, "proc", "/proc", kInert, none);
  made.sys = mount_at(root, "sysfs", "/sys", kInert | MOUNT_ATTR_RDONLY, none);
  const int mask = hide(root, &made);
  make_read_only(&made);
  made.dev = mount_at(root, "tmpfs", "/dev", kSafe, dev_options);
  const int dev = fill_dev(&made, floor->user);
  need(fchdir(root), "fchdir");
  need(syscall(SYS_pivot_root, ".", "."), "pivot_root");
  need(syscall(SYS_umount2, ".", 2), "umount2");
  need(chdir("/"), "chdir");
  struct statx top, over;
  need(statx(AT_FDCWD, "/", 0, STATX_MNT_ID, &top), "statx");
  need(statx(AT_FDCWD, "/..", 0, STATX_MNT_ID, &over), "statx");
  close(dev);
  close(mask);
  const int* const all[] = {&made.proc, &made.sys, &made.dev, &made.pts, &made.shm, &made.mqueue};
  for (unsigned i = 0; i < COUNT(all); ++i) close(*all[i]);
}
