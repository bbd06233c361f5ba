"""What somebody swaps for a link to the host's marker, again and again, while MyDocker makes its mounts."""
import stat

from crafted import (BOTH, CLASSIC, EITHER, MAGIC, OCI, OWN_DEV, PROC, Crafted, asks, both, file, folders, link, linked, mount, node, tmpfs,
                     volume)

FOLDER = "a folder"
DEVPTS = mount("/dev/pts", "devpts", "devpts", "newinstance", "ptmxmode=0666")


def swapped(path: str, craft: object = None, row: str = "M2", to: str = "", front: tuple = BOTH, **more: object) -> Crafted:
    """`path`, a folder unless made by `craft`, and beside it a link out of the root, unless that is made too."""
    other = f"{path}.other"
    beside = folders(other) if to == FOLDER else linked(other, to)
    return Crafted(row, both(craft or folders(path), beside), EITHER, front, swap=(path, other), **more)


def in_volume(root, host):
    """A folder that is shared with the container; in it a/sub, which is a mount's target, and a link."""
    folder = root.parent / "given"
    (folder / "a/sub").mkdir(parents=True, exist_ok=True)
    link(folder, "a.other", host.out_of(folder / "a.other"))
    return str(folder)


RACES = {
    "M1 proc": swapped("proc", row="M1"),
    "M1 proc and another folder": swapped("proc", row="M1", to=FOLDER),
    "M1 sys": swapped("sys", row="M1"),
    "M1 sys and another folder": swapped("sys", row="M1", to=FOLDER),
    "M5 dev and another folder": swapped("dev", row="M5", to=FOLDER),
    "M5 dev": swapped("dev", row="M5"),
    "M1 proc, and a label is asked for": swapped("proc", row="M1", front=OCI, **asks(set={"process.apparmorProfile": "probe"})),
    "M2 a volume's target": swapped("v/sub", to="sub", **volume("/v/sub")),
    "M2 the folder above a volume's target": swapped("v", both(folders("v/sub")), **volume("/v/sub")),
    "M6 the folder above a target that is to be made": swapped("v", **volume("/v/new/deep")),
    "M2 a tmpfs' target": swapped("v/sub", to="sub", **tmpfs("/v/sub")),
    "M1 a volume's target and a link to /proc": swapped("v/attr", to="/proc/self/attr", **volume("/v/attr")),
    "M2 a target in a shared volume": Crafted(
        "M2", in_volume, EITHER, swap=("../given/a", "../given/a.other"),
        options=lambda root, host: ["--volume", f"{in_volume(root, host)}:/given", "--volume", "/etc:/given/a/sub:ro"],
        config=lambda root, host: {"add": {"mounts": [mount("/given", in_volume(root, host)), mount("/given/a/sub", "/etc", "bind", "ro")]}}),
    "M3 a masked path": swapped("masked", front=OCI, row="M3", **asks(add={"linux.maskedPaths": ["/masked/sub"],
                                                                          "linux.readonlyPaths": ["/masked/attr"]})),
    "F2 the folder to start in": swapped("work", row="F2", to=MAGIC, options=lambda root, host: ["--workdir", "/work"],
                                         **asks(set={"process.cwd": "/work/made"})),
    "M14 a file of a filled tmpfs": swapped("data/f", file("data/f", b"x" * 4096), "M14", "secret", OCI, **tmpfs("/data", "tmpcopyup")),
    "M14 a file of a filled tmpfs and a FIFO": Crafted("M14", both(file("data/f"), node("data/f.other", stat.S_IFIFO)), EITHER, OCI,
                                                       swap=("data/f", "data/f.other"), **tmpfs("/data", "tmpcopyup")),
    "M14 a folder of a filled tmpfs": swapped("data/sub", both(file("data/sub/f")), "M14", "sub", OCI, **tmpfs("/data", "tmpcopyup")),
    "K7 passwd": swapped("etc/passwd", file("etc/passwd", b"root:x:0:0::/:/bin/sh\n"), "K7", "passwd", CLASSIC,
                         options=lambda root, host: ["--user", "marked"]),
    "X1 the shell": swapped("bin/sh", linked("bin/sh", "/bin/busybox"), "X1", "/proc/self/exe"),
    "T4 the console": swapped("dev/console", file("dev/console"), "T4", "console", OCI, tty=True,
                              **asks(set={"mounts": [PROC, DEVPTS]})),
    "T4 ptmx": swapped("dev/pts", folders("dev/pts"), "T4", "pts", OCI, tty=True, **asks(**OWN_DEV)),
    "M5 a /dev of its own": swapped("dev", row="M5", front=OCI, **asks(**OWN_DEV)),
}
