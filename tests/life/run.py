#!/usr/bin/env python3
"""Containers that go on without a terminal: run.py MYDOCKER MODULE [CASE...]

MODULE is a file beside this one, `cases_MODULE.py`; each function `case_NAME(world)` in it gets a root and names of its
own. Exit status: 0, 1 if a case failed, 77 (ctest: skipped) if nothing could run."""
import functools
import os
import sys
from pathlib import Path

sys.path[1:1] = [str(Path(__file__).parent.parent / name) for name in ("support", "images")]
import cases  # noqa: E402
import archives  # noqa: E402
import place  # noqa: E402


def perform(name: str, case) -> None:
    world = place.World(name)
    try:
        case(world)
        world.require_nothing_left()
    finally:
        world.remove()


def main() -> int:
    if os.geteuid() != 0 or not archives.BUSYBOX:
        print("skipped: this needs root, and busybox")
        return cases.SKIPPED
    place.binary = Path(sys.argv[1]).resolve()
    return cases.status_of({name: functools.partial(perform, name, case)
                            for name, case in cases.wanted_of(sys.argv[2], sys.argv[3:]).items()})


if __name__ == "__main__":
    sys.exit(main())
