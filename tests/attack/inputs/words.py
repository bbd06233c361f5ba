"""The command line: names, users, sizes."""
import subprocess

import runtime
from bundle import make_root
from container import VerbCase

BAD_NAMES = ["../x", "a/b", "a" * 300, ".", "..", ".hidden", "-x", "a b", "a\nb", "\x1b[2J", "a\x9b2J", "\u009b2J", "a\\x", "/etc/passwd", "*"]
USERS = {"1": "1:0", "01": "1:0", "0": "0:0", "1:2": "1:2", "user": "1000:1000", "user:0": "1000:0", "4294967294": "4294967294:0",
         "": None, "1:": None, ":1": None, "0x1": None, "-1": None, "+1": None, "4294967295": None, "4294967296": None, "4294967297": None,
         "18446744073709551616": None, "a:b": None, "1 ": None, "1\n": None, "nobody\x1b": None, "1:2:3": None, "root:x": None}


class Words(VerbCase):
    def classic(self, *more: str, program: tuple[str, ...] = ("true",), **how: object) -> runtime.Result:
        done = subprocess.run([runtime.path, "-a", "--no-tty", "--rootfs", self.folder / "root", *more, *program], capture_output=True,
                              timeout=runtime.PATIENCE, check=False, stdin=subprocess.DEVNULL, **how)
        return runtime.Result(done.returncode, *(text.decode(errors="surrogateescape") for text in (done.stdout, done.stderr)))

    def setUp(self) -> None:
        super().setUp()
        make_root(self.folder / "root")

    def refused(self, done: runtime.Result, status: int, *says: str) -> None:
        self.assertEqual(done.status, status, done)
        self.assertEqual(done.out, "")
        self.assertTrue(done.error.startswith("MyDocker: "), done)
        for text in says:
            self.assertIn(text, done.error)
        harmless = done.error.replace("\n", "")
        self.assertTrue(all(c.isprintable() for c in harmless), f"speaks to the terminal: {done.error!r}")

    def test_names(self) -> None:
        for name in BAD_NAMES:
            with self.subTest(name=name):
                self.refused(self.classic(f"--name={name}"), 2, "allowed are")
                self.refused(self.call("run", "--bundle", self.bundle({"sh": "true"}).path, "--", name), 1)
        self.refused(self.classic("--name="), 2, "allowed are")

    def test_names_of_other_verbs(self) -> None:
        for verb in ("state", "start", "kill", "delete", "pause", "ps", "exec"):
            for name in ("../x", "a/b", "\x1b[2J", "a" * 300):
                with self.subTest(verb=verb, name=name):
                    self.refused(self.call(verb, name, *(["true"] if verb == "exec" else [])), 255 if verb == "exec" else 1, "does not exist")

    def test_hostnames(self) -> None:
        for name in ("", "a b", "a\nb", "127.0.0.1 bank\n", "x" * 65, "-a", "\x1b[2J", "ä"):
            with self.subTest(name=name):
                self.refused(self.classic(f"--hostname={name}"), 2, "allowed are")

    def test_volumes_and_folders(self) -> None:
        for option, text in (("--volume", "/etc:/a/../../b"), ("--volume", "/etc:/proc"), ("--volume", "/etc:/proc/self"), ("--volume", "/etc:/sys/fs"),
                             ("--volume", "/etc:/dev"), ("--volume", "/etc://proc//"), ("--volume", "/etc:/./proc"), ("--volume", "/etc:/"), ("--volume", "/etc:x"),
                             ("--volume", "/etc:/a\nb"), ("--volume", "::"), ("--volume", "/etc"), ("--tmpfs", "/proc"), ("--tmpfs", "/a:0"), ("--tmpfs", "/a:1x"),
                             ("--workdir", "x"), ("--env", "=x"), ("--env", "")):
            with self.subTest(option=option, text=text):
                self.refused(self.classic(option, text), 2)

    def test_targets_that_are_too_long(self) -> None:
        for target in ("/" + "a" * 300, "/a" * 3000):
            with self.subTest(length=len(target)):
                self.refused(self.classic("--volume", f"/etc:{target}"), 125, "ENAMETOOLONG")

    def test_users(self) -> None:
        for user, expected in USERS.items():
            with self.subTest(user=user):
                done = self.classic(f"--user={user}", program=("sh", "-c", "echo $(id -u):$(id -g)"))
                if expected is None:
                    self.refused(done, 2, "--user")
                else:
                    self.assertEqual((done.status, done.out, done.error), (0, expected + "\n", ""))

    def test_many_and_long_words(self) -> None:
        done = self.classic(program=("sh", "-c", "echo $#", *["x" * 1000] * 1500))
        self.assertEqual((done.status, done.out), (0, "1499\n"), done.error)
        done = self.classic("--env", "LONG=" + "x" * 131000, program=("sh", "-c", "echo ${#LONG}"))
        self.assertEqual((done.status, done.out), (0, "131000\n"), done.error)

    def test_a_variable_is_one_variable(self) -> None:
        done = self.classic("--env", "A=1\nB=2", program=("sh", "-c", "echo ${B-unset}"))
        self.assertEqual((done.status, done.out), (0, "unset\n"), done.error)

    def test_the_report_follows_no_link(self) -> None:
        marker = self.folder / "marker"
        marker.write_text("as it was", encoding="ascii")
        (self.folder / "report").symlink_to(marker)
        self.refused(self.classic("--report", str(self.folder / "report")), 125, "ELOOP")
        self.assertEqual(marker.read_text(encoding="ascii"), "as it was")
