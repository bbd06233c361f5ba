"""Calls of the runtime under test, and what may not be left when a container has gone."""
import contextlib
import ctypes
import json
import os
import subprocess
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path

import cgroups
import world

PATIENCE = 30  # seconds
PR_SET_CHILD_SUBREAPER = 36

path: Path  # of the runtime, set by run_cases.py
is_split = False  # whether data cases call create and start in the place of run


@dataclass
class Result:
    status: int
    out: str
    error: str


def use(runtime: Path, split: bool) -> None:
    global path, is_split
    path, is_split = runtime, split
    adopt_orphans(True)


def adopt_orphans(wanted: bool) -> None:
    """Whether what create leaves becomes a child of this process, whose end it can see; else process 1 gets it."""
    ctypes.CDLL(None).prctl(PR_SET_CHILD_SUBREAPER, int(wanted), 0, 0, 0)


def scratch() -> Path:
    return Path(tempfile.mkdtemp(dir=world.SCRATCH, prefix="case-"))


def words(state: Path, *rest: str | Path) -> list[str]:
    return [str(path), "--root", str(state), *map(str, rest)]


def call(state: Path, *rest: str | Path, stdin: str = "", env: dict | None = None, **more: object) -> Result:
    """By files, not by pipes: a container that lives on keeps a pipe open, and nobody would see its end."""
    with tempfile.TemporaryFile() as out, tempfile.TemporaryFile() as error, tempfile.TemporaryFile() as given:
        given.write(stdin.encode())
        given.seek(0)
        done = subprocess.run(words(state, *rest), stdin=given, stdout=out, stderr=error, timeout=PATIENCE, check=False,
                              env=os.environ | (env or {}), **more)
        texts = []
        for file in (out, error):
            file.seek(0)
            texts.append(file.read().decode(errors="backslashreplace"))
    return Result(done.returncode, *texts)


def wait_for(condition: object, what: str, seconds: float = PATIENCE) -> None:
    end = time.monotonic() + seconds
    while not condition():
        if time.monotonic() > end:
            raise AssertionError(f"{what}: not within {seconds} s")
        time.sleep(0.005)


def status_of(pid: int) -> int:
    """Waits for the end of a container's first process."""
    found = []

    def has_ended() -> bool:
        ended, status = os.waitpid(pid, os.WNOHANG)
        found.append(status)
        return ended == pid

    wait_for(has_ended, f"the end of process {pid}")
    status = os.waitstatus_to_exitcode(found[-1])
    return status if status >= 0 else 128 - status


def state_of(state: Path, name: str) -> dict:
    result = call(state, "state", name)
    assert result.status == 0, result.error
    return json.loads(result.out)


@dataclass
class Host:
    """What there is of the host's that containers use."""
    cgroups: set[str]
    mounts: list[str]
    processes: set[int]

    @staticmethod
    def now() -> "Host":
        folders = {str(folder) for top in cgroups.mounts() for folder in top.glob("**/") if folder != top}
        mounts = Path("/proc/self/mountinfo").read_text(encoding="utf-8").splitlines()
        return Host(folders, mounts, {int(name) for name in os.listdir("/proc") if name.isdigit()})


def reap() -> None:
    with contextlib.suppress(ChildProcessError):
        while os.waitpid(-1, os.WNOHANG)[0]:
            pass


def differences(before: Host, state: Path) -> list[str]:
    reap()
    now = Host.now()
    out = [f"cgroup {folder}" for folder in sorted(now.cgroups - before.cgroups)]
    out += [f"mount {line}" for line in now.mounts if line not in before.mounts]
    out += [f"mount that was there is gone: {line}" for line in before.mounts if line not in now.mounts]
    for pid in sorted(now.processes - before.processes):
        with contextlib.suppress(FileNotFoundError, ProcessLookupError):
            out.append(f"process {pid} {Path(f'/proc/{pid}/cmdline').read_bytes()!r}")
    if state.exists():
        out += [f"state {found}" for found in state.iterdir()]
    return out


def require_nothing_left(before: Host, state: Path, seconds: float = 5) -> None:
    """A process that is dead may still be in the kernel's books for a moment."""
    end = time.monotonic() + seconds
    while left := differences(before, state):
        if time.monotonic() > end:
            raise AssertionError("left behind: " + "; ".join(left))
        time.sleep(0.01)
