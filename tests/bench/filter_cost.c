// What a filter costs by itself: microseconds to load it, nanoseconds that it adds to getpid.
// Prints one line a filter: name, instructions, median of the loads, least of the loops.
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

enum { kTries = 201, kCalls = 10000 };

static struct sock_filter nothing[] = {{BPF_RET | BPF_K, 0, 0, SECCOMP_RET_ALLOW}};
static struct sock_filter by_default[] = {
#include "default_filter.inc"
};
static struct sock_filter original[] = {
#include "original_filter.inc"
};

struct result {
  double load, call;
};

static double now(void) {
  struct timespec time;
  clock_gettime(CLOCK_MONOTONIC, &time);
  return (double)time.tv_sec * 1e6 + (double)time.tv_nsec / 1e3;
}

static void child(struct sock_filter *filter, unsigned short length, struct result *out) {
  struct sock_fprog program = {length, filter};
  prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0);
  const double start = now();
  if (length > 0 && syscall(SYS_seccomp, SECCOMP_SET_MODE_FILTER, 0, &program) != 0) _exit(1);
  out->load = now() - start;
  const double first = now();
  for (int i = 0; i < kCalls; ++i) syscall(SYS_getpid);
  out->call = (now() - first) * 1e3 / kCalls;
  _exit(0);
}

static int by_load(const void *a, const void *b) {
  const double x = ((const struct result *)a)->load, y = ((const struct result *)b)->load;
  return (x > y) - (x < y);
}

static void measure(const char *name, struct sock_filter *filter, unsigned short length,
                    struct result *results) {
  for (int i = 0; i < kTries; ++i) {
    int status = 0;
    const pid_t pid = fork();
    if (pid == 0) child(filter, length, &results[i]);
    if (pid < 0 || waitpid(pid, &status, 0) != pid || status != 0) exit(1);
  }
  double least = results[0].call;
  for (int i = 1; i < kTries; ++i) least = results[i].call < least ? results[i].call : least;
  qsort(results, kTries, sizeof *results, by_load);
  printf("%s %u %.1f %.1f\n", name, length, results[kTries / 2].load, least);
  fflush(stdout);
}

#define LENGTH(filter) (unsigned short)(sizeof(filter) / sizeof(filter)[0])

int main(void) {
  struct result *results = mmap(NULL, kTries * sizeof *results, PROT_READ | PROT_WRITE,
                                MAP_SHARED | MAP_ANONYMOUS, -1, 0);
  if (results == MAP_FAILED) return 1;
  measure("none", NULL, 0, results);
  measure("one-instruction", nothing, LENGTH(nothing), results);
  measure("default", by_default, LENGTH(by_default), results);
  measure("original", original, LENGTH(original), results);
  return 0;
}
