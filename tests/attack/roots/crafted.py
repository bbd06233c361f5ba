"""The hostile roots: what each has in the place of what a runtime expects, and what may come of it."""
import os
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

from host import LEAKED, Host

REFUSED, HARMLESS, EITHER = "refused", "harmless", "refused or harmless"
CLASSIC, OCI, BOTH = ("classic",), ("oci",), ("classic", "oci")
# A container whose /dev is the root's own: nothing is mounted there but what the case asks for.
PROC = {"destination": "/proc", "type": "proc", "source": "proc"}
OWN_DEV = {"set": {"mounts": [PROC]}}


def mount(target: str, source: str, kind: str = "bind", *options: str) -> dict:
    return {"destination": target, "type": kind, "source": source,
            "options": [*options, *(["rbind"] if kind == "bind" else [])]}


@dataclass
class Crafted:
    row: str                                    # of the attack corpus
    craft: Callable[[Path, Host], object]       # makes the root hostile
    expect: str = REFUSED
    front: tuple[str, ...] = BOTH               # which front ends can be asked for this
    options: Callable[[Path, Host], list[str]] = lambda root, host: []      # of the classic command line
    config: Callable[[Path, Host], dict] = lambda root, host: {}            # changes to config.json
    tty: bool = False
    sh: str = ""                                # run inside besides
    hasnt: list[str] = field(default_factory=list)  # of what it prints
    says: str = ""                              # in the refusal
    swap: tuple[str, str] | None = None         # what a racer exchanges meanwhile


def link(root: Path, path: str, target: str) -> None:
    place = root / path
    place.parent.mkdir(parents=True, exist_ok=True)
    if place.is_dir() and not place.is_symlink():
        place.rmdir()
    place.unlink(missing_ok=True)
    place.symlink_to(target)


def linked(path: str, to: str = "") -> Callable[[Path, Host], None]:
    """A link to `to`, or out of the root to the marker's part of that name."""
    return lambda root, host: link(root, path, to if to.startswith("/") else
                                   os.path.join(host.out_of(root / path), to))


def absolute(path: str) -> Callable[[Path, Host], None]:
    return lambda root, host: link(root, path, str(host.marker))


def volume(target: str) -> dict:
    """The folder `given` of the case, at `target`, for both front ends."""
    def given(root: Path) -> str:
        folder = root.parent / "given"
        folder.mkdir(exist_ok=True)
        return str(folder)
    return {"options": lambda root, host: ["--volume", f"{given(root)}:{target}"],
            "config": lambda root, host: {"add": {"mounts": [mount(target, given(root))]}}}


def tmpfs(target: str, *options: str) -> dict:
    return {"options": lambda root, host: ["--tmpfs", target],
            "config": lambda root, host: {"add": {"mounts": [mount(target, "tmpfs", "tmpfs", *options)]}}}


def asks(**changes: object) -> dict:
    return {"config": lambda root, host: changes}


def folders(*paths: str) -> Callable[[Path, Host], None]:
    def make(root: Path, _: Host) -> None:
        for path in paths:
            (root / path).mkdir(parents=True, exist_ok=True)
    return make


def both(*crafts: Callable[[Path, Host], object]) -> Callable[[Path, Host], None]:
    def make(root: Path, host: Host) -> None:
        for craft in crafts:
            craft(root, host)
    return make


def file(path: str, content: bytes = b"", mode: int = 0o644) -> Callable[[Path, Host], None]:
    def make(root: Path, _: Host) -> None:
        place = root / path
        place.parent.mkdir(parents=True, exist_ok=True)
        place.write_bytes(content)
        os.chmod(place, mode)
    return make


def node(path: str, kind: int, device: int = 0) -> Callable[[Path, Host], None]:
    def make(root: Path, _: Host) -> None:
        place = root / path
        place.parent.mkdir(parents=True, exist_ok=True)
        place.unlink(missing_ok=True)
        os.mknod(place, kind | 0o600, device)
        place.chmod(0o777)  # whatever the umask
    return make


MAGIC = f"/proc/self/fd/{LEAKED}"
