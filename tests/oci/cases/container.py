"""What the tests of verbs share: a bundle, the verbs, and nothing left at the end."""
import json
import subprocess
import unittest
from pathlib import Path

import runtime
from bundle import Bundle

SLEEP = {"sh": "exec sleep 300"}


class VerbCase(unittest.TestCase):
    maxDiff = None
    ID = "verb"

    def setUp(self) -> None:
        self.before = runtime.Host.now()
        self.folder = runtime.scratch()
        self.state = self.folder / "state"
        self.number = 0

    def tearDown(self) -> None:
        for name in runtime.call(self.state, "list", "--quiet").out.split():
            runtime.call(self.state, "delete", "--force", name)
        subprocess.run(["rm", "-rf", self.folder], check=True)
        runtime.require_nothing_left(self.before, self.state)

    def leave_orphans(self) -> None:
        """To process 1: the first process of a pid namespace does not end before somebody has waited for all others."""
        runtime.adopt_orphans(False)
        self.addCleanup(runtime.adopt_orphans, True)

    def bundle(self, case: dict) -> Bundle:
        self.number += 1
        return Bundle(self.folder / f"bundle{self.number}", case)

    def call(self, *words: str | Path, **more: object) -> runtime.Result:
        return runtime.call(self.state, *words, **more)

    def succeeds(self, *words: str | Path, **more: object) -> str:
        done = self.call(*words, **more)
        self.assertEqual((done.status, done.error), (0, ""), f"{words}: {done}")
        return done.out

    def fails(self, *words: str | Path, says: str, status: int = 1, **more: object) -> str:
        done = self.call(*words, **more)
        self.assertEqual(done.status, status, f"{words}: {done}")
        self.assertIn(says, done.error)
        return done.error

    def create(self, case: dict, *flags: str | Path, name: str = ID, **more: object) -> Bundle:
        bundle = self.bundle(case)
        self.succeeds("create", "--bundle", bundle.path, *flags, name, **more)
        return bundle

    def start(self, case: dict, *flags: str | Path, name: str = ID, **more: object) -> Bundle:
        bundle = self.create(case, *flags, name=name, **more)
        self.succeeds("start", name)
        return bundle

    def status(self, name: str = ID) -> str:
        return runtime.state_of(self.state, name)["status"]

    def pid(self, name: str = ID) -> int:
        return runtime.state_of(self.state, name)["pid"]

    def wait_for_status(self, wanted: str, name: str = ID) -> None:
        runtime.wait_for(lambda: self.status(name) == wanted, f"the status {wanted}")

    def stored(self, file: str, name: str = ID) -> Path:
        return self.state / name / file

    def change_state(self, **members: object) -> None:
        path = self.stored("state.json")
        path.write_text(json.dumps(json.loads(path.read_text(encoding="utf-8")) | members), encoding="utf-8")
