#!/usr/bin/env python3
"""Starts containers with an OCI runtime, without an engine, and looks at what comes of each.

    run_cases.py --runtime PATH [--split] [--list] [--shell] [--only KIND] [CASE...]

CASE is a part of a case's name. Exit status: 0, 1 if a case failed, 77 (ctest: skipped) if nothing could run.
"""
import argparse
import importlib
import os
import shutil
import subprocess
import sys
import unittest
from pathlib import Path

sys.dont_write_bytecode = True  # a test leaves nothing in the sources
sys.path.append(str(Path(__file__).parent.parent / "engines"))

import case  # noqa: E402
import runtime  # noqa: E402
import world  # noqa: E402
from report import Report, name_of, summary  # noqa: E402

MODULES = sorted(file.stem for file in Path(__file__).parent.glob("verbs_*.py"))
OTHERS = ("rootless", "crashes", "hostile")
KINDS = {"data": None, "verbs": MODULES} | {name: [name] for name in OTHERS}
SKIPPED = 77


def tests_of(kind: str) -> list[unittest.TestCase]:
    load = unittest.defaultTestLoader
    if kind == "data":
        suites = [load.loadTestsFromTestCase(each) for each in case.classes()]
        return [test for suite in suites for test in suite]
    modules = [load.loadTestsFromModule(importlib.import_module(name)) for name in KINDS[kind]]
    return [test for module in modules for group in module for test in group]


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--runtime", required=True, help="the OCI runtime under test: a path, or a name in PATH")
    parser.add_argument("--split", action="store_true", help="create and start in the place of run")
    parser.add_argument("--only", choices=KINDS, action="append", help="only cases of this kind; again for more")
    parser.add_argument("--hide-cgroup2", action="store_true", help="show only cgroup v1 where a host has both")
    parser.add_argument("--list", action="store_true", help="only print the names of the cases")
    parser.add_argument("--shell", action="store_true", help="no cases: a shell in the private world")
    parser.add_argument("case", nargs="*", help="only cases whose name has this in it")
    arguments = parser.parse_args()

    tests = [test for kind in arguments.only or KINDS for test in tests_of(kind)
             if not arguments.case or any(word in name_of(test) for word in arguments.case)]
    if arguments.list:
        print("\n".join(name_of(test) for test in tests))
        return 0
    if not tests:
        sys.exit(f"no case has any of this in its name: {' '.join(arguments.case)}")
    found = shutil.which(arguments.runtime)
    if found is None:
        sys.exit(f"there is no program '{arguments.runtime}'")
    if os.geteuid() != 0 or shutil.which("busybox") is None:
        print("skipped: containers need root, and busybox as their programs")
        return SKIPPED
    found = Path(found).absolute()  # before the working directory changes
    world.enter(arguments.hide_cgroup2)
    runtime.use(found, arguments.split)
    if arguments.shell:
        return subprocess.run([os.environ.get("SHELL", "/bin/sh")], check=False).returncode
    report = Report()
    unittest.TestSuite(tests).run(report)
    return summary([report])


if __name__ == "__main__":
    sys.exit(main())
