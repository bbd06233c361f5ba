#!/usr/bin/env python3
"""Man pages and completions name all that MyDocker takes: pages.py BUILD_FOLDER

What it takes is asked of MyDocker itself, by -h and by --help behind each verb. Exit status 0, 1, or 77 (ctest:
skipped)."""
import re
import shutil
import subprocess
import sys
from pathlib import Path

SKIPPED = 77


def output(*words: object) -> str:
    done = subprocess.run(list(map(str, words)), text=True, capture_output=True, check=False,
                          env={"PATH": "/usr/bin:/bin:/usr/sbin:/sbin", "MANWIDTH": "100", "LC_ALL": "C.UTF-8"})
    if done.returncode != 0 or done.stderr:
        raise AssertionError(f"{words}: status {done.returncode}: {done.stderr}")
    return done.stdout


def verbs(help_text: str) -> list[str]:
    """Those that -h lists, in one or two words."""
    lists = help_text.split("\nVerbs:\n")[1]
    return re.findall(r"^  ([a-z]+(?: [a-z]+)?)\b", lists, re.M)


def options(help_text: str) -> set[str]:
    """The names at the beginning of lines."""
    names = set()
    for line in re.findall(r"^ {2,6}(-.*?)(?: {2}|$)", help_text, re.M):
        names |= set(re.findall(r"(?:^|, )(--?[A-Za-z0-9][A-Za-z0-9-]*)", line))
    return names


def forms_in_fish(name: str) -> str:
    return f" -l {name[2:]} " if name.startswith("--") else f" -s {name[1:]} "


def main() -> int:
    build = Path(sys.argv[1])
    manual = build / "manual"
    if not manual.is_dir() or not shutil.which("man"):
        print("skipped: the manual is not built, or man is missing")
        return SKIPPED
    # As readers see it: a hyphen that is no minus could not be copied.
    page = re.sub(r".\x08", "", output("man", "--warnings", "-l", manual / "MyDocker.1"))
    output("man", "--warnings", "-l", manual / "mydocker-seccomp.5")
    texts = {name: (manual / name).read_text() for name in ("MyDocker.bash", "_MyDocker", "MyDocker.fish")}
    binary = build / "MyDocker"
    all_help = output(binary, "-h")
    found = verbs(all_help)
    assert {"doctor", "image load", "create", "exec"} <= set(found), found
    names = options(all_help)
    assert {"-a", "-e", "--env", "--dry-run", "-h"} <= names, names
    missing = []
    for verb in found:
        names |= options(output(binary, *verb.split(), "--help"))
        missing += [f"{verb}: {file}" for file, text in texts.items() if not all(word in text for word in verb.split())]
        if not re.search(rf"^ *{verb}\b", page, re.M):
            missing.append(f"{verb}: the man page")
    for name in sorted(names):
        if not re.search(rf"(^|[ ,]){name}([ ,]|$)", page, re.M):
            missing.append(f"{name}: the man page")
        if not re.search(rf"[ ']{name}[ ']", texts["MyDocker.bash"]):
            missing.append(f"{name}: MyDocker.bash")
        if not re.search(rf"\*{name}[=+]?\[", texts["_MyDocker"]):
            missing.append(f"{name}: _MyDocker")
        if forms_in_fish(name) not in texts["MyDocker.fish"]:
            missing.append(f"{name}: MyDocker.fish")
    for each in missing:
        print(f"missing: {each}")
    print(f"{len(found)} verbs, {len(names)} options")
    return 1 if missing else 0


if __name__ == "__main__":
    sys.exit(main())
