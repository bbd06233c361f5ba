"""A containerd of our own in the private world, and what its cases share."""
import atexit
import shutil
import subprocess
import time
import uuid
from pathlib import Path

import image
from cgroups import Cgroup
from engine import Case, NotHere, run
from terminal import Terminal
from world import SCRATCH

FOLDER = SCRATCH / "containerd"
SOCKET = FOLDER / "socket"
LOG = FOLDER / "log"
CONFIG = f"""\
version = 2
root = "{FOLDER}/root"
state = "{FOLDER}/state"
disabled_plugins = ["io.containerd.grpc.v1.cri"]
[grpc]
address = "{SOCKET}"
"""
runtime_under_test = Path()


def check_installed() -> None:
    for program in ("containerd", "ctr", "containerd-shim-runc-v2", "busybox"):
        if shutil.which(program) is None:
            raise NotHere(f"{program} is not installed")


def start(runtime: Path) -> None:
    global runtime_under_test
    runtime_under_test = runtime
    FOLDER.mkdir()
    config = FOLDER / "config.toml"
    config.write_text(CONFIG, encoding="utf-8")
    with LOG.open("wb") as log:
        daemon = subprocess.Popen(["containerd", "--config", config, "--log-level", "warn"], stdout=log, stderr=log)
    atexit.register(daemon.kill)
    end = time.monotonic() + 30
    while ctr("version").returncode != 0:
        if time.monotonic() > end or daemon.poll() is not None:
            raise SystemExit(f"containerd does not start:\n{LOG.read_text(encoding='utf-8')}")
        time.sleep(0.05)
    archive = FOLDER / "image.tar"
    image.write_archive(archive)
    if (result := ctr("images", "import", archive)).returncode != 0:
        raise SystemExit(f"containerd does not import the image:\n{result.stderr}")


def ctr(*words: object, **more: object) -> subprocess.CompletedProcess:
    return run("ctr", "--address", SOCKET, *words, **more)


class ContainerdCase(Case):
    def setUp(self) -> None:
        self.name = f"c{uuid.uuid4().hex[:12]}"
        self.folder = SCRATCH / "cases" / self.name
        self.folder.mkdir(parents=True)

    def ok(self, *words: object, **more: object) -> str:
        result = ctr(*words, **more)
        self.assert_status(result, 0)
        return result.stdout.strip()

    def container(self, *words: object, options: tuple = (), name: str = "", **more: object):
        """Runs a program in a container to its end."""
        return ctr(*self.run_words("--rm", *options, name=name), *words, **more)

    def run_words(self, *options: object, name: str = "") -> list:
        return ["run", "--runc-binary", runtime_under_test, *options, image.NAME, name or self.name]

    def prints(self, *words: object, options: tuple = (), **more: object) -> str:
        result = self.container(*words, options=options, **more)
        self.assert_status(result, 0)
        return result.stdout.strip()

    def background(self, *words: object, options: tuple = ()) -> None:
        """A container with the case's name that runs until the case is over."""
        self.ok(*self.run_words("--detach", *options), *(words or ("sleep", "1000")))
        self.addCleanup(self.remove)

    def remove(self) -> None:
        ctr("tasks", "delete", "--force", self.name)
        ctr("containers", "delete", self.name)

    def exec(self, *words: object, options: tuple = (), **more: object) -> subprocess.CompletedProcess:
        return ctr("tasks", "exec", "--exec-id", uuid.uuid4().hex[:8], *options, self.name, *words, **more)

    def terminal(self, *words: object, rows: int, columns: int) -> Terminal:
        return self.enterContext(Terminal(["ctr", "--address", str(SOCKET), *map(str, words)], rows, columns))

    def task(self) -> tuple[int, str]:
        """The process and the state, as 'ctr tasks list' shows them: name, process, state."""
        for line in self.ok("tasks", "list").splitlines():
            name, pid, state = line.split()
            if name == self.name:
                return int(pid), state
        return 0, "none"

    def cgroup(self) -> Cgroup:
        return Cgroup(self.task()[0])

    def wait_for_state(self, state: str) -> None:
        self.wait_for(f"state {state}", lambda: self.task()[1] == state)
