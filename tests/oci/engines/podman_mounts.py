"""The root, volumes and their propagation."""
import subprocess
from pathlib import Path

import image
from podman import PodmanCase, podman


def mount(*words: object) -> None:
    subprocess.run(["mount", *map(str, words)], check=True)


class Root(PodmanCase):
    def test_is_writable(self) -> None:
        self.assertEqual(self.shell("echo written >/file && cat /file"), "written")

    def test_is_read_only_when_asked_for(self) -> None:
        self.assertIn("Read-only", self.container("touch", "/file", options=("--read-only",)).stderr)

    def test_read_only_has_writable_tmp(self) -> None:
        self.assertEqual(self.shell("echo written >/tmp/file && cat /tmp/file", "--read-only"), "written")

    def test_a_folder_without_an_image(self) -> None:
        name = self.created()
        root = self.ok("mount", name)
        self.addCleanup(podman, "umount", name)
        self.assertEqual(self.ok("run", "--rm", "--network", "none", "--rootfs", root, "/bin/cat", "/data/greeting"),
                         "from the image")

    def test_no_mount_of_the_host_is_seen(self) -> None:
        places = [line.split()[4] for line in self.prints("cat", "/proc/self/mountinfo").splitlines()]
        self.assertNotIn("/run/engines", "\n".join(places))
        self.assertEqual(places.count("/"), 1)

    def test_the_usual_file_systems(self) -> None:
        lines = [line.split() for line in self.prints("cat", "/proc/mounts").splitlines()]
        kinds = {place: kind for _, place, kind, *_ in lines}
        for place, kind in {"/proc": "proc", "/sys": "sysfs", "/dev": "tmpfs", "/dev/pts": "devpts",
                            "/dev/mqueue": "mqueue", "/dev/shm": "tmpfs"}.items():
            self.assertEqual(kinds[place], kind, place)

    def test_the_usual_devices(self) -> None:
        script = "cd /dev && ls -d null zero full random urandom tty ptmx fd stdin stdout stderr && echo >null"
        self.assertEqual(len(self.shell(script).split()), 11)

    def test_size_of_shared_memory(self) -> None:
        shown = self.shell("df -k /dev/shm | tail -n 1", "--shm-size", "2m")
        self.assertEqual(shown.split()[1], "2048")


class Volumes(PodmanCase):
    def setUp(self) -> None:
        super().setUp()
        (self.folder / "file").write_text("of the host\n", encoding="ascii")

    def test_writable(self) -> None:
        self.shell("cat /v/file && echo new >/v/new", "--volume", f"{self.folder}:/v")
        self.assertEqual((self.folder / "new").read_text(encoding="ascii"), "new\n")

    def test_read_only(self) -> None:
        result = self.container("sh", "-c", "cat /v/file; touch /v/new", options=("--volume", f"{self.folder}:/v:ro"))
        self.assertEqual(result.stdout, "of the host\n")
        self.assertIn("Read-only", result.stderr)

    def test_a_file(self) -> None:
        shown = self.prints("cat", "/etc/file", options=("--volume", f"{self.folder}/file:/etc/file"))
        self.assertEqual(shown, "of the host")

    def test_named_takes_what_the_image_has_there(self) -> None:
        name = f"volume-{self.folder.name}"
        self.addCleanup(podman, "volume", "rm", "--force", name)
        self.assertEqual(self.prints("cat", "/data/greeting", options=("--volume", f"{name}:/data")), "from the image")
        self.assertEqual(self.shell("echo kept >/data/new", "--volume", f"{name}:/data"), "")
        self.assertEqual(self.prints("cat", "/data/new", options=("--volume", f"{name}:/data")), "kept")

    def test_with_mount_options(self) -> None:
        (self.folder / "program").write_text("#!/bin/sh\n", encoding="ascii")
        (self.folder / "program").chmod(0o755)
        result = self.container("/v/program", options=("--volume", f"{self.folder}:/v:noexec,nodev,nosuid"))
        self.assert_status(result, 126)

    def test_what_is_mounted_below_comes_along(self) -> None:
        (self.folder / "below").mkdir()
        mount("-t", "tmpfs", "tmpfs", self.folder / "below")
        self.addCleanup(subprocess.run, ["umount", self.folder / "below"], check=True)
        (self.folder / "below" / "deep").write_text("deep\n", encoding="ascii")
        self.assertEqual(self.prints("cat", "/v/below/deep", options=("--volume", f"{self.folder}:/v")), "deep")

    def test_an_overlay(self) -> None:
        self.assertEqual(self.shell("cat /v/file; echo new >/v/file", "--volume", f"{self.folder}:/v:O"), "of the host")
        self.assertEqual((self.folder / "file").read_text(encoding="ascii"), "of the host\n")

    def test_tmpfs_with_size_and_mode(self) -> None:
        shown = self.shell("df -k /t | tail -n 1; stat -c %a /t", "--tmpfs", "/t:size=1m,mode=1750")
        self.assertEqual((shown.split()[1], shown.split()[-1]), ("1024", "1750"))

    def test_tmpfs_keeps_what_the_image_has_there(self) -> None:
        self.assertEqual(self.prints("cat", "/data/greeting", options=("--tmpfs", "/data")), "from the image")

    def test_of_another_container(self) -> None:
        other = self.background(options=("--volume", f"{self.folder}:/v", "--network", "none"))
        self.assertEqual(self.prints("cat", "/v/file", options=("--volumes-from", other)), "of the host")


class Propagation(PodmanCase):
    """The folder is a shared mount, as all mounts of a host with systemd are."""

    def setUp(self) -> None:
        super().setUp()
        mount("-t", "tmpfs", "tmpfs", self.folder)
        mount("--make-shared", self.folder)
        self.addCleanup(subprocess.run, ["umount", "--recursive", self.folder], check=True)
        for side in ("inside", "outside"):
            (self.folder / side).mkdir()

    def start(self, kind: str) -> str:
        return self.background(options=("--privileged", "--network", "none", "--volume", f"{self.folder}:/v:{kind}"))

    def mount_outside(self) -> None:
        mount("-t", "tmpfs", "tmpfs", self.folder / "outside")
        (self.folder / "outside" / "file").touch()

    def sees_outside(self, name: str) -> bool:
        return podman("exec", name, "test", "-e", "/v/outside/file").returncode == 0

    def mount_inside(self, name: str) -> None:
        self.ok("exec", name, "sh", "-c", "mount -t tmpfs tmpfs /v/inside && touch /v/inside/file")

    def is_seen(self) -> bool:
        return Path(self.folder / "inside" / "file").exists()

    def test_shared_goes_both_ways(self) -> None:
        name = self.start("rshared")
        self.mount_outside()
        self.mount_inside(name)
        self.assertEqual((self.sees_outside(name), self.is_seen()), (True, True))

    def test_slave_goes_in_only(self) -> None:
        name = self.start("rslave")
        self.mount_outside()
        self.mount_inside(name)
        self.assertEqual((self.sees_outside(name), self.is_seen()), (True, False))

    def test_private_goes_nowhere(self) -> None:
        name = self.start("rprivate")
        self.mount_outside()
        self.mount_inside(name)
        self.assertEqual((self.sees_outside(name), self.is_seen()), (False, False))
