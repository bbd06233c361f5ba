"""An image made without a network: busybox and a few files, in the format of 'docker save'."""
import hashlib
import io
import json
import subprocess
import tarfile
from pathlib import Path

NAME = "localhost/busybox:latest"
BUSYBOX = Path("/bin/busybox")
FILES = {
    "etc/passwd": "root:x:0:0:root:/root:/bin/sh\ntester:x:1000:1000::/home/tester:/bin/sh\n",
    "etc/group": "root:x:0:\ntester:x:1000:\nplayers:x:60:tester\n",
    "data/greeting": "from the image\n",  # what a volume over this folder hides or copies
}
FOLDERS = ("bin", "data", "dev", "etc", "home", "home/tester", "proc", "root", "run", "sys", "tmp", "var")
CONFIG = {"Env": ["PATH=/bin"], "Cmd": ["/bin/sh"]}


def entry(name: str, kind: bytes, mode: int, **more: object) -> tarfile.TarInfo:
    info = tarfile.TarInfo(name)
    info.type, info.mode = kind, mode
    for key, value in more.items():
        setattr(info, key, value)
    return info


def add_file(archive: tarfile.TarFile, name: str, content: bytes, mode: int = 0o644) -> None:
    archive.addfile(entry(name, tarfile.REGTYPE, mode, size=len(content)), io.BytesIO(content))


def layer() -> bytes:
    buffer = io.BytesIO()
    with tarfile.open(fileobj=buffer, mode="w") as archive:
        for folder in FOLDERS:
            archive.addfile(entry(folder, tarfile.DIRTYPE, 0o1777 if folder == "tmp" else 0o755))
        for name, text in FILES.items():
            add_file(archive, name, text.encode())
        add_file(archive, "bin/busybox", BUSYBOX.read_bytes(), 0o755)
        programs = subprocess.run([BUSYBOX, "--list"], capture_output=True, text=True, check=True).stdout.split()
        for program in programs:
            if program != "busybox":
                archive.addfile(entry(f"bin/{program}", tarfile.SYMTYPE, 0o777, linkname="busybox"))
    return buffer.getvalue()


def write_archive(path: Path) -> None:
    content = layer()
    machine = {"x86_64": "amd64", "aarch64": "arm64"}
    config = {"architecture": machine[subprocess.check_output(["uname", "-m"], text=True).strip()], "os": "linux",
              "config": CONFIG,
              "rootfs": {"type": "layers", "diff_ids": [f"sha256:{hashlib.sha256(content).hexdigest()}"]}}
    manifest = [{"Config": "config.json", "RepoTags": [NAME], "Layers": ["layer.tar"]}]
    with tarfile.open(path, "w") as archive:
        add_file(archive, "config.json", json.dumps(config).encode())
        add_file(archive, "layer.tar", content)
        add_file(archive, "manifest.json", json.dumps(manifest).encode())
