"""A program at a pseudo-terminal, and this script in the place of the person who types."""
import contextlib
import fcntl
import os
import pty
import select
import signal
import struct
import termios
import time


class Terminal:
    def __init__(self, words: list[str], rows: int, columns: int) -> None:
        self.shown = ""
        self.pid, self.master = pty.fork()
        if self.pid == 0:
            set_size(0, rows, columns)  # before the program asks for it
            os.execvp(words[0], words)

    def resize(self, rows: int, columns: int) -> None:
        set_size(self.master, rows, columns)

    def type(self, text: str) -> None:
        os.write(self.master, text.encode())

    def expect(self, text: str, seconds: float = 30) -> None:
        """Reads until the text appears, and takes what is before it away."""
        end = time.monotonic() + seconds
        while text not in self.shown:
            left = end - time.monotonic()
            if left < 0 or not self.read_more(left):
                raise AssertionError(f"{text!r} does not appear at the terminal; shown: {self.shown!r}")
        self.shown = self.shown.split(text, 1)[1]

    def answers(self, words: str, answer: str, seconds: float = 30) -> None:
        """Types the words again and again: a new size takes its time through the engine."""
        end = time.monotonic() + seconds
        while True:
            self.type(words + "\n")
            with contextlib.suppress(AssertionError):
                return self.expect(answer, seconds=0.5)
            if time.monotonic() > end:
                raise AssertionError(f"{words!r} is not answered by {answer!r}; shown: {self.shown!r}")

    def read_more(self, seconds: float) -> bool:
        """Whether there was more within this time, and there can be more."""
        if select.select([self.master], [], [], seconds)[0]:
            with contextlib.suppress(OSError):  # EIO: nobody has the other side open
                self.shown += os.read(self.master, 65536).decode(errors="replace")
                return True
        return False

    def ended(self, seconds: float) -> int | None:
        """The program's exit status; reads what it prints, so that it can end."""
        end = time.monotonic() + seconds
        while time.monotonic() < end:
            pid, status = os.waitpid(self.pid, os.WNOHANG)
            if pid:
                return os.waitstatus_to_exitcode(status)
            if not self.read_more(0.05):
                time.sleep(0.01)
        return None

    def status(self) -> int:
        if (status := self.ended(seconds=30)) is None:
            raise AssertionError(f"the program at the terminal does not end; shown: {self.shown!r}")
        return status

    def __enter__(self) -> "Terminal":
        return self

    def __exit__(self, *_: object) -> None:
        with contextlib.suppress(ProcessLookupError, ChildProcessError):
            os.kill(self.pid, signal.SIGKILL)
            os.waitpid(self.pid, 0)
        os.close(self.master)


def set_size(terminal: int, rows: int, columns: int) -> None:
    fcntl.ioctl(terminal, termios.TIOCSWINSZ, struct.pack("HHHH", rows, columns, 0, 0))
