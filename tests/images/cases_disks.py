"""Disk images: squashfs and erofs files of a root."""
import os
import shutil
import subprocess
from pathlib import Path

import archives
import world
from cases import Skip, require, same, wait_for

MAKERS = {"squashfs": ("mksquashfs", lambda folder, disk: ["mksquashfs", folder, disk, "-quiet", "-no-progress"]),
          "erofs": ("mkfs.erofs", lambda folder, disk: ["mkfs.erofs", "--quiet", disk, folder])}
KINDS = [kind for kind, (program, _) in MAKERS.items() if shutil.which(program)]
USER = 65534


def make(place, kind: str, name: str | None = None) -> Path:
    """A disk image of a small system, with a file of user 7 in it and a device node."""
    if kind not in KINDS:
        raise Skip(f"not installed: {MAKERS[kind][0]}")
    root = place.folder / "root"
    if not root.exists():
        root.mkdir()
        subprocess.run(["tar", "-C", root, "-x"], input=archives.base(), check=True)
        (root / "word").write_text("on the disk\n")
        os.chown(root / "word", 7, 7)
        os.mknod(root / "null", 0o20666, os.makedev(1, 3))
    disk = place.folder / (name or f"system.{kind}")
    subprocess.run(MAKERS[kind][1](root, disk), check=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    return disk


def loops() -> str:
    """Those whose files are ours."""
    return subprocess.run(["losetup", "--all"], check=True, text=True, stdout=subprocess.PIPE).stdout


def is_mounted(place, kind: str) -> None:
    disk = make(place, kind)
    for options in (("-a",), ("-aU",)):
        same(place.sh(disk, "stat -c %u /word; cat /word; echo new > /word; cat /word", options=options).splitlines(),
             ["7", "on the disk", "new"])
        require("ermission denied" in place.call(*options, "--image", disk, "/bin/cat", "/null", status=1).stderr,
                "its device nodes are dead")
        same(place.sh(disk, "cat /word", options=options), "on the disk")
        same(place.run(disk, "id", "-un", options=(*options, "--user", "app")), "app")
    same(list((place.store / "layers").iterdir()), [])  # nothing was unpacked
    same(place.writable(), [])
    require(str(place.folder) not in loops(), "no loop device stays")


def case_squashfs_is_mounted(place):
    is_mounted(place, "squashfs")


def case_erofs_is_mounted(place):
    is_mounted(place, "erofs")


def case_many_at_once_and_killed(place):
    disk = make(place, KINDS[0] if KINDS else "squashfs")
    words = [str(world.binary), "-a", "--image", str(disk), *world.WAITING]
    environment = {**os.environ, "MYDOCKER_STORE": str(place.store)}
    running = [subprocess.Popen(words, text=True, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, env=environment)
               for _ in range(20)]
    same({each.stdout.readline() for each in running}, {"ready\n"})
    for each in running:
        each.kill()
    for each in running:
        each.communicate()
    wait_for("no loop device stays", lambda: str(place.folder) not in loops())
    same(place.sh(disk, "cat /word"), "on the disk")  # sweeps
    same(place.writable(), [])


def case_dry_run_and_explain(place):
    disk = make(place, KINDS[0] if KINDS else "squashfs")
    plan = place.call("-aU", "--dry-run", "--image", disk, "/bin/true").stdout
    require(f"in '{disk}' as layer 1" in plan, plan)
    require(not place.store.exists(), "nothing is made")


def case_changes(place):
    disk = make(place, KINDS[0] if KINDS else "squashfs")
    kept = place.folder / "kept"
    for options in (("-a",), ("-aU",)):
        shutil.rmtree(kept, ignore_errors=True)
        place.run(disk, "sh", "-c", "echo new > /word; echo more > /more; rm /etc/group",
                  options=(*options, "--overlay-dir", str(kept)))
        same(place.call("diff", kept).stdout.split("\n")[:4], ["C /etc", "D /etc/group", "A /more", "C /word"])
        result = place.folder / "result.tar"
        place.call("commit", kept, "-o", result, "--name", "committed")
        same(place.sh(result, "cat /word /more; ls /etc"), "new\nmore\npasswd")
        place.call("image", "remove", "committed")
    other = make(place, "squashfs", "other.squashfs")
    require("ESTALE" in place.call("-aU", "--overlay-dir", kept, "--image", other, "/bin/true", status=125).stderr,
            "what was written over one disk makes no sense over another")


def load(place, disk: Path, *words: str, **more) -> subprocess.CompletedProcess:
    """By an ordinary user."""
    mine = place.folder / "mine"
    mine.mkdir(exist_ok=True)
    os.chown(mine, USER, USER)
    program = place.folder / "MyDocker"
    if not program.exists():
        shutil.copy(world.binary, program)
    return subprocess.run([str(program), "image", "load", "--store", str(mine / "store"), *words, str(disk)], text=True,
                          capture_output=True, check=False, user=USER, group=USER, extra_groups=[],
                          stdin=subprocess.DEVNULL, **more)


def unpacked(place, kind: str) -> None:
    disk = make(place, kind)
    loaded = place.call("image", "load", disk)
    same(loaded.stdout.split()[1:], ["system:latest"])
    require("left out 1 device nodes" in loaded.stderr, loaded.stderr)
    require(not next((place.store / "layers").glob("*/null"), None), "no device node is in the store")
    require("7" == place.sh("system", "stat -c %u /word"), "owners are kept")
    same(place.sh(disk, "cat /word", options=("-aU",)), "on the disk")
    done = load(place, disk)
    require(done.returncode == 0, done.stderr)
    layer = next((place.folder / "mine/store/layers").iterdir())
    same((layer / "word").read_text(), "on the disk\n")
    same({each.lstat().st_uid for each in layer.rglob("*")}, {USER})


def case_squashfs_unpacked(place):
    unpacked(place, "squashfs")


def case_erofs_unpacked(place):
    unpacked(place, "erofs")


def case_too_much(place):
    disk = make(place, "squashfs")
    for limit, value, said in (("--max-size", "100k", "bytes"), ("--max-files", "3", "more than 3 files")):
        require(said in place.call("image", "load", limit, value, disk, status=125).stderr, said)
        same(os.listdir(place.store / "tmp"), [])
    same(place.images(), [])


def case_not_whole(place):
    disk = make(place, "squashfs")
    os.truncate(disk, 5000)
    require("unsquashfs ended with status 1" in place.call("image", "load", disk, status=125).stderr, "by its tool")
    require("'MyDocker image load' unpacks it" in place.call("-a", "--image", disk, "/bin/true", status=125).stderr,
            "by the kernel")
    same(place.writable(), [])


def case_tool_not_installed(place):
    """A host without it: an empty folder lies over those with programs."""
    disk = make(place, "squashfs")
    hide = "mount -t tmpfs none /usr/local/bin; mount -t tmpfs none /usr/bin; exec "
    words = f"{world.binary} image load --store {place.store} {disk}"
    done = subprocess.run(["unshare", "--mount", "sh", "-c", hide + words], text=True, capture_output=True, check=False)
    require(done.returncode == 125 and "install the package squashfs-tools" in done.stderr, done.stderr)
