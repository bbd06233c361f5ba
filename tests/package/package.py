#!/usr/bin/env python3
"""The package comes, works and goes: package.py BUILD_FOLDER

dpkg installs it for real, but into an overlay over this machine's root, in a mount namespace of its own: what the
package and MyDocker write lies in the upper layer, where each file of it is looked at afterwards. Exit status 0, 1, or
77 (ctest: skipped)."""
import os
import re
import shutil
import stat
import subprocess
import sys
import tarfile
from pathlib import Path

sys.dont_write_bytecode = True
from debian import SKIPPED, make, missing_program, output, require, temporary

PROJECT = Path(__file__).resolve().parents[2]
PATIENCE = 120
# A process whose root was changed by chroot may make no user namespace: so the overlay becomes the root of a mount
# namespace.
ENTER = ("unshare", "--mount", "--propagation", "private", "sh", "-c",
         'cd "$0" && pivot_root . mnt && cd / && umount -l /mnt && exec "$@"')
# What dpkg and the programs that it triggers write for themselves.
OF_DPKG = re.compile(r"/(var/lib/dpkg|var/log/dpkg\.log|var/log/alternatives\.log|var/cache/man|var/cache/debconf)(/|$)")
# The purge takes these, also where the host has one of its own.
OF_MYDOCKER = {"/var/lib/mydocker", "/var/cache/mydocker"}


class Machine:
    """This machine's root under an overlay."""

    def __init__(self, folder: Path):
        layer = folder / "memory"
        layer.mkdir()
        # Its upper layer may not lie in the root that it covers.
        output("mount", "-t", "tmpfs", "-o", "mode=0755", "tmpfs", layer)
        self.upper, work, self.root = layer / "upper", layer / "work", layer / "root"
        for each in (self.upper, work, self.root):
            each.mkdir()
        output("mount", "-t", "overlay", "-o", f"lowerdir=/,upperdir={self.upper},workdir={work}", "overlay", self.root)
        for each in ("proc", "sys", "dev"):
            output("mount", "--rbind", f"/{each}", self.root / each)
        for each in ("run", "tmp"):
            output("mount", "-t", "tmpfs", "tmpfs", self.root / each)

    def call(self, *words: str, status: int = 0, said: str = "") -> str:
        done = subprocess.run([*ENTER, str(self.root), *words], text=True, capture_output=True, timeout=PATIENCE,
                              stdin=subprocess.DEVNULL, check=False)
        print(f"{' '.join(words)}: status {done.returncode}\n{done.stdout}{done.stderr}", end="", flush=True)
        require(done.returncode == status, f"{words}: status {done.returncode}, wanted {status}")
        require(said in done.stderr, f"{words}: {said!r} is not in what it says")
        return done.stdout

    def traces(self) -> list[str]:
        """What differs from the machine as it was."""
        out = []
        for folder, names, files in os.walk(self.upper):
            for name in names + files:
                path = Path(folder) / name
                place = f"/{path.relative_to(self.upper)}"
                if OF_DPKG.match(place) or (place in OF_MYDOCKER and is_whiteout(path)):
                    continue
                if not (path.is_dir() and not path.is_symlink() and os.path.isdir(place)):
                    out.append(place)
        return out


def is_whiteout(path: Path) -> bool:
    info = path.lstat()
    return stat.S_ISCHR(info.st_mode) and info.st_rdev == 0


def example() -> list[str]:
    """The example of README.md, without the path to a build."""
    line = re.search(r"^sudo \./(MyDocker .*/bin/bash)$", (PROJECT / "README.md").read_text(), re.M)
    return [*line[1].split(), "-c", "hostname; id -u; ls /proc | grep -c '^[0-9]'"]


def use(machine: Machine) -> None:
    """The default root of an installed MyDocker; its example, an image, a container that runs when it should go."""
    place = machine.root / "var/lib/mydocker"
    place.mkdir(mode=0o700)
    output("cp", "-a", PROJECT / "root_fs", place)
    machine.call("/usr/share/mydocker/tools/make_root_fs.sh", said="/var/lib/mydocker/root_fs/root is up to date")
    require("start a command" in machine.call("man", "MyDocker"), "there is a man page")
    machine.call("bash", "-c", "source /usr/share/bash-completion/completions/MyDocker && complete -p MyDocker")
    found = machine.call(*example()).split()
    require(found[:2] == ["container", "0"] and int(found[2]) < 10, f"the example says {found}")

    with tarfile.open(machine.root / "tmp/small.tar", "w") as archive:
        archive.add("/etc/hostname", "etc/hostname")
    machine.call("MyDocker", "image", "load", "/tmp/small.tar")
    require("small" in machine.call("MyDocker", "image", "list"), "the image is loaded")

    container = subprocess.Popen([*ENTER, str(machine.root), "MyDocker", "-a", "--name", "package-test", "/bin/sh", "-c",
                                  "echo ready; exec sleep 1000"], stdout=subprocess.PIPE, text=True,
                                 stdin=subprocess.DEVNULL)
    try:
        require(container.stdout.readline() == "ready\n", "the container runs")
        machine.call("dpkg", "-r", "mydocker", status=1, said="'package-test' is running: end it first")
    finally:
        container.terminate()
        container.communicate(timeout=PATIENCE)


def inside(build: Path, folder: Path) -> None:
    package = make(build, folder)
    prefix = folder / "prefix"
    output("cmake", "--install", build, "--prefix", prefix)
    files = {line.split(maxsplit=5)[5] for line in output("dpkg-deb", "-c", package).splitlines()}
    installed = {f"./usr/{path.relative_to(prefix)}" for path in prefix.rglob("*") if not path.is_dir()}
    require({name for name in files if not name.endswith("/")} == installed, "cmake --install puts the same in place")

    machine = Machine(folder)
    shutil.copy(package, machine.root / "tmp/mydocker.deb")
    machine.call("dpkg", "-i", "/tmp/mydocker.deb")
    require(machine.traces() != [], "it is installed")
    use(machine)
    machine.call("dpkg", "-P", "mydocker")
    require(machine.traces() == [], f"it left {machine.traces()}")
    require(not (machine.root / "run/mydocker").exists(), "no records are left")


def main() -> int:
    build = Path(sys.argv[1]).resolve()
    lacking = missing_program() or next((each for each in ("root", "root.packages")
                                         if not (PROJECT / "root_fs" / each).exists()), "")
    if os.geteuid() != 0 or lacking:
        print(f"skipped: {lacking or 'root'} is missing")
        return SKIPPED
    if sys.argv[2:] == []:
        # What is mounted ends with this process, whatever becomes of it.
        os.execvp("unshare", ["unshare", "--mount", "--propagation", "private", sys.executable, __file__, str(build),
                              "--inside"])
    with temporary() as name:
        try:
            inside(build, Path(name))
        finally:
            subprocess.run(["umount", "--recursive", "--lazy", f"{name}/memory"], check=False)
    return 0


if __name__ == "__main__":
    sys.exit(main())
