"""The config.json that crun and runc are given. It asks for less than MyDocker does: no user namespace and no
seccomp filter, which is to their advantage."""
import json

KEPT = ["CAP_CHOWN", "CAP_DAC_OVERRIDE", "CAP_FOWNER", "CAP_KILL", "CAP_SETGID", "CAP_SETUID", "CAP_SETPCAP",
        "CAP_NET_BIND_SERVICE", "CAP_SYS_CHROOT"]
MASKED = ["/sys/firmware", "/sys/devices/virtual/powercap", "/proc/acpi", "/proc/asound", "/proc/scsi", "/proc/kcore",
          "/proc/keys", "/proc/interrupts", "/proc/timer_list", "/proc/timer_stats", "/proc/sched_debug",
          "/proc/latency_stats"]
READ_ONLY = ["/proc/bus", "/proc/fs", "/proc/irq", "/proc/sys", "/proc/sysrq-trigger"]
MIB = 1 << 20


def mount(kind, target, *options):
    return {"destination": target, "type": kind, "source": kind, "options": ["nosuid", *options]}


MOUNTS = [
    mount("proc", "/proc", "noexec", "nodev"),
    mount("sysfs", "/sys", "noexec", "nodev", "ro"),
    mount("tmpfs", "/dev", "noexec", "mode=755", "size=64k"),
    mount("devpts", "/dev/pts", "noexec", "newinstance", "ptmxmode=0666", "mode=0620", "gid=5"),
    mount("tmpfs", "/dev/shm", "noexec", "nodev", "mode=1777", "size=64m"),
    mount("mqueue", "/dev/mqueue", "noexec", "nodev"),
]


def config(root, with_limits):
    namespaces = ["pid", "network", "ipc", "uts", "mount", "cgroup"]
    linux = {"namespaces": [{"type": name} for name in namespaces], "maskedPaths": MASKED, "readonlyPaths": READ_ONLY}
    if with_limits:
        linux["cgroupsPath"] = "/mydocker-bench"
        linux["resources"] = {"memory": {"limit": 256 * MIB, "swap": 256 * MIB}, "pids": {"limit": 64},
                              "cpu": {"shares": 256}}
    kept = {kind: KEPT for kind in ("bounding", "effective", "permitted")}
    process = {"terminal": False, "user": {"uid": 0, "gid": 0}, "args": ["/noop"], "cwd": "/", "noNewPrivileges": True,
               "env": ["PATH=/usr/bin:/bin", "HOME=/root", "TERM=xterm", "HOSTNAME=container"], "capabilities": kept}
    return {"ociVersion": "1.0.2", "process": process, "root": {"path": root, "readonly": False},
            "hostname": "container", "mounts": MOUNTS, "linux": linux}


def bundle(box, with_limits):
    """Makes the folder with config.json and returns its path."""
    folder = box.folder / f"bundle{int(with_limits)}"
    folder.mkdir(exist_ok=True)
    (folder / "config.json").write_text(json.dumps(config(str(box.root), with_limits)))
    return str(folder)
