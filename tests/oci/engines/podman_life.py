"""What happens to a container between its creation and its removal."""
import subprocess
from pathlib import Path

import cgroups
import image
from engine import run
from podman import PodmanCase, podman

# Process 1 ignores a signal that it has no handler for, so the cases say what it does.
ENDS_WITH_5_ON_TERM = "trap 'exit 5' TERM; echo ready; while :; do sleep 0.1; done"
IGNORES_TERM = "trap '' TERM; echo ready; while :; do sleep 0.1; done"


class Life(PodmanCase):
    def test_logs_of_a_detached_container(self) -> None:
        name = self.background("sh", "-c", "echo out; echo err >&2; exit 4")
        self.assertEqual(self.wait_for_end(name), 4)
        result = podman("logs", name)
        self.assertEqual((result.stdout, result.stderr), ("out\n", "err\n"))

    def test_create_then_start(self) -> None:
        name = self.created("sh", "-c", "echo started; exit 6")
        result = podman("start", "--attach", name)
        self.assertEqual((result.stdout, result.returncode), ("started\n", 6))

    def test_init_then_start(self) -> None:
        name = self.created("sh", "-c", "echo started; exit 6")
        self.ok("init", name)
        self.assertEqual(self.state(name)["Status"], "initialized")
        self.assertEqual(self.ok("logs", name), "")
        self.ok("start", name)
        self.assertEqual(self.wait_for_end(name), 6)

    def test_removal_of_what_was_never_started(self) -> None:
        name = self.created()
        self.ok("init", name)
        pid = self.state(name)["Pid"]
        self.ok("rm", "--force", name)
        self.wait_for("the end of its process", lambda: not Path(f"/proc/{pid}").exists())
        self.assertEqual(cgroups.below(name), [])

    def test_removal_of_a_running_one_leaves_no_cgroup(self) -> None:
        name = self.background()
        self.assertNotEqual(cgroups.below(name), [])
        self.ok("rm", "--force", "--time", "0", name)
        self.assertEqual(cgroups.below(name), [])

    def test_the_end_takes_all_processes_along(self) -> None:
        name = self.background("sh", "-c", "sleep 4242 & sleep 4242 & echo ready; read word",
                               options=("--interactive", "--network", "none"))
        self.wait_for_log(name, "ready")
        podman("attach", name, stdin="go\n")
        self.wait_for("the end of the others", lambda: "4242" not in run("ps", "-e", "-o", "args=").stdout)

    def test_start_after_the_end(self) -> None:
        name = self.background("sh", "-c", "echo once more; exit 2")
        self.assertEqual(self.wait_for_end(name), 2)
        self.ok("start", name)
        self.assertEqual(self.wait_for_end(name), 2)
        self.assertEqual(self.ok("logs", name), "once more\nonce more")

    def test_restart_gives_a_new_process(self) -> None:
        name = self.background()
        before = self.state(name)["Pid"]
        self.ok("restart", "--time", "0", name)
        after = self.state(name)
        self.assertTrue(after["Running"])
        self.assertNotEqual(before, after["Pid"])

    def test_restarted_by_its_policy(self) -> None:
        name = self.background("sh", "-c", "exit 9", options=("--restart", "on-failure:2", "--network", "none"))
        self.wait_for("an end after two restarts",
                      lambda: self.ok("inspect", "--format", "{{.RestartCount}} {{.State.Status}}", name) == "2 exited")

    def test_ten_at_once(self) -> None:
        words = ["podman", "run", "--rm", "--network", "none", image.NAME, "sh", "-c"]
        started = [subprocess.Popen([*words, f"echo {i}; exit {i}"], stdout=subprocess.PIPE, text=True)
                   for i in range(10)]
        for i, process in enumerate(started):
            self.assertEqual((process.communicate(timeout=60)[0], process.returncode), (f"{i}\n", i))


class Signals(PodmanCase):
    def test_stop_asks_with_term(self) -> None:
        name = self.background("sh", "-c", ENDS_WITH_5_ON_TERM)
        self.wait_for_log(name, "ready")
        self.ok("stop", name)
        self.assertEqual(self.state(name)["ExitCode"], 5)

    def test_stop_kills_what_does_not_listen(self) -> None:
        name = self.background("sh", "-c", IGNORES_TERM)
        self.wait_for_log(name, "ready")
        self.ok("stop", "--time", "1", name)
        self.assertEqual(self.state(name)["ExitCode"], 137)

    def test_stop_with_the_signal_of_the_container(self) -> None:
        name = self.background("sh", "-c", ENDS_WITH_5_ON_TERM.replace("TERM", "USR2"),
                               options=("--stop-signal", "USR2", "--network", "none"))
        self.wait_for_log(name, "ready")
        self.ok("stop", name)
        self.assertEqual(self.state(name)["ExitCode"], 5)

    def test_any_signal(self) -> None:
        name = self.background("sh", "-c", "trap 'echo heard' USR1; echo ready; while :; do sleep 0.1; done")
        self.wait_for_log(name, "ready")
        self.ok("kill", "--signal", "USR1", name)
        self.wait_for_log(name, "heard")
        self.assertTrue(self.state(name)["Running"])

    def test_a_signal_after_the_end_is_refused(self) -> None:
        name = self.background("true")
        self.wait_for_end(name)
        self.assertNotEqual(podman("kill", name).returncode, 0)


class Pause(PodmanCase):
    def frozen(self, name: str) -> bool:
        return self.cgroup(name).read("freezer.state", "cgroup.freeze") in ("FROZEN", "1")

    def test_pause_and_unpause(self) -> None:
        name = self.background()
        self.ok("pause", name)
        self.assertEqual(self.state(name)["Status"], "paused")
        self.assertTrue(self.frozen(name))
        self.ok("unpause", name)
        self.assertEqual(self.state(name)["Status"], "running")
        self.assertFalse(self.frozen(name))

    def test_a_paused_container_can_be_removed(self) -> None:
        name = self.background()
        self.ok("pause", name)
        self.ok("rm", "--force", "--time", "0", name)
        self.assertEqual(cgroups.below(name), [])
