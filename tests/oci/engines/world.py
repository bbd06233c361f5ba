"""A private world for an engine: what it mounts, writes, configures or leaves running ends with this script.

enter() starts the script again, step by step, until the rest of it runs alone:

    outside   makes cgroups, waits for the end, removes them
    mounts    in a mount and a cgroup namespace: /run, /etc, /var, /opt and the cgroups become private
    first     in a pid, a network and an ipc namespace: collects orphans, as engines expect of an init
    inside    everything else
"""
import os
import signal
import subprocess
import sys
from pathlib import Path

import cgroups

STEP, CGROUP = "MYDOCKER_ENGINES_STEP", "MYDOCKER_ENGINES_CGROUP"
PREFIX = "mydocker-engines-"
SCRATCH = Path("/run/engines")


def enter(hide_cgroup2: bool) -> None:
    """Returns inside. The process outside exits with the status of the one inside."""
    step = os.environ.get(STEP, "outside")
    if step == "outside":
        sys.exit(stay_outside())
    if step == "mounts":
        make_mounts_private()
        make_cgroups_private(os.environ[CGROUP], hide_cgroup2)
        environment = os.environ | {STEP: "first"}
        os.execvpe("unshare", ["unshare", "--pid", "--fork", "--kill-child", "--mount-proc", "--net", "--ipc",
                               sys.executable, *sys.argv], environment)
    subprocess.run(["ip", "link", "set", "lo", "up"], check=True)
    # A shell in the background leaves this ignored, and what is ignored stays so down to the containers.
    signal.signal(signal.SIGINT, signal.default_int_handler)
    os.chdir(SCRATCH)  # conmon leaves a file in the folder that it is started in
    collect_orphans()


def stay_outside() -> int:
    cgroups.remove(cgroups.stale(PREFIX))
    name = f"{PREFIX}{os.getpid()}"
    folders = [mount / name for mount in cgroups.mounts()]
    for folder in folders:
        cgroups.make(folder)

    def join() -> None:
        for folder in folders:
            (folder / "cgroup.procs").write_text("0", encoding="ascii")

    # However this process ends, even by SIGKILL, the world ends with it.
    world = subprocess.Popen(
        ["setpriv", "--pdeathsig", "KILL", "unshare", "--mount", "--cgroup", sys.executable, *sys.argv],
        env=os.environ | {STEP: "mounts", CGROUP: name}, preexec_fn=join)
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, lambda *_: world.kill())
    status = world.wait()
    cgroups.remove(folders)
    return status if status >= 0 else 128 - status


def collect_orphans() -> None:
    """This process stays process 1, which conmon and the shims are left to; its child goes on."""
    child = os.fork()
    if child == 0:
        return
    while True:
        pid, status = os.wait()
        if pid == child:
            os._exit(1 if os.WIFSIGNALED(status) else os.WEXITSTATUS(status))


def mount(*words: str | Path) -> None:
    subprocess.run(["mount", *words], check=True)


def make_mounts_private() -> None:
    """What an engine writes outside of SCRATCH lands in memory, above the host's files."""
    for place in ("/run", "/dev/shm"):
        mount("-t", "tmpfs", "tmpfs", place)
    for place in ("etc", "var", "opt"):
        upper, work = SCRATCH / "upper" / place, SCRATCH / "work" / place
        upper.mkdir(parents=True)
        work.mkdir(parents=True)
        mount("-t", "overlay", "overlay", "-o", f"lowerdir=/{place},upperdir={upper},workdir={work}", f"/{place}")


def make_cgroups_private(name: str, hide_cgroup2: bool) -> None:
    """Each cgroup file system becomes its part below this run's folder: an engine's '/libpod_parent' is there."""
    beside = SCRATCH / "cgroup"
    beside.mkdir()
    places = cgroups.mounts()
    for place in places:
        mount("--bind", place / name, beside)
        subprocess.run(["umount", place], check=True)
        if hide_cgroup2 and cgroups.is_v2(beside) and len(places) > 1:
            subprocess.run(["umount", beside], check=True)
            continue
        mount("--move", beside, place)
        if cgroups.is_v2(place):
            # A group of version 2 that has processes cannot have limited children, so this one makes room.
            (place / "world").mkdir()
            (place / "world" / "cgroup.procs").write_text("0", encoding="ascii")
