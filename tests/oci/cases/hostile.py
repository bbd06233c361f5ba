"""A container whose processes try to get at whoever joins it, while 'exec' does so again and again."""
import hashlib
import json
import os
import subprocess
import unittest
from pathlib import Path

import runtime
from bundle import Bundle

ID = "hostile"
TIMES = 300
# The host's Python runs inside: a shell would be too slow to meet anybody.
PROBE = {"args": ["/usr/bin/python3", "-I", "-B", "/mnt/probe.py"],
         "mounts": [{"destination": "/usr", "type": "bind", "source": "/usr", "options": ["rbind", "ro"]},
                    {"destination": "/mnt", "type": "bind", "source": str(Path(__file__).parent), "options": ["bind", "ro"]}]}
# What engines give by default. Whoever gives CAP_SYS_PTRACE without a user namespace gives the host away.
USUAL = ["CHOWN", "DAC_OVERRIDE", "FSETID", "FOWNER", "MKNOD", "NET_RAW", "SETGID", "SETUID", "SETFCAP", "SETPCAP",
         "NET_BIND_SERVICE", "SYS_CHROOT", "KILL", "AUDIT_WRITE", "DAC_READ_SEARCH"]
OWN_USERS = {"linux.uidMappings": [{"containerID": 0, "hostID": 100000, "size": 65536}],
             "linux.gidMappings": [{"containerID": 0, "hostID": 100000, "size": 65536}]}


def sets_of(names: list[str]) -> dict[str, list[str]]:
    return {kind: [f"CAP_{name}" for name in names] for kind in ("bounding", "permitted", "effective")}


FILTER = {"defaultAction": "SCMP_ACT_ALLOW", "syscalls": [{"names": ["chroot"], "action": "SCMP_ACT_ERRNO"}]}
FACTS = "grep -E '^(Uid|Gid|Groups|Cap|NoNewPrivs|Seccomp:)' /proc/self/status; cat /proc/self/cgroup; umask; " \
        "for n in /proc/self/ns/*; do readlink $n; done; ls /proc/self/fd"


