"""MyDocker is killed with signal 9 in the middle of a verb: at each of its system calls, and at moments spread over
the time that it takes. After one 'delete --force' nothing may be left of the container."""
import collections
import re
import shutil
import subprocess
import time
import unittest

import runtime
from bundle import Bundle

ID = "crash"
MOMENTS = 50
CONTAINER = {
    "sh": "sleep 300 & exec sleep 300",
    "set": {"hostname": "crash", "linux.maskedPaths": ["/proc/keys"], "linux.readonlyPaths": ["/proc/sys"],
            "linux.resources": {"memory": {"limit": 64000000}, "pids": {"limit": 50}, "cpu": {"shares": 512}}},
    "add": {"linux.namespaces": [{"type": "cgroup"}],
            "mounts": [{"destination": "/sys/fs/cgroup", "type": "cgroup", "source": "cgroup", "options": ["ro"]},
                       {"destination": "/mnt", "type": "bind", "source": "/tmp", "options": ["rbind"]}]},
}
MAPPED = {"linux.uidMappings": [{"containerID": 0, "hostID": 100000, "size": 1000}],
          "linux.gidMappings": [{"containerID": 0, "hostID": 100000, "size": 1000}]}
SHORT = CONTAINER | {"sh": "true"}


class Crashes(unittest.TestCase):
    def setUp(self) -> None:
        # The first process of a pid namespace ends when all others have been waited for, and process 1 is quick at it.
        runtime.adopt_orphans(False)
        self.addCleanup(runtime.adopt_orphans, True)
        self.before = runtime.Host.now()
        self.folder = runtime.scratch()
        self.state = self.folder / "state"

    def tearDown(self) -> None:
        subprocess.run(["rm", "-rf", self.folder], check=True)

    def make_bundle(self, case: dict) -> None:
        self.bundle = Bundle(self.folder / "bundle", case)

    def create(self) -> list[str]:
        return runtime.words(self.state, "create", "--bundle", self.bundle.path, ID)

    def make(self, *verbs: str) -> None:
        for verb in verbs:
            words = self.create() if verb == "create" else runtime.words(self.state, verb, ID)
            subprocess.run(words, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, check=True)

    def verb(self, name: str) -> tuple[list[str], list[str]]:
        """The call that is killed, and what has to be made before it."""
        words = {"create": self.create(), "start": runtime.words(self.state, "start", ID),
                 "run": runtime.words(self.state, "run", "--bundle", self.bundle.path, ID),
                 "exec": runtime.words(self.state, "exec", ID, "true"),
                 "kill": runtime.words(self.state, "kill", ID, "KILL"),
                 "pause": runtime.words(self.state, "pause", ID),
                 "delete": runtime.words(self.state, "delete", "--force", ID)}[name]
        made = {"create": [], "run": [], "start": ["create"]}.get(name, ["create", "start"])
        return words, made

    def clean_up(self, when: str) -> None:
        deleted = runtime.call(self.state, "delete", "--force", ID)
        self.assertEqual((deleted.status, deleted.error), (0, ""), f"delete, killed {when}")
        listed = runtime.call(self.state, "list")
        self.assertEqual((listed.status, len(listed.out.splitlines())), (0, 1), f"list, killed {when}")
        try:
            runtime.require_nothing_left(self.before, self.state)
        except AssertionError as error:
            raise AssertionError(f"killed {when}: {error}") from error

    def spread(self, name: str, case: dict) -> None:
        self.make_bundle(case)
        words, made = self.verb(name)
        quiet = {"stdin": subprocess.DEVNULL, "stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL}
        self.make(*made)
        began = time.monotonic()
        subprocess.run(words, check=True, timeout=runtime.PATIENCE, **quiet)
        lasts = time.monotonic() - began
        self.clean_up("never")
        for moment in range(MOMENTS):
            self.make(*made)
            process = subprocess.Popen(words, **quiet)
            time.sleep(lasts * moment / MOMENTS)
            process.kill()
            process.wait()
            self.clean_up(f"after {moment}/{MOMENTS} of its time")

    def at_each_call(self, name: str, case: dict) -> None:
        if shutil.which("strace") is None:
            self.skipTest("strace is not installed")
        self.make_bundle(case)
        words, made = self.verb(name)
        for call, number in self.calls_of(words, made):
            self.make(*made)
            self.traced(words, ["-e", f"trace={call}", "-e", f"inject={call}:signal=KILL:when={number}"])
            self.clean_up(f"at {call} number {number}")

    def traced(self, words: list[str], options: list[str]) -> None:
        subprocess.run(["strace", "-o", self.folder / "trace", *options, *words], stdin=subprocess.DEVNULL,
                              stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, timeout=runtime.PATIENCE,
                              check=False)

    def calls_of(self, words: list[str], made: list[str]) -> list[tuple[str, int]]:
        """In their order: the name of each system call, and the how manieth of this name it is."""
        self.make(*made)
        self.traced(words, [])
        self.clean_up("never, but traced")
        seen: collections.Counter[str] = collections.Counter()
        out = []
        for line in (self.folder / "trace").read_text(encoding="utf-8", errors="replace").splitlines():
            if (found := re.match(r"(\w+)\(", line)) and found[1] != "execve":
                seen[found[1]] += 1
                out.append((found[1], seen[found[1]]))
        boring = {"brk", "mprotect", "munmap", "rt_sigprocmask", "rt_sigaction", "read", "lseek", "newfstatat", "fstat"}
        return [(call, number) for call, number in out if call not in boring]


def add(how: str, name: str, case: dict, suffix: str = "") -> None:
    method = getattr(Crashes, how)
    setattr(Crashes, f"test_{name}_{how}{suffix}", lambda self: method(self, name, case))


for each in ("create", "start", "exec", "delete"):
    add("spread", each, CONTAINER)
    add("at_each_call", each, CONTAINER)
add("spread", "run", SHORT)
add("at_each_call", "run", SHORT)
add("at_each_call", "kill", CONTAINER)
add("at_each_call", "pause", CONTAINER)
IN_USER_NAMESPACE = CONTAINER | {"set": CONTAINER["set"] | MAPPED,
                                 "add": {"linux.namespaces": [{"type": "user"}, {"type": "cgroup"}]}}
add("spread", "create", IN_USER_NAMESPACE, "_with_a_user_namespace")
HOOK = [{"path": "/bin/sleep", "args": ["sleep", "0.05"]}]
add("spread", "create", CONTAINER | {"set": CONTAINER["set"] | {"hooks": {"createRuntime": HOOK, "createContainer": HOOK}}},
    "_with_hooks")
