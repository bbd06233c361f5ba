#!/usr/bin/env python3
"""Hostile words, names, files and states: MyDocker refuses them in one clear sentence, and follows no link.

    inputs.py --runtime PATH [--list] [CASE...]

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

import configs  # noqa: E402
import runtime  # noqa: E402
import states  # noqa: E402
import words  # noqa: E402
import world  # noqa: E402
from report import Report, name_of, summary  # noqa: E402


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--runtime", required=True, type=Path)
    parser.add_argument("--list", action="store_true")
    parser.add_argument("case", nargs="*")
    arguments = parser.parse_args()
    load = unittest.defaultTestLoader
    tests = [test for module in (words, configs, states) for group in load.loadTestsFromModule(module) for test in group
             if not arguments.case or any(word in name_of(test) for word in arguments.case)]
    if arguments.list:
        print("\n".join(name_of(test) for test in tests))
        return 0
    if os.geteuid() != 0 or shutil.which("busybox") is None:
        print("skipped: containers need root, and busybox as their programs")
        return 77
    path = arguments.runtime.absolute()
    world.enter(False)
    runtime.use(path, False)
    report = Report()
    unittest.TestSuite(tests).run(report)
    return summary([report])


if __name__ == "__main__":
    sys.exit(main())
