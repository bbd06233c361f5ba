"""A line a case, as soon as it is over."""
import textwrap
import time
import unittest


def name_of(test: unittest.TestCase) -> str:
    """podman_life.Pause.test_exec_is_refused is Pause.exec_is_refused."""
    return ".".join(test.id().split(".")[-2:]).replace("test_", "")


class Report(unittest.TestResult):
    def __init__(self, group: str = "") -> None:
        super().__init__()
        self.group, self.passed = group, 0

    def startTest(self, test: unittest.TestCase) -> None:
        super().startTest(test)
        self.began = time.monotonic()

    def say(self, word: str, test: unittest.TestCase, text: str = "") -> None:
        name = ".".join(part for part in (self.group, name_of(test)) if part)
        print(f"{word:8} {name} ({time.monotonic() - self.began:.1f} s) {text}", flush=True)

    def addSuccess(self, test: unittest.TestCase) -> None:
        self.passed += 1
        self.say("ok", test)

    def addSkip(self, test: unittest.TestCase, reason: str) -> None:
        super().addSkip(test, reason)
        self.say("skipped", test, reason)

    def addFailure(self, test: unittest.TestCase, err: tuple) -> None:
        super().addFailure(test, err)
        self.say("FAILED", test, "\n" + textwrap.indent(self.failures[-1][1], "    "))

    def addError(self, test: unittest.TestCase, err: tuple) -> None:
        super().addError(test, err)
        self.say("FAILED", test, "\n" + textwrap.indent(self.errors[-1][1], "    "))

    def addSubTest(self, test: unittest.TestCase, subtest: unittest.TestCase, err: tuple | None) -> None:
        super().addSubTest(test, subtest, err)
        if err is not None:
            self.say("FAILED", test, f"{subtest}\n" + textwrap.indent((self.failures + self.errors)[-1][1], "    "))


def summary(reports: list[Report]) -> int:
    """Prints the sum; gives the exit status."""
    passed = sum(report.passed for report in reports)
    failed = sum(len(report.failures) + len(report.errors) for report in reports)
    skipped = sum(len(report.skipped) for report in reports)
    print(f"{passed} passed, {failed} failed" + (f", {skipped} skipped" if skipped else ""))
    return 1 if failed else 0
