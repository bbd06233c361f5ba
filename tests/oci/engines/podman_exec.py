"""A second program in a container."""
import os
import subprocess

from engine import run
from podman import PodmanCase, podman


class Exec(PodmanCase):
    def setUp(self) -> None:
        super().setUp()
        self.name = self.background()

    def inside(self, *words: object, options: tuple = (), **more: object) -> str:
        return self.ok("exec", *options, self.name, *words, **more)

    def test_exit_status(self) -> None:
        self.assert_status(podman("exec", self.name, "sh", "-c", "exit 9"), 9)

    def test_126_for_a_file_that_is_no_program(self) -> None:
        self.assert_status(podman("exec", self.name, "/etc/passwd"), 126)

    def test_127_for_what_is_not_there(self) -> None:
        self.assert_status(podman("exec", self.name, "no-such-program"), 127)
        self.assert_status(podman("exec", self.name, "/no/such/program"), 127)

    def test_137_for_a_killed_one(self) -> None:
        self.assert_status(podman("exec", self.name, "sh", "-c", "kill -KILL $$"), 137)

    def test_stdin(self) -> None:
        self.assertEqual(self.inside("cat", options=("--interactive",), stdin="typed\n"), "typed")

    def test_stdout_and_stderr_stay_apart(self) -> None:
        result = podman("exec", self.name, "sh", "-c", "echo out; echo err >&2")
        self.assertEqual((result.stdout, result.stderr), ("out\n", "err\n"))

    def test_user_and_groups(self) -> None:
        shown = self.inside("id", options=("--user", "tester"))
        self.assertIn("uid=1000(tester) gid=1000(tester)", shown)
        self.assertIn("60(players)", shown)

    def test_folder_and_variables(self) -> None:
        options = ("--workdir", "/data", "--env", "WORD=two words")
        self.assertEqual(self.inside("sh", "-c", 'echo "$PWD $WORD $PATH"', options=options), "/data two words /bin")

    def test_sees_the_processes_of_the_container(self) -> None:
        self.assertEqual(self.inside("cat", "/proc/1/cmdline").split("\0")[:2], ["sleep", "1000"])

    def test_joins_all_namespaces(self) -> None:
        for kind in ("ipc", "mnt", "net", "pid", "uts", "cgroup"):
            link = f"/proc/{self.state(self.name)['Pid']}/ns/{kind}"
            self.assertEqual(self.inside("readlink", f"/proc/self/ns/{kind}"), os.readlink(link), kind)

    def test_joins_the_cgroups(self) -> None:
        def paths(text: str) -> list[str]:
            return sorted(line for line in text.splitlines() if "name=systemd" not in line)
        self.assertEqual(paths(self.inside("cat", "/proc/self/cgroup")), paths(self.inside("cat", "/proc/1/cgroup")))

    def test_has_the_capabilities_of_the_container(self) -> None:
        self.assertEqual(self.inside("grep", "Cap", "/proc/self/status"), self.inside("grep", "Cap", "/proc/1/status"))

    def test_privileged_has_all_capabilities(self) -> None:
        shown = self.inside("grep", "CapEff", "/proc/self/status", options=("--privileged",))
        self.assertEqual(shown.split()[1], run("grep", "CapEff", "/proc/self/status").stdout.split()[1])

    def test_in_the_background(self) -> None:
        self.inside("sh", "-c", "echo done >/tmp/mark", options=("--detach",))
        self.wait_for("the mark", lambda: podman("exec", self.name, "cat", "/tmp/mark").stdout == "done\n")

    def test_at_the_terminal(self) -> None:
        shell = self.terminal("exec", "-it", self.name, "sh", rows=35, columns=91)
        shell.expect("#")
        shell.answers("stty size", "35 91")
        shell.resize(45, 131)
        shell.answers("stty size", "45 131")
        shell.type("exit 8\n")
        self.assertEqual(shell.status(), 8)

    def test_the_container_lives_on(self) -> None:
        self.inside("true")
        self.assertTrue(self.state(self.name)["Running"])

    def test_ends_with_the_container(self) -> None:
        self.inside("sh", "-c", "sleep 4343", options=("--detach",))
        self.wait_for("the program", lambda: "4343" in run("ps", "-e", "-o", "args=").stdout)
        self.ok("kill", self.name)
        self.wait_for("its end", lambda: "4343" not in run("ps", "-e", "-o", "args=").stdout)

    def test_is_refused_while_paused(self) -> None:
        self.ok("pause", self.name)
        self.addCleanup(podman, "unpause", self.name)
        self.assertNotEqual(podman("exec", self.name, "true").returncode, 0)

    def test_ten_at_once(self) -> None:
        started = [subprocess.Popen(["podman", "exec", self.name, "sh", "-c", f"exit {i}"]) for i in range(10)]
        self.assertEqual([process.wait(60) for process in started], list(range(10)))

    def test_health_check(self) -> None:
        options = ("--health-cmd", "test -e /tmp/well", "--health-interval", "disable", "--network", "none")
        name = self.background(options=options)
        self.assertEqual(podman("healthcheck", "run", name).returncode, 1)
        self.ok("exec", name, "touch", "/tmp/well")
        self.assertEqual(podman("healthcheck", "run", name).returncode, 0)
