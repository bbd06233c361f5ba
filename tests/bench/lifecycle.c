// What an engine does with a container that ends by itself: lifecycle RUNTIME ROOT BUNDLE ID
// Prints the wall times of create, start, the wait for its end and delete in nanoseconds, then the processor time and
// the peak memory in KiB of the runtime's processes. Small and static, as spawn is.
#define _GNU_SOURCE
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

static long long now(void) {
  struct timespec time;
  clock_gettime(CLOCK_MONOTONIC, &time);
  return time.tv_sec * 1000000000LL + time.tv_nsec;
}

static long peak;

static void run(char** words) {
  const pid_t pid = vfork();
  if (pid == 0) {
    execvp(words[0], words);
    _exit(127);
  }
  int status = 0;
  struct rusage usage;
  // By its number: the container is this process's child too.
  if (pid < 0 || wait4(pid, &status, 0, &usage) < 0 || status != 0) {
    fprintf(stderr, "%s %s failed\n", words[0], words[3]);
    exit(1);
  }
  if (usage.ru_maxrss > peak) peak = usage.ru_maxrss;
}

int main(int argc, char** argv) {
  if (argc != 5) return 2;
  char *runtime = argv[1], *root = argv[2], *bundle = argv[3], *id = argv[4];
  const int results = fcntl(STDOUT_FILENO, F_DUPFD_CLOEXEC, 10);
  const int nothing = open("/dev/null", O_RDWR | O_CLOEXEC);
  dup2(nothing, STDIN_FILENO);
  dup2(nothing, STDOUT_FILENO);
  // As conmon and the shims do it: who outlives the runtime becomes this process's child.
  prctl(PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0);
  long long at[5] = {now()};
  run((char*[]){runtime, "--root", root, "create", "--bundle", bundle, id, NULL});
  at[1] = now();
  run((char*[]){runtime, "--root", root, "start", id, NULL});
  at[2] = now();
  while (wait(NULL) > 0) {
  }
  at[3] = now();
  run((char*[]){runtime, "--root", root, "delete", id, NULL});
  at[4] = now();
  struct rusage all;
  getrusage(RUSAGE_CHILDREN, &all);
  for (int i = 0; i < 4; ++i) dprintf(results, "%lld ", at[i + 1] - at[i]);
  dprintf(results, "%lld %ld\n",
          (all.ru_utime.tv_sec + all.ru_stime.tv_sec) * 1000000000LL +
              (all.ru_utime.tv_usec + all.ru_stime.tv_usec) * 1000LL,
          peak);
  return 0;
}
