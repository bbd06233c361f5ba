/* What the crafted roots need and no shell has:
 *   tool exchange A B   swaps two paths, again and again, until it is killed or its parent ends
 *   tool ids            prints the effective user and group
 *   tool open PATH      opens it for reading and writing, and prints the errno's name, or "opened" */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/prctl.h>
#include <unistd.h>

static int exchange(const char *a, const char *b) {
  prctl(PR_SET_PDEATHSIG, SIGKILL);
  puts("ready");
  fflush(stdout);
  for (;;) {
    if (renameat2(AT_FDCWD, a, AT_FDCWD, b, RENAME_EXCHANGE) < 0) {
      perror("renameat2");
      return 1;
    }
  }
}

static int try_open(const char *path) {
  int fd = open(path, O_RDWR | O_NONBLOCK | O_NOCTTY);
  puts(fd < 0 ? strerrorname_np(errno) : "opened");
  return 0;
}

int main(int argc, char **argv) {
  if (argc == 4 && strcmp(argv[1], "exchange") == 0) return exchange(argv[2], argv[3]);
  if (argc == 3 && strcmp(argv[1], "open") == 0) return try_open(argv[2]);
  if (argc == 2 && strcmp(argv[1], "ids") == 0) return printf("%d %d\n", geteuid(), getegid()) < 0;
  return 2;
}
