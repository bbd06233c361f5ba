"""What a container may use: its cgroups, resource limits and priorities."""
import cgroups
import image
from engine import run
from podman import PodmanCase, podman

MIB = 1024 * 1024


class Limits(PodmanCase):
    def limited(self, *options: str) -> cgroups.Cgroup:
        return self.cgroup(self.background(options=("--network", "none", *options)))

    def assert_cpus(self, group: cgroups.Cgroup, quota: int, period: int) -> None:
        text = group.read("cpu.cfs_quota_us", "cpu.max")
        self.assertIn(text, (str(quota), f"{quota} {period}"))

    def test_memory(self) -> None:
        group = self.limited("--memory", "64m", "--memory-reservation", "32m")
        self.assertEqual(group.read("memory.limit_in_bytes", "memory.max"), str(64 * MIB))
        self.assertEqual(group.read("memory.soft_limit_in_bytes", "memory.low"), str(32 * MIB))

    def test_memory_with_swap(self) -> None:
        group = self.limited("--memory", "64m", "--memory-swap", "96m")
        # Version 1 counts both together, version 2 swap alone.
        self.assertIn(group.read("memory.memsw.limit_in_bytes", "memory.swap.max"), (str(96 * MIB), str(32 * MIB)))

    def test_pids(self) -> None:
        self.assertEqual(self.limited("--pids-limit", "20").read("pids.max", "pids.max"), "20")

    def test_pids_stop_a_fork(self) -> None:
        result = self.container("sh", "-c", "for i in 1 2 3 4 5 6 7 8 9; do sleep 1000 & done",
                                options=("--pids-limit", "5"))
        self.assertNotEqual(result.returncode, 0)
        self.assertIn("fork", result.stderr)

    def test_cpus(self) -> None:
        self.assert_cpus(self.limited("--cpus", "0.5"), 50000, 100000)

    def test_cpu_shares(self) -> None:
        # 512 of version 1 are 20 of version 2, by the conversion that runtimes agreed on first, and 59 by the second.
        self.assertIn(self.limited("--cpu-shares", "512").read("cpu.shares", "cpu.weight"), ("512", "20", "59"))

    def test_cpu_set(self) -> None:
        self.assertEqual(self.limited("--cpuset-cpus", "0").read("cpuset.cpus", "cpuset.cpus"), "0")

    def test_out_of_memory_is_told(self) -> None:
        options = ("--network", "none", "--memory", "16m", "--memory-swap", "16m")
        # tail keeps a line until it ends. Without a limit this one ends before it harms the machine.
        words = ("sh", "-c", "head -c 268435456 /dev/zero | tail >/dev/null")
        name = self.ok("run", "--detach", *options, image.NAME, *words, cwd=self.folder)
        self.addCleanup(podman, "rm", "--force", name)
        self.assertEqual(self.wait_for_end(name), 137)
        # podman looks for conmon's mark in the bundle, but podman 4 starts conmon in the caller's folder.
        self.assertTrue(self.state(name)["OOMKilled"] or (self.folder / "oom").exists())

    def test_update(self) -> None:
        name = self.background(options=("--memory", "64m", "--network", "none"))
        self.ok("update", "--memory", "96m", "--memory-swap", "96m", "--cpus", "0.25",
                "--cpu-shares", "256", name)
        group = self.cgroup(name)
        self.assertEqual(group.read("memory.limit_in_bytes", "memory.max"), str(96 * MIB))
        self.assert_cpus(group, 25000, 100000)
        self.assertIn(group.read("cpu.shares", "cpu.weight"), ("256", "10", "35"))

    def test_stats_are_read(self) -> None:
        name = self.background(options=("--memory", "64m", "--network", "none"))
        shown = self.ok("stats", "--no-stream", "--format", "{{.MemUsage}} {{.PIDs}}", name)
        self.assertIn("67.11MB", shown)
        self.assertTrue(shown.endswith(" 1"), shown)

    def test_parent_of_the_cgroup(self) -> None:
        name = self.background(options=("--cgroup-parent", "/another", "--network", "none"))
        self.assertIn(f"/another/libpod-{name}", run("cat", f"/proc/{self.state(name)['Pid']}/cgroup").stdout)
        self.ok("rm", "--force", "--time", "0", name)
        self.assertEqual(cgroups.below(name), [])


class Priorities(PodmanCase):
    def test_resource_limit(self) -> None:
        # Both, since either replaces all defaults, and podman's own for the other may be more than root can have.
        options = ("--ulimit", "nofile=200:300", "--ulimit", "nproc=1024:1024")
        self.assertEqual(self.shell("ulimit -n; ulimit -Hn", *options), "200\n300")

    def test_oom_score(self) -> None:
        self.assertEqual(self.prints("cat", "/proc/self/oom_score_adj", options=("--oom-score-adj", "500")), "500")


class CgroupNamespace(PodmanCase):
    def paths(self, mode: str) -> set[str]:
        lines = self.prints("cat", "/proc/self/cgroup", options=("--cgroupns", mode)).splitlines()
        return {line.split(":", 2)[2] for line in lines}

    def test_private(self) -> None:
        self.assertEqual(self.paths("private"), {"/"})

    def test_host(self) -> None:
        self.assertTrue(any("libpod" in path for path in self.paths("host")))

    def test_the_files_show_the_own_limit(self) -> None:
        script = "cat /sys/fs/cgroup/memory/memory.limit_in_bytes /sys/fs/cgroup/memory.max 2>/dev/null; true"
        self.assertEqual(self.shell(script, "--memory", "64m"), str(64 * MIB))

    def test_the_files_are_read_only(self) -> None:
        script = "mkdir /sys/fs/cgroup/memory/own || mkdir /sys/fs/cgroup/own"
        self.assertIn("Read-only", self.container("sh", "-c", script).stderr)
