#!/usr/bin/env python3
"""The probe of src/verify, run in MyDocker's containers in every way there is, and what has to be blocked in each.

    sudo tests/attack/matrix/matrix.py --mydocker build/MyDocker [WORD ...]   # tests whose names have all the words

The classic command line promises what the table of src/verify says. An engine decides for itself: PODMAN lists what
podman's own config.json leaves open, and nothing else may be."""
import argparse
import contextlib
import os
import re
import shutil
import subprocess
import sys
import tempfile
import unittest
from pathlib import Path

import ways

SKIPPED = 77
LIMITS = ["-aUc", "-M", "64m", "-P", "40"]
# What podman's config.json, an older Docker profile among it, leaves open, and nothing else may be.
PODMAN = set(
    "T1-filter T2 T3 "                                # its profile lets every ioctl through
    "M11 M11-tree S1 S1-user S1-setns S2 S5-keyctl "  # and these calls
    "S6-vsock S6-xfrm S6-nft S6-wide S7 S7-memory S7-files "
    "S3 S3-socketcall S3-ipc "                        # i386 is one of its architectures
    "M12 M12-dev M13 M13-open K6 "                    # no no_new_privs; a root and files without nosuid and nodev
    "P9-pages P9-interrupts "                         # masks that it lacks
    "C2 C3 C3-memory C3-inodes F8-core K8 "           # no cgroup and user namespace; only 2048 processes are a limit
    .split())

arguments = None


class Matrix(unittest.TestCase):
    maxDiff = None

    @classmethod
    def setUpClass(cls):
        things = contextlib.ExitStack()
        cls.addClassCleanup(things.close)
        bait = things.enter_context(ways.Bait())
        cls.host = things.enter_context(ways.Host(arguments.mydocker, bait))

    def require_promises(self, rows, least):
        """`least`: so many rows are promised. A table that promises nothing would hold any promise."""
        broken = [f"{row['id']}: {row['state']}: {row['how']}" for row in rows.values()
                  if row["state"] == "untried" or row["promised"] and row["state"] == "open"]
        self.assertEqual(broken, [])
        promised = [name for name, row in rows.items() if row["promised"]]
        self.assertGreaterEqual(len(promised), least, promised)
        self.require_absence(rows)

    def require_absence(self, rows):
        """What this kernel lacks is not said to be blocked."""
        lacking = self.host.words[0].removeprefix("--absent=").split(",")
        for name in filter(None, lacking):
            row = rows[name]
            said_so = row["state"] == "absent"
            refused_before = row["state"] == "blocked" and row["how"].split(",")[0] in ("EPERM", "SIGSYS")
            self.assertTrue(said_so or refused_before, row)

    def require_blocked(self, rows, names):
        for name in names.split():
            self.assertEqual(rows[name]["state"], "blocked", rows[name])


