"""A world with two ordinary users: "casual" has ranges of ids, "single" his own id alone. They exist in a mount namespace
of this script's, as do /run, /tmp and what lies above /etc."""
import json
import os
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

sys.path.append(str(Path(__file__).resolve().parent.parent / "images"))
import archives  # noqa: E402
from cases import PATIENCE, Skip  # noqa: E402

CASUAL, SINGLE = 4711, 4712
FIRST, COUNT = 500000, 65536
SCRATCH = Path("/tmp/mydocker-rootless")
binary = None  # set by run.py


def only(*users: str):
    """Marks a case as one of these users alone."""
    def mark(case):
        case.users = users
        return case
    return mark


def mount(*words: object) -> None:
    subprocess.run(["mount", *map(str, words)], check=True)


def make(disk: Path) -> None:
    """Called in a new mount namespace. `disk` is a folder of the disk: what users write lies there."""
    disk.chmod(0o755)
    for place in ("/run", "/tmp"):
        mount("-t", "tmpfs", "-o", "mode=1777", "tmpfs", place)
    SCRATCH.mkdir()
    mount("--bind", disk, SCRATCH)
    for name in ("upper", "work"):
        Path("/run", name).mkdir()
    mount("-t", "overlay", "overlay", "-o", "lowerdir=/etc,upperdir=/run/upper,workdir=/run/work", "/etc")
    for file, lines in (("passwd", (f"casual:x:{CASUAL}:{CASUAL}::/:/bin/sh", f"single:x:{SINGLE}:{SINGLE}::/:/bin/sh")),
                        ("group", (f"casual:x:{CASUAL}:", f"single:x:{SINGLE}:")),
                        ("subuid", (f"casual:{FIRST}:{COUNT}",)), ("subgid", (f"casual:{FIRST}:{COUNT}",))):
        path = Path("/etc", file)
        before = path.read_text(encoding="utf-8") if path.exists() else ""
        path.write_text(before + "".join(f"{line}\n" for line in lines), encoding="utf-8")


def has_ended(pid: int) -> bool:
    """Nobody waits for those that MyDocker left: they stay zombies."""
    try:
        return "\nState:\tZ" in Path(f"/proc/{pid}/status").read_text()
    except (FileNotFoundError, ProcessLookupError):
        return True


class User:
    """One of the two, with a home, a runtime folder and a root of busybox that are his."""

    def __init__(self, uid: int):
        self.uid = uid
        self.started = None
        self.folder = Path(tempfile.mkdtemp(prefix="user-", dir=SCRATCH))
        self.home, self.run_folder, self.root = (self.folder / name for name in ("home", "run", "root"))
        self.store = self.home / ".local/share/mydocker"
        self.root.mkdir()
        self.run_folder.mkdir(mode=0o700)
        subprocess.run(["tar", "-x", "-C", self.root], input=archives.base(), check=True)
        self.home.mkdir()
        self.program = Path(shutil.copy(binary, self.folder / "MyDocker"))
        self.own(self.folder)

    @staticmethod
    def needs_newuidmap() -> None:
        found = shutil.which("newuidmap")
        if found is None or not os.stat(found).st_mode & 0o4000:
            raise Skip("newuidmap is not installed (package uidmap), or may not map here")

    def own(self, path: Path) -> Path:
        subprocess.run(["chown", "-hR", f"{self.uid}:{self.uid}", path], check=True)
        return path

    def as_user(self, **more: object) -> dict:
        environment = {"PATH": "/usr/bin:/bin", "HOME": str(self.home), "XDG_RUNTIME_DIR": str(self.run_folder),
                       **more.pop("env", {})}
        return {"user": self.uid, "group": self.uid, "extra_groups": [], "cwd": self.folder, "text": True,
                "env": {key: value for key, value in environment.items() if value}, **more}

    def call(self, *words: object, status: int | None = 0, **more: object) -> subprocess.CompletedProcess:
        done = subprocess.run([str(self.program), *map(str, words)], capture_output=True, stdin=subprocess.DEVNULL,
                              timeout=PATIENCE, check=False, **self.as_user(**more))
        if status is not None and done.returncode != status:
            raise AssertionError(f"{words}: status {done.returncode}, wanted {status}\n{done.stdout}{done.stderr}")
        return done

    def sh(self, script: str, *options: object, status: int | None = 0) -> str:
        """What a shell in a container prints, over the user's root unless an image is named."""
        options = options if "--image" in options else ("--rootfs", self.root, *options)
        return self.call("-aU", *options, "/bin/sh", "-c", script, status=status).stdout.strip()

    def start(self, *words: object) -> subprocess.Popen:
        """A container in the background, whose script says "ready" when it is."""
        self.started = process = subprocess.Popen([str(self.program), "-aU", *map(str, words)], stdin=subprocess.DEVNULL,
                                   stdout=subprocess.PIPE, **self.as_user())
        if (line := process.stdout.readline()) != "ready\n":
            process.kill()
            raise AssertionError(f"not ready: {line}{process.communicate()}")
        return process

    def end(self) -> None:
        """Of what start() started, if it still runs."""
        if self.started and self.started.poll() is None:
            self.started.terminate()
        if self.started:
            self.started.communicate(timeout=PATIENCE)
        self.started = None

    def child_of(self, process: subprocess.Popen) -> int:
        return int(json.loads(self.call("inspect", self.records()[0]).stdout)["pid"])

    def image(self, *layers: bytes, name: str = "image.tar", **more) -> Path:
        return self.own(archives.docker_archive(self.folder / name, [archives.base(), *layers], **more))

    def records(self) -> list[str]:
        folder = self.run_folder / "mydocker"
        return sorted(os.listdir(folder)) if folder.exists() else []

    def writable(self) -> list[str]:
        folder = self.store / "writable"
        return os.listdir(folder) if folder.exists() else []

    def processes(self) -> list[str]:
        """Those of his that live, by whichever of his ids."""
        out = []
        for status in Path("/proc").glob("[0-9]*/status"):
            try:
                lines = dict(line.split(":", 1) for line in status.read_text().splitlines() if ":" in line)
            except (FileNotFoundError, ProcessLookupError):
                continue
            uid = int(lines["Uid"].split()[0])
            if (uid == self.uid or FIRST <= uid < FIRST + COUNT) and "Z" not in lines["State"]:
                out.append(f"{status.parent.name} {lines['Name'].strip()}")
        return out
