"""What a container may do: users, capabilities, filters, kernel settings, devices."""
import json
import os

import image
from engine import run
from podman import PodmanCase, namespace_here

CAPABILITIES = {"CHOWN": 0, "NET_BIND_SERVICE": 10, "SYS_ADMIN": 21, "MKNOD": 27}


class Users(PodmanCase):
    def test_by_name(self) -> None:
        shown = self.prints("id", options=("--user", "tester"))
        self.assertIn("uid=1000(tester) gid=1000(tester)", shown)
        self.assertIn("60(players)", shown)

    def test_by_numbers(self) -> None:
        self.assertEqual(self.shell("id -u; id -g", "--user", "1234:4321"), "1234\n4321")

    def test_more_groups(self) -> None:
        self.assertIn("777", self.prints("id", "-G", options=("--group-add", "777")).split())

    def test_no_groups_of_the_caller(self) -> None:
        self.assertEqual(self.prints("id", "-G", options=("--user", "1234:4321")), "4321")

    def test_a_user_has_no_capabilities(self) -> None:
        shown = self.prints("grep", "CapEff", "/proc/self/status", options=("--user", "tester"))
        self.assertEqual(int(shown.split()[1], 16), 0)

    def test_mapped(self) -> None:
        name = self.background(options=("--uidmap", "0:200000:5000", "--gidmap", "0:300000:5000", "--network", "none"))
        self.assertEqual(self.ok("exec", name, "sh", "-c", "id -u; id -g; stat -c %u:%g /bin/busybox /proc/1"),
                         "0\n0\n0:0\n0:0")
        pid = self.state(name)["Pid"]
        self.assertEqual(run("ps", "-o", "uid=,gid=", "-p", pid).stdout.split(), ["200000", "300000"])
        self.assertNotEqual(os.readlink(f"/proc/{pid}/ns/user"), namespace_here("user"))

    def test_mapped_and_writing(self) -> None:
        script = "echo x >/home/file && chown 1000:1000 /home/file && stat -c %u:%g /home/file"
        self.assertEqual(self.shell(script, "--uidmap", "0:200000:5000"), "1000:1000")


class Capabilities(PodmanCase):
    def held(self, *options: str) -> set[str]:
        shown = self.prints("grep", "CapEff", "/proc/self/status", options=options)
        mask = int(shown.split()[1], 16)
        return {name for name, bit in CAPABILITIES.items() if mask >> bit & 1}

    def test_default(self) -> None:
        self.assertEqual(self.held(), {"CHOWN", "NET_BIND_SERVICE"})

    def test_added(self) -> None:
        self.assertIn("SYS_ADMIN", self.held("--cap-add", "SYS_ADMIN"))

    def test_dropped(self) -> None:
        self.assertEqual(self.held("--cap-drop", "CHOWN"), {"NET_BIND_SERVICE"})

    def test_all_dropped_from_the_bounding_set_too(self) -> None:
        shown = self.prints("grep", "Cap", "/proc/self/status", options=("--cap-drop", "all"))
        self.assertEqual({line.split()[1] for line in shown.splitlines()}, {"0" * 16})

    def test_ambient_for_a_user(self) -> None:
        shown = self.prints("grep", "-E", "Cap(Eff|Amb)", "/proc/self/status",
                            options=("--user", "tester", "--cap-add", "SYS_ADMIN"))
        self.assertEqual({int(line.split()[1], 16) >> 21 & 1 for line in shown.splitlines()}, {1})


class Filters(PodmanCase):
    def profile(self, **rule: object) -> str:
        path = self.folder / "seccomp.json"
        path.write_text(json.dumps({"defaultAction": "SCMP_ACT_ALLOW", "syscalls": [rule]}), encoding="utf-8")
        return f"seccomp={path}"

    def test_a_call_is_refused(self) -> None:
        profile = self.profile(names=["mkdir", "mkdirat"], action="SCMP_ACT_ERRNO")
        result = self.container("mkdir", "/tmp/folder", options=("--security-opt", profile))
        self.assertNotEqual(result.returncode, 0)
        self.assertIn("Operation not permitted", result.stderr)

    def test_with_the_error_of_the_profile(self) -> None:
        profile = self.profile(names=["mkdir", "mkdirat"], action="SCMP_ACT_ERRNO", errnoRet=28)
        result = self.container("mkdir", "/tmp/folder", options=("--security-opt", profile))
        self.assertIn("No space left on device", result.stderr)

    def test_by_an_argument(self) -> None:
        usr1 = {"index": 1, "value": 10, "op": "SCMP_CMP_EQ"}
        profile = self.profile(names=["kill"], action="SCMP_ACT_ERRNO", args=[usr1])
        shown = self.shell("kill -USR1 1 2>/dev/null || echo refused; kill -0 1 && echo allowed",
                           "--security-opt", profile)
        self.assertEqual(shown, "refused\nallowed")

    def test_a_call_kills(self) -> None:
        profile = self.profile(names=["mkdir", "mkdirat"], action="SCMP_ACT_KILL_PROCESS")
        shown = self.container("sh", "-c", "mkdir /tmp/folder; exit $?", options=("--security-opt", profile))
        self.assert_status(shown, 159)  # 128 + SIGSYS

    def test_the_default_is_loaded(self) -> None:
        self.assertEqual(self.prints("grep", "Seccomp:", "/proc/self/status").split()[1], "2")

    def test_none(self) -> None:
        shown = self.prints("grep", "Seccomp:", "/proc/self/status", options=("--security-opt", "seccomp=unconfined"))
        self.assertEqual(shown.split()[1], "0")

    def test_no_new_privileges(self) -> None:
        for options, value in (((), "0"), (("--security-opt", "no-new-privileges"), "1")):
            shown = self.prints("grep", "NoNewPrivs", "/proc/self/status", options=options)
            self.assertEqual(shown.split()[1], value, options)


