"""Starts a container on a hostile root, in each way there is, and looks at what came of it."""
import contextlib
import json
import re
import shutil
import subprocess
import unittest
from pathlib import Path

import runtime
from bundle import BASE, change, make_root
from crafted import EITHER, HARMLESS, LEAKED, REFUSED, Crafted
from host import Host, fingerprint
from terminal import Terminal

ID = "root"
MODES = {"classic": ("-a", "-aU"), "oci": ("run", "create")}
# Opens for writing what a root may have in the place of devices: a link that were obeyed would show in the marker.
INSIDE = """
for f in /dev/null /dev/console /dev/ptmx /dev/pts/0 /dev/shm/x /dev/mqueue/x /data/x /given/x /file/x /work/x; do
    (: > $f) 2>/dev/null
done
for p in /proc /proc.other; do
    [ -n "$(cat $p/keys 2>/dev/null)" ] && echo $p/keys can be read
    (: > $p/sys/kernel/domainname) 2>/dev/null && [ -e $p/keys ] && echo $p/sys can be written
    cut -d ' ' -f 4,5 $p/self/mountinfo 2>/dev/null
done
echo done
"""
MASKS = {"linux.maskedPaths": ["/proc/keys", "/sys/firmware"], "linux.readonlyPaths": ["/proc/sys"]}
# The stage, the request, the errno and advice; or what is wrong with the command line. That "-a is missing" says MyDocker itself, when
# it is what a swapped entrypoint leads to; its file is read-only then, as tests/oci/cases/data/process.json has it.
CLEAR = re.compile(r"MyDocker: \w+: .*: .* \(E[A-Z]+\)\s+hint: \S|MyDocker: .*(allowed|may not|no such|-a is missing)", re.DOTALL)
tool: Path  # set by run.py
show = False


class Attack(unittest.TestCase):
    """Its subclasses get a method a case and mode."""
    host: Host

    def perform(self, case: Crafted, mode: str, times: int) -> None:
        folder = self.host.next_folder()
        root = folder / "rootfs"
        try:
            make_root(root)
            shutil.copy2(tool, root / "tool")
            case.craft(root, self.host)
            start = self.starter(case, mode, root)
            with self.racing(case, root):
                for number in range(times):
                    self.judge(case, start(), f"{mode}, number {number}")
        finally:
            subprocess.run(["rm", "-rf", folder], check=True)

    @contextlib.contextmanager
    def racing(self, case: Crafted, root: Path) -> object:
        if case.swap is None:
            yield
            return
        words = [str(tool), "exchange", *(str(root / path) for path in case.swap)]
        with subprocess.Popen(words, stdout=subprocess.PIPE) as racer:
            racer.stdout.readline()
            self.host.before.processes.add(racer.pid)
            try:
                yield
                self.assertIsNone(racer.poll(), "the racer ended before the race did")
            finally:
                racer.kill()

    def starter(self, case: Crafted, mode: str, root: Path) -> object:
        script = case.sh + INSIDE
        if mode.startswith("-"):
            words = [str(runtime.path), mode, "--rootfs", str(root), "--tty" if case.tty else "--no-tty",
                     *case.options(root, self.host), "/bin/sh", "-c", script]
            return lambda: self.run_plainly(words)
        config = json.loads(json.dumps(BASE))
        for path, masked in MASKS.items():
            change(config, path, "set", masked)
        for how, changes in case.config(root, self.host).items():
            for path in changes:
                change(config, path, how, *([changes[path]] if how != "drop" else []))
        config["process"]["args"] = ["/bin/sh", "-c", script]
        config["process"]["terminal"] = case.tty
        (root.parent / "config.json").write_text(json.dumps(config), encoding="utf-8")
        bundle = ["--bundle", str(root.parent), ID]
        if mode == "run" or case.tty:
            words = runtime.words(self.host.folder / "state", "run", *bundle)
            return lambda: self.run_at_terminal(words) if case.tty else self.run_plainly(words)
        return lambda: self.create_and_start(bundle)

    def run_plainly(self, words: list[str]) -> runtime.Result:
        done = subprocess.run(words, stdin=subprocess.DEVNULL, capture_output=True, timeout=runtime.PATIENCE, check=False,
                              pass_fds=[LEAKED])
        return runtime.Result(done.returncode, *(text.decode(errors="backslashreplace") for text in (done.stdout, done.stderr)))

    def run_at_terminal(self, words: list[str]) -> runtime.Result:
        with Terminal(words, 24, 80) as terminal:
            status = terminal.status()
            while terminal.read_more(0):
                pass
        return runtime.Result(status, terminal.shown, terminal.shown)

    def create_and_start(self, bundle: list[str]) -> runtime.Result:
        state = self.host.folder / "state"
        with (self.host.folder / "out").open("w+b") as out:
            made = subprocess.run(runtime.words(state, "create", *bundle), stdin=subprocess.DEVNULL, stdout=out, stderr=subprocess.STDOUT,
                                  timeout=runtime.PATIENCE, check=False, pass_fds=[LEAKED])
            done = made
            if made.returncode == 0:
                pid = runtime.state_of(state, ID)["pid"]
                done = subprocess.run(runtime.words(state, "start", ID), stdin=subprocess.DEVNULL, stderr=out, check=False)
                status = runtime.status_of(pid)
                subprocess.run(runtime.words(state, "delete", ID), stderr=out, check=True)
                done.returncode = done.returncode or status
            out.seek(0)
            text = out.read().decode(errors="backslashreplace")
        return runtime.Result(done.returncode, text, text)

    def judge(self, case: Crafted, got: runtime.Result, when: str) -> None:
        what = f"{when}\nstatus {got.status}\nstdout: {got.out}\nstderr: {got.error}"
        was_refused = got.status in (1, 2, 125, 126, 127) and "MyDocker: " in got.error
        was_harmless = got.status == 0 and "done" in got.out
        if show:
            print(f"    {when}: status {got.status}: {got.error.strip() if was_refused else 'ran'}", flush=True)
        self.assertTrue({REFUSED: was_refused, HARMLESS: was_harmless, EITHER: was_refused or was_harmless}[case.expect],
                        f"expected: {case.expect}; {what}")
        if was_refused:
            self.assertRegex(got.error, CLEAR, f"not clear: {what}")
            if case.swap is None:
                self.assertIn(case.says, got.error, what)
        for text in [*case.hasnt, "can be"]:
            self.assertNotIn(text, "\n" + got.out.replace("\r", ""), what)
        self.assertNotRegex(got.out, r"(?m)^\S*/marker(/\S*)? (?!/(given|proc))", f"a mount of the host's: {what}")
        self.require_untouched(what)

    def require_untouched(self, what: str) -> None:
        with contextlib.suppress(AssertionError):
            runtime.wait_for(lambda: not self.host.differences(), "nothing left", seconds=5)
        left = self.host.differences()
        self.host.sum = fingerprint(self.host.marker)  # what one case spoils is not the next one's fault
        self.assertEqual(left, [], what)


def method_of(case: Crafted, mode: str, times: int) -> object:
    return lambda self: self.perform(case, mode, times)


def class_of(name: str, cases: dict[str, Crafted], host: Host, times: int) -> type[Attack]:
    methods = {f"test_{title.replace(' ', '_')}, {mode}": method_of(case, mode, times if case.swap else 1)
               for title, case in cases.items() for front in case.front for mode in MODES[front]
               if not (case.tty and mode == "create")}
    return type(name, (Attack,), {"host": host} | methods)
