"""What both scripts need: a folder with a copy of MyDocker, its root beside it, and a /run of our own."""
import os
import pathlib
import shutil
import subprocess
import sys
import tempfile

INSIDE = "MYDOCKER_BENCH_INSIDE"
V2_OF_BOTH = "/sys/fs/cgroup/unified"


def enter(hide_v2=False):
    """Starts the script again in a mount namespace where /run is empty: no other run's records are swept, none
    of ours is seen. crun and runc refuse a host with cgroup v1 and v2 at once; hide_v2 hides the second."""
    if os.geteuid() != 0:
        sys.exit("run this as root")
    if os.environ.get(INSIDE):
        return
    hide = f"umount {V2_OF_BOTH} 2>/dev/null; " if hide_v2 else ""
    os.environ[INSIDE] = "1"
    os.execvp("unshare", ["unshare", "--mount", "sh", "-c", hide + 'mount -t tmpfs tmpfs /run && exec "$@"', "sh",
                          sys.executable, *sys.argv])


class Sandbox:
    """TEMP/build/MyDocker finds TEMP/root_fs/root by itself, as the real one finds its own: so the requests are
    those of `MyDocker -a PROGRAM`, while the root holds nothing but a static program."""

    def __init__(self, build, *more):
        bench = build / "tests" / "bench"
        programs = ("floor", "spawn", "noop", *more)
        for needed in (build / "MyDocker", *(bench / name for name in programs)):
            if not needed.exists():
                sys.exit(f"{needed} is missing: build it first")
        self.folder = pathlib.Path(tempfile.mkdtemp(prefix="mydocker-bench-"))  # mode 0700
        self.root = self.folder / "root_fs" / "root"
        self.mydocker = self.folder / "build" / "MyDocker"
        self.mydocker.parent.mkdir()
        self.root.parent.mkdir(mode=0o700)  # as tools/make_root_fs.sh makes it
        for name in ("proc", "sys", "dev"):
            (self.root / name).mkdir(parents=True)
        shutil.copy(build / "MyDocker", self.mydocker)
        for entrypoint in {"noop", "hold"}.intersection(programs):
            shutil.copy(bench / entrypoint, self.root / entrypoint)
        self.program = {name: str(bench / name) for name in programs}
        self.floor, self.spawn, self.noop = (self.program[name] for name in ("floor", "spawn", "noop"))

    def __enter__(self):
        return self

    def __exit__(self, *_):
        shutil.rmtree(self.folder)


def output_of(*words):
    return subprocess.run(words, capture_output=True, text=True, check=False)
