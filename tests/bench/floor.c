// The host's side of the floor: record, root, clone, maps, wait, clean-up.
// floor [-U] [-c] ROOT PROGRAM [ARGUMENT...]
#define _GNU_SOURCE
#include "floor.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <linux/capability.h>
#include <linux/landlock.h>
#include <linux/mount.h>
#include <linux/sched.h>
#include <poll.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/mman.h>
#include <sys/random.h>
#include <sys/signalfd.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

long need(long result, const char* what) {
  if (result >= 0) return result;
  perror(what);
  _exit(125);
}

void write_file(const char* path, const char* text) {
  const int fd = (int)need(open(path, O_WRONLY | O_CLOEXEC), path);
  need(write(fd, text, strlen(text)), path);
  close(fd);
}

// A closed standard descriptor would be the number of the next file opened.
static void check_standard_descriptors(void) {
  for (int fd = 0; fd < 3; ++fd) need(fcntl(fd, F_GETFD), "standard descriptor");
}

// Whether other users of the host could come to the root, and to set-user-ID files in it.
static void look_above(const struct floor* floor) {
  char above[PATH_MAX];
  struct stat info;
  snprintf(above, sizeof above, "%s/..", floor->root);
  need(stat(above, &info), above);
}

// What has to be known before anything is made: terminals, the place of the root, an id, may we make nodes.
static void look_around(struct floor* floor) {
  for (int fd = 0; fd < 3; ++fd) isatty(fd);
  char self[PATH_MAX];
  need(readlink("/proc/self/exe", self, sizeof self), "readlink");
  need(access(floor->root, F_OK), floor->root);
  look_above(floor);
  uint64_t bits = 0;
  need(getrandom(&bits, sizeof bits, 0), "getrandom");
  snprintf(floor->id, sizeof floor->id, "%012llx", (unsigned long long)(bits & 0xffffffffffff));
  snprintf(floor->record, sizeof floor->record, "/run/mydocker/%s", floor->id);
  geteuid();
  floor->landlock_abi = (int)syscall(SYS_landlock_create_ruleset, NULL, 0, LANDLOCK_CREATE_RULESET_VERSION);
  access("/sys/devices/system/cpu/cpu0/thermal_throttle", F_OK);
  if (floor->user) return;                  // device nodes are bound anyway
  struct __user_cap_header_struct header = {_LINUX_CAPABILITY_VERSION_3, 0};
  struct __user_cap_data_struct data[2];
  need(syscall(SYS_capget, &header, data), "capget");
}

// The record that says who cleans up: made, locked, and proved to be still the one of that name.
static void make_record(struct floor* floor) {
  struct stat open_one, named;
  if (mkdir("/run/mydocker", 0700) < 0 && errno != EEXIST) need(-1, "mkdir");
  need(lstat("/run/mydocker", &named), "lstat");
  floor->record_fd = (int)need(open(floor->record, O_RDWR | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0600), "open");
  need(flock(floor->record_fd, LOCK_EX), "flock");
  need(fstat(floor->record_fd, &open_one), "fstat");
  need(lstat(floor->record, &named), "lstat");
}

// Private, nosuid, nodev; with -U also ID-mapped by the child's user namespace.
static void set_root(const struct floor* floor, int user_namespace) {
  struct mount_attr attr = {.attr_set = MOUNT_ATTR_NOSUID | MOUNT_ATTR_NODEV, .propagation = 1 << 18};
  if (user_namespace >= 0) {
    attr.attr_set |= MOUNT_ATTR_IDMAP;
    attr.userns_fd = (unsigned)user_namespace;
  }
  need(syscall(SYS_mount_setattr, floor->tree, "", AT_EMPTY_PATH | AT_RECURSIVE, &attr, sizeof attr), "mount_setattr");
}

// The child, in new namespaces; it waits for our message.
static void clone_child(struct floor* floor) {
  int ends[2];
  need(socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, ends), "socketpair");
  floor->host_socket = ends[0];
  floor->child_socket = ends[1];
  struct clone_args args = {.flags = CLONE_NEWNS | CLONE_NEWUTS | CLONE_NEWIPC | CLONE_NEWPID | CLONE_NEWNET |
                                     CLONE_PIDFD | CLONE_CLEAR_SIGHAND,
                            .pidfd = (uintptr_t)&floor->pidfd,
                            .exit_signal = SIGCHLD};
  if (floor->user) args.flags |= CLONE_NEWUSER;
  if (!floor->limits) args.flags |= CLONE_NEWCGROUP;
  floor->child = (pid_t)need(syscall(SYS_clone3, &args, sizeof args), "clone3");
  if (floor->child == 0) run_child(floor);
  close(floor->child_socket);
}

