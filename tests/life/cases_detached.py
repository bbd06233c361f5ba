"""-d: a container that goes on, and what it leaves."""
import os
import pty
import re
import signal
import subprocess
from pathlib import Path

import place
from cases import PATIENCE, require, same, wait_for
from place import KEPT, RECORDS, parent_of, process_is_there, processes_called


def case_it_goes_on(world):
    name = world.shell("echo $$; exec sleep 1000")
    found = world.listed(name)
    same((found["status"], found["kind"], found["detached"]), ("running", "classic", True))
    pid = found["pid"]
    supervisor = parent_of(pid)
    same(os.readlink(f"/proc/{supervisor}/cwd"), "/")
    same(os.getsid(supervisor), supervisor)  # a session of its own: the terminal's end is not its end
    same({os.readlink(f"/proc/{pid}/fd/0")}, {"/dev/null"})
    memory = next(int(line.split()[1]) for line in Path(f"/proc/{supervisor}/status").read_text().splitlines()
                  if line.startswith("VmRSS:"))
    require(memory < 8192, f"the supervisor has {memory} kB of memory")
    same(world.says("stop", name), name + "\n")
    same(world.says("wait", name), "143\n")
    world.call("rm", name)


def case_it_outlives_its_terminal(world):
    name = world.name()
    child, terminal = pty.fork()
    if child == 0:
        os.execv(place.binary, [str(place.binary), "-ad", "--name", name, "--rootfs", str(world.root), "/bin/sleep", "1000"])
    said = b""
    while name.encode() not in said:  # it runs
        said += os.read(terminal, 4096)
    os.close(terminal)  # a hang-up for all that is on it
    os.waitpid(child, 0)
    pid = world.pid(name)
    require(process_is_there(pid) and process_is_there(parent_of(pid)), "both live")
    world.call("rm", "-f", name)


def case_the_caller_is_told_of_what_fails(world):
    for words, status, reason in ((["/bin/none"], 127, "find '/bin/none'"), (["/etc/passwd"], 126, "/etc/passwd"),
                                  (["-w", "/none", "/bin/true"], 125, "/none")):
        done = world.call("-ad", "--name", world.name(), "--rootfs", world.root, *words, status=status)
        same(done.stdout, "")
        require(reason in done.stderr, f"wanted {reason!r} in: {done.stderr}")
    require(world.listed(world.name(), "-a") is None, "nothing of it is kept")
    done = world.call("-ad", "--name", world.name(), "--rootfs", "/no/such/root", "/bin/true", status=125)
    require("/no/such/root" in done.stderr, done.stderr)


def case_words_that_do_not_fit(world):
    for words, reason in ((["-ad", "--explain"], "not with --explain"), (["-ad", "--seccomp-log"], "not with --seccomp-log"),
                          (["-a", "--rm"], "--rm: it needs -d"), (["-a", "--log-size", "1m"], "it needs -d"),
                          (["-ad", "--log-size", "1k"], "allowed are 64k to"), (["-ad", "--log-size", "much"], "'much'")):
        said = world.call(*words, "--rootfs", world.root, "/bin/true", status=2).stderr
        require(reason in said and said.count("\n") == 1, f"wanted {reason!r} in: {said}")


def case_the_log(world):
    name = world.shell("echo to out; echo to err >&2; printf 'no end'; exit 3")
    same(world.says("wait", name), "3\n")
    done = world.call("logs", name)
    same((done.stdout, done.stderr), ("to out\nno end", "to err\n"))
    lines = (KEPT / name / "log").read_text().splitlines()
    moment = r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{9}Z"
    for line, rest in zip(sorted(lines, key=lambda line: line.split(maxsplit=1)[1]), ("stderr F to err", "stdout F to out",
                                                                               "stdout P no end")):
        require(re.fullmatch(f"{moment} {re.escape(rest)}", line), line)
    require(re.fullmatch(f"{moment} to out\n{moment} no end", world.says("logs", "-t", name)), "the times are told")
    world.call("rm", name)


def case_bytes_are_bytes(world):
    """What is no text, and a line that is longer than any buffer, come out as they went in."""
    name = world.shell("printf 'a\\0b\\377c\\r\\n'; i=0; while [ $i -lt 2000 ]; do printf '%050d' $i; i=$((i+1)); done; echo")
    world.call("wait", name)
    found = subprocess.run([place.binary, "logs", name], capture_output=True, check=True).stdout
    same(found, b"a\0b\xffc\r\n" + b"".join(b"%050d" % i for i in range(2000)) + b"\n")
    world.call("rm", name)


def case_the_log_has_a_limit(world):
    name = world.shell("i=0; while [ $i -lt 20000 ]; do echo number $i; i=$((i+1)); done", ("--log-size", "64k"))
    world.call("wait", name)
    size = sum((KEPT / name / file).stat().st_size for file in ("log", "log.1"))
    require(30000 < size <= 65536, f"{size} bytes are kept")
    lines = world.says("logs", name).splitlines()[1:]  # what is kept may begin within a line
    same(lines[-1], "number 19999")
    same([int(line.split()[1]) for line in lines], list(range(20000 - len(lines), 20000)))
    world.call("rm", name)


