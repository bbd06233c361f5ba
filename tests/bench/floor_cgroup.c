// The floor's limits: -M 256m -P 64 and the default weights, where these four controllers are cgroup v1.
#define _GNU_SOURCE
#include <fcntl.h>
#include <stdio.h>
#include <sys/stat.h>
#include <sys/sysinfo.h>
#include <unistd.h>

#include "floor.h"

static const char* const kControllers[] = {"cpu", "memory", "blkio", "pids"};
enum { kCount = sizeof kControllers / sizeof kControllers[0] };

// Reads a file to its end, as one does that does not know its size. A missing one is no error.
static void read_file(const char* path) {
  char buffer[4096];
  const int fd = open(path, O_RDONLY | O_CLOEXEC);
  if (fd < 0) return;
  while (read(fd, buffer, sizeof buffer) > 0) continue;
  close(fd);
}

// "/sys/fs/cgroup/CONTROLLER/mydocker/ID/FILE", or without the last parts that are NULL.
static const char* path_of(const char* controller, const char* id, const char* file) {
  static char path[256];
  snprintf(path, sizeof path, "/sys/fs/cgroup/%s/mydocker%s%s%s%s", controller, id != NULL ? "/" : "",
           id != NULL ? id : "", file != NULL ? "/" : "", file != NULL ? file : "");
  return path;
}

void read_cgroup_layout(void) {
  struct sysinfo info;
  read_file("/proc/self/mountinfo");
  const char* const v2 = "/sys/fs/cgroup/unified/cgroup.controllers";
  if (access("/sys/fs/cgroup/unified", F_OK) == 0) read_file(v2);
  access("/sys/fs/cgroup/unified/cgroup.type", F_OK);
  sysinfo(&info);
}

void make_cgroups(const struct floor* floor) {
  for (int i = 0; i < kCount; ++i) {
    mkdir(path_of(kControllers[i], NULL, NULL), 0755);
    need(mkdir(path_of(kControllers[i], floor->id, NULL), 0755), "mkdir");
  }
  write_file(path_of("memory", floor->id, "memory.limit_in_bytes"), "268435456");
  write_file(path_of("memory", floor->id, "memory.memsw.limit_in_bytes"), "268435456");
  write_file(path_of("cpu", floor->id, "cpu.shares"), "256");
  write_file(path_of("pids", floor->id, "pids.max"), "64");
  write_file(path_of("blkio", floor->id, "blkio.bfq.weight"), "10");
}

void move_child(const struct floor* floor) {
  for (int i = 0; i < kCount; ++i) write_file(path_of(kControllers[i], floor->id, "tasks"), "0");
}

void read_usage(const struct floor* floor) {
  read_file(path_of("memory", floor->id, "memory.max_usage_in_bytes"));
  read_file(path_of("memory", floor->id, "memory.oom_control"));
  read_file(path_of("pids", floor->id, "pids.peak"));
  read_file(path_of("pids", floor->id, "pids.events"));
  read_file(path_of("cpu", floor->id, "cpu.stat"));
}

void remove_cgroups(const struct floor* floor) {
  for (int i = kCount - 1; i >= 0; --i) {
    need(rmdir(path_of(kControllers[i], floor->id, NULL)), "rmdir");
    rmdir(path_of(kControllers[i], NULL, NULL));
  }
}
