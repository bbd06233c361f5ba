#!/usr/bin/env python3
"""Containers of ordinary users: run.py MYDOCKER MODULE [CASE...]

MODULE is a file beside this one, `cases_MODULE.py`. Each function `case_NAME(user)` in it is called once for each user
that its `users` name, both unless it says otherwise. Exit status: 0, 1 if a case failed, 77 (ctest: skipped) if nothing
could run."""
import functools
import os
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent.parent / "support"))
import cases  # noqa: E402
import world  # noqa: E402

STEP = "MYDOCKER_ROOTLESS_STEP"
USERS = {"casual": world.CASUAL, "single": world.SINGLE}


def perform(who: str, case) -> None:
    if who == "casual":
        world.User.needs_newuidmap()
    user = world.User(USERS[who])
    try:
        try:
            case(user)
        finally:
            user.end()
        cases.same(user.writable(), [])
        cases.same(user.records(), [])
        cases.wait_for(f"no process is left, not {user.processes()}", lambda: user.processes() == [])
    finally:
        shutil.rmtree(user.folder)


def inside() -> int:
    world.binary = Path(sys.argv[1]).resolve()
    world.make(Path(os.environ[STEP]))
    return cases.status_of({f"{name} {who}": functools.partial(perform, who, case)
                            for name, case in cases.wanted_of(sys.argv[2], sys.argv[3:]).items()
                            for who in getattr(case, "users", USERS)})


def main() -> int:
    if STEP in os.environ:
        return inside()
    if os.geteuid() != 0 or not world.archives.BUSYBOX:
        print("skipped: this needs root, to become others, and busybox")
        return cases.SKIPPED
    with tempfile.TemporaryDirectory(dir="/var/tmp", prefix="mydocker-rootless-") as disk:
        # A pid namespace: the users' ids are others' too, where several of these tests run at once.
        words = ["unshare", "--mount", "--pid", "--fork", "--kill-child", "--mount-proc", sys.executable, *sys.argv]
        return subprocess.run(words, env=os.environ | {STEP: disk}, check=False).returncode


if __name__ == "__main__":
    sys.exit(main())
