#!/usr/bin/env python3
"""Compares what MyDocker and the floor ask of the kernel: requests.py BUILD_FOLDER [-v]

Both are run under strace with the same root and program, as -a and as -aU. Each request is reduced to its name
and the words that tell it from others; how often each is made has to be the same on both sides, in the host
process and in the child. So the floor cannot grow or shrink in silence, and no request slips into a start.
Exit status 0: the same; 1: they differ; 77: strace is missing."""
import collections
import pathlib
import re
import shutil
import sys

sys.dont_write_bytecode = True
import sandbox

# Of the C library's start and of memory, not of a container: glibc and libstdc++ differ in these.
NOT_COMPARED = {
    "brk", "mmap", "munmap", "mprotect", "madvise", "arch_prctl", "set_tid_address", "set_robust_list", "rseq",
    "prlimit64", "futex", "exit_group",
}
# Where only the name counts: the arguments are buffers, results or numbers that differ from run to run.
NAME_ONLY = {
    "sendmsg", "recvmsg", "pwrite64", "waitid", "keyctl", "getrandom", "getdents64", "poll", "sysinfo", "getcwd",
}

# Requests of MyDocker that the floor does without: who, which, at most so many, why. Each could be dropped from
# MyDocker; then its line goes.
EXTRA = [
    ("host", r"prctl PR_CAPBSET_READ", 6, "libcap looks for the highest capability before main()"),
    ("host", r"capget NULL", 1, "libcap asks for its version"),
    ("child", r"capget NULL", 1, "libcap asks for its version"),
    ("host", r"geteuid", 5, "asked again instead of remembered"),
]


def words_of(arguments):
    """What tells a request from others: texts, names of constants, and what descriptors stand for."""
    if "st_dev=" in arguments or "stx_mask=" in arguments:
        arguments = re.sub(r"\{.*\}", "", arguments)  # what stat found
    arguments = re.sub(r"revents=[^,}]*|0x[0-9a-f]{5,}", "", arguments)  # results and pointers
    arguments = re.sub(r"/\*.*?\*/", "", arguments)
    texts = re.findall(r'"(?:[^"\\]|\\.)*"|<[^<>]*>|\b[A-Z][A-Z0-9_]+(?:\|[A-Z][A-Z0-9_]+)*|makedev\([^)]*\)|len=\d+'
                       r"|\b0x[0-9a-f]+|AT_FDCWD", arguments)
    return " ".join(texts)


def normal(text, folder):
    """Without what differs from run to run."""
    text = re.sub(r"/run/mydocker/[0-9a-f]{12}", "/run/mydocker/ID", text.replace(str(folder), "TEMP"))
    text = re.sub(r"/proc/\d+/", "/proc/PID/", text)
    return re.sub(r":\[\d+\]", "", text)


def requests_in(trace, folder):
    """Counts the requests of one process."""
    counts = collections.Counter()
    for line in trace.read_text().splitlines():
        found = re.match(r"(\w+)\((.*)\)\s+= ", line)
        if not found or found[1] in NOT_COMPARED:
            continue
        call, arguments = found[1], found[2]
        if call == "readlink" and "/proc/self/exe" in arguments:
            continue  # libc's own start makes it too
        if call == "getrandom" and "GRND_NONBLOCK" in arguments:
            continue  # libc's, for malloc
        if call in ("read", "poll") and "signalfd" in arguments:
            continue  # whether SIGCHLD is seen before the end of the child is a race
        if call == "execve":
            if not counts:
                continue  # the program's own start
            arguments = arguments.split(",")[0]
        counts[call if call in NAME_ONLY else f"{call} {normal(words_of(arguments), folder)}".rstrip()] += 1
        if call == "execve":
            break  # from here on it is the entrypoint
    return counts


def trace(box, words):
    """Runs a container under strace. Returns the requests of the host process and of the child."""
    for old in box.folder.glob("trace.*"):
        old.unlink()
    done = sandbox.output_of("strace", "-ff", "-y", "-s", "300", "-v", "-o", str(box.folder / "trace"), *words)
    if done.returncode != 0:
        sys.exit(f"{' '.join(words)}: status {done.returncode}\n{done.stderr}")
    # The host process begins with the execve of the program; the child is cloned. Pids may wrap.
    traces = sorted(box.folder.glob("trace.*"), key=lambda path: not path.read_text().startswith("execve("))
    if len(traces) != 2:
        sys.exit(f"{' '.join(words)}: {len(traces)} processes instead of 2")
    return dict(zip(("host", "child"), (requests_in(path, box.folder) for path in traces)))


class Tolerance:
    """How many of the requests of one table are still allowed in this comparison."""

    def __init__(self, table):
        self.left = [[who, re.compile(pattern), most] for who, pattern, most, _ in table]

    def allows(self, who, request, number):
        for row in self.left:
            if row[0] == who and row[1].match(request) and row[2] >= number:
                row[2] -= number
                return True
        return False


def differences(ours, floors):
    """The lines that fail the test, and those that are tolerated."""
    bad, tolerated = [], []
    extra = Tolerance(EXTRA)
    for who in ours:
        for request in sorted(ours[who].keys() | floors[who].keys()):
            more = ours[who][request] - floors[who][request]
            if more == 0:
                continue
            side = "MyDocker" if more > 0 else "the floor"
            line = f"  {who}: {side} makes {abs(more)} more of: {request}"
            (tolerated if more > 0 and extra.allows(who, request, more) else bad).append(line)
    return bad, tolerated


def compare(box, option, floor_option, verbose):
    """Runs both, prints how they differ. Returns whether they do."""
    ours = trace(box, [str(box.mydocker), option, "/noop"])
    floors = trace(box, [box.floor, *floor_option, str(box.root), "/noop"])
    bad, tolerated = differences(ours, floors)
    total = [sum(sum(counts.values()) for counts in side.values()) for side in (ours, floors)]
    print(f"{option}: {total[0]} requests of MyDocker, {total[1]} of the floor;",
          f"{len(tolerated)} differences are tolerated, {len(bad)} are not")
    print("\n".join(bad + (tolerated if verbose else [])))
    return bool(bad)


def makes_a_container(box):
    """The floor would be no measure if it only made the calls: its program has to be in a container."""
    root = pathlib.Path(__file__).resolve().parents[2] / "root_fs" / "root"
    if not (root / "bin" / "hostname").exists():
        print("no root file system at root_fs/root: whether the floor makes a container is not tested")
        return True
    done = sandbox.output_of(box.floor, str(root), "/bin/hostname")
    if done.stdout != "container\n":
        print(f"the floor's program finds the hostname {done.stdout!r} {done.stderr!r}")
    return done.stdout == "container\n"


def main():
    if shutil.which("strace") is None:
        print("skipped: strace is missing")
        sys.exit(77)
    sandbox.enter()
    build = pathlib.Path(sys.argv[1]).resolve()
    verbose = "-v" in sys.argv
    with sandbox.Sandbox(build) as box:
        trace(box, [str(box.mydocker), "-a", "/noop"])  # the first run makes /run/mydocker
        failed = [compare(box, option, floor_option, verbose)
                  for option, floor_option in (("-a", []), ("-aU", ["-U"]))]
        failed.append(not makes_a_container(box))
    sys.exit(1 if any(failed) else 0)


main()
