"""Ways into a container: each runs the probe of src/verify and gives what it printed. The host lays out bait: a
variable, a socket of the abstract namespace, a listener on 127.0.0.1, and descriptors that nobody should inherit."""
import contextlib
import json
import os
import pty
import select
import shutil
import signal
import socket
import subprocess
import tempfile
import time
import uuid
from pathlib import Path

PROJECT = Path(__file__).resolve().parents[3]
RECORDED = PROJECT / "tests/bench/podman_config.json"  # what podman gives its runtime
BUSYBOX = Path(shutil.which("busybox") or "/bin/busybox")
FOLDERS = ("bin", "dev", "etc", "proc", "sys", "tmp", "run")
SECRET = "MYDOCKER_VERIFY_SECRET"
NAME = "\0mydocker-verify"
PATIENCE = 120  # seconds
INSIDE = "/bin/probe"


class Failed(Exception):
    pass


class Bait:
    """The descriptors are 10 to 17, the even ones folders of the host, the odd ones sockets."""
    NUMBERS = range(10, 18)

    def __enter__(self):
        os.environ[SECRET] = "of the host"
        self.sockets = [socket.socket(), socket.socket(socket.AF_UNIX)]
        self.sockets[0].bind(("127.0.0.1", 0))
        self.take_name()
        for each in self.sockets:
            each.listen()
        self.port = self.sockets[0].getsockname()[1]
        self.leaks = [os.open("/", os.O_RDONLY | os.O_DIRECTORY), self.sockets[0].fileno()]
        return self

    def __exit__(self, *_):
        del os.environ[SECRET]
        os.close(self.leaks[0])
        for each in self.sockets:
            each.close()

    def take_name(self):
        """Another test may have laid out the same: its bait goes when it ends."""
        end = time.monotonic() + PATIENCE
        while True:
            try:
                return self.sockets[1].bind(NAME)
            except OSError:
                if time.monotonic() > end:
                    raise
                time.sleep(0.1)

    def spread(self):
        """In the child, between fork and exec."""
        for number in self.NUMBERS:
            os.dup2(self.leaks[number % 2], number, inheritable=True)


