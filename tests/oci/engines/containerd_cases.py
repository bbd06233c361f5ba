"""What containerd's shim asks of the runtime."""
import os
import signal
import subprocess

import cgroups
from containerd import SOCKET, ContainerdCase, ctr
from engine import run

MIB = 1024 * 1024
BUSY = "echo ready; while :; do sleep 0.1; done"


class Run(ContainerdCase):
    def test_0(self) -> None:
        self.assert_status(self.container("true"), 0)

    def test_7(self) -> None:
        self.assert_status(self.container("sh", "-c", "exit 7"), 7)

    def test_what_is_not_there_is_said(self) -> None:
        result = self.container("no-such-program")
        self.assertNotEqual(result.returncode, 0)
        self.assertIn("no-such-program", result.stderr)

    def test_stdin(self) -> None:
        # 'ctr run' never closes the container's end, so something that ends by itself reads it.
        self.assertEqual(self.prints("head", "-n", "2", stdin="a\nb\n"), "a\nb")

    def test_stdout_and_stderr_stay_apart(self) -> None:
        result = self.container("sh", "-c", "echo out; echo err >&2")
        self.assertEqual((result.stdout, result.stderr), ("out\n", "err\n"))

    def test_folder_and_variables(self) -> None:
        shown = self.prints("sh", "-c", 'echo "$PWD $WORD"', options=("--cwd", "/data", "--env", "WORD=two words"))
        self.assertEqual(shown, "/data two words")

    def test_read_only(self) -> None:
        self.assertIn("Read-only", self.container("touch", "/file", options=("--read-only",)).stderr)

    def test_mount(self) -> None:
        (self.folder / "file").write_text("of the host\n", encoding="ascii")
        mount = f"type=bind,src={self.folder},dst=/v,options=rbind:ro"
        result = self.container("sh", "-c", "cat /v/file; touch /v/new", options=("--mount", mount))
        self.assertEqual(result.stdout, "of the host\n")
        self.assertIn("Read-only", result.stderr)

    def test_no_pivot(self) -> None:
        self.assertEqual(self.prints("cat", "/data/greeting", options=("--no-pivot",)), "from the image")

    def test_host_network(self) -> None:
        shown = self.prints("readlink", "/proc/self/ns/net", options=("--net-host",))
        self.assertEqual(shown, os.readlink("/proc/self/ns/net"))

    def test_given_namespace(self) -> None:
        shown = self.prints("readlink", "/proc/self/ns/uts", options=("--with-ns", "uts:/proc/1/ns/uts"))
        self.assertEqual(shown, os.readlink("/proc/1/ns/uts"))

    def test_ten_at_once(self) -> None:
        def start(i: int) -> subprocess.Popen:
            words = ["ctr", "--address", SOCKET, *self.run_words("--rm", name=f"{self.name}-{i}")]
            return subprocess.Popen([*words, "sh", "-c", f"echo {i}; exit {i}"],
                                    stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, text=True)
        started = [start(i) for i in range(10)]
        for i, process in enumerate(started):
            self.assertEqual((process.communicate(timeout=60)[0], process.returncode), (f"{i}\n", i))

    def test_nothing_is_left(self) -> None:
        self.container("true")
        self.assertEqual(cgroups.below(self.name), [])
        self.assertNotIn(self.name, run("ps", "-e", "-o", "args=").stdout)


class Security(ContainerdCase):
    def status(self, word: str, *options: str) -> str:
        return self.prints("grep", f"{word}:", "/proc/self/status", options=options).split()[1]

    def test_capabilities(self) -> None:
        before = int(self.status("CapEff"), 16)
        after = int(self.status("CapEff", "--cap-add", "CAP_SYS_ADMIN", "--cap-drop", "CAP_CHOWN"), 16)
        self.assertEqual(after, (before | 1 << 21) & ~1)

    def test_default_filter(self) -> None:
        self.assertEqual((self.status("Seccomp"), self.status("Seccomp", "--seccomp")), ("0", "2"))

    def test_no_new_privileges(self) -> None:
        self.assertEqual((self.status("NoNewPrivs"), self.status("NoNewPrivs", "--allow-new-privs")), ("1", "0"))

    def test_privileged(self) -> None:
        here = run("grep", "CapEff", "/proc/self/status").stdout.split()[1]
        self.assertEqual(self.status("CapEff", "--privileged"), here)

    def test_mapped_users(self) -> None:
        self.background(options=("--uidmap", "0:200000:5000", "--gidmap", "0:300000:5000"))
        self.assertEqual(self.exec("id", "-u").stdout, "0\n")
        self.assertEqual(run("ps", "-o", "uid=,gid=", "-p", self.task()[0]).stdout.split(), ["200000", "300000"])


