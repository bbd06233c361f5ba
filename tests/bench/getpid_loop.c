// Runs in a container: nanoseconds of one getpid(2), the least of many loops.
#include <stdio.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

enum { kLoops = 50, kCalls = 200000 };

int main(void) {
  double least = 0;
  for (int loop = 0; loop < kLoops; ++loop) {
    struct timespec first, last;
    clock_gettime(CLOCK_MONOTONIC, &first);
    for (int i = 0; i < kCalls; ++i) syscall(SYS_getpid);
    clock_gettime(CLOCK_MONOTONIC, &last);
    const double took = (double)(last.tv_sec - first.tv_sec) * 1e9 + (double)(last.tv_nsec - first.tv_nsec);
    if (loop == 0 || took < least) least = took;
  }
  printf("%.1f\n", least / kCalls);
  return 0;
}
