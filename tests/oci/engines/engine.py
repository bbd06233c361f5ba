"""What the cases of both engines share."""
import subprocess
import time
import unittest
from collections.abc import Callable

SECONDS = 60  # no command of an engine takes longer, not on a busy machine either


class NotHere(Exception):
    """The engine cannot be tested on this machine; the text says why."""


def run(*words: object, stdin: str = "", **more: object) -> subprocess.CompletedProcess:
    return subprocess.run([str(word) for word in words], input=stdin, capture_output=True, text=True,
                          timeout=SECONDS, check=False, **more)


class Case(unittest.TestCase):
    maxDiff = None

    def wait_for(self, what: str, condition: Callable[[], object], seconds: float = 30) -> None:
        end = time.monotonic() + seconds
        while not condition():
            if time.monotonic() > end:
                self.fail(f"not within {seconds} s: {what}")
            time.sleep(0.02)

    def assert_status(self, result: subprocess.CompletedProcess, status: int) -> None:
        if result.returncode != status:
            self.fail(f"'{' '.join(result.args)}'\nends with {result.returncode} instead of {status}\n"
                      f"standard output: {result.stdout}\nstandard error: {result.stderr}")