class Tasks(ContainerdCase):
    def assert_ended_with(self, status: int) -> None:
        self.wait_for_state("STOPPED")
        result = ctr("tasks", "delete", self.name)  # whose own status is 0
        self.assertRegex(result.stderr, rf"exit code {status}\b")

    def test_detached(self) -> None:
        self.background()
        self.assertEqual(self.task()[1], "RUNNING")

    def test_kill(self) -> None:
        self.background()
        self.ok("tasks", "kill", "--signal", "SIGKILL", self.name)
        self.assert_ended_with(137)

    def test_any_signal(self) -> None:
        self.background("sh", "-c", "trap 'exit 6' USR1; touch /tmp/ready; while :; do sleep 0.1; done")
        self.wait_for("the trap", lambda: self.exec("test", "-e", "/tmp/ready").returncode == 0)
        self.ok("tasks", "kill", "--signal", "SIGUSR1", self.name)
        self.assert_ended_with(6)

    def test_kill_all(self) -> None:
        self.background("sh", "-c", "sleep 4646 & touch /tmp/ready; wait")
        self.wait_for("the child", lambda: self.exec("test", "-e", "/tmp/ready").returncode == 0)
        self.ok("tasks", "kill", "--all", "--signal", "SIGKILL", self.name)
        self.wait_for_state("STOPPED")
        self.assertNotIn("4646", run("ps", "-e", "-o", "args=").stdout)

    def test_a_second_kill_finds_no_process(self) -> None:
        self.background("true")
        self.wait_for_state("STOPPED")
        self.assertNotEqual(ctr("tasks", "kill", self.name).returncode, 0)

    def test_removal_by_force(self) -> None:
        self.background("sh", "-c", BUSY)
        self.ok("tasks", "delete", "--force", self.name)
        self.assertEqual(self.task(), (0, "none"))
        self.assertEqual(cgroups.below(self.name), [])

    def test_pause_and_resume(self) -> None:
        self.background()
        self.ok("tasks", "pause", self.name)
        self.assertEqual(self.task()[1], "PAUSED")
        self.assertIn(self.cgroup().read("freezer.state", "cgroup.freeze"), ("FROZEN", "1"))
        self.ok("tasks", "resume", self.name)
        self.assertEqual(self.task()[1], "RUNNING")

    def test_removal_while_paused(self) -> None:
        self.background()
        self.ok("tasks", "pause", self.name)
        self.ok("tasks", "delete", "--force", self.name)
        self.assertEqual(cgroups.below(self.name), [])

    def test_processes(self) -> None:
        self.background("sh", "-c", "sleep 1000 & touch /tmp/ready; wait")
        self.wait_for("the child", lambda: self.exec("test", "-e", "/tmp/ready").returncode == 0)
        self.assertEqual(len(self.ok("tasks", "ps", self.name).splitlines()), 3)  # the first line is a heading

    def test_metrics(self) -> None:
        self.background(options=("--memory-limit", str(64 * MIB)))
        self.assertIn(str(64 * MIB), self.ok("tasks", "metrics", self.name).split())


class Limits(ContainerdCase):
    def test_memory(self) -> None:
        self.background(options=("--memory-limit", str(64 * MIB)))
        self.assertEqual(self.cgroup().read("memory.limit_in_bytes", "memory.max"), str(64 * MIB))

    def test_cpus(self) -> None:
        self.background(options=("--cpus", "0.5"))
        self.assertIn(self.cgroup().read("cpu.cfs_quota_us", "cpu.max"), ("50000", "50000 100000"))

    def test_own_cgroup(self) -> None:
        self.background(options=("--cgroup", f"/mine/{self.name}"))
        self.assertIn(f"/mine/{self.name}", run("cat", f"/proc/{self.task()[0]}/cgroup").stdout)


class Exec(ContainerdCase):
    def setUp(self) -> None:
        super().setUp()
        self.background()

    def test_exit_status(self) -> None:
        self.assert_status(self.exec("sh", "-c", "exit 9"), 9)

    def test_what_is_not_there_is_said(self) -> None:
        result = self.exec("no-such-program")
        self.assertNotEqual(result.returncode, 0)
        self.assertIn("no-such-program", result.stderr)

    def test_killed(self) -> None:
        self.assert_status(self.exec("sh", "-c", "kill -KILL $$"), 128 + signal.SIGKILL)

    def test_stdin(self) -> None:
        self.assertEqual(self.exec("cat", stdin="typed\n").stdout, "typed\n")

    def test_user_and_folder(self) -> None:
        result = self.exec("sh", "-c", "id -u; pwd", options=("--user", "1000", "--cwd", "/data"))
        self.assertEqual(result.stdout, "1000\n/data\n")

    def test_in_the_background(self) -> None:
        self.assert_status(self.exec("touch", "/tmp/mark", options=("--detach",)), 0)
        self.wait_for("the mark", lambda: self.exec("test", "-e", "/tmp/mark").returncode == 0)

    def test_ten_at_once(self) -> None:
        words = ["ctr", "--address", SOCKET, "tasks", "exec", "--exec-id"]
        started = [subprocess.Popen([*words, f"e{i}", self.name, "sh", "-c", f"exit {i}"], stdin=subprocess.DEVNULL)
                   for i in range(10)]
        self.assertEqual([process.wait(60) for process in started], list(range(10)))


class AtTheTerminal(ContainerdCase):
    def test_run_has_the_size_of_the_outer_one_and_follows_it(self) -> None:
        shell = self.terminal(*self.run_words("--rm", "-t"), "sh", rows=33, columns=101)
        shell.expect("#")
        shell.answers("stty size", "33 101")
        shell.resize(44, 120)
        shell.answers("stty size", "44 120")
        shell.type("exit 3\n")
        self.assertEqual(shell.status(), 3)

    def test_exec_has_the_size_of_the_outer_one(self) -> None:
        self.background()
        shell = self.terminal("tasks", "exec", "--exec-id", "e", "-t", self.name, "sh", rows=35, columns=91)
        shell.expect("#")
        shell.answers("stty size", "35 91")
        shell.type("exit 8\n")
        self.assertEqual(shell.status(), 8)
