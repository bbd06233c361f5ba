"""Programs that the runtime runs at points of a container's life."""
import json
import os

import image
from podman import PodmanCase, namespace_here, podman

# As the runtime specification orders them. createContainer and startContainer run in the container's namespaces.
STAGES = ("prestart", "createRuntime", "createContainer", "startContainer", "poststart", "poststop")


class Hooks(PodmanCase):
    def setUp(self) -> None:
        super().setUp()
        self.hooks = self.folder / "hooks"
        self.hooks.mkdir()
        self.log = self.folder / "log"
        self.log.mkdir()

    def add(self, stage: str, script: str) -> None:
        """/bin/sh is both the host's and, for startContainer, the container's."""
        hook = {"version": "1.0.0", "hook": {"path": "/bin/sh", "args": ["sh", "-c", script]},
                "when": {"always": True}, "stages": [stage]}
        (self.hooks / f"{stage}.json").write_text(json.dumps(hook), encoding="utf-8")

    def run_with_hooks(self, *words: object) -> object:
        options = ("--rm", "--network", "none", "--volume", f"{self.log}:{self.log}")
        return podman("--hooks-dir", self.hooks, "run", *options, image.NAME, *words)

    def test_all_six_in_their_order(self) -> None:
        for stage in STAGES:
            self.add(stage, f"/bin/echo {stage} >>{self.log}/order")
        self.assert_status(self.run_with_hooks("true"), 0)
        self.wait_for("the last hook", lambda: "poststop" in self.read("order"))
        shown = self.read("order").split()
        self.assertEqual(sorted(shown), sorted(STAGES))
        # runc starts the poststart hooks while startContainer may still be at work.
        self.assertEqual(shown[:3], list(STAGES[:3]))
        self.assertEqual(shown[-1], "poststop")

    def test_they_read_the_state(self) -> None:
        for stage in ("createRuntime", "poststop"):
            self.add(stage, f"cat >{self.log}/{stage}")
        self.assert_status(self.run_with_hooks("true"), 0)
        self.wait_for("the state", lambda: self.read("poststop").endswith("}"))
        state = json.loads(self.read("createRuntime"))
        self.assertEqual((state["status"], state["ociVersion"][:2]), ("creating", "1."))
        self.assertGreater(state["pid"], 0)
        self.assertTrue(os.path.isabs(state["bundle"]))
        self.assertEqual(json.loads(self.read("poststop"))["status"], "stopped")
        self.assertEqual(json.loads(self.read("poststop"))["id"], state["id"])

    def test_they_run_in_their_namespaces(self) -> None:
        for stage in ("createRuntime", "createContainer", "startContainer"):
            self.add(stage, f"readlink /proc/self/ns/mnt >{self.log}/{stage}")
        self.assert_status(self.run_with_hooks("true"), 0)
        self.assertEqual(self.read("createRuntime").strip(), namespace_here("mnt"))
        self.assertNotEqual(self.read("createContainer").strip(), namespace_here("mnt"))
        self.assertEqual(self.read("createContainer"), self.read("startContainer"))

    def test_one_that_reads_nothing_does_no_harm(self) -> None:
        self.add("createRuntime", "exec true")
        self.assert_status(self.run_with_hooks("sh", "-c", "exit 3"), 3)

    def test_one_that_fails_stops_the_container(self) -> None:
        self.add("createRuntime", "exit 1")
        result = self.run_with_hooks("touch", f"{self.log}/ran")
        self.assertNotEqual(result.returncode, 0)
        self.assertFalse((self.log / "ran").exists())

    def test_after_the_end_a_failure_is_only_a_warning(self) -> None:
        self.add("poststop", "exit 1")
        self.assert_status(self.run_with_hooks("true"), 0)

    def read(self, name: str) -> str:
        file = self.log / name
        return file.read_text(encoding="utf-8") if file.exists() else ""
