/* Makes one system call of one process fail.
 *   inject LOG PROCESS NUMBER ERRNO PROGRAM [WORDS...]
 * PROCESS: 0 is the program, 1 the first process that it makes, and so on. NUMBER: which of that
 * process's calls, from 1; 0 lets all of them be made. ERRNO: what is returned in the call's place.
 * LOG gets a line a call: the process, and the call's number in asm/unistd.h. The exit status is the
 * program's, 128 + n if signal n ended it. See ptrace(2). */
#define _GNU_SOURCE
#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/ptrace.h>
#include <sys/syscall.h>
#include <sys/user.h>
#include <sys/wait.h>
#include <unistd.h>

enum { kMost = 64 };

static struct {
  pid_t pid;
  long calls;
} known[kMost];
static int count;
static long wanted_process, wanted_call, error;
static int is_hit;  /* the call was skipped, its result is still to be set */
static int is_over; /* nothing more to do: whoever stops is left alone */
static FILE *log_file;

static int index_of(pid_t pid) {
  for (int i = 0; i < count; ++i) {
    if (known[i].pid == pid) return i;
  }
  if (count == kMost) exit(99);
  known[count].pid = pid;
  return count++;
}

static void at_call(pid_t pid) {
  struct __ptrace_syscall_info info;
  if (ptrace(PTRACE_GET_SYSCALL_INFO, pid, sizeof info, &info) <= 0) return;
  struct user_regs_struct registers;
  const int process = index_of(pid);
  if (info.op == PTRACE_SYSCALL_INFO_ENTRY) {
    fprintf(log_file, "%d %llu\n", process, (unsigned long long)info.entry.nr);
    if (process != wanted_process || ++known[process].calls != wanted_call) return;
    /* The kernel's brk never answers with an errno, and no C library expects one. And close(2) gives
     * the descriptor up whatever it answers: none that stays open has to be expected. */
    if (info.entry.nr == SYS_brk || info.entry.nr == SYS_close) return;
    ptrace(PTRACE_GETREGS, pid, 0, &registers);
    registers.orig_rax = (unsigned long long)-1;
    ptrace(PTRACE_SETREGS, pid, 0, &registers);
    is_hit = 1;
  } else if (is_hit && process == wanted_process) {
    ptrace(PTRACE_GETREGS, pid, 0, &registers);
    registers.rax = (unsigned long long)-error;
    ptrace(PTRACE_SETREGS, pid, 0, &registers);
    is_over = 1;
  }
}

/* Whether the program's end has come, and then its status. */
static int at_stop(pid_t pid, int status, int *exit_status) {
  if (WIFEXITED(status) || WIFSIGNALED(status)) {
    *exit_status = WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
    return index_of(pid) == 0;
  }
  const int is_new = count == index_of(pid) || known[index_of(pid)].calls < 0;
  int signal = WSTOPSIG(status);
  if (signal == (SIGTRAP | 0x80)) {
    at_call(pid);
    signal = 0;
  } else if (status >> 16 != 0 || (signal == SIGSTOP && is_new)) {
    signal = 0;
  }
  if (known[index_of(pid)].calls < 0) known[index_of(pid)].calls = 0;
  ptrace(is_over ? PTRACE_DETACH : PTRACE_SYSCALL, pid, 0, signal);
  return 0;
}

int main(int argc, char **argv) {
  if (argc < 6) return 2;
  log_file = fopen(argv[1], "we");
  wanted_process = atol(argv[2]);
  wanted_call = atol(argv[3]);
  error = atol(argv[4]);
  if (log_file == NULL) return 2;
  for (int i = 0; i < kMost; ++i) known[i].calls = -1; /* has not stopped yet */
  const pid_t program = fork();
  if (program == 0) {
    ptrace(PTRACE_TRACEME, 0, 0, 0);
    raise(SIGSTOP);
    execv(argv[5], argv + 5);
    _exit(98);
  }
  int status, exit_status = 0;
  waitpid(program, &status, 0);
  known[index_of(program)].calls = 0;
  ptrace(PTRACE_SETOPTIONS, program, 0,
         PTRACE_O_TRACESYSGOOD | PTRACE_O_TRACEFORK | PTRACE_O_TRACEVFORK | PTRACE_O_TRACECLONE |
             PTRACE_O_TRACEEXEC);
  ptrace(PTRACE_SYSCALL, program, 0, 0);
  for (;;) {
    const pid_t pid = waitpid(-1, &status, __WALL);
    if (pid < 0) break;
    if (at_stop(pid, status, &exit_status)) break;
  }
  fclose(log_file);
  return exit_status;
}
