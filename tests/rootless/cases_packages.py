"""apt-get and dpkg of this host in an image, as an ordinary user: several ids, and a repository in a folder."""
import gzip
import hashlib
import io
import os
import shutil
import subprocess
import tarfile
from pathlib import Path

from archives import needed_by
from cases import Skip, require, same
from world import FIRST, only

PACKAGES = ("dpkg", "apt", "bash", "dash", "coreutils", "sed", "grep", "tar", "gzip", "perl-base", "base-passwd", "diffutils", "findutils",
            "debianutils", "gpgv", "passwd", "login", "libc-bin", "libpam-modules", "libpam-runtime")
PROGRAMS = ("/usr/bin/dpkg", "/usr/bin/apt-get", "/bin/bash", "/bin/tar", "/bin/cp", "/bin/grep", "/bin/ls", "/usr/bin/perl", "/usr/bin/gpgv",
            "/usr/sbin/useradd", "/sbin/ldconfig", "/usr/bin/find", "/bin/gzip")


def files_of_packages() -> set[str]:
    listed = subprocess.run(["dpkg", "-L", *PACKAGES], capture_output=True, text=True, check=False).stdout.splitlines()
    skipped = ("/usr/share/doc", "/usr/share/man", "/usr/share/locale", "/usr/share/info")
    return {path for path in listed if path.startswith("/") and path != "/." and not path.startswith(skipped)}


def root_archive(path: Path) -> None:
    """Files of those packages, and what their programs are loaded with, as they lie here."""
    files = files_of_packages()
    for program in (*PROGRAMS, *(str(each) for each in Path("/usr/lib/apt/methods").glob("*"))):
        files |= {str(each) for each in needed_by(program)}
    with tarfile.open(path, "w") as tar:
        for each in ("bin", "sbin", "lib", "lib64"):
            tar.add(f"/{each}", each, recursive=False)
        for each in sorted(files, key=lambda name: name.count("/")):
            real = os.path.join(os.path.realpath(os.path.dirname(each)), os.path.basename(each))
            if os.path.lexists(real):
                tar.add(real, real[1:], recursive=False)
                if os.path.islink(real) and os.path.isfile(real):
                    tar.add(os.path.realpath(real), os.path.realpath(real)[1:], recursive=False)
        for name, text in (("etc/passwd", "root:x:0:0::/root:/bin/sh\n_apt:x:100:65534::/:/bin/false\n"), ("etc/group", "root:x:0:\nnogroup:x:65534:\n"),
                           ("etc/apt/sources.list", "deb [trusted=yes] file:/mnt ./\n"), ("var/lib/dpkg/status", ""), ("etc/shadow", "root:*:1::::::\n")):
            info = tarfile.TarInfo(name)
            info.size = len(text)
            tar.addfile(info, io.BytesIO(text.encode()))
        for name in ("tmp", "root", "mnt", "var/log/apt"):
            info = tarfile.TarInfo(name)
            info.type, info.mode = tarfile.DIRTYPE, 0o1777 if name == "tmp" else 0o755
            tar.addfile(info)


def repository(folder: Path) -> None:
    """One package: its files belong to others than root, and its script makes a user."""
    tree = folder.parent / "tree"
    (tree / "DEBIAN").mkdir(parents=True)
    (tree / "srv").mkdir()
    (tree / "srv/file").write_text("of the package\n")
    os.chown(tree / "srv/file", 7, 8)
    (tree / "DEBIAN/control").write_text("Package: lesson\nVersion: 1\nArchitecture: all\nMaintainer: a <a@example.org>\nDescription: a lesson\n")
    (tree / "DEBIAN/postinst").write_text("#!/bin/sh\nset -e\nuseradd -M -u 1234 lesson\nchown lesson /srv\n")
    (tree / "DEBIAN/postinst").chmod(0o755)
    subprocess.run(["dpkg-deb", "-Zgzip", "-b", tree, folder / "lesson.deb"], stdout=subprocess.DEVNULL, check=True)
    shutil.rmtree(tree)
    content = (folder / "lesson.deb").read_bytes()
    control = subprocess.run(["dpkg-deb", "-f", folder / "lesson.deb"], capture_output=True, text=True, check=True).stdout
    index = f"{control}Filename: ./lesson.deb\nSize: {len(content)}\nSHA256: {hashlib.sha256(content).hexdigest()}\n\n"
    (folder / "Packages.gz").write_bytes(gzip.compress(index.encode()))


@only("casual")
def case_apt_get_installs(user):
    if not shutil.which("apt-get"):
        raise Skip("no Debian or Ubuntu")
    image, folder = user.folder / "debian.tar", user.folder / "debs"
    folder.mkdir()
    root_archive(image)
    repository(folder)
    user.own(image)
    user.own(folder)
    said = user.call("-aU", "--image", image, "-v", f"{folder}:/mnt:ro", "--overlay-dir", "kept", "/bin/sh", "-ec",
                     "apt-get -q update; DEBIAN_FRONTEND=noninteractive apt-get -q -y install lesson; dpkg -s lesson; stat -c %u:%g /srv /srv/file")
    require("Status: install ok installed" in said.stdout and "Operation not permitted" not in said.stderr, said)
    same(said.stdout.splitlines()[-2:], ["1234:0", "7:8"])
    same((user.folder / "kept/upper/srv/file").stat().st_uid, FIRST + 6)
    subprocess.run(["rm", "-rf", user.folder / "kept"], check=True)