class Classic(Matrix):
    def test_a(self):
        rows = self.host.verify("-a")
        self.require_promises(rows, 85)
        self.require_blocked(rows, "F1 F2 F4 F5 F6 F9 X2 M8 M9 M12 D1 D2 C2 K2 K3 K5 K6 S1 S2 S3 S11 N1 N2")
        self.assertIn("K8", ways.open_ids(rows), "only -U takes the host's root away")

    def test_aU(self):
        rows = self.host.verify("-aU")
        self.require_promises(rows, 86)
        self.require_blocked(rows, "F1 K8 M12 S1 S11")

    def test_no_option_is_aU(self):
        rows = self.host.verify()
        self.require_promises(rows, 86)
        self.require_blocked(rows, "K8")

    def test_aUc(self):
        rows = self.host.verify(*LIMITS)
        self.require_promises(rows, 88)
        self.require_blocked(rows, "C3 C3-memory K8")

    def test_tty(self):
        for options in (["-a", "--tty"], ["-aU"]):
            with self.subTest(options):
                rows = self.host.verify(*options, terminal=True)
                self.require_promises(rows, 85)
                self.assertEqual(rows["T1"]["how"], "the terminal is the container's own")
                self.assertEqual(rows["D2-pts"]["state"], "blocked")

    def test_no_tty(self):
        rows = self.host.verify("-aU", "--no-tty", terminal=True)
        self.require_promises(rows, 86)
        # The three descriptors are the host's terminal then, as asked for; what they may do is the kernel's to say.
        self.assertEqual(rows["T1"]["state"], "blocked")

    def test_options(self):
        for options in (["--init"], ["--user", "1000:1000"], ["--read-only"], ["--workdir", "/etc"],
                        ["--tmpfs", "/mnt"], ["--cap-drop", "ALL"]):
            with self.subTest(options):
                self.require_promises(self.host.verify("-aU", *options), 80)

    def test_exec(self):
        """Who joins finds nothing open that the container's own process does not."""
        for options in ([], ["-U"], ["-Uc", "-M", "64m", "-P", "40"], ["-U", "--seccomp", "original"],
                        ["-U", "--user", "1000:1000"], ["--cap-drop", "ALL"]):
            with self.subTest(options):
                own, joined = self.host.classic_run(*options), self.host.classic_exec(*options)
                self.assertEqual([row for name, row in joined.items()
                                  if row["state"] in ("open", "untried") and own[name]["state"] != row["state"]], [])
                self.require_blocked(joined, "F1 F2 F4 F5 F6 F9 X2 M8 M12 K2 K3 K6 S1 S2")

    def test_roots(self):
        """However the root comes about, nothing of the host's lies over or below it."""
        root = str(ways.PROJECT / "root_fs/root")
        with tempfile.TemporaryDirectory(prefix="mydocker-", dir="/var/tmp") as folder:
            disk = f"{folder}/disk"
            if shutil.which("mksquashfs"):
                subprocess.run(["mksquashfs", root, disk, "-quiet", "-no-progress"], check=True, stdout=subprocess.DEVNULL)
            kinds = [["--rootfs", root, "--overlay"], ["--rootfs", root, "--overlay-dir", f"{folder}/kept"]]
            for kind in kinds + ([["--image", disk]] if os.path.exists(disk) else []):
                for options in ("-a", "-aU"):
                    with self.subTest(kind=kind, options=options):
                        shutil.rmtree(f"{folder}/kept", ignore_errors=True)
                        rows = self.host.verify(options, "--store", f"{folder}/store", *kind)
                        self.require_promises(rows, 85)
                        self.require_blocked(rows, "M7 M8 M8-up M9 F1")

    def test_what_is_asked_for_is_not_promised(self):
        rows = self.host.verify("-a", "--cap-add", "NET_RAW", "--keep-fd", "11")
        self.require_promises(rows, 50)
        self.assertLessEqual({"F1", "K2", "K4"}, set(ways.open_ids(rows)))
        # One that may mount is started by a sealed copy of MyDocker, which has to say the same.
        rows = self.host.verify("-a", "--cap-add", "SYS_ADMIN")
        self.require_promises(rows, 40)
        self.assertLessEqual({"K2", "M10-bind"}, set(ways.open_ids(rows)))

    def test_nothing_is_left_in_the_root(self):
        before = sorted(os.listdir(ways.PROJECT / "root_fs/root"))
        self.host.verify("-a")
        self.assertEqual(sorted(os.listdir(ways.PROJECT / "root_fs/root")), before)


