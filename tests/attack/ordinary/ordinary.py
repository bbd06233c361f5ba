#!/usr/bin/env python3
"""Ordinary work in a container with the default options: a list of what was tried, and what came of it.

    ordinary.py --runtime PATH [--options '...'] [--debs DIR] [--list] [CASE...]
    ordinary.py --fetch [--debs DIR]

The root is this host's own system below a throw-away overlay, so what is installed here is there. --options: what
MyDocker is started with, besides -a. --debs: where .deb files lie; --fetch gets those that are missing there by
apt-get download, and does nothing else.
Exit status: 0, 1 if something did not work, 77 (ctest: skipped) if nothing could run.
"""
import argparse
import os
import shutil
import subprocess
import sys
import tempfile
import unittest
from pathlib import Path

sys.dont_write_bytecode = True  # a test leaves nothing in the sources
TESTS = Path(__file__).resolve().parent.parent.parent
sys.path += [str(TESTS / "oci/engines")]

from report import Report, name_of, summary  # noqa: E402
from work import CASES, PACKAGES, Case, at_terminal  # noqa: E402

STEP = "MYDOCKER_ORDINARY_STEP"
PATIENCE = 300
# What would be the container's fault, whatever else is said.
FAULTS = ("Operation not permitted", "Function not implemented", "Bad system call")


class Container:
    def __init__(self, runtime: Path, options: list[str], folder: Path, debs: Path) -> None:
        self.words = [str(runtime), "-a", "--rootfs", str(folder / "root"), "--volume", f"{debs}:/mnt:ro", *options]

    def run(self, case: Case, options: tuple[str, ...] = ()) -> tuple[int, str]:
        done = subprocess.run([*self.words, "--no-tty", *options, *(case.program or ["/bin/bash", "-c", case.script])], stdin=subprocess.DEVNULL,
                              stdout=subprocess.PIPE, stderr=subprocess.STDOUT, timeout=PATIENCE, check=False)
        return done.returncode, done.stdout.decode(errors="replace")

    def has_option(self, name: str) -> bool:
        return name in subprocess.run([self.words[0], "-h"], capture_output=True, text=True, check=True).stdout


class Ordinary(unittest.TestCase):
    container: Container
    debs: Path

    def perform(self, case: Case) -> None:
        for need in case.needs:
            if need.endswith(".deb") and not list(self.debs.glob(need)):
                self.skipTest(f"no {need} in {self.debs}: --fetch gets it")
            if need.startswith("--") and not self.container.has_option(need):
                self.skipTest(f"this MyDocker has no option {need}")
            if need.startswith("/") and not list(Path("/").glob(need[1:])):
                self.skipTest(f"{need} is not installed here")
            if need == "set-ID bits" and self.container.run(Case("cp /bin/true /tmp/t && chmod 4755 /tmp/t"))[0] != 0:
                self.skipTest("this filter refuses set-ID bits")
        if case.before:
            self.assertEqual(self.container.run(Case(case.before)), (0, ""))
        status, out = at_terminal(self.container.words) if case.terminal else self.container.run(case, case.options)
        self.assertEqual(status, case.status, out)
        for text in case.has:
            self.assertIn(text, out)
        for fault in FAULTS:
            if fault not in case.may_say:
                self.assertNotIn(fault, out, out)


def method_of(case: Case) -> object:
    return lambda self: self.perform(case)


def mount_root(folder: Path) -> None:
    for name in ("root", "upper", "work"):
        (folder / name).mkdir()
    subprocess.run(["mount", "-t", "overlay", "overlay", "-o", f"lowerdir=/,upperdir={folder}/upper,workdir={folder}/work", folder / "root"], check=True)
    # What is mounted on the host is not part of the overlay; a few places have to be there, and be the container's.
    for name in ("proc", "sys", "dev", "run", "tmp", "mnt"):
        (folder / "root" / name).mkdir(exist_ok=True)
    (folder / "root/tmp").chmod(0o1777)
    (folder / "root/etc/hosts").write_text("127.0.0.1 localhost container\n::1 localhost\n", encoding="ascii")
    # After each package the manual pages would be indexed anew, for half a minute: see mandb(8).
    (folder / "root/var/lib/man-db/auto-update").unlink(missing_ok=True)
    # Packages start their services when they are installed; here nobody asks for that. See invoke-rc.d(8).
    policy = folder / "root/usr/sbin/policy-rc.d"
    policy.write_text("#!/bin/sh\nexit 101\n", encoding="ascii")
    policy.chmod(0o755)


def fetch(debs: Path) -> None:
    missing = [name for name in PACKAGES if not list(debs.glob(f"{name}_*.deb"))]
    if missing:
        subprocess.run(["apt-get", "-q", "download", *missing], cwd=debs, check=True)


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--runtime", type=Path)
    parser.add_argument("--options", default="")
    parser.add_argument("--debs", type=Path, default=Path("/var/cache/mydocker/ordinary"))
    parser.add_argument("--fetch", action="store_true")
    parser.add_argument("--list", action="store_true")
    parser.add_argument("case", nargs="*")
    arguments = parser.parse_args()
    if arguments.list:
        print("\n".join(CASES))
        return 0
    arguments.debs.mkdir(parents=True, exist_ok=True)
    if arguments.fetch:
        fetch(arguments.debs)
        return 0
    if arguments.runtime is None:
        parser.error("--runtime is needed")
    if os.geteuid() != 0 or shutil.which("apt-get") is None:
        print("skipped: it needs root, and a Debian or Ubuntu system")
        return 77
    if STEP not in os.environ:  # the overlay ends with this script
        os.execvpe("unshare", ["unshare", "--mount", sys.executable, *sys.argv], os.environ | {STEP: "inside"})
    with tempfile.TemporaryDirectory(dir="/var/tmp", prefix="mydocker-ordinary-") as name:
        folder = Path(name)
        mount_root(folder)
        methods = {f"test_{title.replace(' ', '_')}": method_of(case) for title, case in CASES.items()}
        tests = type("Work", (Ordinary,), {"container": Container(arguments.runtime.absolute(), arguments.options.split(), folder, arguments.debs),
                                           "debs": arguments.debs} | methods)
        wanted = [test for test in unittest.defaultTestLoader.loadTestsFromTestCase(tests)
                  if not arguments.case or any(word in name_of(test).replace("_", " ") for word in arguments.case)]
        report = Report()
        unittest.TestSuite(wanted).run(report)
        subprocess.run(["umount", folder / "root"], check=True)
    return summary([report])


if __name__ == "__main__":
    sys.exit(main())
