#!/usr/bin/env python3
"""Containers from images: run.py MYDOCKER MODULE [CASE...]

MODULE is a file beside this one, `cases_MODULE.py`; each function `case_NAME(world)` in it gets a folder and a store of
its own. Exit status: 0, 1 if a case failed, 77 (ctest: skipped) if nothing could run."""
import functools
import os
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent.parent / "support"))
import cases  # noqa: E402
import archives  # noqa: E402
import world  # noqa: E402


def perform(case) -> None:
    place = world.World()
    try:
        case(place)
        if place.store.exists() and any((place.store / "writable").iterdir()):
            raise AssertionError(f"left behind: {place.writable()}")
    finally:
        place.remove()


def main() -> int:
    if os.geteuid() != 0 or not archives.BUSYBOX:
        print("skipped: this needs root, and busybox")
        return cases.SKIPPED
    world.binary = Path(sys.argv[1]).resolve()
    return cases.status_of({name: functools.partial(perform, case)
                            for name, case in cases.wanted_of(sys.argv[2], sys.argv[3:]).items()})


if __name__ == "__main__":
    sys.exit(main())