def case_a_terminal(world):
    """As -d -t elsewhere: there is a terminal, nobody types, and it does not end for that."""
    name = world.shell("test -t 0 && test -t 1 && echo a terminal; read line; echo never", ("-t",))
    wait_for("it has said so", lambda: world.says("logs", name) == "a terminal\n")  # Python reads \r\n so
    require(world.listed(name), "it waits for a line")
    world.call("rm", "-f", name)


def case_an_ordinary_user_opens_stdout(world):
    """What many images do: they log to /dev/stdout."""
    for options in (("-u", "1000:1001"), ("-U", "-u", "1000:1001"), ("-U",)):
        name = world.shell("echo by name > /proc/self/fd/1", options)
        same(world.says("wait", name), "0\n")
        same(world.says("logs", name), "by name\n")
        world.call("rm", name)


def case_rm_leaves_nothing(world):
    name = world.shell("echo gone; sleep 0.1; exit 4", ("--rm",))
    same(world.says("wait", name, status=None) in ("4\n", ""), True)  # or it had gone before
    wait_for("it is gone", lambda: not (KEPT / name).exists() and not (RECORDS / name).exists())
    # Who waits is told, though nothing is kept.
    name = world.shell("exec sleep 1000", ("--rm",))
    waiting = subprocess.Popen([place.binary, "wait", name], stdout=subprocess.PIPE, text=True)
    wait_for("it waits", lambda: "flock" in Path(f"/proc/{waiting.pid}/stack").read_text()
             or "poll" in Path(f"/proc/{waiting.pid}/stack").read_text())
    world.call("kill", name)
    same(waiting.communicate(timeout=PATIENCE)[0], "137\n")
    wait_for("it is gone", lambda: not (KEPT / name).exists())


def case_names_are_taken(world):
    name = world.shell("exit 5")
    world.call("wait", name)
    for words in (["-a"], ["-ad"]):
        said = world.call(*words, "--name", name, "--rootfs", world.root, "/bin/true", status=125).stderr
        require(f"MyDocker rm {name}" in said, said)
    world.call("rm", name)
    world.call("-a", "--name", name, "--rootfs", world.root, "/bin/true")


def case_kill_9_of_the_supervisor(world):
    """The container dies with it. Without --rm that is told; with --rm the next start removes what is left."""
    for options in ((), ("--rm",)):
        name = world.shell("exec sleep 1000", options)
        pid = world.pid(name)
        os.kill(parent_of(pid), signal.SIGKILL)
        wait_for("the container is dead", lambda pid=pid: not process_is_there(pid))
        world.call("-a", "--rootfs", world.root, "/bin/true")
        wait_for("the next start has swept, or another one does", lambda name=name: not (RECORDS / name).exists())
        if options:
            require(not (KEPT / name).exists(), "and removed what nobody wants")
            continue
        found = world.listed(name, "-a")
        same((found["status"], found["reason"], found["exit_status"]), ("exited", "lost", 137))
        same(world.says("wait", name), "137\n")
        world.call("rm", name)


def case_a_caller_that_is_killed(world):
    """Whoever started it cannot be told: then it does not run either, or he was told before."""
    name = world.name()
    starting = subprocess.Popen([place.binary, "-ad", "--name", name, "--rootfs", str(world.root), "/bin/sleep", "1000"],
                                stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    starting.kill()
    starting.wait()
    wait_for("it runs, or is gone", lambda: (KEPT / name).exists() and not (KEPT / name / "unwanted").exists()
             or not processes_called(name))
    if (KEPT / name).exists():
        world.call("rm", "-f", name)


def case_limits_are_told(world):
    name = world.shell("x=; dd if=/dev/zero of=/dev/shm/x bs=1M count=200; tail /dev/zero", ("-c", "-M", "16m"))
    status = world.says("wait", name)
    found = world.listed(name, "-a")
    same(str(found["exit_status"]) + "\n", status)
    require("killed" in world.call("logs", name).stderr, "what MyDocker has to say is in the log")
    world.call("rm", name)


def case_nothing_is_inherited(world):
    """Neither the container nor its supervisor holds what the caller had open."""
    reader, writer = os.pipe()
    os.set_inheritable(writer, True)
    name = world.name()
    done = subprocess.run([place.binary, "-ad", "--name", name, "--rootfs", str(world.root), "/bin/sleep", "1000"], text=True,
                          capture_output=True, close_fds=False, timeout=PATIENCE, check=True)
    same(done.stdout, name + "\n")  # and the pipes of standard output and error have come to their end
    os.close(writer)
    same(os.read(reader, 1), b"")
    os.close(reader)
    world.call("rm", "-f", name)
