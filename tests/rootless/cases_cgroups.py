"""Limits, where root gives the user a cgroup: by chown, as systemd does where it delegates one."""
import contextlib
import os
import time
from pathlib import Path

from cases import Skip, require, same, wait_for

LIMITED = ("pids", "memory")


def places() -> dict[str, Path]:
    """Where each of these controllers is mounted, and this process in it."""
    mounts = {}
    for line in Path("/proc/self/mountinfo").read_text().splitlines():
        fields, kind = (part.split() for part in line.split(" - "))
        if kind[0] == "cgroup":
            mounts |= {name: Path(fields[4]) for name in LIMITED if name in kind[2].split(",")}
        elif kind[0] == "cgroup2":
            words = (Path(fields[4]) / "cgroup.controllers").read_text().split()
            mounts |= {name: Path(fields[4]) for name in LIMITED if name in words}
    if set(mounts) != set(LIMITED):
        raise Skip("this host has no controllers of pids and memory")
    return mounts


def own_folder(mount: Path, name: str) -> Path:
    for line in Path("/proc/self/cgroup").read_text().splitlines():
        _, controllers, path = line.split(":", 2)
        if name in controllers.split(",") or (controllers == "" and (mount / "cgroup.controllers").exists()):
            return mount / path.strip("/")
    return mount


def join(folder: Path) -> None:
    (folder / "cgroup.procs").write_text("0", encoding="ascii")


@contextlib.contextmanager
def delegated(user):
    """This process, and so the user's, is in a cgroup of his, in each hierarchy."""
    mounts = places()
    before = {name: own_folder(mount, name) for name, mount in mounts.items()}
    made = []
    try:
        for mount in set(mounts.values()):
            folder = mount / f"mydocker-rootless-{user.uid}-{os.getpid()}-{time.monotonic_ns()}"
            if (mount / "cgroup.subtree_control").exists():
                (mount / "cgroup.subtree_control").write_text("+pids +memory", encoding="ascii")
            folder.mkdir()
            made.append(folder)
            for path in (folder, *(folder / name for name in ("cgroup.procs", "tasks", "cgroup.subtree_control", "cgroup.threads"))):
                if path.exists():
                    os.chown(path, user.uid, user.uid)
            join(folder)
        yield made
    finally:
        for folder in before.values():
            join(folder)
        for folder in made:
            wait_for("all have left", lambda folder=folder: not any((each / "cgroup.procs").read_text() for each in (folder, *folder.glob("*/"))))
            for below in sorted(folder.rglob("*/"), reverse=True):
                below.rmdir()
            folder.rmdir()


def left_below(folders: list[Path]) -> list[Path]:
    return [each for folder in folders for each in folder.rglob("*/") if each.name != "mydocker.leaf"]


def case_limits_are_refused_without_one(user):
    for words in (("-M", "64m"), ("-P", "20")):
        said = user.call("-aUc", *words, "--rootfs", user.root, "true", status=125).stderr
        require("no cgroup of yours" in said and "systemd-run --user --scope -p Delegate=yes" in said, said)


def case_limits_hold_in_one(user):
    with delegated(user) as folders:
        same(user.call("-aUc", "-P", "10", "-M", "64m", "--rootfs", user.root, "/bin/sh", "-c",
                       "i=0; while [ $i -lt 20 ]; do sleep 5 & i=$((i+1)); done 2>/dev/null; echo never", status=2).stdout, "")
        killed = user.call("-aUc", "-M", "32m", "--rootfs", user.root, "/bin/busybox", "tail", "/dev/zero", status=137)
        require("memory limit 32 MiB reached" in killed.stderr, killed)
        same(left_below(folders), [])


def case_what_a_killed_one_leaves_is_swept(user):
    with delegated(user) as folders:
        killed = user.start("-c", "-P", "20", "--rootfs", user.root, "/bin/sh", "-c", "echo ready; exec sleep 1000")
        require(left_below(folders) != [], "it has a cgroup")
        killed.kill()
        killed.wait()
        user.sh("true")
        same(left_below(folders), [])
