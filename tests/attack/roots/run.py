#!/usr/bin/env python3
"""Hostile root file systems: MyDocker refuses them or they do no harm, and the host's markers stay as they were.

    run.py --runtime PATH --tool PATH [--times N] [--show] [--list] [CASE...]

CASE is a part of a case's name; --times: how often each race is run; --show: what is said to each.
Exit status: 0, 1 if a case failed, 77 (ctest: skipped) if nothing could run.
"""
import argparse
import os
import shutil
import sys
import unittest
from pathlib import Path

sys.dont_write_bytecode = True  # a test leaves nothing in the sources
TESTS = Path(__file__).resolve().parent.parent.parent
sys.path += [str(TESTS / "oci/engines"), str(TESTS / "oci/cases")]

import attack  # noqa: E402
import runtime  # noqa: E402
import world  # noqa: E402
from cases import CASES  # noqa: E402
from host import Host  # noqa: E402
from races import RACES  # noqa: E402
from report import Report, name_of, summary  # noqa: E402


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--runtime", required=True, type=Path)
    parser.add_argument("--tool", required=True, type=Path, help="the program that tool.c gives")
    parser.add_argument("--times", type=int, default=200)
    parser.add_argument("--show", action="store_true")
    parser.add_argument("--list", action="store_true")
    parser.add_argument("case", nargs="*")
    arguments = parser.parse_args()
    if arguments.list:
        print("\n".join([*CASES, *(f"race: {name}" for name in RACES)]))
        return 0
    if os.geteuid() != 0 or shutil.which("busybox") is None:
        print("skipped: containers need root, and busybox as their programs")
        return 77
    runtime_path, attack.tool, attack.show = arguments.runtime.absolute(), arguments.tool.absolute(), arguments.show
    world.enter(False)
    runtime.use(runtime_path, False)
    host = Host()
    report = Report()
    try:
        for name, cases in (("crafted", CASES), ("race", RACES)):
            tests = unittest.defaultTestLoader.loadTestsFromTestCase(attack.class_of(name, cases, host, arguments.times))
            wanted = [test for test in tests if not arguments.case or any(word in name_of(test).replace("_", " ") for word in arguments.case)]
            unittest.TestSuite(wanted).run(report)
    finally:
        host.remove()
    return summary([report])


if __name__ == "__main__":
    sys.exit(main())
