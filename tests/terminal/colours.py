#!/usr/bin/env python3
"""Colours are for terminals: colours.py MYDOCKER. Exit status 0 or 1."""
import os
import pty
import subprocess
import sys

RED, GREEN = "\x1b[31m", "\x1b[32m"
PLAIN = {key: value for key, value in os.environ.items() if key != "NO_COLOR"}


def at_terminal(words: list[str], **variables: str) -> str:
    """What it says to a terminal."""
    pid, terminal = pty.fork()
    if pid == 0:
        os.execve(words[0], words, {**PLAIN, "TERM": "xterm", **variables})
    said = b""
    try:
        while part := os.read(terminal, 65536):
            said += part
    except OSError:
        pass  # how Linux tells that nobody has the other end any more
    os.waitpid(pid, 0)
    os.close(terminal)
    return said.decode()


def to_pipes(words: list[str]) -> str:
    done = subprocess.run(words, text=True, capture_output=True, check=False, stdin=subprocess.DEVNULL,
                          env={**PLAIN, "TERM": "xterm"})
    return done.stdout + done.stderr


def main() -> int:
    mistake, doctor = [sys.argv[1], "--bogus"], [sys.argv[1], "doctor"]
    cases = [
        ("an error at a terminal", at_terminal(mistake), f"{RED}MyDocker:\x1b[0m unknown option", True),
        ("doctor at a terminal", at_terminal(doctor), f"{GREEN}ok", True),
        ("doctor's JSON", at_terminal([*doctor, "--json"]), "\x1b[", False),
        ("an error into a pipe", to_pipes(mistake), "\x1b[", False),
        ("doctor into a pipe", to_pipes(doctor), "\x1b[", False),
        ("an error with NO_COLOR", at_terminal(mistake, NO_COLOR="1"), "\x1b[", False),
        ("doctor with NO_COLOR", at_terminal(doctor, NO_COLOR="1"), "\x1b[", False),
        ("an error with an empty NO_COLOR", at_terminal(mistake, NO_COLOR=""), RED, True),
        ("an error at a dumb terminal", at_terminal(mistake, TERM="dumb"), "\x1b[", False),
    ]
    wrong = [(name, said) for name, said, text, is_in in cases if not said or (text in said) != is_in]
    for name, said in wrong:
        print(f"FAILED: {name}: {said!r}")
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
