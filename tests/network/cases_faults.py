"""Every system call of a start with a way out is made to fail, one after the other: an error that says what failed, or
a container that works nevertheless; and nothing is left, at the latest after the next start."""
import difflib
import errno
import os
import random
import subprocess
import sys
import tempfile
from pathlib import Path

import cases_cni
import world
from world import INTERNET, nat, run, state, wait_for, words

sys.path.append(str(Path(__file__).parent.parent / "attack/faults"))
import faults  # noqa: E402

def difference(before: str, after: str) -> str:
    return "\n".join(difflib.unified_diff(before.splitlines(), after.splitlines(), lineterm="", n=0))


EVERY = int(os.environ.get("MYDOCKER_FAULTS_EVERY", "9"))
INJECT = os.environ.get("MYDOCKER_INJECT", "")


def case_of_nat():
    """Also with a second protocol, a port, and a list of whom it may speak to."""
    sweep(nat("-p", "8080:80", "--egress", INTERNET, "--ipv6"))


def case_of_a_bridge():
    """One that MyDocker makes and removes."""
    sweep(words("--network", "bridge:br7", "--dns", INTERNET, "--firewall", world.firewall, "-p", "8080:80"))


def case_of_cni():
    """one firewall"""
    plugin = Path("/run/bin/marks")  # what it makes on the host is seen there until it is told DEL
    plugin.parent.mkdir()
    plugin.write_text("""#!/bin/sh
case $CNI_COMMAND in ADD) ip address add 10.250.0.1/32 dev lo;; DEL) ip address del 10.250.0.1/32 dev lo;; esac 2>/dev/null
echo '{"cniVersion": "1.0.0"}'
""")
    plugin.chmod(0o755)
    os.environ["CNI_PATH"] = str(plugin.parent)
    cases_cni.configure("marks", [{"type": "marks"}])
    sweep(cases_cni.cni("marks"))


def sweep(start: list[str]) -> None:
    """The calls of MyDocker itself; its child's are tried elsewhere. Which of them is another choice each time."""
    if not INJECT:
        raise world.Skipped("MYDOCKER_INJECT does not name the program that tests/attack/faults/inject.c gives")
    before = state()
    names = faults.names()
    with tempfile.TemporaryDirectory() as folder:
        log = Path(folder) / "log"
        command = [*start, "--name", "fault", "/bin/echo", "inside"]

        def attempt(number: int, error: int) -> subprocess.CompletedProcess:
            # Into files: what the tracer leaves stopped would hold a pipe open.
            with open(Path(folder) / "out", "w+") as out, open(Path(folder) / "error", "w+") as errors:
                done = subprocess.run([INJECT, log, "0", str(number), str(error), *command], stdin=subprocess.DEVNULL,
                                      stdout=out, stderr=errors, timeout=world.PATIENCE, check=False)
                for file in (out, errors):
                    file.seek(0)
                return subprocess.CompletedProcess(done.args, done.returncode, out.read(), errors.read())

        assert attempt(0, 0).stdout == "inside\n"
        calls = [names[int(line.split()[1])] for line in log.read_text().splitlines() if line.startswith("0 ")]
        problems = []
        for number in range(calls.index("fcntl") + 1 + random.randrange(EVERY), len(calls) + 1, EVERY):
            name = calls[number - 1]
            # A setting of the network is written again and again by the kernel while others change networks.
            if calls[number - 4:number] == ["write"] * 4:
                continue
            if name in ("exit_group", "rt_sigreturn", "close", "getpid"):
                continue
            done = attempt(number, faults.error_for(name))
            said = [line for line in done.stderr.splitlines(True) if "warning: " not in line]
            what = f"call {number}, {name} with {errno.errorcode[faults.error_for(name)]}: {done.returncode} {said}"
            # 2: it has found no such network, or no plugin; nothing was begun.
            if done.returncode not in (0, 2) and not faults.CLEAR.match("".join(said)):
                problems.append(f"not clear: {what}")
            if done.returncode == 0 and done.stdout != "inside\n":
                problems.append(f"not run: {what}")
            try:
                wait_for("as before", lambda: state() == before, 1)
            except AssertionError:
                run(words(), "true")
                try:
                    wait_for("as before", lambda: state() == before, 5)
                    # Where the container has run it was the taking back that failed.
                    if done.returncode != 0 and not name.startswith(faults.TAKES_BACK):
                        problems.append(f"left until the next start: {what}")
                except AssertionError:
                    problems.append(f"left for good: {what}\n{difference(before, state())}")
                    before = state()
        assert not problems, "\n".join(problems)
