"""pause, unpause, top, stats, inspect, gc."""
import json
import os
import signal
import subprocess
from pathlib import Path

import place
from cases import require, same, wait_for
from place import KEPT, RECORDS, parent_of, process_is_there

COUNTING = "while :; do echo x; sleep 0.01; done"


def case_pause(world):
    name = world.shell(COUNTING, ("-c", "-P", "50"))
    wait_for("it counts", lambda: world.says("logs", name))
    world.call("pause", name)
    same(world.listed(name)["status"], "paused")
    before = world.says("logs", name)
    subprocess.run(["sleep", "0.3"], check=True)
    same(world.says("logs", name), before)
    require("it is paused" in world.call("pause", name, status=2).stderr, "once")
    require("it is paused" in world.call("exec", name, "/bin/true", status=2).stderr, "exec would wait")
    world.call("unpause", name)
    wait_for("it goes on", lambda: len(world.says("logs", name)) > len(before))
    require("it is running" in world.call("unpause", name, status=2).stderr, "once")
    for end in (["stop", name], ["kill", name], ["rm", "-f", name]):
        world.call("pause", name)
        world.call(*end)
        if end[0] == "rm":
            break
        world.says("wait", name)
        world.call("rm", name)
        name = world.shell(COUNTING, ("-c", "-P", "50"))


def case_many_processes_are_paused(world):
    """While they fork, too: none goes on."""
    name = world.shell("for i in 1 2 3 4; do (while :; do true & wait; done) & done; wait", ("-c", "-P", "200"))
    for _ in range(5):
        world.call("pause", name)
        pids = json.loads(world.says("ps", "--format", "json", name))
        def used(pids=pids):
            return [Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[11:13] for pid in pids]
        before = used()
        subprocess.run(["sleep", "0.1"], check=True)
        same((json.loads(world.says("ps", "--format", "json", name)), used()), (pids, before))
        world.call("unpause", name)
    world.call("rm", "-f", name)


def case_pause_needs_a_cgroup(world):
    name = world.start("/bin/sleep", "1000")
    said = world.call("pause", name, status=2).stderr
    require("start it with -c" in said and said.count("\n") == 1, said)
    world.call("rm", "-f", name)


def case_top(world):
    name = world.shell("sleep 1000 & exec sleep 999", ("-U",))
    wait_for("both run", lambda: world.says("top", name).count("sleep ") == 2)
    lines = [line.split() for line in world.says("top", name).splitlines()]
    same(lines[0][:3], ["UID", "PID", "INSIDE"])
    one = next(line for line in lines if line[2] == "1")
    same((one[0], int(one[1]), one[-2:]), ("100000", world.pid(name), ["sleep", "999"]))
    world.call("rm", "-f", name)
    require("no container" in world.call("top", name, status=2).stderr, "told")


def case_stats(world):
    limited = world.start("/bin/sleep", "1000", options=("-c", "-M", "64m", "-P", "20"), which="limited")
    free = world.start("/bin/sleep", "1000", which="free")
    found = {each["id"]: each for each in json.loads(world.says("stats", "--no-stream", limited, free))}
    same(set(found), {limited, free})
    same((found[limited]["memory_limit_bytes"], found[limited]["processes_limit"], found[limited]["processes"]), (64 << 20, 20, 1))
    require(found[limited]["by_cgroup"] and not found[free]["by_cgroup"], "who counts")
    require(found[free]["memory_bytes"] > 0 and found[free]["processes"] == 1, found[free])
    stream = subprocess.Popen([place.binary, "stats", free], stdout=subprocess.PIPE, text=True)
    for _ in range(2):
        same(json.loads(stream.stdout.readline())[0]["id"], free)
    world.call("rm", "-f", free, limited)
    wait_for("it ends with them", lambda: stream.poll() is not None)
    stream.communicate()


def case_inspect(world):
    name = world.shell("exit 9", ("-e", "WORD=x"))
    world.call("wait", name)
    found = json.loads(world.says("inspect", name))
    same((found["status"], found["exit_status"], found["reason"], found["log"]), ("exited", 9, "exit", str(KEPT / name / "log")))
    require("WORD=x" in found["environment"] and found["ended"] >= found["created"], found)
    world.call("rm", name)
    name = world.start("/bin/sleep", "1000")
    found = json.loads(world.says("inspect", name))
    same((found["status"], found["command"], found["seccomp"]), ("running", ["/bin/sleep", "1000"], "default"))
    world.call("rm", "-f", name)


def case_gc(world):
    """All that a kill -9 leaves goes, and what lives or was to be kept stays."""
    lives, ended = world.start("/bin/sleep", "1000", which="lives"), world.start("/bin/true", which="ended")
    world.call("wait", ended)
    name = world.start("/bin/sleep", "1000", options=("-c", "-P", "50", "--overlay"), which="lost")
    pid = world.pid(name)
    writable = world.folder / "store/writable" / name
    require(writable.exists(), "what it writes lies in the store")
    os.kill(parent_of(pid), signal.SIGKILL)
    wait_for("the container is dead", lambda: not process_is_there(pid))
    said = world.says("gc")
    # A start of somebody else may have swept the record before.
    require(f"what was kept of {name}" in said, said)
    require(not (RECORDS / name).exists() and not (KEPT / name).exists() and not writable.exists(), "nothing is left")
    require(not any(Path("/sys/fs/cgroup").glob(f"**/mydocker/{name}")), "no cgroup")
    require(world.listed(lives) and world.listed(ended, "-a"), "the others are there")
    require(world.names not in world.says("gc"), "nothing is left to do")
    world.call("rm", "-f", lives, ended)


def case_gc_of_what_nobody_knows(world):
    lost = world.name("lost")
    writable = world.folder / "store/writable" / lost
    (writable / "upper").mkdir(parents=True)
    begun = KEPT / f".new-4194304-{lost}"  # no process can have this number
    begun.mkdir(mode=0o700, parents=True)
    cgroup = next(iter(Path("/sys/fs/cgroup").glob("pids")), Path("/sys/fs/cgroup")) / "mydocker" / lost
    cgroup.mkdir(parents=True)
    said = world.says("gc")
    for what in (f"what was written by {lost}", f"the beginning of {begun.name}", f"the cgroup {cgroup}"):
        require(f"removed {what}\n" in said, f"{what} in: {said}")
    require(not (writable.exists() or begun.exists() or cgroup.exists()), "nothing is left")
