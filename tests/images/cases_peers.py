"""Images that other programs make, offline: podman, skopeo, umoci, mksquashfs."""
import shutil
import subprocess

import archives
from cases import Skip, require, same


def need(*programs: str) -> None:
    missing = [name for name in programs if not shutil.which(name)]
    if missing:
        raise Skip(f"not installed: {' '.join(missing)}")


def sh(script: str, folder) -> str:
    done = subprocess.run(["sh", "-ec", script], cwd=folder, text=True, stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
                          check=False)
    require(done.returncode == 0, f"{script}: {done.stdout}")
    return done.stdout


def case_umoci(place):
    need("umoci")
    (place.folder / "base.tar").write_bytes(archives.base())
    sh("""mkdir layout-parent; umoci init --layout layout; umoci new --image layout:one
          umoci raw add-layer --image layout:one base.tar
          umoci config --image layout:one --config.cmd /bin/cat --config.cmd /word --config.user app
          umoci unpack --image layout:one bundle; echo of umoci > bundle/rootfs/word; rm bundle/rootfs/etc/group
          umoci repack --image layout:two bundle""", place.folder)
    layout = place.folder / "layout"
    same(place.run(f"{layout}:two"), "of umoci")
    same(place.run(f"{layout}:one", "ls", "/etc"), "group\npasswd")
    same(place.run(f"{layout}:two", "ls", "/etc"), "passwd")
    require("layout:one" in place.call("-a", "--image", layout, status=125).stderr, "there are two")


def case_skopeo(place):
    need("skopeo", "zstd")
    image = place.base_image(archives.layer(archives.entry("word", b"copied")))
    for to, options in (("oci:zstd:x", "--dest-compress-format zstd --dest-compress"), ("oci:gzip:x", ""),
                        ("oci-archive:archive.tar", ""), ("docker-archive:docker.tar:x:1", "")):
        sh(f"skopeo --insecure-policy copy {options} docker-archive:{image.name} {to}", place.folder)
        path = place.folder / to.split(":")[1]
        same(place.run(path, "cat", "/word"), "copied")
    require(any(blob.read_bytes()[:4] == b"\x28\xb5\x2f\xfd" for blob in place.folder.glob("zstd/blobs/sha256/*")), "zstd")
    same(len(place.layers()), 2)


def case_podman(place):
    need("podman")
    image = place.base_image(archives.layer(archives.entry("word", b"saved")), Cmd=["/bin/cat", "/word"])
    podman = "podman --root graph --runroot run --storage-driver vfs"
    sh(f"{podman} load -i {image.name}", place.folder)
    for form in ("docker-archive", "oci-archive", "oci-dir"):
        sh(f"{podman} save --format {form} -o saved-{form} lesson", place.folder)
        same(place.run(place.folder / f"saved-{form}"), "saved")
    # The way back: what podman makes of our archive and what we make of it are the same image.
    same(sh(f"{podman} images -q --no-trunc", place.folder).strip()[7:], place.images()[0]["id"])
