"""podman in the private world: its configuration, and what its cases share."""
import json
import os
import shutil
import subprocess
import uuid
from pathlib import Path

import image
from cgroups import Cgroup
from engine import Case, NotHere, run
from terminal import Terminal
from world import SCRATCH

# Root without CAP_SYS_RESOURCE cannot raise limits, so ask for less than anybody has.
CONTAINERS_CONF = """\
[containers]
default_ulimits = ["nofile=1024:1024", "nproc=1024:1024"]
log_driver = "k8s-file"
[engine]
cgroup_manager = "cgroupfs"
events_logger = "file"
runtime = "{name}"
runtime_supports_json = ["{name}"]
[engine.runtimes]
{name} = ["{path}"]
[network]
network_backend = "{network}"
"""
STORAGE_CONF = f"""\
[storage]
driver = "overlay"
graphroot = "{SCRATCH}/storage"
runroot = "{SCRATCH}/runroot"
"""
CATATONIT = "/usr/libexec/podman:/usr/libexec/catatonit:/usr/bin"  # where podman looks for it
NETAVARK = Path("/usr/lib/podman/netavark")


def check_installed() -> None:
    for program in ("podman", "conmon", "busybox"):
        if shutil.which(program) is None:
            raise NotHere(f"{program} is not installed")


def start(runtime: Path) -> None:
    folder = Path("/etc/containers")
    folder.mkdir(exist_ok=True)
    network = "netavark" if NETAVARK.exists() else "cni"
    (folder / "containers.conf").write_text(
        CONTAINERS_CONF.format(name=runtime.name, path=runtime, network=network), encoding="utf-8")
    (folder / "storage.conf").write_text(STORAGE_CONF, encoding="utf-8")
    (folder / "policy.json").write_text('{"default": [{"type": "insecureAcceptAnything"}]}', encoding="utf-8")
    archive = SCRATCH / "image.tar"
    image.write_archive(archive)
    subprocess.run(["podman", "load", "--quiet", "--input", archive], check=True, stdout=subprocess.DEVNULL)


def podman(*words: object, **more: object) -> subprocess.CompletedProcess:
    return run("podman", *words, **more)


class PodmanCase(Case):
    """Containers have no network unless a case asks for one: most say nothing about it, and it takes time."""

    def setUp(self) -> None:
        self.folder = SCRATCH / "cases" / uuid.uuid4().hex[:12]
        self.folder.mkdir(parents=True)
        self.folder.chmod(0o755)

    def ok(self, *words: object, **more: object) -> str:
        """What a podman command that has to succeed prints."""
        result = podman(*words, **more)
        self.assert_status(result, 0)
        return result.stdout.strip()

    def container(self, *words: object, options: tuple = (), **more: object) -> subprocess.CompletedProcess:
        """Runs a program in a container to its end."""
        return podman("run", "--rm", "--network", "none", *options, image.NAME, *words, **more)

    def prints(self, *words: object, options: tuple = (), **more: object) -> str:
        """What a program prints that has to succeed in a container."""
        result = self.container(*words, options=options, **more)
        self.assert_status(result, 0)
        return result.stdout.strip()

    def shell(self, script: str, *options: object) -> str:
        return self.prints("sh", "-c", script, options=options)

    def background(self, *words: object, options: tuple = ("--network", "none")) -> str:
        """The id of a container that runs until the case is over."""
        words = words or ("sleep", "1000")
        name = self.ok("run", "--detach", *options, image.NAME, *words)
        self.addCleanup(podman, "rm", "--force", "--time", "0", name)
        return name

    def created(self, *words: object, options: tuple = ("--network", "none")) -> str:
        name = self.ok("create", *options, image.NAME, *words)
        self.addCleanup(podman, "rm", "--force", "--time", "0", name)
        return name

    def terminal(self, *words: object, rows: int = 24, columns: int = 80) -> Terminal:
        return self.enterContext(Terminal(["podman", *map(str, words)], rows, columns))

    def skip_without_catatonit(self) -> None:
        if shutil.which("catatonit", path=CATATONIT) is None:
            self.skipTest("catatonit is not installed")

    def state(self, name: str) -> dict:
        return json.loads(self.ok("inspect", name))[0]["State"]

    def cgroup(self, name: str) -> Cgroup:
        return Cgroup(self.state(name)["Pid"])

    def wait_for_log(self, name: str, text: str) -> None:
        self.wait_for(f"'{text}' in the log of {name}", lambda: text in self.ok("logs", name))

    def wait_for_end(self, name: str) -> int:
        return int(self.ok("wait", name))


def namespace_here(kind: str) -> str:
    return os.readlink(f"/proc/self/ns/{kind}")
