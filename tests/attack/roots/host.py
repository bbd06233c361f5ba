"""The host beside a hostile root: markers that nobody may touch, and a descriptor that a careless caller left open."""
import hashlib
import os
import stat
import subprocess
from pathlib import Path

import runtime

LEAKED = 7  # the number of the descriptor


class Host:
    def __init__(self) -> None:
        self.folder = runtime.scratch()
        self.marker = self.folder / "marker"
        self.make_marker()
        self.sum = fingerprint(self.marker)
        self.before = runtime.Host.now()
        self.number = 0
        opened = os.open(self.marker, os.O_RDONLY)
        os.dup2(opened, LEAKED, inheritable=True)

    def make_marker(self) -> None:
        for name in ("sub", "pts", "shm", "mqueue", "attr", "self/attr", "thread-self/attr/apparmor", "fs/cgroup"):
            (self.marker / name).mkdir(parents=True)
        for name in ("secret", "ptmx", "null", "console", "attr/exec", "self/attr/exec", "thread-self/attr/exec",
                     "thread-self/attr/apparmor/exec", "uptime", "pts/0", "pts/ptmx", "sub/file"):
            (self.marker / name).write_text(f"marker {name}\n", encoding="ascii")
        (self.marker / "passwd").write_text("marked:x:4242:4242::/:/bin/sh\n", encoding="ascii")
        os.chmod(self.marker / "secret", 0o600)
        os.chown(self.marker / "null", 1234, 1234)

    def next_folder(self) -> Path:
        self.number += 1
        return self.folder / f"case{self.number}"

    def out_of(self, link: Path) -> str:
        """The marker, by a relative path that leaves the root of whoever resolves it as the host would."""
        return os.path.relpath(self.marker, link.parent)

    def differences(self) -> list[str]:
        """What the last container left or changed."""
        now = fingerprint(self.marker)
        changed = [f"the marker: {name}: {self.sum.get(name)} is now {now.get(name)}"
                   for name in sorted(set(now) | set(self.sum)) if now.get(name) != self.sum.get(name)]
        return changed + runtime.differences(self.before, self.folder / "state")

    def remove(self) -> None:
        os.close(LEAKED)
        subprocess.run(["rm", "-rf", self.folder], check=True)


def fingerprint(folder: Path) -> dict[str, str]:
    """Each path below the folder: kind, owner, mode, listing or content."""
    out = {}
    for path in [folder, *folder.rglob("*")]:
        info = path.lstat()
        content = b""
        if stat.S_ISREG(info.st_mode):
            content = path.read_bytes()
        elif stat.S_ISDIR(info.st_mode):
            content = "\n".join(sorted(os.listdir(path))).encode()
        elif stat.S_ISLNK(info.st_mode):
            content = os.readlink(path).encode()
        digest = hashlib.sha256(content).hexdigest()[:16]
        out[str(path.relative_to(folder))] = f"{info.st_mode:o} {info.st_uid}:{info.st_gid} {digest}"
    return out
