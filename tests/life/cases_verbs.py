"""ps, logs, stop, kill, wait, rm: for containers of either kind."""
import json
import os
import shutil
import signal
import socket
import subprocess
from pathlib import Path

import place
from cases import PATIENCE, require, same, wait_for


class Foreground:
    """A container of the classic command line without -d."""

    def __init__(self, world, *words, which="one", options=()):
        self.name = world.name(which)
        self.process = subprocess.Popen([place.binary, "-a", "--name", self.name, "--rootfs", str(world.root), *options, *words],
                                        stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
        self.world = world

    def __enter__(self):
        wait_for("it runs", lambda: (self.world.listed(self.name) or {}).get("status") == "running")
        return self

    def __exit__(self, *_):
        self.process.kill()
        self.process.communicate()
        self.world.call("-a", "--rootfs", self.world.root, "/bin/true")  # the next start sweeps


class Oci:
    """A container of the OCI verbs, in a folder of states of its own, or the usual one."""

    def __init__(self, world, *args, states=None):
        self.name = world.name("oci")
        self.root = ["--root", str(states)] if states else []
        self.world = world
        bundle = world.folder / "bundle"
        world.call("spec", "--bundle", self.make(bundle))
        config = json.loads((bundle / "config.json").read_text())
        config["root"]["path"] = str(world.root)
        config["process"].update(terminal=False, args=list(args))
        (bundle / "config.json").write_text(json.dumps(config))
        self.bundle = bundle

    @staticmethod
    def make(folder: Path) -> Path:
        folder.mkdir()
        return folder

    def __enter__(self):
        with open(os.devnull, "w") as nothing:  # who holds its output would be waited for
            subprocess.run([place.binary, *self.root, "run", "--detach", "--bundle", str(self.bundle), self.name], check=True,
                           stdin=subprocess.DEVNULL, stdout=nothing, stderr=nothing, timeout=PATIENCE)
        return self

    def __exit__(self, *_):
        self.world.call(*self.root, "delete", "--force", self.name)
        shutil.rmtree(self.bundle)


def case_ps_lists_all_kinds(world):
    states = world.folder / "states"
    detached = world.start("/bin/sleep", "1000", which="detached")
    ended = world.start("/bin/true", which="ended")
    world.call("wait", ended)
    with Foreground(world, "/bin/sleep", "1000", which="front") as front, Oci(world, "/bin/sleep", "1000") as oci:
        for name, kind, kept in ((detached, "classic", True), (front.name, "classic", False), (oci.name, "oci", False)):
            found = world.listed(name)
            same((found["kind"], found["status"], found["detached"]), (kind, "running", kept))
            require(name in world.says("ps", "-q").split(), f"{name} is listed")
        same((world.listed(ended), world.listed(ended, "-a")["status"]), (None, "exited"))
        require(any(line.split()[0] == detached and "/bin/sleep 1000" in line for line in world.says("ps").splitlines()), "a table")
        # With an id the word is the OCI verb, for either kind.
        for name in (detached, front.name, oci.name):
            same(json.loads(world.says("ps", "--format", "json", name)), [world.pid(name)])
            require("sleep" in world.says("ps", name), "its processes")
    with Oci(world, "/bin/sleep", "1000", states=states) as oci:
        same(world.listed(oci.name), None)
        require(oci.name in world.says("--root", states, "ps", "-q").split(), "where --root says")
    world.call("rm", "-f", detached, ended)


def case_ps_tells_of_image_and_ports(world):
    import archives
    image = archives.docker_archive(world.folder / "image.tar", [archives.base()], Cmd=["/bin/sleep", "1000"])
    name = world.name()
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    world.call("-ad", "--name", name, "--image", image, "--network", "nat", "-p", f"{port}:80")
    found = world.listed(name)
    same((found["image"], found["command"]), (str(image), ["/bin/sleep", "1000"]))
    same(found["ports"], [f"127.0.0.1:{port}->80/tcp"])
    world.call("rm", "-f", name)
    require(not any((world.folder / "store/writable").iterdir()), "what it wrote is gone")


def case_names_do_not_speak_to_terminals(world):
    name = world.start("/bin/sh", "-c", "exec sleep 1000 # \033[31m")
    require("\033" not in world.says("ps", "--no-trunc") and "\\x1b" in world.says("ps", "--no-trunc"), "shown, not sent")
    world.call("rm", "-f", name)


def case_stop_by_the_containers_own_signal(world):
    script = "trap 'echo got usr1; exit 3' USR1; trap 'exit 4' TERM; echo ready; while :; do sleep 0.05; done"
    name = world.shell(script, ("--stop-signal", "USR1"))
    wait_for("it is ready", lambda: world.says("logs", name) == "ready\n")
    world.call("stop", name)
    same((world.says("wait", name), world.says("logs", name)), ("3\n", "ready\ngot usr1\n"))
    world.call("stop", name)  # once more is no harm
    world.call("rm", name)


def case_stop_does_not_wait_for_ever(world):
    name = world.shell("trap '' TERM; echo ready; while :; do sleep 0.05; done")
    wait_for("it is ready", lambda: world.says("logs", name) == "ready\n")
    world.call("stop", "-t", "0.2", name)
    same(world.says("wait", name), "137\n")
    same(world.listed(name, "-a")["reason"], "signal")
    world.call("rm", name)


def case_kill(world):
    name = world.shell("trap 'echo hup' HUP; echo ready; while :; do sleep 0.05; done")
    wait_for("it is ready", lambda: world.says("logs", name) == "ready\n")
    world.call("kill", "-s", "HUP", name)
    wait_for("it has got it", lambda: world.says("logs", name) == "ready\nhup\n")
    world.call("kill", name, "SIGHUP")  # as the OCI verb says it
    wait_for("it has got it", lambda: world.says("logs", name) == "ready\nhup\nhup\n")
    world.call("kill", "--signal", "9", name)
    same(world.says("wait", name), "137\n")
    require("does not run" in world.call("kill", name, status=2).stderr, "told")
    require("'NO'" in world.call("kill", "-s", "NO", name, status=2).stderr, "told")
    world.call("rm", name)


def case_kill_of_what_has_no_handler(world):
    """A PID 1 without one would lose it: its MyDocker ends it in the signal's place."""
    name = world.start("/bin/sleep", "1000")
    world.call("kill", "-s", "INT", name)
    same(world.says("wait", name), "130\n")
    world.call("rm", name)


def case_containers_in_the_foreground(world):
    with Foreground(world, "/bin/sleep", "1000") as front:
        require("-d keeps it" in world.call("logs", front.name, status=2).stderr, "no log")
        require("it is running" in world.call("rm", front.name, status=2).stderr, "refused")
        world.call("stop", front.name)
        same(front.process.wait(timeout=PATIENCE), 143)
    with Foreground(world, "/bin/sleep", "1000") as front:
        world.call("rm", "-f", front.name)
        same(front.process.wait(timeout=PATIENCE), 137)
    with Foreground(world, "/bin/sleep", "1000") as front:
        waiting = subprocess.Popen([place.binary, "wait", front.name], stderr=subprocess.PIPE, text=True)
        front.process.send_signal(signal.SIGTERM)
        require("not kept" in waiting.communicate(timeout=PATIENCE)[1], "told")
        same(waiting.returncode, 2)


def case_containers_of_the_oci_verbs(world):
    for words in (["stop", "-t", "0.1"], ["kill", "-s", "KILL"]):
        with Oci(world, "/bin/sleep", "1000") as oci:
            world.call(*words, oci.name)
            wait_for("it has ended", lambda: json.loads(world.says("state", oci.name))["status"] == "stopped")
    with Oci(world, "/bin/sleep", "1000") as oci:
        require("not stopped" in world.call("rm", oci.name, status=125).stderr, "refused")
        world.call("rm", "-f", oci.name)
        world.call("state", oci.name, status=1)
        require(oci.name not in world.says("ps", "-aq").split(), "gone")


def case_rm(world):
    one, two = world.start("/bin/true", which="one"), world.start("/bin/sleep", "1000", which="two")
    world.call("wait", one)
    done = world.call("rm", one, two, status=2)  # what can be done is done
    same(done.stdout, one + "\n")
    require("it is running" in done.stderr, done.stderr)
    same(world.says("rm", "-f", two), two + "\n")
    for verb in ("rm", "logs", "wait", "stop"):
        require("no container is called" in world.call(verb, two, status=2).stderr, verb)


def case_logs_tail_and_since(world):
    name = world.shell("echo one; echo two; printf 'fo'; sleep 0.1; echo ur; sleep 0.1; echo error >&2")
    world.call("wait", name)
    for count, out, error in ((0, "", ""), (1, "", "error\n"), (2, "four\n", "error\n"), (3, "two\nfour\n", "error\n"),
                              ("all", "one\ntwo\nfour\n", "error\n")):
        done = world.call("logs", "--tail", count, name)
        same((done.stdout, done.stderr), (out, error))
    same(world.says("logs", "--since", "1h", name), "one\ntwo\nfour\n")
    same(world.says("logs", "--since", "2200-01-01T00:00:00Z", name), "")
    for words in (["--since", "x"], ["--tail", "-1"], ["--no"]):
        world.call("logs", *words, name, status=2)
    world.call("rm", name)


def case_logs_follow(world):
    """Line by line as they come, over the turn from one file to the next, until the end."""
    name = world.shell("echo first; read line < /fifo; i=0; while [ $i -lt 3000 ]; do echo number $i; i=$((i+1)); done; exit 6",
                       options=("-v", f"{fifo(world)}:/fifo", "--log-size", "256k"))
    follower = subprocess.Popen([place.binary, "logs", "-f", name], stdout=subprocess.PIPE, text=True)
    same(follower.stdout.readline(), "first\n")
    with open(world.folder / "fifo", "w") as gate:
        gate.write("go\n")
    same([line.strip() for line in follower.stdout], [f"number {i}" for i in range(3000)])
    same(follower.wait(timeout=PATIENCE), 0)
    world.call("rm", "-f", name)


def fifo(world) -> Path:
    os.mkfifo(world.folder / "fifo")
    return world.folder / "fifo"


def case_hundred_waits(world):
    name = world.start("/bin/sleep", "1000")
    waiting = [subprocess.Popen([place.binary, "wait", name], stdout=subprocess.PIPE, text=True) for _ in range(30)]
    world.call("kill", name)
    for each in waiting:
        same(each.communicate(timeout=PATIENCE)[0], "137\n")
    world.call("rm", name)


def case_ids_that_are_none(world):
    for bad in ("../x", "a/b", "", "x" * 300, ".detached"):
        for verb in ("rm", "stop", "logs", "wait"):
            require("no container is called" in world.call(verb, bad, status=2).stderr, f"{verb} {bad}")


def case_the_oci_verbs_know_them_too(world):
    name = world.start("/bin/sleep", "1000", options=("-c", "-P", "50"))
    found = json.loads(world.says("state", name))
    same((found["id"], found["status"], found["pid"]), (name, "running", world.pid(name)))
    world.call("pause", name)
    same(json.loads(world.says("state", name))["status"], "paused")
    world.call("resume", name)
    same(json.loads(world.says("state", name))["status"], "running")
    world.call("delete", name, status=2)
    world.call("kill", name, "KILL")
    world.says("wait", name)
    found = json.loads(world.says("state", name))
    same((found["status"], "pid" in found and found["pid"]), ("stopped", 0 if "pid" in found else False))
    world.call("delete", name)
    world.call("state", name, status=1)


def case_a_container_that_is_just_beginning(world):
    """Who is asked to end it waits for its beginning."""
    for verb in (["stop"], ["rm", "-f"], ["kill"]):
        name = world.name(verb[0])
        starting = subprocess.Popen([place.binary, "-ad", "--name", name, "--rootfs", str(world.root), "/bin/sleep", "1000"],
                                    stdout=subprocess.DEVNULL)
        wait_for("it is known", lambda name=name: world.listed(name, "-a"))
        world.call(*verb, name)
        starting.wait(timeout=PATIENCE)
        if verb[0] != "rm":
            world.says("wait", name)
            world.call("rm", name)
