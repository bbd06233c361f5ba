#!/usr/bin/env python3
"""Containers of ordinary users: run.py MYDOCKER MODULE [CASE...]

MODULE is a file beside this one, `cases_MODULE.py`. Each function `case_NAME(user)` in it is called once for each user
that its `users` name, both unless it says otherwise. Exit status: 0, 1 if a case failed, 77 (ctest: skipped) if nothing
could run."""
import importlib
import os
import shutil
import subprocess
import sys
import tempfile
import traceback
from pathlib import Path

sys.dont_write_bytecode = True
sys.path.insert(0, str(Path(__file__).parent))
import world  # noqa: E402

SKIPPED, STEP = 77, "MYDOCKER_ROOTLESS_STEP"
USERS = {"casual": world.CASUAL, "single": world.SINGLE}


def perform(name: str, who: str, case) -> bool:
    user = None
    try:
        if who == "casual":
            world.User.needs_newuidmap()
        user = world.User(USERS[who])
        try:
            case(user)
        finally:
            user.end()
        world.same(user.writable(), [])
        world.same(user.records(), [])
        world.wait_for(f"no process is left, not {user.processes()}", lambda: user.processes() == [])
    except world.Skip as why:
        print(f"skipped {name} {who}: {why}", flush=True)
        return True
    except Exception:  # whatever it is, it is told and the next case begins
        traceback.print_exc()
        print(f"FAILED  {name} {who}", flush=True)
        return False
    finally:
        if user:
            shutil.rmtree(user.folder)
    print(f"ok      {name} {who}", flush=True)
    return True


def inside() -> int:
    world.binary = Path(sys.argv[1]).resolve()
    world.make(Path(os.environ[STEP]))
    module = importlib.import_module(f"cases_{sys.argv[2]}")
    cases = {name[5:]: case for name, case in vars(module).items() if name.startswith("case_")}
    wanted = [name for name in cases if not sys.argv[3:] or any(word in name for word in sys.argv[3:])]
    return 0 if all([perform(name, who, cases[name]) for name in wanted
                     for who in getattr(cases[name], "users", USERS)]) else 1


def main() -> int:
    if STEP in os.environ:
        return inside()
    if os.geteuid() != 0 or not world.archives.BUSYBOX:
        print("skipped: this needs root, to become others, and busybox")
        return SKIPPED
    with tempfile.TemporaryDirectory(dir="/var/tmp", prefix="mydocker-rootless-") as disk:
        # A pid namespace: the users' ids are others' too, where several of these tests run at once.
        words = ["unshare", "--mount", "--pid", "--fork", "--kill-child", "--mount-proc", sys.executable, *sys.argv]
        return subprocess.run(words, env=os.environ | {STEP: disk}, check=False).returncode


if __name__ == "__main__":
    sys.exit(main())
