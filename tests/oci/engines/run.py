#!/usr/bin/env python3
"""Lets container engines work with an OCI runtime, and looks at what comes of it.

    run.py --runtime PATH [--engine podman|containerd] [--list] [--shell] [CASE...]

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

import containerd  # noqa: E402
import podman  # noqa: E402
import world  # noqa: E402
from engine import NotHere  # noqa: E402
from report import Report, name_of, summary  # noqa: E402

ENGINES = {
    "podman": (podman, ["podman_streams", "podman_life", "podman_exec", "podman_limits", "podman_security",
                        "podman_mounts", "podman_networks", "podman_hooks"]),
    "containerd": (containerd, ["containerd_cases"]),
}
SKIPPED = 77


def cases(engine: str, wanted: list[str]) -> list[unittest.TestCase]:
    suites = [unittest.defaultTestLoader.loadTestsFromModule(importlib.import_module(module))
              for module in ENGINES[engine][1]]
    tests = [test for suite in suites for group in suite for test in group]
    return [test for test in tests if not wanted or any(word in f"{engine}.{name_of(test)}" for word in wanted)]


def installed(engines: list[str]) -> list[str]:
    out = []
    for engine in engines:
        try:
            ENGINES[engine][0].check_installed()
            out.append(engine)
        except NotHere as reason:
            print(f"skipped  {engine}: {reason}", flush=True)
    return out


def run_shell() -> int:
    print(f"the folder {world.SCRATCH} and all that is started here end with this shell", flush=True)
    return subprocess.run([os.environ.get("SHELL", "/bin/sh")], check=False).returncode


def run_cases(tests: dict[str, list[unittest.TestCase]]) -> int:
    reports = [Report(engine) for engine in tests]
    for report in reports:
        unittest.TestSuite(tests[report.group]).run(report)
    return summary(reports)


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--runtime", required=True, help="the OCI runtime under test: a path, or a name in PATH")
    parser.add_argument("--engine", choices=ENGINES, help="only this one")
    parser.add_argument("--hide-cgroup2", action="store_true",
                        help="show only cgroup v1 where a host has both; crun starts on no such host")
    parser.add_argument("--list", action="store_true", help="only print the names of the cases")
    parser.add_argument("--shell", action="store_true", help="no cases: a shell beside the engines, made ready")
    parser.add_argument("case", nargs="*", help="only cases whose name has this in it")
    arguments = parser.parse_args()

    engines = [arguments.engine] if arguments.engine else list(ENGINES)
    tests = {engine: found for engine in engines if (found := cases(engine, arguments.case))}
    if arguments.list:
        print("\n".join(f"{engine}.{name_of(test)}" for engine, found in tests.items() for test in found))
        return 0
    if not tests:
        sys.exit(f"no case has any of this in its name: {' '.join(arguments.case)}")
    runtime = shutil.which(arguments.runtime)
    if runtime is None:
        sys.exit(f"there is no program '{arguments.runtime}'")
    if os.geteuid() != 0:
        print("skipped: containers need root")
        return SKIPPED
    runtime = Path(runtime).absolute()  # before the working directory changes
    engines = installed(list(tests))
    if not engines:
        return SKIPPED
    world.enter(arguments.hide_cgroup2)
    for engine in engines:
        ENGINES[engine][0].start(runtime)
    return run_shell() if arguments.shell else run_cases({engine: tests[engine] for engine in engines})


if __name__ == "__main__":
    sys.exit(main())