class Hostile(unittest.TestCase):
    maxDiff = None

    def setUp(self) -> None:
        self.before = runtime.Host.now()
        self.folder = runtime.scratch()
        self.state = self.folder / "state"

    def tearDown(self) -> None:
        runtime.call(self.state, "delete", "--force", ID)
        subprocess.run(["rm", "-rf", self.folder], check=True)
        runtime.require_nothing_left(self.before, self.state)

    def start(self, case: dict) -> None:
        self.bundle = Bundle(self.folder / "bundle", case)
        for name in ("lib", "lib64"):  # where a program looks for its loader
            (self.bundle.root / name).symlink_to(f"usr/{name}")
        if "linux.uidMappings" in case["set"]:
            subprocess.run(["chown", "-hR", "100000:100000", self.bundle.root], check=True)
        for words in (["create", "--bundle", self.bundle.path, ID], ["start", ID]):
            done = runtime.call(self.state, *words)
            self.assertEqual(done.status, 0, done.error)

    def attack(self, case: dict) -> str:
        """What the container got at while others joined it."""
        self.start({"set": {"process.args": PROBE["args"]} | case["set"],
                    "add": {"mounts": PROBE["mounts"]} | case.get("add", {})})
        runtime.wait_for((self.bundle.root / "tmp/ready").exists, "the hostile loop")
        checksum = hashlib.sha256(runtime.path.read_bytes()).hexdigest()
        secret = os.open("/etc", os.O_RDONLY)  # what a careless runtime passes on
        try:
            for _ in range(TIMES):
                done = runtime.call(self.state, "exec", ID, "true", env={"SECRET": "of the host"}, pass_fds=[secret])
                self.assertEqual(done.status, 0, done.error)
        finally:
            os.close(secret)
        self.assertTrue((self.bundle.root / "tmp/seen").read_text(encoding="utf-8"), "the loop has seen none of them: nothing was tested")
        self.assertEqual(hashlib.sha256(runtime.path.read_bytes()).hexdigest(), checksum, "the program has changed")
        return (self.bundle.root / "tmp/found").read_text(encoding="utf-8")

    def test_exec_shows_nothing_of_the_host(self) -> None:
        self.assertEqual(self.attack({"set": {"process.capabilities": sets_of(USUAL)}}), "")

    def test_exec_shows_nothing_to_the_root_of_a_user_namespace(self) -> None:
        capabilities = sets_of([*USUAL, "SYS_PTRACE", "SYS_ADMIN"])
        self.assertEqual(self.attack({"set": OWN_USERS | {"process.capabilities": capabilities},
                                      "add": {"linux.namespaces": [{"type": "user"}]}}), "")

    def test_exec_cannot_be_overwritten_by_who_may_trace_it(self) -> None:
        opened = self.attack({"set": {"process.capabilities": sets_of([*USUAL, "SYS_PTRACE"])}})
        self.assertNotIn("writes", opened)

    def test_exec_has_what_the_first_process_has(self) -> None:
        user = {"uid": 1000, "gid": 1001, "additionalGids": [7, 8], "umask": 63}
        self.start({"sh": f"({FACTS}) > /tmp/facts; touch /tmp/done; sleep 300", "set": {
            "process.noNewPrivileges": True, "linux.seccomp": FILTER, "process.user": user,
            "linux.resources": {"memory": {"limit": 64000000}}}, "add": {"linux.namespaces": [{"type": "cgroup"}]}})
        runtime.wait_for((self.bundle.root / "tmp/done").exists, "the facts of the first process")
        expected = (self.bundle.root / "tmp/facts").read_text(encoding="utf-8")
        process = {"args": ["sh", "-c", FACTS], "cwd": "/", "env": ["PATH=/bin"], "user": user, "noNewPrivileges": True,
                   "capabilities": json.loads((self.bundle.path / "config.json").read_text())["process"]["capabilities"]}
        (self.folder / "process.json").write_text(json.dumps(process), encoding="utf-8")
        for words in (["exec", ID, "sh", "-c", FACTS], ["exec", "--process", self.folder / "process.json", ID]):
            done = runtime.call(self.state, *words, pass_fds=[])
            self.assertEqual(done.status, 0, done.error)
            self.assertEqual(done.out, expected)

    def require_unchanged(self, checksum: str) -> None:
        self.assertEqual(hashlib.sha256(runtime.path.read_bytes()).hexdigest(), checksum, "the program has changed")

    def test_the_program_itself_is_no_entrypoint(self) -> None:
        """CVE-2019-5736: who runs /proc/self/exe has the host's program inside, and can get hold of its file."""
        bundle = Bundle(self.folder / "bundle", {})
        script = bundle.root / "bin/itself"
        script.write_text("#!/proc/self/exe\n", encoding="ascii")
        script.chmod(0o755)
        (bundle.root / "bin/linked").symlink_to("/proc/self/exe")
        nested = bundle.root / "bin/nested"
        nested.write_text("#!/bin/itself\n", encoding="ascii")
        nested.chmod(0o755)
        for word in ("/proc/self/exe", "/proc/1/exe", "/proc/thread-self/exe", "/bin/itself", "/bin/nested", "linked"):
            config = json.loads((bundle.path / "config.json").read_text(encoding="utf-8"))
            config["process"]["args"] = [word, "--version"]
            (bundle.path / "config.json").write_text(json.dumps(config), encoding="utf-8")
            done = runtime.call(self.state, "run", "--bundle", bundle.path, ID)
            self.assertNotEqual(done.status, 0, done)
            self.assertNotIn("MyDocker 0", done.out)

    def test_who_waits_for_its_start_shows_nothing(self) -> None:
        """Another container in the same pid namespace, with the same capabilities."""
        self.bundle = Bundle(self.folder / "bundle", {"set": {"process.capabilities": sets_of(USUAL)}})
        for words in (["create", "--bundle", self.bundle.path, ID],):
            done = runtime.call(self.state, *words)
            self.assertEqual(done.status, 0, done.error)
        script = "for f in exe environ mem maps; do (exec 3< /proc/1/$f) 2>/dev/null && echo $f; done; true"
        done = runtime.call(self.state, "exec", ID, "sh", "-c", script)
        self.assertEqual((done.status, done.out), (0, ""), done.error)