class Host:
    """A folder with a root of busybox and the probe, bundles, and the state of OCI runtimes."""

    def __init__(self, mydocker, bait):
        self.mydocker, self.bait = Path(mydocker).resolve(), bait
        self.folder = Path(tempfile.mkdtemp(prefix="mydocker-matrix-"))  # mode 0700
        self.root = self.folder / "rootfs"
        for name in FOLDERS:
            (self.root / name).mkdir(parents=True)
        (self.folder / "bound").mkdir()
        shutil.copy(BUSYBOX, self.root / "bin/busybox")
        self.probe = self.folder / "probe"
        self.run([self.mydocker, "verify", "--dump-probe", self.probe])
        shutil.copy(self.probe, self.root / INSIDE[1:])
        self.words = [f"--absent={self.run([self.probe, '--survey']).strip()}", f"--port={bait.port}"]

    def __enter__(self):
        return self

    def __exit__(self, *_):
        subprocess.run(["rm", "-rf", self.folder], check=True)

    def run(self, words, statuses=(0,)):
        # Files, not pipes: a container that lives on holds them, and nobody would see their end.
        with tempfile.TemporaryFile() as out, tempfile.TemporaryFile() as error:
            done = subprocess.run(words, stdin=subprocess.DEVNULL, stdout=out, stderr=error, timeout=PATIENCE,
                                  check=False, close_fds=False, preexec_fn=self.bait.spread)
            texts = []
            for file in (out, error):
                file.seek(0)
                texts.append(file.read().decode(errors="replace"))
        if done.returncode not in statuses:
            raise Failed(f"{' '.join(map(str, words))}: status {done.returncode}\n{texts[0][-2000:]}{texts[1]}")
        return texts[0]

    def run_on_terminal(self, words, statuses=(0,)):
        """All three standard descriptors are a terminal, and so is the controlling one."""
        pid, master = pty.fork()
        if pid == 0:
            self.bait.spread()
            os.execv(words[0], [str(word) for word in words])
        output = b""
        with contextlib.suppress(OSError):  # EIO: nobody holds the other side any more
            while select.select([master], [], [], PATIENCE)[0]:
                output += os.read(master, 65536)
        with contextlib.suppress(ProcessLookupError):
            os.kill(pid, signal.SIGKILL)  # only if it is late
        status = os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1])
        os.close(master)
        if status not in statuses:
            raise Failed(f"{words}: status {status}\n{output.decode(errors='replace')[-2000:]}")
        return output.decode(errors="replace")

    # ---- the ways ----

    def verify(self, *options, terminal=False):
        """MyDocker's own command. Status 1, a broken promise, is left to be looked at."""
        run = self.run_on_terminal if terminal else self.run
        return parsed(run([str(self.mydocker), "verify", "--json", *options], (0, 1)))

    def classic_run(self, *options):
        """The probe as the entrypoint of the classic command line."""
        return parsed(self.run([self.mydocker, "-a", *options, "--rootfs", self.root, INSIDE, "--json", *self.words]))

    def classic_exec(self, *options):
        """The probe beside the entrypoint of such a container."""
        name = f"matrix-{uuid.uuid4().hex[:12]}"
        self.run([self.mydocker, "-ad", "--name", name, *options, "--rootfs", self.root, "/bin/busybox", "sleep", "300"])
        try:
            return parsed(self.run([self.mydocker, "exec", name, INSIDE, "--json", *self.words]))
        finally:
            self.run([self.mydocker, "rm", "-f", name])

    def podman_config(self, name, words, terminal=False):
        out = json.loads(RECORDED.read_text(encoding="utf-8"))
        out["process"]["args"] = words
        out["process"]["terminal"] = terminal
        out["root"]["path"] = str(self.root)
        out["linux"]["cgroupsPath"] = f"/mydocker-{name}"
        for mount in out["mounts"]:
            if mount["destination"] == "/dev/shm":  # which podman mounts itself, and binds
                mount |= {"type": "tmpfs", "source": "shm", "options": ["nosuid", "noexec", "nodev", "size=65536k"]}
            elif mount["type"] == "bind":
                mount["source"] = str(self.folder / "bound" / Path(mount["source"]).name)
                Path(mount["source"]).touch()
        return out

    def bundle(self, name, config):
        folder = self.folder / name
        folder.mkdir()
        (folder / "config.json").write_text(json.dumps(config), encoding="utf-8")
        return str(folder)

    def oci_run(self, runtime, config_of, terminal=False):
        """`RUNTIME run`, with the config that config_of(name, words, terminal) gives."""
        name = f"matrix-{uuid.uuid4().hex[:12]}"
        bundle = self.bundle(name, config_of(name, [INSIDE, "--json", *self.words], terminal))
        run = self.run_on_terminal if terminal else self.run
        return parsed(run([*runtime, "run", "--bundle", bundle, name]))

    def oci_exec(self, runtime, config_of):
        name = f"matrix-{uuid.uuid4().hex[:12]}"
        bundle = self.bundle(name, config_of(name, ["/bin/busybox", "sleep", "300"], False))
        self.run([*runtime, "run", "--detach", "--bundle", bundle, name])
        try:
            return parsed(self.run([*runtime, "exec", name, INSIDE, "--json", *self.words]))
        finally:
            self.run([*runtime, "delete", "--force", name])


def parsed(output):
    """The rows by their ids. What a runtime says besides does not matter."""
    begin, end = output.find("{"), output.rfind("}")
    try:
        report = json.loads(output[begin:end + 1])
    except json.JSONDecodeError as error:
        raise Failed(f"no report: {error}: {output[:1000]}") from error
    return {row["id"]: row for row in report["rows"]}


def open_ids(rows):
    return [name for name, row in rows.items() if row["state"] == "open"]
