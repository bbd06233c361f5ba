"""exec: a process that joins has what the container's own has, and no more."""
import json
import os
import pty
import subprocess
from pathlib import Path

import place
from cases import require, same, wait_for

SCRIPT = "for each in user mnt net uts ipc pid cgroup; do readlink /proc/self/ns/$each || ls -l /proc/self/ns/$each; done"


def status_of(text: str) -> dict:
    wanted = ("CapInh", "CapPrm", "CapEff", "CapBnd", "CapAmb", "NoNewPrivs", "Seccomp", "Groups")
    return {line.split(":")[0]: line.split(":")[1].split() for line in text.splitlines() if line.split(":")[0] in wanted}


def case_it_is_as_the_containers_own(world):
    """Of namespaces, cgroups, capabilities and filter: under every kind of options."""
    for options in ((), ("-U",), ("-c", "-M", "64m"), ("-U", "-u", "1000:1001"), ("-u", "app", "--cap-add", "NET_RAW"),
                    ("--cap-drop", "ALL"), ("--seccomp", "original"), ("--init",)):
        name = world.start("/bin/sleep", "1000", options=options)
        pid = world.pid(name)
        inside = world.says("exec", name, "/bin/cat", "/proc/self/status")
        own = world.says("exec", name, "/bin/cat", "/proc/1/status")
        if "--init" not in options:  # that PID 1 has no filter
            same(status_of(inside), status_of(own))
        with subprocess.Popen([place.binary, "exec", name, "/bin/sleep", "1000"]) as joined:
            def child():
                children = Path(f"/proc/{joined.pid}/task/{joined.pid}/children").read_text().split()
                names = [Path(f"/proc/{each}/comm").read_text().strip() for each in children]
                return children[0] if names == ["busybox"] or names == ["sleep"] else None
            wait_for("it has joined", child)
            for kind in ("user", "mnt", "net", "uts", "ipc", "pid", "cgroup"):
                same(os.readlink(f"/proc/{child()}/ns/{kind}"), os.readlink(f"/proc/{pid}/ns/{kind}"))
            if "-c" in options:
                same(own_cgroups(child()), own_cgroups(pid))
            require(all(os.readlink(f"/proc/{child()}/fd/{fd}") for fd in os.listdir(f"/proc/{child()}/fd")), "its descriptors")
            same(sorted(os.listdir(f"/proc/{child()}/fd")), ["0", "1", "2"])
            joined.terminate()
        world.call("rm", "-f", name)


def own_cgroups(pid) -> list[str]:
    return [line for line in Path(f"/proc/{pid}/cgroup").read_text().splitlines() if "/mydocker/" in line]


def case_words_of_exec(world):
    name = world.start("/bin/sleep", "1000", options=("-e", "WORD=of the container", "-w", "/tmp"))
    def sh(script, *flags):
        return world.says("exec", *flags, name, "/bin/sh", "-c", script).strip()
    same(sh("echo $WORD $(pwd) $(id -u):$(id -g) $HOME"), "of the container /tmp 0:0 /root")
    same(sh("echo $WORD $(pwd) $(id -u):$(id -g) $HOME", "-e", "WORD=mine", "-w", "/etc", "-u", "app"),
         "mine /etc 1000:1001 /home/app")
    same(sh("id -u", "-u", "1234"), "1234")
    same(subprocess.run([place.binary, "exec", "-i", name, "/bin/cat"], input=b"typed", capture_output=True, check=True).stdout,
         b"typed")
    same(subprocess.run([place.binary, "exec", name, "/bin/cat"], input=b"typed", capture_output=True, check=True).stdout, b"")
    for words, status in ((["/bin/sh", "-c", "exit 7"], 7), (["/bin/sh", "-c", "kill -9 $$"], 137), (["/none"], 127),
                          (["/etc/passwd"], 126)):
        world.call("exec", name, *words, status=status)
    world.call("exec", "-w", "/proc/self/fd/7", name, "/bin/true", status=125)
    world.call("exec", "-u", "nobody-of-this-name", name, "/bin/true", status=2)
    world.call("exec", "-dt", name, "/bin/true", status=2)
    world.call("exec", "-d", name, "/bin/sh", "-c", "echo done > /tmp/done; exec sleep 1000")
    wait_for("it has run", lambda: world.call("exec", name, "/bin/cat", "/tmp/done", status=None).stdout == "done\n")
    world.call("rm", "-f", name)
    world.call("exec", name, "/bin/true", status=255)  # the OCI verb tells that there is none


