#!/usr/bin/env python3
"""Every system call that a start makes is made to fail, one after the other: an error that says what failed, or a
container that works nevertheless; and nothing is left.

    faults.py --runtime PATH --inject PATH [--every N] [--show] [--list] [RUN...]

--every: only each Nth call. RUN: a part of a run's name. Exit status: 0, 1 if a run failed, 77 (ctest: skipped).
"""
import argparse
import errno
import os
import re
import shutil
import subprocess
import sys
import unittest
from pathlib import Path

sys.dont_write_bytecode = True  # a test leaves nothing in the sources
TESTS = Path(__file__).resolve().parent.parent.parent
sys.path += [str(TESTS / "oci/engines"), str(TESTS / "oci/cases")]

import runtime  # noqa: E402
import world  # noqa: E402
from bundle import Bundle, make_root  # noqa: E402
from report import Report, name_of, summary  # noqa: E402

ID = "fault"
HOST, CHILD = 0, 1
# The stage, what was asked, the errno, and advice if there is any; what a lack of memory leaves is shorter.
# Calls by which something is taken back, or by which it is found.
TAKES_BACK = ("rmdir", "unlink", "poll", "waitid", "open", "read", "getdents")
CLEAR = re.compile(r"\AMyDocker: \w+: .*: .* \((?:E(?:PERM|ACCES|MFILE|NOSPC|NOMEM)\)\n  hint: \S|E(?!PERM|ACCES|MFILE|NOSPC|NOMEM))"
                   r"|\AMyDocker: .*\(ENOMEM\)\n\Z")
OCI = {"sh": "echo inside", "set": {"linux.resources": {"memory": {"limit": 64000000}, "pids": {"limit": 50}}, "linux.maskedPaths": ["/proc/keys"],
                                    "linux.readonlyPaths": ["/proc/sys"]}, "add": {"linux.namespaces": [{"type": "cgroup"}]}}
inject: Path  # set by main
every, show = 1, False


def names() -> dict[int, str]:
    header = subprocess.run(["cpp", "-dM", "-include", "asm/unistd.h", "/dev/null"], capture_output=True, text=True, check=True).stdout
    return {int(number): name for name, number in re.findall(r"#define __NR_(\w+) (\d+)", header)}


def error_for(name: str) -> int:
    """What the kernel may well answer."""
    if name in ("mmap", "brk", "mremap", "clone3", "memfd_create"):
        return errno.ENOMEM
    if name.startswith(("open", "socket", "pipe", "fcntl", "dup", "fs", "pidfd_open")):
        return errno.EMFILE
    if name in ("write", "pwrite64", "ftruncate", "mkdir", "mkdirat", "mknodat", "symlinkat"):
        return errno.ENOSPC
    return errno.EACCES if name.endswith("at") else errno.EPERM