class Kernel(PodmanCase):
    def test_sysctl(self) -> None:
        options = ("--sysctl", "net.ipv4.ping_group_range=0 7", "--sysctl", "kernel.msgmax=4096")
        shown = self.shell("cat /proc/sys/net/ipv4/ping_group_range /proc/sys/kernel/msgmax", *options)
        self.assertEqual(shown.split(), ["0", "7", "4096"])

    def test_masked_paths(self) -> None:
        # Not every kernel has these files; a mask may be a device that gives nothing, or an empty file.
        script = "for file in kcore keys timer_list; do head -c 1 /proc/$file 2>/dev/null; done"
        self.assertEqual(self.shell(f"{script}; ls -A /sys/firmware"), "")

    def test_unmasked(self) -> None:
        script = "head -c 1 /proc/keys | wc -c; ls -A /sys/firmware | wc -l"
        self.assertNotEqual(self.shell(script, "--security-opt", "unmask=ALL"), self.shell(script))

    def test_settings_are_read_only(self) -> None:
        result = self.container("sh", "-c", "echo 1 >/proc/sys/vm/drop_caches")
        self.assertIn("Read-only", result.stderr)

    def test_device(self) -> None:
        script = "test -c /dev/memory-hole && head -c 3 /dev/memory-hole | wc -c"
        self.assertEqual(self.shell(script, "--device", "/dev/zero:/dev/memory-hole:r"), "3")

    def test_a_device_needs_a_rule(self) -> None:
        script = "mknod /tmp/node b 7 0 && head -c 1 /tmp/node"  # a loop device: it may be absent, but not refused
        for rule, refused in (((), True), (("--device-cgroup-rule", "b 7:0 rwm"), False)):
            result = self.container("sh", "-c", script, options=("--cap-add", "MKNOD", *rule))
            self.assertEqual("Operation not permitted" in result.stderr, refused, result.stderr)

    def test_privileged(self) -> None:
        script = "grep -E 'CapEff|Seccomp:' /proc/self/status; mount -t tmpfs tmpfs /tmp && ls /dev | wc -l"
        capabilities, filters, devices = self.shell(script, "--privileged").splitlines()
        self.assertEqual(capabilities, run("grep", "CapEff", "/proc/self/status").stdout.strip())
        self.assertEqual(filters.split()[1], "0")
        self.assertGreater(int(devices), int(self.shell("ls /dev | wc -l")))

    def test_init(self) -> None:
        self.skip_without_catatonit()
        self.assertIn("podman-init", self.prints("cat", "/proc/1/cmdline", options=("--init",)))


class Namespaces(PodmanCase):
    def test_all_are_new(self) -> None:
        for kind in ("ipc", "mnt", "net", "pid", "uts"):  # the cgroup's is the host's by default on version 1
            self.assertNotEqual(self.prints("readlink", f"/proc/self/ns/{kind}"), namespace_here(kind), kind)

    def test_of_the_host(self) -> None:
        for kind in ("ipc", "pid", "uts"):
            shown = self.prints("readlink", f"/proc/self/ns/{kind}", options=(f"--{kind}", "host"))
            self.assertEqual(shown, namespace_here(kind), kind)

    def test_of_another_container(self) -> None:
        other = self.background(options=("--ipc", "shareable", "--network", "none"))
        join = f"container:{other}"
        options = ("--rm", "--ipc", join, "--pid", join, "--network", join)
        for kind in ("ipc", "pid", "net"):
            shown = self.ok("run", *options, image.NAME, "readlink", f"/proc/self/ns/{kind}")
            self.assertEqual(shown, os.readlink(f"/proc/{self.state(other)['Pid']}/ns/{kind}"), kind)