def case_a_terminal_for_exec(world):
    name = world.start("/bin/sleep", "1000")
    child, terminal = pty.fork()
    if child == 0:
        os.execv(place.binary, [str(place.binary), "exec", "-it", name, "/bin/sh", "-c",
                                "test -t 0 && test -t 1 && echo a terminal; read word; echo got $word"])
    os.write(terminal, b"typed\n")
    said = b""
    while True:
        try:
            said += os.read(terminal, 4096)
        except OSError:
            break
    same(os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]), 0)
    os.close(terminal)
    require(b"a terminal" in said and b"got typed" in said, said)
    world.call("rm", "-f", name)


def case_a_foreground_container_too(world):
    with subprocess.Popen([place.binary, "-aU", "--name", world.name(), "--rootfs", str(world.root), "/bin/sleep", "1000"],
                          stdin=subprocess.DEVNULL) as front:
        wait_for("it runs", lambda: world.listed(world.name()))
        same(world.says("exec", world.name(), "/bin/hostname"), "container\n")
        front.terminate()


def case_paths_of_landlock_hold(world):
    """Who joins is kept from what the container's own process is kept from."""
    name = world.start("/bin/sleep", "1000", options=("--landlock-ro", "/bin", "--landlock-ro", "/lib64", "--landlock-ro", "/lib",
                                                      "--landlock-rw", "/tmp") if (world.root / "lib").exists() else
                       ("--landlock-ro", "/bin", "--landlock-ro", "/lib64", "--landlock-rw", "/tmp"))
    world.call("exec", name, "/bin/cat", "/etc/passwd", status=1)
    same(world.says("exec", name, "/bin/sh", "-c", "echo x > /tmp/x; cat /tmp/x"), "x\n")
    world.call("rm", "-f", name)


def case_the_profile_of_a_file_holds(world):
    profile = world.folder / "profile.json"
    profile.write_text(json.dumps({"defaultAction": "SCMP_ACT_ALLOW",
                                   "syscalls": [{"names": ["mkdir", "mkdirat"], "action": "SCMP_ACT_ERRNO", "errnoRet": 99}]}))
    name = world.start("/bin/sleep", "1000", options=("--seccomp", profile))
    profile.unlink()  # it was read when the container began
    require("address" in world.call("exec", name, "/bin/mkdir", "/tmp/x", status=1).stderr.lower(), "the filter answers 99")
    world.call("rm", "-f", name)


def case_a_hostile_container_sees_nothing_of_the_host(world):
    """Rows X1 and F3: all the time something inside tries to open what a joining process has."""
    watch = ("while :; do for p in /proc/[0-9]*; do [ $p = /proc/1 ] || [ $p = /proc/$$ ] || { "
             "cat $p/environ > /tmp/x 2>/dev/null && grep -q HOST_SECRET /tmp/x && echo found environ; "
             "(echo evil > $p/exe) 2>/dev/null && echo wrote exe; "
             "ls $p/fd/ 2>/dev/null | grep -v '^[012]$' | sed 's/^/fd /'; }; done; done")
    subprocess.run(["ln", "-sf", "busybox", world.root / "bin/grep"], check=True)
    subprocess.run(["ln", "-sf", "busybox", world.root / "bin/sed"], check=True)
    before = place.binary.read_bytes()
    name = world.shell(watch, ("--log-size", "1m"))
    for _ in range(60):
        subprocess.run([place.binary, "exec", name, "/bin/true"], check=True, env={**os.environ, "HOST_SECRET": "1"})
    said = world.call("logs", name)
    bad = [line for line in said.stdout.splitlines() if line.startswith(("found", "wrote"))]
    same(bad, [])
    same(place.binary.read_bytes() == before, True)
    world.call("rm", "-f", name)


def case_what_does_not_run(world):
    name = world.start("/bin/true")
    world.call("wait", name)
    require("it is exited" in world.call("exec", name, "/bin/true", status=2).stderr, "told")
    world.call("rm", name)
