"""Images made by hand, offline: layers as tar archives, wrapped as docker and as OCI do it."""
import gzip
import hashlib
import io
import json
import shutil
import subprocess
import tarfile
from pathlib import Path

BUSYBOX = shutil.which("busybox")


def digest(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()


def entry(name: str, content: bytes = b"", kind: bytes = tarfile.REGTYPE, mode: int = 0o644, **more) -> tuple:
    """One entry of a layer: more may be uid, gid, linkname, devmajor, devminor, size, pax_headers."""
    info = tarfile.TarInfo(name)
    info.type, info.mode, info.size = kind, mode, len(content)
    for key, value in more.items():
        setattr(info, key, value)
    return info, content


def folder(name: str, mode: int = 0o755, **more) -> tuple:
    return entry(name, kind=tarfile.DIRTYPE, mode=mode, **more)


def link(name: str, target: str, kind: bytes = tarfile.SYMTYPE) -> tuple:
    return entry(name, kind=kind, linkname=target)


def layer(*entries: tuple) -> bytes:
    out = io.BytesIO()
    with tarfile.open(fileobj=out, mode="w", format=tarfile.PAX_FORMAT) as tar:
        for info, content in entries:
            tar.addfile(info, io.BytesIO(content))
    return out.getvalue()


def needed_by(program: str) -> list[Path]:
    """The libraries that a program is loaded with."""
    said = subprocess.run(["ldd", program], text=True, capture_output=True, check=False).stdout
    return [Path(word) for line in said.splitlines() for word in line.split() if word.startswith("/")]


def base() -> bytes:
    """A layer with a shell and the usual small programs."""
    entries = [folder(name) for name in ("bin", "etc", "tmp", "root", "lib64")]
    entries.append(entry("bin/busybox", Path(BUSYBOX).read_bytes(), mode=0o755))
    for name in ("sh", "cat", "ls", "id", "echo", "touch", "rm", "sleep", "stat", "mkdir", "env", "pwd", "dd", "mv", "chmod",
                 "find", "test", "hostname", "true", "ln", "mknod"):
        entries.append(link(f"bin/{name}", "busybox"))
    for library in needed_by(BUSYBOX):
        entries.append(entry(str(library)[1:], library.resolve().read_bytes(), mode=0o755))
    entries.append(entry("etc/passwd", b"root:x:0:0:root:/root:/bin/sh\napp:x:1000:1001:App:/home/app:/bin/sh\n"))
    entries.append(entry("etc/group", b"root:x:0:\napp:x:1001:\n"))
    return layer(*entries)


def config(layers: list[bytes], **config) -> bytes:
    return json.dumps({"architecture": "amd64", "os": "linux", "config": config,
                       "rootfs": {"type": "layers", "diff_ids": [f"sha256:{digest(each)}" for each in layers]}}).encode()


def write_tar(path: Path, files: list[tuple[str, bytes]]) -> Path:
    path.write_bytes(layer(*(entry(name, content) for name, content in files)))
    return path


def docker_archive(path: Path, layers: list[bytes], name: str = "lesson:latest", text: bytes | None = None, **more) -> Path:
    """As `docker save` writes it. `text` takes the place of the configuration."""
    text = text or config(layers, **more)
    names = [f"{digest(each)}/layer.tar" for each in layers]
    manifest = [{"Config": f"{digest(text)}.json", "RepoTags": [name] if name else None, "Layers": names}]
    files = dict(zip(names, layers))  # a layer that comes twice is there once
    return write_tar(path, [*files.items(), (f"{digest(text)}.json", text), ("manifest.json", json.dumps(manifest).encode())])


def compressed(content: bytes, how: str) -> bytes:
    if how == "gzip":
        return gzip.compress(content, mtime=0)
    if how != "none":
        return subprocess.run([how, "-c"], input=content, stdout=subprocess.PIPE, check=True).stdout
    return content


def oci_blobs(layers: list[bytes], how: str = "none", tag: str = "latest", platform: dict | None = None, **more) -> dict[str, bytes]:
    """The files of an OCI layout, by their paths."""
    files = {"oci-layout": b'{"imageLayoutVersion":"1.0.0"}'}

    def blob(content: bytes, kind: str) -> dict:
        files[f"blobs/sha256/{digest(content)}"] = content
        return {"mediaType": f"application/vnd.oci.image.{kind}", "digest": f"sha256:{digest(content)}", "size": len(content)}

    suffix = "" if how == "none" else f"+{how}"
    described = [blob(compressed(each, how), f"layer.v1.tar{suffix}") for each in layers]
    manifest = {"schemaVersion": 2, "config": blob(config(layers, **more), "config.v1+json"), "layers": described}
    listed = blob(json.dumps(manifest).encode(), "manifest.v1+json")
    listed["annotations"] = {"org.opencontainers.image.ref.name": tag}
    if platform:
        listed["platform"] = platform
    files["index.json"] = json.dumps({"schemaVersion": 2, "manifests": [listed]}).encode()
    return files


def oci_folder(path: Path, *arguments, **more) -> Path:
    for name, content in oci_blobs(*arguments, **more).items():
        (path / name).parent.mkdir(parents=True, exist_ok=True)
        (path / name).write_bytes(content)
    return path


def oci_archive(path: Path, *arguments, **more) -> Path:
    return write_tar(path, list(oci_blobs(*arguments, **more).items()))
