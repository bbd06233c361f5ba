"""What a case works with: a root with a shell, names that nobody else has, and the MyDocker under test."""
import json
import os
import shutil
import subprocess
import tempfile
from pathlib import Path

import archives
from cases import PATIENCE, require, same

RECORDS = Path("/run/mydocker")
KEPT = RECORDS / ".detached"
binary = None  # set by run.py


class World:
    def __init__(self, case: str):
        self.folder = Path(tempfile.mkdtemp(prefix="mydocker-life-"))  # mode 0700: nobody of the host can enter
        self.root = self.folder / "root"
        self.root.mkdir(mode=0o755)
        subprocess.run(["tar", "-x", "-C", self.root], input=archives.base(), check=True)
        self.names = f"life-{os.getpid()}-{case}"

    def name(self, which: str = "one") -> str:
        return f"{self.names}-{which}"

    def call(self, *words: object, status: int | None = 0, **more) -> subprocess.CompletedProcess:
        done = subprocess.run([str(binary), *map(str, words)], text=True, capture_output=True, timeout=PATIENCE,
                              stdin=subprocess.DEVNULL, env={**os.environ, "MYDOCKER_STORE": str(self.folder / "store")},
                              check=False, **more)
        if status is not None and done.returncode != status:
            raise AssertionError(f"{words}: status {done.returncode}, wanted {status}\n{done.stdout}{done.stderr}")
        return done

    def says(self, *words: object, status: int | None = 0) -> str:
        """What is printed, standard output alone."""
        return self.call(*words, status=status).stdout

    def start(self, *words: object, options: tuple = (), which: str = "one") -> str:
        """A container by -d; its name."""
        name = self.name(which)
        same(self.says("-a", "-d", "--name", name, "--rootfs", self.root, *options, *words), name + "\n")
        return name

    def shell(self, script: str, options: tuple = (), which: str = "one") -> str:
        return self.start("/bin/sh", "-c", script, options=options, which=which)

    def listed(self, name: str, *flags: str) -> dict | None:
        """What `ps` says of it."""
        return next((each for each in json.loads(self.says("ps", "--format", "json", *flags)) if each["id"] == name), None)

    def pid(self, name: str) -> int:
        return self.listed(name)["pid"]

    def require_nothing_left(self) -> None:
        left = [path for folder in (RECORDS, KEPT) if folder.exists() for path in folder.iterdir() if self.names in path.name]
        left += [path for path in Path("/sys/fs/cgroup").glob("*/mydocker/*") if self.names in path.name]
        left += [path for path in Path("/sys/fs/cgroup").glob("mydocker/*") if self.names in path.name]
        require(not left, f"left behind: {left}")

    def remove(self) -> None:
        for which in list(KEPT.glob(f"{self.names}-*")) + list(RECORDS.glob(f"{self.names}-*")):
            self.call("rm", "-f", which.name, status=None)
        shutil.rmtree(self.folder)


def process_is_there(pid: int) -> bool:
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except OSError:
        return False


def parent_of(pid: int) -> int:
    return int(Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[1])


def processes_called(word: str) -> list[int]:
    """Those with this word on their command line."""
    out = []
    for path in Path("/proc").glob("[0-9]*/cmdline"):
        try:
            if word.encode() in path.read_bytes():
                out.append(int(path.parent.name))
        except OSError:
            pass  # it has ended
    return out