// The child's pid and the time, for whoever sweeps the record.
static void note_child(const struct floor* floor) {
  struct timespec now;
  clock_gettime(CLOCK_BOOTTIME, &now);
  char text[64];
  const int length = snprintf(text, sizeof text, "%d %lld\n", floor->child, now.tv_sec * 1000000000LL + now.tv_nsec);
  need(pwrite(floor->record_fd, text, (size_t)length, 0), "pwrite");
}

// Writes one of the two maps of -U.
static void write_map(const struct floor* floor, const char* name) {
  char path[64];
  snprintf(path, sizeof path, "/proc/%d/%s", floor->child, name);
  write_file(path, "0 100000 65536\n");
}

// What the host does while the child waits.
static void attach_child(const struct floor* floor) {
  if (floor->user) {
    write_map(floor, "uid_map");
    write_map(floor, "gid_map");
  }
  if (!floor->user) return;
  char path[64];
  snprintf(path, sizeof path, "/proc/%d/ns/user", floor->child);
  const int user_namespace = (int)need(open(path, O_RDONLY | O_CLOEXEC), path);
  set_root(floor, user_namespace);
  close(user_namespace);
}

// "Go on", and back: "ready".
static void meet_child(const struct floor* floor) {
  char byte = 1;
  struct iovec part = {&byte, 1};
  struct msghdr message = {.msg_iov = &part, .msg_iovlen = 1};
  need(sendmsg(floor->host_socket, &message, MSG_NOSIGNAL), "sendmsg");
  if (recvmsg(floor->host_socket, &message, MSG_CMSG_CLOEXEC) != 1) _exit(125);
}

// Looks for records of dead owners, as every start does.
static void sweep(void) {
  DIR* const folder = opendir("/run/mydocker");
  while (readdir(folder) != NULL) continue;
  closedir(folder);
}

// Signals and the end of the child, by one poll. Returns the exit status.
static int wait_for_child(const struct floor* floor) {
  sigset_t all;
  sigfillset(&all);
  const int signals = (int)need(signalfd(-1, &all, SFD_CLOEXEC | SFD_NONBLOCK), "signalfd");
  struct pollfd watched[2] = {{floor->pidfd, POLLIN, 0}, {signals, POLLIN, 0}};
  do {
    need(poll(watched, 2, -1), "poll");
    struct signalfd_siginfo taken;
    while (watched[1].revents != 0 && read(signals, &taken, sizeof taken) > 0) continue;
  } while (watched[0].revents == 0);
  close(signals);
  siginfo_t info = {0};
  char usage[512];                          // a struct rusage
  need(syscall(SYS_waitid, P_PIDFD, floor->pidfd, &info, WEXITED, usage), "waitid");
  return info.si_code == CLD_EXITED ? info.si_status : 128 + info.si_status;
}

// Everything back, the last thing first.
static void clean_up(const struct floor* floor) {
  if (floor->limits) read_usage(floor);
  close(floor->pidfd);
  close(floor->host_socket);
  if (floor->limits) remove_cgroups(floor);
  unlink(floor->record);
  close(floor->record_fd);
  close(floor->tree);
}

// Fills in the options; what remains is ROOT PROGRAM [ARGUMENT...].
static void parse(struct floor* floor, int argc, char** argv) {
  for (int option; (option = getopt(argc, argv, "+Uc")) != -1;) {
    if (option == 'U') floor->user = true;
    else if (option == 'c') floor->limits = true;
    else exit(2);
  }
  if (argc - optind < 2) {
    fputs("Usage: floor [-U] [-c] ROOT PROGRAM [ARGUMENT...]\n", stderr);
    exit(2);
  }
  floor->root = argv[optind];
  floor->argv = argv + optind + 1;
}

int main(int argc, char** argv) {
  static struct floor floor;
  parse(&floor, argc, argv);
  check_standard_descriptors();
  look_around(&floor);
  if (floor.limits) read_cgroup_layout();
  mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
  signal(SIGCHLD, SIG_DFL);
  sigset_t all;
  sigfillset(&all);
  sigprocmask(SIG_BLOCK, &all, NULL);
  make_record(&floor);
  if (floor.limits) make_cgroups(&floor);
  floor.tree = (int)need(syscall(SYS_open_tree, AT_FDCWD, floor.root,
                                 OPEN_TREE_CLONE | OPEN_TREE_CLOEXEC | AT_EMPTY_PATH | AT_RECURSIVE), floor.root);
  if (!floor.user) set_root(&floor, -1);
  clone_child(&floor);
  note_child(&floor);
  attach_child(&floor);
  meet_child(&floor);
  sweep();
  const int status = wait_for_child(&floor);
  clean_up(&floor);
  return status;
}
