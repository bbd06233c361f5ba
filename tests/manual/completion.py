#!/usr/bin/env python3
"""The completions, tried in the shells: completion.py BUILD_FOLDER

bash runs at a terminal, as a person has it: words are typed, completed by a key, and what stands on the line then is
looked at. Of zsh and fish, where they are installed, the file is read and fish is asked too. Exit status 0, 1, or 77
(ctest: skipped)."""
import os
import pty
import shutil
import subprocess
import sys
import tempfile
import time
from pathlib import Path

SKIPPED = 77
PATIENCE = 60
COMPLETE, INSERT_ALL, TAKE_LINE, CLEAR = "\t", "\x1b*", "\x18\x17", "\x15"
PROMPT = "say: "


class Bash:
    """Its line is written to a file by a key of its own."""

    def __init__(self, folder: Path, script: Path):
        self.lines = folder / "lines"
        self.lines.touch()
        start = folder / "start"
        start.write_text(f"PS1='{PROMPT}'\nsource {script}\n"
                         f"bind -x '\"\\C-x\\C-w\": printf \"%s\\n\" \"$READLINE_LINE\" >>{self.lines}'\n"
                         f"bind 'set enable-bracketed-paste off'\n")
        pid, self.terminal = pty.fork()
        if pid == 0:
            os.chdir(folder)
            os.execve("/bin/bash", ["bash", "--noprofile", "--rcfile", str(start), "-i"],
                      {"PATH": "/usr/bin:/bin", "TERM": "dumb", "HOME": str(folder), "COLUMNS": "200"})
        self.pid = pid
        # What is typed before bash has taken the terminal is the kernel's to edit.
        said = b""
        while PROMPT.encode() not in said:
            said += os.read(self.terminal, 65536)
        os.set_blocking(self.terminal, False)

    def wait_for(self, count: int) -> list[str]:
        end = time.monotonic() + PATIENCE
        while len(found := self.lines.read_text().splitlines()) < count:
            if time.monotonic() > end:
                raise AssertionError(f"bash does not answer: {found}")
            try:
                os.read(self.terminal, 65536)  # else it would wait for a reader
            except BlockingIOError:
                time.sleep(0.01)
        return found

    def line_after(self, text: str, key: str) -> str:
        count = len(self.lines.read_text().splitlines())
        os.write(self.terminal, (CLEAR + text + key + TAKE_LINE).encode())
        return self.wait_for(count + 1)[-1]

    def end(self) -> None:
        os.write(self.terminal, (CLEAR + "exit\n").encode())
        os.close(self.terminal)
        os.waitpid(self.pid, 0)


# What is typed, and what stands there after the tabulator.
COMPLETED = {
    "MyDocker --hostn": "MyDocker --hostname ",
    "MyDocker doct": "MyDocker doctor ",
    "MyDocker image lo": "MyDocker image load ",
    "MyDocker image load --max-f": "MyDocker image load --max-files ",
    "MyDocker -a --network br": "MyDocker -a --network bridge:",
    "MyDocker -a --network=br": "MyDocker -a --network=bridge:",
    "MyDocker -a --network=pas": "MyDocker -a --network=pasta ",
    "MyDocker -aU --seccomp unc": "MyDocker -aU --seccomp unconfined ",
    "MyDocker -a --cap-add NET_BIND": "MyDocker -a --cap-add NET_BIND_SERVICE ",
    "MyDocker -a --rootfs ro": "MyDocker -a --rootfs root/",
    "MyDocker -a --rootfs root /usr/bin/on": "MyDocker -a --rootfs root /usr/bin/only-inside ",
    "MyDocker -a --rootfs root only": "MyDocker -a --rootfs root only-inside ",
    "MyDocker -ac -M 1g /bin/cat wo": "MyDocker -ac -M 1g /bin/cat words.json ",
    "MyDocker --config wo": "MyDocker --config words.json ",
    "MyDocker --root x kil": "MyDocker --root x kill ",
    "MyDocker kill it TER": "MyDocker kill it TERM ",
    "MyDocker kill --signal TER": "MyDocker kill --signal TERM ",
    "MyDocker stop --ti": "MyDocker stop --time ",
    "MyDocker delete --for": "MyDocker delete --force ",
    "MyDocker commit it --out": "MyDocker commit it --output ",
    "MyDocker -a /bin/sh --hostn": "MyDocker -a /bin/sh --hostn",  # the entrypoint's own
    "MyDocker -a --hostname do": "MyDocker -a --hostname do",  # anybody's name
}
# All that may follow.
LISTED = {
    "MyDocker -a --firewall ": {"nft", "legacy"},
    "MyDocker image ": {"load", "list", "inspect", "remove"},
    "MyDocker --landlock-": {"--landlock-ro", "--landlock-rw"},
}


def try_bash(build: Path) -> list[str]:
    wrong = []
    with tempfile.TemporaryDirectory(prefix="mydocker-completion-") as name:
        folder = Path(name)
        inside = folder / "root/usr/bin/only-inside"
        inside.parent.mkdir(parents=True)
        inside.touch(mode=0o755)
        (folder / "words.json").touch()
        bash = Bash(folder, build / "manual/MyDocker.bash")
        for text, wanted in COMPLETED.items():
            if (found := bash.line_after(text, COMPLETE)) != wanted:
                wrong.append(f"{text!r} became {found!r}, wanted {wanted!r}")
        for text, wanted in LISTED.items():
            found = bash.line_after(text, INSERT_ALL)
            if set(found.split()) - set(text.rsplit(" ", 1)[0].split()) != wanted:
                wrong.append(f"{text!r} lists {found!r}, wanted {wanted}")
        bash.end()
    return wrong


def try_fish(build: Path) -> list[str]:
    wrong = []
    script = build / "manual/MyDocker.fish"
    for text, wanted in (("MyDocker --hostn", "--hostname"), ("MyDocker image lo", "load"),
                         ("MyDocker -a --network pas", "pasta"), ("MyDocker diff --h", "--help")):
        done = subprocess.run(["fish", "--no-config", "-c", f"source {script}; complete -C '{text}'"], text=True,
                              capture_output=True, check=False, timeout=PATIENCE)
        if wanted not in [line.split("\t")[0] for line in done.stdout.splitlines()] or done.stderr:
            wrong.append(f"fish: {text!r} gives {done.stdout!r} {done.stderr!r}")
    return wrong


def try_zsh(build: Path) -> list[str]:
    done = subprocess.run(["zsh", "-f", "-n", str(build / "manual/_MyDocker")], text=True, capture_output=True,
                          check=False, timeout=PATIENCE)
    return [f"zsh: {done.stderr}"] if done.returncode != 0 or done.stderr else []


def main() -> int:
    build = Path(sys.argv[1]).resolve()
    if not (build / "manual/MyDocker.bash").exists() or not os.path.exists("/bin/bash"):
        print("skipped: the manual is not built, or bash is missing")
        return SKIPPED
    wrong = try_bash(build)
    for shell, attempt in (("fish", try_fish), ("zsh", try_zsh)):
        if shutil.which(shell):
            wrong += attempt(build)
        else:
            print(f"not tried: {shell} is not installed")
    for each in wrong:
        print(f"FAILED: {each}")
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
