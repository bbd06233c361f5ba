"""One case of a data file: a bundle, a call, and what is expected of it. README.md tells all the words."""
import json
import re
import subprocess
import unittest
from pathlib import Path

import runtime
from bundle import Bundle

DATA = Path(__file__).parent / "data"
ID = "case"
WORDS = {"about", "needs", "config", "text", "set", "add", "drop", "sh", "before", "flags", "global", "stdin", "env",
         "status", "out", "matches", "has", "hasnt", "error", "warning", "created", "host", "verb", "after", "left"}


def listed(value: str | list[str] | None) -> list[str]:
    return [] if value is None else [value] if isinstance(value, str) else value


class Case(unittest.TestCase):
    """Its subclasses, one a data file, get a method for each case in it."""
    maxDiff = None

    def perform(self, case: dict) -> None:
        if unknown := set(case) - WORDS:
            raise ValueError(f"words that no case has: {sorted(unknown)}")
        if "needs" in case and subprocess.run(["sh", "-c", case["needs"]], capture_output=True, check=False).returncode:
            self.skipTest(f"needs: {case['needs']}")
        before = runtime.Host.now()
        folder = runtime.scratch()
        bundle = Bundle(folder / "bundle", case)
        self.folder, self.state = folder, folder / "state"
        self.say = {"case": case}
        try:
            self.host(bundle, case.get("before"))
            self.check(case, self.start(bundle, case))
            if "after" in case:
                self.assertEqual(self.host(bundle, case["after"]), case.get("left", ""))
        finally:
            runtime.call(self.state, "delete", "--force", ID)
            self.host(bundle, "umount -R -q * 2>/dev/null || true")
            bundle.remove()
        runtime.require_nothing_left(before, self.state)
        subprocess.run(["rm", "-rf", folder], check=True)

    def host(self, bundle: Bundle, script: str | None, **variables: str) -> str:
        if not script:
            return ""
        done = subprocess.run(["sh", "-ec", script], cwd=bundle.path, env=bundle.environment() | variables, text=True,
                              stdout=subprocess.PIPE, stderr=subprocess.STDOUT, timeout=runtime.PATIENCE, check=False)
        self.assertEqual(done.returncode, 0, f"the script on the host: {script}\n{done.stdout}")
        return done.stdout.strip()

    def start(self, bundle: Bundle, case: dict) -> runtime.Result:
        more = {"stdin": case.get("stdin", ""), "env": case.get("env")}
        rest = ["--bundle", bundle.path, *case.get("flags", []), ID]
        before_it = case.get("global", [])
        if case.get("verb") == "run" or ("created" not in case and not runtime.is_split):
            return runtime.call(self.state, *before_it, "run", *rest, **more)
        out, error = self.folder / "out", self.folder / "error"
        with out.open("wb") as to, error.open("wb") as errors, (self.folder / "in").open("w+b") as given:
            given.write(more["stdin"].encode())
            given.seek(0)
            words = runtime.words(self.state, *before_it, "create", "--pid-file", bundle.path / "pid", *rest)
            made = subprocess.run(words, stdin=given, stdout=to, stderr=errors, check=False, timeout=runtime.PATIENCE,
                                  env=bundle.environment() | (more["env"] or {}))
            status = made.returncode
            if status == 0:
                status = self.go_on(bundle, case, errors)
        return runtime.Result(status, *(file.read_text(encoding="utf-8", errors="backslashreplace")
                                        for file in (out, error)))

    def go_on(self, bundle: Bundle, case: dict, errors: object) -> int:
        pid = int((bundle.path / "pid").read_text(encoding="ascii"))
        if "created" in case:
            self.assertEqual(self.host(bundle, case["created"], PID=str(pid), STATE=str(self.state), ID=ID,
                                       RUNTIME=str(runtime.path)), case.get("host", ""), "what the script prints")
        started = subprocess.run(runtime.words(self.state, "start", ID), stdin=subprocess.DEVNULL, stderr=errors,
                                 check=False, timeout=runtime.PATIENCE)
        status = runtime.status_of(pid)
        deleted = subprocess.run(runtime.words(self.state, "delete", ID), stderr=errors, check=False)
        self.assertEqual(deleted.returncode, 0, "exit status of delete")
        return started.returncode or status

    def check(self, case: dict, got: runtime.Result) -> None:
        shown = f"\n{json.dumps(case)}\nstatus {got.status}\nstdout: {got.out}\nstderr: {got.error}"
        errors = listed(case.get("error"))
        self.assertEqual(got.status, case.get("status", 1 if errors else 0), "exit status" + shown)
        for text in errors + listed(case.get("warning")):
            self.assertIn(text, got.error, shown)
        if not errors and "warning" not in case and "status" not in case:
            self.assertEqual(got.error, "", "nothing to complain about" + shown)
        out = got.out.strip()
        if "out" in case:
            self.assertEqual(out, "\n".join(listed(case["out"])), shown)
        if "matches" in case:
            self.assertRegex(out, re.compile(case["matches"], re.DOTALL), shown)
        for text in listed(case.get("has")):
            self.assertIn(text, out, shown)
        for text in listed(case.get("hasnt")):
            self.assertNotIn(text, out, shown)


def method_of(case: dict) -> object:
    return lambda self: self.perform(case)


def classes() -> list[type[Case]]:
    out = []
    for file in sorted(DATA.glob("*.json")):
        cases = json.loads(file.read_text(encoding="utf-8"))
        methods = {f"test_{name.replace(' ', '_')}": method_of(case) for name, case in cases.items()}
        out.append(type(file.stem, (Case,), methods))
    return out