class Faults(unittest.TestCase):
    maxDiff = None

    def setUp(self) -> None:
        self.names = names()
        self.folder = runtime.scratch()
        self.state = self.folder / "state"
        make_root(self.folder / "root")
        self.bundle = Bundle(self.folder / "bundle", OCI)
        self.log = self.folder / "log"
        self.before = runtime.Host.now()

    def tearDown(self) -> None:
        subprocess.run(["rm", "-rf", self.folder], check=True)

    def run_with(self, words: list[str], process: int, number: int, error: int) -> runtime.Result:
        with (self.folder / "out").open("w+b") as out, (self.folder / "error").open("w+b") as errors:
            done = subprocess.run([inject, self.log, *map(str, (process, number, error)), *words], stdin=subprocess.DEVNULL, stdout=out,
                                  stderr=errors, timeout=runtime.PATIENCE, check=False)
        texts = [(self.folder / name).read_text(encoding="utf-8", errors="replace") for name in ("out", "error")]
        return runtime.Result(done.returncode, *texts)

    def calls_of(self, process: int, whole: bool = False) -> list[str]:
        """Those of the last run. The program's until its own begin; the child's until the entrypoint's begin."""
        calls = [int(number) for who, number in (line.split() for line in self.log.read_text(encoding="ascii").splitlines()) if int(who) == process]
        found = [self.names.get(number, str(number)) for number in calls]
        return found[:found.index("execve")] if process == CHILD and not whole and "execve" in found else found

    @staticmethod
    def is_start_of_program(calls: list[str], number: int) -> bool:
        """The C library's calls after the program has executed itself, up to the first one of main."""
        again = calls.index("execveat") if "execveat" in calls else len(calls)
        return again < number <= again + 1 + calls[again:].index("fcntl") if again < len(calls) else False

    def sweep(self, words: list[str], process: int, prepare: object, check: object, clean: object) -> None:
        prepare()
        done = self.run_with(words, process, 0, 0)
        check(done, "nothing")
        calls = self.calls_of(process)
        clean("nothing")
        first = calls.index("fcntl") if process == HOST else 0  # before it the C library starts
        self.assertGreater(len(calls), first + 3, calls)
        faults = []
        for number in range(first + 1 + (os.getpid() % every), len(calls) + 1, every):
            name = calls[number - 1]
            if name in ("exit_group", "rt_sigreturn", "close") or self.is_start_of_program(calls, number):
                continue
            what = name
            prepare()
            try:
                done = self.run_with(words, process, number, error_for(name))
                # Not always the same as in the run before: there, another folder may have been there already.
                made = (self.calls_of(process, whole=True) + ["none"] * number)[number - 1]
                what = f"{made}, call {number} of {'the program' if process == HOST else 'the child'}"
                if show:
                    print(f"    {what}: {done.status} {done.error.strip()!r}", flush=True)
                check(done, what)
                clean(what)
            except (AssertionError, subprocess.TimeoutExpired) as error:
                faults.append(f"{what}: {error}")
                clean("", force=True)
        self.assertEqual(faults, [], "\n".join(faults))

    def require_clear(self, done: runtime.Result, what: str, statuses: tuple[int, ...]) -> None:
        said = f"{what}: status {done.status}, output {done.out!r}, said {done.error!r}"
        if done.status == 0:
            return self.assertIn(done.out, ("inside\n", ""), said)
        self.assertIn(done.status, statuses, said)
        self.assertRegex(done.error, CLEAR, said)
        return self.assertIn(done.out, ("", "inside\n"), said)  # what waits for its end can fail too

    def require_nothing_left(self, what: str) -> None:
        try:
            runtime.require_nothing_left(self.before, self.state, seconds=1)
        except AssertionError:
            if not what.startswith(TAKES_BACK):
                raise
            # A call that takes something back can fail too; then the next start has to take it.
            subprocess.run([runtime.path, "-ac", "-M", "64m", "-P", "50", "--no-tty", "--rootfs", self.folder / "root", "/bin/true"], check=True)
            # In every hierarchy, and so in the folder above all containers of each.
            runtime.call(self.state, "run", "--bundle", self.bundle.path, "next")
            runtime.require_nothing_left(self.before, self.state, seconds=3)

    def classic(self, process: int) -> None:
        words = [str(runtime.path), "-aUc", "-M", "64m", "-P", "50", "--no-tty", "--rootfs", str(self.folder / "root"), "--name", ID,
                 "/bin/sh", "-c", "echo inside"]

        def clean(what: str, force: bool = False) -> None:
            if not force:
                self.require_nothing_left(what)

        self.sweep(words, process, lambda: None, lambda done, what: self.require_clear(done, what, (125, 126, 127)), clean)

    def oci(self, verb: str, process: int) -> None:
        words = {"create": ["create", "--bundle", self.bundle.path, ID], "run": ["run", "--bundle", self.bundle.path, ID],
                 "start": ["start", ID], "delete": ["delete", "--force", ID]}[verb]

        def prepare() -> None:
            if verb in ("start", "delete"):
                with open(os.devnull, "r+b") as nothing:
                    subprocess.run(runtime.words(self.state, "create", "--bundle", self.bundle.path, ID), stdin=nothing, stdout=nothing, check=True)

        def clean(what: str, force: bool = False) -> None:
            done = runtime.call(self.state, "delete", "--force", ID)
            if not force:
                self.assertEqual((done.status, done.error), (0, ""), f"delete after {what}")
                self.require_nothing_left(what)

        def check(done: runtime.Result, what: str) -> None:
            self.require_clear(done, what, (1,))
            if done.status == 0 or verb in ("start", "delete"):
                return
            if not what.startswith(TAKES_BACK):  # then `delete --force` has to
                self.require_nothing_left(what)  # a create that failed leaves nothing

        self.sweep(runtime.words(self.state, *words), process, prepare, check, clean)

    def test_classic_program(self) -> None:
        self.classic(HOST)

    def test_classic_child(self) -> None:
        self.classic(CHILD)

    def test_create_program(self) -> None:
        self.oci("create", HOST)

    def test_create_child(self) -> None:
        self.oci("create", CHILD)

    def test_run_program(self) -> None:
        self.oci("run", HOST)

    def test_start_program(self) -> None:
        self.oci("start", HOST)

    def test_delete_program(self) -> None:
        self.oci("delete", HOST)


def main() -> int:
    global inject, every, show
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--runtime", required=True, type=Path)
    parser.add_argument("--inject", required=True, type=Path, help="the program that inject.c gives")
    parser.add_argument("--every", type=int, default=1)
    parser.add_argument("--show", action="store_true", help="print what is said to each")
    parser.add_argument("--list", action="store_true")
    parser.add_argument("run", nargs="*")
    arguments = parser.parse_args()
    tests = [test for test in unittest.defaultTestLoader.loadTestsFromTestCase(Faults)
             if not arguments.run or any(word in name_of(test) for word in arguments.run)]
    if arguments.list:
        print("\n".join(name_of(test) for test in tests))
        return 0
    if os.geteuid() != 0 or shutil.which("busybox") is None or shutil.which("cpp") is None:
        print("skipped: it needs root, busybox and cpp")
        return 77
    path, inject, every, show = arguments.runtime.absolute(), arguments.inject.absolute(), arguments.every, arguments.show
    world.enter(False)
    runtime.use(path, False)
    report = Report()
    unittest.TestSuite(tests).run(report)
    return summary([report])


if __name__ == "__main__":
    sys.exit(main())
