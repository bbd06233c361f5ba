"""What goes in and out beside the container: pid file, terminal, log, descriptors, the seccomp listener."""
import array
import contextlib
import fcntl
import json
import os
import re
import socket
import struct
import threading
from collections.abc import Iterator
from pathlib import Path

import runtime
from container import SLEEP, VerbCase

ID = VerbCase.ID
AT_TERMINAL = {"set": {"process.terminal": True, "process.consoleSize": {"height": 31, "width": 97}}}


class Receiver:
    """A listening socket that takes messages with descriptors, as engines have it."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.socket = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        self.socket.bind(str(path))
        self.socket.listen()
        self.socket.settimeout(runtime.PATIENCE)

    def take(self) -> tuple[bytes, list[int]]:
        with contextlib.closing(self.socket.accept()[0]) as peer:
            text, ancillary, _, _ = peer.recvmsg(65536, socket.CMSG_SPACE(16 * 4))
        found = array.array("i")
        for level, kind, data in ancillary:
            if (level, kind) == (socket.SOL_SOCKET, socket.SCM_RIGHTS):
                found.frombytes(data)
        return text, list(found)


@contextlib.contextmanager
def receiver(path: Path) -> Iterator[Receiver]:
    out = Receiver(path)
    try:
        yield out
    finally:
        out.socket.close()
        path.unlink()


def read_until(master: int, text: str) -> str:
    shown = ""
    while text not in shown:
        shown += os.read(master, 4096).decode()
    return shown


class Console(VerbCase):
    def test_create_sends_one_master(self) -> None:
        with receiver(self.folder / "socket") as console:
            self.create(AT_TERMINAL | {"sh": "tty; stty size; read -r word; echo got $word"},
                        "--console-socket", console.path)
            _, fds = console.take()
        self.assertEqual(len(fds), 1)
        pid = self.pid()
        self.succeeds("start", ID)
        shown = read_until(fds[0], "31 97")
        self.assertRegex(shown, "/dev/(console|pts/0)")
        os.write(fds[0], b"word\n")
        read_until(fds[0], "got word")
        self.assertEqual(runtime.status_of(pid), 0)
        os.close(fds[0])

    def test_exec_sends_one_of_its_own(self) -> None:
        self.leave_orphans()
        self.start(SLEEP)
        process = {"args": ["sh", "-c", "tty; stty size; sleep 1"], "cwd": "/", "env": ["PATH=/bin"], "terminal": True,
                   "user": {"uid": 0, "gid": 0}, "consoleSize": {"height": 20, "width": 50}}
        (self.folder / "process.json").write_text(json.dumps(process))
        with receiver(self.folder / "socket") as console:
            self.succeeds("exec", "--detach", "--console-socket", console.path, "--process",
                          self.folder / "process.json", "--pid-file", self.folder / "pid", ID)
            _, fds = console.take()
        self.assertIn("/dev/pts/", read_until(fds[0], "20 50"))
        self.assertTrue(Path("/proc", (self.folder / "pid").read_text()).exists())
        os.close(fds[0])

    def test_refusals(self) -> None:
        bundle = self.bundle(AT_TERMINAL | SLEEP)
        self.fails("create", "--bundle", bundle.path, ID, says="--console-socket has to say who takes its other end")
        self.fails("create", "--bundle", bundle.path, "--console-socket", "/no/such", ID, says="/no/such")
        plain = self.bundle(SLEEP)
        self.fails("create", "--bundle", plain.path, "--console-socket", "/no/such", ID, says="process.terminal is not true")
        self.assertEqual(self.succeeds("list", "-q"), "")

    def test_a_hostile_console_is_not_followed(self) -> None:
        marker = self.folder / "marker"
        marker.write_text("untouched")
        bundle = self.bundle(AT_TERMINAL | SLEEP | {"drop": ["mounts[1]", "mounts[1]"]})
        (bundle.root / "dev/console").symlink_to(marker)
        with receiver(self.folder / "socket") as console:
            self.call("create", "--bundle", bundle.path, "--console-socket", console.path, ID)
        self.assertEqual(marker.read_text(), "untouched")


class Files(VerbCase):
    def test_the_pid_file_holds_the_number_alone(self) -> None:
        self.create(SLEEP, "--pid-file", self.folder / "pid")
        self.assertEqual((self.folder / "pid").read_text(), str(self.pid()))

    def test_a_pid_file_that_cannot_be_written(self) -> None:
        bundle = self.bundle(SLEEP)
        self.fails("create", "--bundle", bundle.path, "--pid-file", "/no/such/pid", ID, says="/no/such/pid")
        self.assertEqual(self.succeeds("list", "-q"), "")

    def log(self) -> list[dict]:
        path = self.folder / "log"
        return [json.loads(line) for line in path.read_text().splitlines()] if path.exists() else []

    def test_an_error_is_one_object_in_the_log(self) -> None:
        bundle = self.bundle({"set": {"process.args": ["missing"]}, "add": {"process.capabilities.bounding": ["CAP_NEW"]}})
        self.call("--log", self.folder / "log", "--log-format", "json", "create", "--bundle", bundle.path, ID)
        whole = json.loads((self.folder / "log").read_text())
        self.assertEqual(whole["level"], "error")
        self.assertIn("missing", whole["msg"])
        self.assertRegex(whole["time"], r"^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?Z$")

    def test_a_warning_is_in_the_log_of_a_verb_that_succeeds(self) -> None:
        bundle = self.bundle(SLEEP | {"add": {"process.capabilities.bounding": ["CAP_NEW"]}})
        self.call("--log", self.folder / "log", "--log-format", "json", "create", "--bundle", bundle.path, ID)
        self.assertEqual([line["level"] for line in self.log()], ["warning"])
        self.assertIn("CAP_NEW", self.log()[0]["msg"])

    def test_what_exec_warns_of(self) -> None:
        self.start(SLEEP)
        process = {"args": ["true"], "cwd": "/", "user": {"uid": 0, "gid": 0}, "env": ["PATH=/bin"],
                   "capabilities": {"bounding": ["CAP_NEW"]}}
        (self.folder / "process.json").write_text(json.dumps(process))
        done = self.call("exec", "--process", self.folder / "process.json", ID)
        self.assertEqual(done.status, 0, done.error)
        self.assertIn("capabilities.bounding[0]: 'CAP_NEW': left out: unknown", done.error)

    def test_the_log_is_not_written_through_a_link(self) -> None:
        marker = self.folder / "marker"
        marker.write_text("untouched")
        (self.folder / "log").symlink_to(marker)
        self.call("--log", self.folder / "log", "state", "nobody")
        self.assertEqual(marker.read_text(), "untouched")

    def test_the_log_as_text(self) -> None:
        self.call("--log", self.folder / "log", "state", "nobody")
        self.assertRegex((self.folder / "log").read_text(), re.compile('^time="[^"]*" level=error msg=".*does not exist.*"$'))

    def test_descriptors_do_not_leak(self) -> None:
        bundle = self.bundle({"sh": "ls /proc/self/fd"})
        with contextlib.ExitStack() as stack:
            fds = [os.open("/etc", os.O_RDONLY) for _ in range(10)]
            for fd in fds:
                stack.callback(os.close, fd)
            self.assertEqual(self.succeeds("run", "--bundle", bundle.path, ID, pass_fds=fds).split(), ["0", "1", "2", "3"])

    def test_preserved_descriptors(self) -> None:
        bundle = self.bundle({"sh": "echo through >&3"})
        reads, writes = os.pipe()
        words = runtime.words(self.state, "run", "--preserve-fds", "1", "--bundle", bundle.path, ID)
        pid = os.fork()
        if pid == 0:
            os.dup2(writes, 3)
            os.execv(words[0], words)
        os.close(writes)
        self.assertEqual(os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]), 0)
        self.assertEqual(os.read(reads, 100), b"through\n")
        os.close(reads)

    def test_preserved_descriptors_that_are_not_open(self) -> None:
        bundle = self.bundle(SLEEP)
        self.fails("create", "--preserve-fds", "5", "--bundle", bundle.path, ID, says="is not open")


class Activation(VerbCase):
    """What systemd gives to a service."""

    def test_sockets_that_listen_are_passed_on(self) -> None:
        bundle = self.bundle({"sh": "echo $LISTEN_FDS $LISTEN_PID $LISTEN_FDNAMES >&3"})
        reads, writes = os.pipe()
        words = runtime.words(self.state, "run", "--bundle", bundle.path, ID)
        pid = os.fork()
        if pid == 0:
            os.dup2(writes, 3)
            os.execve(words[0], words, os.environ | {"LISTEN_FDS": "1", "LISTEN_PID": str(os.getpid()), "LISTEN_FDNAMES": "a"})
        os.close(writes)
        self.assertEqual(os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]), 0)
        self.assertEqual(os.read(reads, 100), b"1 1 a\n")
        os.close(reads)

    def test_sockets_of_another_process_are_not(self) -> None:
        bundle = self.bundle({"sh": "env; ls /proc/self/fd | tail -1"})
        out = self.succeeds("run", "--bundle", bundle.path, ID, env={"LISTEN_FDS": "1", "LISTEN_PID": "1"})
        self.assertNotIn("LISTEN", out)
        self.assertTrue(out.endswith("\n3\n"), out)

    def test_the_notify_socket_is_inside(self) -> None:
        path = self.folder / "notify"
        with contextlib.closing(socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)) as manager:
            manager.bind(str(path))
            manager.settimeout(runtime.PATIENCE)
            bundle = self.bundle({"sh": "[ -S $NOTIFY_SOCKET ] && echo $NOTIFY_SOCKET"})
            out = self.succeeds("run", "--bundle", bundle.path, ID, env={"NOTIFY_SOCKET": str(path)})
            self.assertEqual(out, "/run/notify/notify.sock\n")
            self.start(SLEEP, env={"NOTIFY_SOCKET": str(path)})
            with contextlib.closing(socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)) as service:
                service.sendto(b"READY=1", f"/proc/{self.pid()}/root/run/notify/notify.sock")
            self.assertEqual(manager.recv(100), b"READY=1")


SECCOMP_NOTIF_RECV, SECCOMP_NOTIF_SEND = 0xC0502100, 0xC0182101


class Listener(VerbCase):
    def answer(self, agent: Receiver, got: dict) -> None:
        text, fds = agent.take()
        got.update(json.loads(text), received=len(fds))
        request = bytearray(80)
        for _ in range(2):
            with contextlib.suppress(OSError):
                request[:] = bytes(80)
                fcntl.ioctl(fds[0], SECCOMP_NOTIF_RECV, request)
                number = struct.unpack_from("Q", request)[0]
                fcntl.ioctl(fds[0], SECCOMP_NOTIF_SEND, struct.pack("QqiI", number, 0, -122, 0))  # EDQUOT
                break
        os.close(fds[0])

    def perform(self, *, splits: bool) -> None:
        with receiver(self.folder / "agent") as agent:
            profile = {"defaultAction": "SCMP_ACT_ALLOW", "listenerPath": str(agent.path), "listenerMetadata": "mine",
                       "syscalls": [{"names": ["chmod", "fchmodat"], "action": "SCMP_ACT_NOTIFY"}]}
            bundle = self.bundle({"sh": "chmod 600 /tmp 2> /err; sleep 0.1", "set": {"linux.seccomp": profile,
                                                                         "annotations": {"key": "value"}}})
            got: dict = {}
            thread = threading.Thread(target=self.answer, args=[agent, got])
            thread.start()
            if splits:
                self.succeeds("create", "--bundle", bundle.path, ID)
                pid = self.pid()
                self.succeeds("start", ID)
                self.assertEqual(runtime.status_of(pid), 0)
            else:
                self.assertEqual(self.call("run", "--bundle", bundle.path, ID).status, 0)
            thread.join(runtime.PATIENCE)
        self.assertIn("quota", (bundle.root / "err").read_text().lower())
        self.assertEqual((got["ociVersion"], got["fds"], got["metadata"], got["received"]),
                         ("1.2.0", ["seccompFd"], "mine", 1))
        self.assertEqual(got["pid"], got["state"]["pid"])
        self.assertEqual({key: got["state"][key] for key in ("id", "status", "bundle", "annotations")},
                         {"id": ID, "status": "creating", "bundle": str(bundle.path), "annotations": {"key": "value"}})

    def test_of_run(self) -> None:
        self.perform(splits=False)

    def test_of_create_and_start(self) -> None:
        self.perform(splits=True)

    def test_that_nobody_listens_at(self) -> None:
        profile = {"defaultAction": "SCMP_ACT_ALLOW", "listenerPath": "/no/such",
                   "syscalls": [{"names": ["chmod"], "action": "SCMP_ACT_NOTIFY"}]}
        bundle = self.bundle(SLEEP | {"set": {"linux.seccomp": profile}})
        self.fails("run", "--bundle", bundle.path, ID, says="/no/such")
        self.assertEqual(self.succeeds("list", "-q"), "")
