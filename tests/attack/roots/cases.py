"""The list of hostile roots, by the rows of the attack corpus."""
import os
import stat

from crafted import (BOTH, CLASSIC, EITHER, HARMLESS, MAGIC, OCI, OWN_DEV, PROC, Crafted, absolute, asks, both, file,
                     folders, link, linked, mount, node, tmpfs, volume)

KERNELS = {f"{row} {path} is a link to {where}": Crafted(row, craft, says="symbolic link")
           for row, path in (("M1", "proc"), ("M1", "sys"), ("M5", "dev"))
           for where, craft in (("the host's marker", linked(path)), ("an absolute path", absolute(path)),
                                ("/tmp", linked(path, "/tmp")), ("/etc", linked(path, "/etc")),
                                ("a descriptor", linked(path, MAGIC)), ("nothing", linked(path, "/none")))}
KERNELS |= {f"M1 {path} is a file": Crafted("M1", lambda root, host, path=path: (
    (root / path).rmdir(), (root / path).write_text("")), says="") for path in ("proc", "sys", "dev")}

CASES = KERNELS | {
    "M1 a volume on /proc": Crafted("M1", folders(), front=OCI, says="protect the host", **volume("/proc")),
    "M1 a volume on /proc without a procfs": Crafted("M1", folders(), front=OCI, says="protect the host", config=lambda root, host: {
        "set": {"mounts": [mount("/proc", str(host.marker))]}}),
    "M1 a tmpfs on /proc": Crafted("M1", folders(), front=OCI, says="protect the host", **tmpfs("/proc")),
    "M1 a volume below /proc": Crafted("M1", folders(), front=OCI, says="protect the host", **volume("/proc/self/attr")),
    "M1 a volume where a link leads to /proc": Crafted("M1", linked("data", "/proc"), says="protect the host", **volume("/data")),
    "M1 a volume where a link leads below /proc": Crafted("M1", linked("data", "/proc/self"), says="protect the host",
                                                         **volume("/data/attr")),
    "M1 a tmpfs where a link leads to /proc": Crafted("M1", linked("data", "/proc"), says="protect the host", **tmpfs("/data")),
    "M1 a filled tmpfs where a link leads below /proc": Crafted("M1", linked("data", "/proc/self/attr"), front=OCI,
                                                               says="protect the host", **tmpfs("/data", "tmpcopyup")),
    "M1 a volume where a link leads to /dev": Crafted("M1", linked("data", "/dev"), front=CLASSIC, says="protect the host",
                                                     **volume("/data")),
    "M1 a volume where a link leads to /sys": Crafted("M1", linked("data", "/sys"), front=CLASSIC, says="protect the host",
                                                     **volume("/data")),

    "M3 /dev/null is a link to core_pattern": Crafted("M3", linked("dev/null", "/proc/sys/kernel/core_pattern"), EITHER, OCI,
                                                     config=lambda root, host: OWN_DEV | {"add": {"linux.maskedPaths": ["/proc/keys"]}}),
    "M3 /dev/null is a link to the marker": Crafted("M3", linked("dev/null", "null"), EITHER, OCI, config=lambda root, host: OWN_DEV | {
        "add": {"linux.maskedPaths": ["/proc/keys", "/etc/passwd"]}}),
    "M3 /dev/null is another device": Crafted("M3", node("dev/null", stat.S_IFCHR, os.makedev(1, 8)), EITHER, OCI, **asks(**OWN_DEV)),
    "M3 a bound /dev with a link at null": Crafted("M3", folders(), EITHER, OCI, config=lambda root, host: {
        "set": {"mounts": [PROC, mount("/dev", str(bound_dev(root, host)))]}, "add": {"linux.maskedPaths": ["/proc/keys"]}}),
    "M3 the user binds /dev": Crafted("M3", folders(), front=CLASSIC, says="may not cover /dev", options=lambda root, host: [
        "--volume", f"{bound_dev(root, host)}:/dev"]),
    "M3 a masked path is a link": Crafted("M3", linked("masked", "secret"), EITHER, OCI,
                                         **asks(add={"linux.maskedPaths": ["/masked"], "linux.readonlyPaths": ["/masked"]})),

    "M4 a fake /proc/self/attr": Crafted("M4", both(file("proc/thread-self/attr/exec"), file("proc/self/attr/exec")), front=OCI, says="procfs",
                                        **asks(set={"mounts": [], "process.apparmorProfile": "probe"})),
    "M4 /proc is a link, and a label is asked for": Crafted("M4", linked("proc"), front=OCI, says="symbolic link", **asks(
        set={"mounts": [], "process.apparmorProfile": "probe"})),
    "M4 attr is a link to the marker": Crafted("M4", linked("proc/thread-self", "thread-self"), front=OCI, says="procfs", **asks(
        set={"mounts": [], "process.selinuxLabel": "probe"})),
    "M4 a sysctl where the root has a link": Crafted("M4", both(linked("proc/sys"), file("proc/x")), HARMLESS, OCI, **asks(
        set={"linux.sysctl": {"net.ipv4.ip_forward": "1"}}, drop=["mounts[0]"])),

    "M5 a /dev of its own, a link": Crafted("M5", linked("dev"), front=OCI, says="symbolic link", **asks(**OWN_DEV)),
    "M5 a /dev of its own, ptmx a folder": Crafted("M5", folders("dev/ptmx/deep"), EITHER, OCI, **asks(**OWN_DEV)),
    "M5 /dev/shm leads out": Crafted("M5", linked("dev/shm", "shm"), EITHER, OCI, config=lambda root, host: {
        "set": {"mounts": [PROC, mount("/dev/shm", "shm", "tmpfs")]}}),
    "M5 /dev/pts leads out": Crafted("M5", linked("dev/pts", "pts"), EITHER, OCI, config=lambda root, host: {
        "set": {"mounts": [PROC, mount("/dev/pts", "devpts", "devpts")]}}),
    "M5 a device in a folder that leads out": Crafted("M5", linked("dev/net"), front=OCI, says="symbolic link", config=lambda root, host: OWN_DEV | {
        "add": {"linux.devices": [{"path": "/dev/net/tun", "type": "c", "major": 10, "minor": 200}]}}),

    "M6 a target's parent leads out": Crafted("M6", linked("link"), HARMLESS, **volume("/link/new/sub")),
    "M6 a target's parent leads out, absolute": Crafted("M6", absolute("link"), HARMLESS, **volume("/link/new")),
    "M6 a target leads to what is not there": Crafted("M6", linked("link", "new"), HARMLESS, **volume("/link")),
    "M6 a target leads to a descriptor": Crafted("M6", linked("link", MAGIC), **volume("/link/new")),
    "M6 a target leads to the first process's root": Crafted("M6", linked("link", "/proc/1/root/tmp"), **volume("/link/new")),
    "M6 a target with links in a circle": Crafted("M6", both(linked("a", "/b"), linked("b", "/a")), **volume("/a/new")),
    "M6 a target below a file": Crafted("M6", file("file"), says="a folder is mounted on a folder", **volume("/file/new")),
    "M6 a tmpfs where the parent leads out": Crafted("M6", linked("link"), HARMLESS, **tmpfs("/link/new")),
    "M6 a target in a volume's link": Crafted("M6", folders("given"), HARMLESS, config=lambda root, host: {"add": {"mounts": [
        mount("/given", link_in_volume(root, host)), mount("/given/out/new", "/etc", "bind", "ro")]}},
        options=lambda root, host: ["--volume", f"{link_in_volume(root, host)}:/given", "--volume", "/etc:/given/out/new:ro"]),
    "M6 the folder to start in leads to a descriptor": Crafted("M6", linked("work", MAGIC), options=lambda root, host: ["--workdir", "/work"],
                                                               says="outside of the container's root", **asks(set={"process.cwd": "/work"})),
    "F2 the folder to start in is made below a descriptor": Crafted("F2", folders(), options=lambda root, host: ["--workdir", f"{MAGIC}/made"],
                                                                    **asks(set={"process.cwd": f"{MAGIC}/made"})),
    "F2 the folder to start in is made below a link to a descriptor": Crafted(
        "F2", linked("work", MAGIC), options=lambda root, host: ["--workdir", "/work/made"], **asks(set={"process.cwd": "/work/made"})),
    "M6 the folder to start in is made where a link leads out": Crafted("M6", linked("work"), HARMLESS, OCI, **asks(set={"process.cwd": "/work/made"})),

    "M12 a set-user-ID program": Crafted("M12", lambda root, host: os.chmod(root / "tool", 0o6755), HARMLESS, CLASSIC, sh="/tool ids",
                                         options=lambda root, host: ["--user", "1000:1000"], hasnt=["\n0 ", " 0\n"]),
    "M12 a block device": Crafted("M12", node("disk", stat.S_IFBLK, os.makedev(8, 0)), HARMLESS, CLASSIC, sh="/tool open /disk", hasnt=["opened", "ENXIO"]),
    "M12 a character device in a volume": Crafted("M12", folders(), HARMLESS, CLASSIC, sh="/tool open /given/mem", hasnt=["opened", "ENXIO"],
                                                  options=lambda root, host: ["--volume", f"{device_in_volume(root)}:/given"]),

    "M14 a filled tmpfs of all kinds of files": Crafted(
        "M14", both(file("data/f"), node("data/fifo", stat.S_IFIFO), node("data/disk", stat.S_IFBLK, os.makedev(8, 0)), linked("data/link"),
                    folders("data/" + "/".join("d" * 100))), HARMLESS, OCI, sh="[ -f /data/f ] && [ ! -e /data/fifo ] && [ ! -e /data/disk ] || exit 1\n",
        **tmpfs("/data", "tmpcopyup")),

    "K7 /etc/passwd leads to the marker": Crafted("K7", linked("etc/passwd", "passwd"), front=CLASSIC, says="no such user",
                                                 options=lambda root, host: ["--user", "marked"]),
    "K7 /etc/passwd is a FIFO": Crafted("K7", node("etc/passwd", stat.S_IFIFO), front=CLASSIC, says="no such user", options=lambda root, host: ["--user", "user"]),
    "K7 /etc/passwd is endless": Crafted("K7", linked("etc/passwd", "/dev/zero"), front=CLASSIC, says="no such user", options=lambda root, host: ["--user", "user"]),
    "K7 /etc/passwd has holes": Crafted("K7", lambda root, host: os.truncate(root / "etc/passwd", 1 << 40), HARMLESS, CLASSIC,
                                       options=lambda root, host: ["--user", "user"]),
    "X1 the shell is a FIFO": Crafted("X1", node("bin/busybox", stat.S_IFIFO), says=""),
    "X1 the shell is a link to MyDocker": Crafted("X1", linked("bin/busybox", "/proc/self/exe"), says="permission denied"),
    "X1 the shell is a script for MyDocker": Crafted("X1", file("bin/busybox", b"#!/proc/self/exe\n", 0o755), says=""),
    "R1 a configuration in the root and beside it": Crafted("R1", lambda root, host: [
        place.write_text('{"read-only": true}') for place in (root / "mydocker.conf", root / "etc/mydocker.conf", root.parent / "mydocker.conf")],
        HARMLESS, sh=": > /file"),

    "T4 /dev/console leads to sysrq-trigger": Crafted("T4", linked("dev/console", "/proc/sysrq-trigger"), EITHER, BOTH, tty=True),
    "T4 a /dev of its own, console leads out": Crafted("T4", linked("dev/console", "console"), front=OCI, says="symbolic link", tty=True, config=lambda root, host: {
        "set": {"mounts": [PROC, mount("/dev/pts", "devpts", "devpts", "newinstance", "ptmxmode=0666")]}}),
    "T4 a /dev of its own, console a folder": Crafted("T4", folders("dev/console/deep"), front=OCI, tty=True, config=lambda root, host: {
        "set": {"mounts": [PROC, mount("/dev/pts", "devpts", "devpts", "newinstance", "ptmxmode=0666")]}}),
    "T4 /dev/pts leads out": Crafted("T4", linked("dev/pts", "pts"), front=OCI, says="symbolic link", tty=True, **asks(**OWN_DEV)),
    "T4 /dev/pts/ptmx leads out": Crafted("T4", linked("dev/pts/ptmx", "ptmx"), front=OCI, says="symbolic link", tty=True, **asks(**OWN_DEV)),
    "T4 /dev/pts/ptmx is a file": Crafted("T4", file("dev/pts/ptmx"), front=OCI, says="no devpts", tty=True, **asks(**OWN_DEV)),
    "T4 /dev/pts/ptmx is a FIFO": Crafted("T4", node("dev/pts/ptmx", stat.S_IFIFO), front=OCI, says="no devpts", tty=True, **asks(**OWN_DEV)),
    "T4 /dev/pts/0 is a link": Crafted("T4", linked("dev/pts/0", "/proc/sysrq-trigger"), EITHER, BOTH, tty=True),
    "T4 /dev/ptmx is a link": Crafted("T4", linked("dev/ptmx", "ptmx"), EITHER, BOTH, tty=True),
}


def bound_dev(root, host):
    folder = root.parent / "dev"
    folder.mkdir(exist_ok=True)
    for name in ("null", "console", "ptmx", "zero"):
        link(folder, name, str(host.marker / name))
    return folder


def link_in_volume(root, host):
    folder = root.parent / "given"
    folder.mkdir(exist_ok=True)
    link(folder, "out", host.out_of(folder / "out"))
    return str(folder)


def device_in_volume(root):
    folder = root.parent / "given"
    folder.mkdir(exist_ok=True)
    os.mknod(folder / "mem", stat.S_IFCHR | 0o666, os.makedev(1, 1))
    return folder
