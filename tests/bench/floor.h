// The floor: what the kernel alone needs to make the container of `MyDocker -a`. See README.md.
#pragma once

#include <stdbool.h>
#include <sys/types.h>

struct floor {
  bool user;                                // -U: a user namespace, the root ID-mapped
  bool limits;                              // -c: -M 256m -P 64 and the default weights, on cgroup v1
  const char* root;
  char** argv;
  char id[13];
  char record[64];                          // the path of this run's record
  int landlock_abi;                         // 0: the kernel has none
  int tree, record_fd, host_socket, child_socket, pidfd;
  pid_t child;
};

// Returns `result`, or ends the program if it is negative: a floor with an error measures nothing.
long need(long result, const char* what);

// Writes `text` into the file of that path.
void write_file(const char* path, const char* text);

// floor_mounts.c: from the host's mounts to the container's alone.
void enter_root(const struct floor* floor);

// floor_child.c: everything that the container's first process does; ends in execve.
void run_child(const struct floor* floor);

// floor_cgroup.c
void read_cgroup_layout(void);
void make_cgroups(const struct floor* floor);
void move_child(const struct floor* floor);
void read_usage(const struct floor* floor);
void remove_cgroups(const struct floor* floor);
