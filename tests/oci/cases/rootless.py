"""An ordinary user starts containers: without a helper with the own id alone, with newuidmap with several.

The user exists in the private world only, as do the ranges of /etc/subuid."""
import json
import os
import shutil
import subprocess
import unittest
from pathlib import Path

import runtime
from bundle import Bundle

ID = "rootless"
UID, FIRST, COUNT = 4711, 500000, 65536
MANY = {f"linux.{kind}Mappings": [{"containerID": 0, "hostID": UID, "size": 1},
                                  {"containerID": 1, "hostID": FIRST, "size": COUNT}] for kind in ("uid", "gid")}


def make_user() -> None:
    for file, line in (("passwd", f"casual:x:{UID}:{UID}::/:/bin/sh"), ("group", f"casual:x:{UID}:"),
                       ("subuid", f"casual:{FIRST}:{COUNT}"), ("subgid", f"casual:{FIRST}:{COUNT}")):
        path = Path("/etc", file)
        text = path.read_text(encoding="utf-8") if path.exists() else ""
        if line not in text:
            path.write_text(f"{text}{line}\n", encoding="utf-8")


class Rootless(unittest.TestCase):
    maxDiff = None

    @classmethod
    def setUpClass(cls) -> None:
        make_user()

    def setUp(self) -> None:
        self.before = runtime.Host.now()
        self.folder = runtime.scratch()
        self.state = self.folder / "state"
        self.program = self.folder / "runtime"  # where the user can reach it
        shutil.copy2(runtime.path, self.program)
        self.bundle = Bundle(self.folder / "bundle", {})
        subprocess.run(["chown", "-hR", f"{UID}:{UID}", self.folder], check=True)
        (self.bundle.path / "config.json").unlink()

    def tearDown(self) -> None:
        self.call("delete", "--force", ID)
        subprocess.run(["rm", "-rf", self.folder], check=True)
        runtime.require_nothing_left(self.before, self.state)

    def call(self, *words: str | Path, **more: object) -> subprocess.CompletedProcess:
        return subprocess.run([str(self.program), "--root", str(self.state), *map(str, words)], capture_output=True, text=True,
                              user=UID, group=UID, extra_groups=[], cwd=self.bundle.path, timeout=runtime.PATIENCE,
                              check=False, **more)

    def succeeds(self, *words: str | Path) -> str:
        done = self.call(*words)
        self.assertEqual(done.returncode, 0, f"{words}: {done}")
        return done.stdout

    def configure(self, *words: str, **changes: object) -> None:
        """What 'spec --rootless' writes, with this command and without a terminal."""
        config = self.bundle.path / "config.json"
        config.unlink(missing_ok=True)
        self.succeeds("spec", "--rootless")
        spec = json.loads(config.read_text(encoding="utf-8"))
        spec["process"].update(terminal=False, args=list(words), env=["PATH=/bin"])
        spec["process"].update(changes.pop("process", {}))
        spec["linux"].update(changes)
        config.write_text(json.dumps(spec), encoding="utf-8")

    def test_run(self) -> None:
        self.configure("sh", "-c", "id -u; tr -s ' ' < /proc/self/uid_map; hostname; cat /proc/self/setgroups; echo $$")
        self.assertEqual(self.succeeds("run", ID), f"0\n 0 {UID} 1\ncontainer\ndeny\n1\n")

    def test_run_gives_the_status(self) -> None:
        self.configure("sh", "-c", "exit 7")
        self.assertEqual(self.call("run", ID).returncode, 7)

    def test_the_life_of_a_container(self) -> None:
        self.configure("sleep", "300")
        self.live()

    def live(self) -> None:
        # Not captured: what is left running would keep the pipes open.
        words = [str(self.program), "--root", str(self.state), "create", "--pid-file", str(self.folder / "pid"), ID]
        made = subprocess.run(words, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, user=UID, group=UID,
                              extra_groups=[], cwd=self.bundle.path, check=False)
        self.assertEqual(made.returncode, 0)
        self.assertEqual(json.loads(self.succeeds("state", ID))["status"], "created")
        self.succeeds("start", ID)
        self.assertEqual(json.loads(self.succeeds("state", ID))["status"], "running")
        self.assertEqual(self.succeeds("exec", ID, "sh", "-c", "id -u; ps | grep -c 'sleep 30[0]'"), "0\n1\n")
        self.assertEqual(len(json.loads(self.succeeds("ps", "--format", "json", ID))), 1)
        self.succeeds("kill", ID, "KILL")
        runtime.status_of(int((self.folder / "pid").read_text(encoding="ascii")))
        self.assertEqual(json.loads(self.succeeds("state", ID))["status"], "stopped")
        self.succeeds("delete", ID)
        self.assertEqual(self.succeeds("list", "-q"), "")

    def many(self) -> None:
        if shutil.which("newuidmap") is None:
            self.skipTest("newuidmap is not installed (package uidmap)")
        if not os.stat(shutil.which("newuidmap")).st_mode & 0o4000:
            self.skipTest("newuidmap has no set-user-ID bit here")

    def test_several_ids(self) -> None:
        self.many()
        maps = {key.split(".")[1]: value for key, value in MANY.items()}
        self.configure("sh", "-c", "id -u; id -G; tr -s ' ' < /proc/self/uid_map",
                       process={"user": {"uid": 5, "gid": 6, "additionalGids": [7]}}, **maps)
        self.assertEqual(self.succeeds("run", ID), f"5\n6 7\n 0 {UID} 1\n 1 {FIRST} {COUNT}\n")

    def test_the_life_of_a_container_with_several_ids(self) -> None:
        self.many()
        self.configure("sleep", "300", **{key.split(".")[1]: value for key, value in MANY.items()})
        self.live()

    def test_ids_of_others(self) -> None:
        self.configure("true", uidMappings=[{"containerID": 0, "hostID": 0, "size": 10}])
        done = self.call("run", ID)
        self.assertNotEqual(done.returncode, 0)
        self.assertRegex(done.stderr, "newuidmap|/etc/subuid")

    def test_limits_that_cannot_be_set(self) -> None:
        self.configure("true", resources={"pids": {"limit": 5}})
        done = self.call("run", ID)
        self.assertNotEqual(done.returncode, 0)
        self.assertIn("cgroup", done.stderr)
        self.assertEqual(self.succeeds("list", "-q"), "")
