// Runs inside a container: makes system calls by their numbers and prints each one's errno by name,
// or 0. Words: NUMBER [ARGUMENT...] [-- NUMBER ...]. With `thread` first, by a second thread; with
// `int80` first, by the entry point of 32-bit programs.
#define _GNU_SOURCE
#include <errno.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

enum entry { native, int80 };

static long call(enum entry entry, const unsigned long long *a) {
  if (entry == native) return syscall((long)a[0], a[1], a[2], a[3], a[4], a[5], a[6]);
#if defined(__x86_64__)
  long result = (long)a[0];
  __asm__ volatile("int $0x80" : "+a"(result) : "b"(a[1]), "c"(a[2]), "d"(a[3]) : "memory", "r8",
                   "r9", "r10", "r11");
  if (result >= 0) return result;
  errno = (int)-result;
#endif
  return -1;
}

static void one(enum entry entry, char **words, int count) {
  unsigned long long numbers[7] = {0};
  for (int at = 0; at < count && at < 7; ++at) numbers[at] = strtoull(words[at], NULL, 0);
  errno = 0;
  printf("%s\n", call(entry, numbers) < 0 ? strerrorname_np(errno) : "0");
  fflush(stdout);
}

struct job {
  enum entry entry;
  char **words;
  int count;
};

static void *all(void *given) {
  const struct job *job = given;
  int first = 0;
  for (int at = 0; at <= job->count; ++at) {
    if (at < job->count && strcmp(job->words[at], "--") != 0) continue;
    one(job->entry, job->words + first, at - first);
    first = at + 1;
  }
  return NULL;
}

int main(int count, char **words) {
  struct job job = {native, words + 1, count - 1};
  int in_thread = 0;
  for (; job.count > 0; ++job.words, --job.count) {
    if (strcmp(job.words[0], "thread") == 0)
      in_thread = 1;
    else if (strcmp(job.words[0], "int80") == 0)
      job.entry = int80;
    else
      break;
  }
  if (!in_thread) {
    all(&job);
    return 0;
  }
  pthread_t thread;
  if (pthread_create(&thread, NULL, all, &job) != 0) return 1;
  return pthread_join(thread, NULL);
}