class Command(Matrix):
    def call(self, *words):
        return subprocess.run([self.host.mydocker, "verify", *words], capture_output=True, text=True, check=False,
                              stdin=subprocess.DEVNULL, timeout=ways.PATIENCE)

    def test_text(self):
        done = self.call("-aU")
        self.assertEqual((done.returncode, done.stderr), (0, ""))
        self.assertRegex(done.stdout, r"(?m)^blocked  F1 +a descriptor beyond the standard three +only 0, 1, 2$")
        self.assertRegex(done.stdout, r"(?m)^\d+ rows: \d+ blocked, \d+ absent on this kernel, \d+ open")

    def test_list(self):
        rows = self.call("--list").stdout.splitlines()
        ids = [row.split()[0] for row in rows]
        self.assertGreaterEqual(len(ids), 89)
        self.assertEqual(len(set(ids)), len(ids))
        self.assertTrue(any(re.match(r"F1 .*CVE-2024-21626", row) for row in rows), rows)

    def test_security_md_names_every_row(self):
        page = (ways.PROJECT / "SECURITY.md").read_text(encoding="utf-8")
        ids = [row.split()[0] for row in self.call("--list").stdout.splitlines()]
        self.assertEqual([name for name in ids if f"| {name} |" not in page], [])

    def test_refusals(self):
        for words, says in ((["-aU", "/bin/true"], "'/bin/true'"), (["-U"], "-a is missing"), (["--lost"], "--lost"),
                            (["--dump-probe"], "--dump-probe")):
            with self.subTest(words):
                done = self.call(*words)
                self.assertEqual(done.returncode, 2, done)
                self.assertIn(says, done.stderr)

    def test_failure_is_125(self):
        self.assertEqual(self.call("-a", "--rootfs", "/nonexistent").returncode, 125)

    def test_dry_run_names_the_probe(self):
        done = self.call("-a", "--dry-run")
        self.assertEqual(done.returncode, 0)
        self.assertIn("put the probe into a sealed file in memory", done.stdout)


class Oci(Matrix):
    def setUp(self):
        self.state = ["--root", str(self.host.folder / "state")]
        self.mydocker = [str(self.host.mydocker), *self.state]

    def require_podman(self, rows):
        self.assertEqual([row for row in rows.values() if row["state"] == "untried"], [])
        self.assertLessEqual(set(ways.open_ids(rows)), PODMAN)
        self.require_absence(rows)

    def test_run(self):
        self.require_podman(self.host.oci_run(self.mydocker, self.host.podman_config))

    def test_run_on_a_terminal(self):
        rows = self.host.oci_run(self.mydocker, self.host.podman_config, terminal=True)
        self.require_podman(rows)
        self.assertEqual(rows["T1"]["how"], "the terminal is the container's own")

    def test_exec_is_as_run(self):
        inside = self.host.oci_exec(self.mydocker, self.host.podman_config)
        self.require_podman(inside)
        self.assertEqual(ways.open_ids(inside), ways.open_ids(self.host.oci_run(self.mydocker, self.host.podman_config)))


class Probe(Matrix):
    """A probe that never finds a door open proves nothing."""

    def test_it_sees_open_doors(self):
        words = ["unshare", "--mount", "--propagation", "private", str(self.host.probe), "--json", *self.host.words]
        rows = ways.parsed(self.host.run(words))
        wanted = set("F1 F4 F9 P11 D2 D2-uts M10-bind K2 K2-held K6 K8 S1 S1-user S3 S4 S7 S10 S11 C3 C3-memory N1".split())
        self.assertLessEqual(wanted, set(ways.open_ids(rows)))

    def test_a_broken_promise_is_status_1(self):
        words = ["unshare", "--mount", "--propagation", "private", str(self.host.probe), *self.host.words]
        self.assertNotIn("PROMISED", self.host.run(words))
        said = self.host.run([*words, "--promise=U"], statuses=(1,))
        self.assertRegex(said, r"(?m)^OPEN     K8 .*PROMISED to be blocked$")

    def test_wrong_words(self):
        self.assertIn("usage", self.host.run([str(self.host.probe), "--lost"], statuses=(2,)))


def main():
    global arguments
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--mydocker", type=Path, required=True)
    parser.add_argument("words", nargs="*", help="run only the tests with all of these in their names")
    arguments = parser.parse_args()
    if os.geteuid() != 0:
        print("skipped: containers need root")
        return SKIPPED
    suite = unittest.TestSuite()
    for kind in (Classic, Command, Oci, Probe):
        for test in unittest.defaultTestLoader.loadTestsFromTestCase(kind):
            if all(word in test.id() for word in arguments.words):
                suite.addTest(test)
    return 0 if unittest.TextTestRunner(verbosity=2).run(suite).wasSuccessful() else 1


if __name__ == "__main__":
    sys.exit(main())
