#!/usr/bin/env python3
"""Containers that go on without a terminal: run.py MYDOCKER MODULE [CASE...]

MODULE is a file beside this one, `cases_MODULE.py`; each function `case_NAME(world)` in it gets a root and names of its
own. Exit status: 0, 1 if a case failed, 77 (ctest: skipped) if nothing could run."""
import importlib
import os
import sys
import traceback
from pathlib import Path

sys.dont_write_bytecode = True
sys.path[:0] = [str(Path(__file__).parent), str(Path(__file__).parent.parent / "images")]
import archives  # noqa: E402
import place  # noqa: E402

SKIPPED = 77


def perform(name: str, case) -> bool:
    world = place.World(name)
    try:
        case(world)
        world.require_nothing_left()
    except place.Skip as why:
        print(f"skipped {name}: {why}", flush=True)
        return True
    except Exception:  # whatever it is, it is told and the next case begins
        traceback.print_exc()
        print(f"FAILED  {name}", flush=True)
        return False
    finally:
        world.remove()
    print(f"ok      {name}", flush=True)
    return True


def main() -> int:
    if os.geteuid() != 0 or not archives.BUSYBOX:
        print("skipped: this needs root, and busybox")
        return SKIPPED
    place.binary = Path(sys.argv[1]).resolve()
    module = importlib.import_module(f"cases_{sys.argv[2]}")
    cases = {name[5:]: case for name, case in vars(module).items() if name.startswith("case_")}
    wanted = [name for name in cases if not sys.argv[3:] or any(word in name for word in sys.argv[3:])]
    return 0 if all([perform(name, cases[name]) for name in wanted]) else 1


if __name__ == "__main__":
    sys.exit(main())
