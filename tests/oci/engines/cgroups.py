"""The control groups of a test run, and of one container, whichever version the host has."""
import os
import time
from collections.abc import Iterable
from pathlib import Path

# The controllers of version 2 that container engines set limits with.
WANTED = {"cpu", "cpuset", "io", "memory", "pids"}


def mounts() -> list[Path]:
    """Each line of /proc/self/mounts is: device, place, type, options, and two numbers."""
    lines = [line.split() for line in Path("/proc/self/mounts").read_text(encoding="utf-8").splitlines()]
    return [Path(place) for _, place, kind, *_ in lines
            if kind in ("cgroup", "cgroup2") and place.startswith("/sys/fs/cgroup")]


def is_v2(folder: Path) -> bool:
    return (folder / "cgroup.controllers").exists()


def make(folder: Path) -> None:
    above = folder.parent
    if is_v2(above):
        for controller in WANTED.intersection((above / "cgroup.controllers").read_text(encoding="ascii").split()):
            (above / "cgroup.subtree_control").write_text(f"+{controller}", encoding="ascii")
    folder.mkdir()
    for file in ("cpuset.cpus", "cpuset.mems"):  # without them a cpuset of version 1 takes no process
        if (folder / file).exists() and not is_v2(folder):
            (folder / file).write_text((above / file).read_text(encoding="ascii"), encoding="ascii")


def stale(prefix: str) -> list[Path]:
    """Those of a run that was killed together with the process that would have removed them."""
    found = [folder for top in mounts() for folder in top.glob(f"{prefix}*")]
    return [folder for folder in found if not Path("/proc", folder.name.removeprefix(prefix)).exists()]


def remove(folders: Iterable[Path]) -> None:
    for folder in folders:
        for below, _, _ in os.walk(folder, topdown=False):
            remove_one(below)


def remove_one(folder: str, seconds: float = 5) -> None:
    end = time.monotonic() + seconds
    while True:
        try:
            return os.rmdir(folder)
        except OSError:  # the last process is dead, but the kernel still has it in its books
            if time.monotonic() > end:
                raise
            time.sleep(0.02)


def below(name: str) -> list[Path]:
    """All groups with this text in their names."""
    return [folder for top in mounts() for folder in top.glob(f"**/*{name}*") if folder.is_dir()]


class Cgroup:
    """The groups that a process is in."""

    def __init__(self, pid: int) -> None:
        self.folders: dict[str, Path] = {}  # by controller; "" is version 2
        places = {place.name: place for place in mounts()}
        for line in Path(f"/proc/{pid}/cgroup").read_text(encoding="ascii").splitlines():
            _, controllers, path = line.split(":", 2)
            for name in controllers.split(","):
                place = places.get(name) or next((p for p in places.values() if not name and is_v2(p)), None)
                if place is not None:
                    self.folders[name] = place / path.lstrip("/")

    def read(self, v1: str, v2: str) -> str:
        """The content of the file v1 if its controller, the word before the dot, is one of version 1."""
        controller = v1.split(".")[0]
        file = self.folders[controller] / v1 if controller in self.folders else self.folders[""] / v2
        return file.read_text(encoding="ascii").strip()
