#!/usr/bin/env python3
"""Runs the commands that the README.md files show, and compares what they print.

    python3 tests/docs/run_readme_commands.py [--build build] [--only TEXT] [--list]

A block that begins with ```sh is run by "bash -e" from the project's top, as root, without a
terminal; a status other than 0 is a failure. If the next block is an ```output block, it is
compared with standard output, line by line: "..." alone on a line stands for any number of
lines, "*" inside a line for any text. Relative links have to lead somewhere. Blocks of any
other kind (```text, ```cpp) are for the reader alone.

The exit status is 0, 1 if something fails, 77 (ctest: skipped) without root.
"""
import argparse
import contextlib
import fcntl
import os
import re
import signal
import subprocess
import sys
import tempfile
from dataclasses import dataclass
from pathlib import Path

PROJECT = Path(__file__).resolve().parents[2]
SKIPPED = 77
SECONDS_PER_BLOCK = 60
# These build, install or download: people run them, a test of the documentation must not.
SET_UP = re.compile(r"tools/(run|test|install_dependencies|make_root_fs)\.sh|\bcmake\b|\bapt(-get)? ")
# So that two of these tests do not start containers of the same name at the same time.
LOCK = "/run/mydocker-docs-test.lock"


@dataclass
class Block:
    kind: str
    line: int
    text: str


@dataclass
class Example:
    readme: Path
    line: int
    commands: str
    output: str | None

    @property
    def place(self) -> str:
        return f"{self.readme.relative_to(PROJECT)}:{self.line}"


def readmes() -> list[Path]:
    found = []
    for folder, names, files in os.walk(PROJECT):
        below = Path(folder).relative_to(PROJECT)
        # What git ignores is nobody's documentation: builds, and the container's root.
        names[:] = sorted(n for n in names if not n.startswith(".")
                          and not (below == Path(".") and n.startswith("build"))
                          and not below == Path("root_fs") and n != "__pycache__")
        if "README.md" in files:
            found.append(Path(folder) / "README.md")
    return found


def blocks_and_prose(readme: Path) -> tuple[list[Block], list[tuple[int, str]]]:
    blocks, prose, kind, start, lines = [], [], None, 0, []
    for number, line in enumerate(readme.read_text(encoding="utf-8").splitlines(), 1):
        if kind is None and line.startswith("```"):
            kind, start, lines = line[3:].strip(), number, []
        elif kind is not None and line == "```":
            blocks.append(Block(kind, start, "".join(text + "\n" for text in lines)))
            kind = None
        elif kind is None:
            prose.append((number, line))
        else:
            lines.append(line)
    if kind is not None:
        sys.exit(f"{readme}:{start}: this block has no end")
    return blocks, prose


def examples_of(readme: Path) -> list[Example]:
    blocks, _ = blocks_and_prose(readme)
    out = []
    for block, following in zip(blocks, blocks[1:] + [None]):
        if block.kind == "sh":
            shown = following.text if following is not None and following.kind == "output" else None
            out.append(Example(readme, block.line, block.text, shown))
    return out


def dead_links(readme: Path) -> list[str]:
    out = []
    for number, line in blocks_and_prose(readme)[1]:
        for target in re.findall(r"\]\(([^)\s]+)\)", re.sub(r"`[^`]*`", "", line)):
            path = target.split("#")[0]
            if re.match(r"[a-z]+:", target) or not path:
                continue
            try:
                found = (readme.parent / path).exists()
            except PermissionError:  # root_fs is closed to all but root
                found = True
            if not found:
                out.append(f"{readme.relative_to(PROJECT)}:{number}: the link {target} leads nowhere")
    return out


def matches(shown: str, printed: str) -> bool:
    pattern = ""
    for line in shown.splitlines():
        if line.strip() == "...":
            pattern += r"(?:[^\n]*\n)*?"
        else:
            pattern += re.escape(line.rstrip()).replace(r"\*", r"[^\n]*") + r"\n"
    plain = "".join(line.rstrip() + "\n" for line in printed.splitlines())
    return re.fullmatch(pattern, plain) is not None


def run(example: Example, folder: Path, environment: dict[str, str]) -> str:
    """What is wrong with the example; empty if nothing is."""
    with tempfile.TemporaryFile() as out, tempfile.TemporaryFile() as err:
        shell = subprocess.Popen(["bash", "-e", "-c", example.commands], cwd=folder, env=environment,
                                 stdin=subprocess.DEVNULL, stdout=out, stderr=err, start_new_session=True)
        try:
            status = shell.wait(SECONDS_PER_BLOCK)
        except subprocess.TimeoutExpired:
            status = None
        # What a block left running in the background is its own process group's.
        with contextlib.suppress(ProcessLookupError):
            os.killpg(shell.pid, signal.SIGKILL)
        shell.wait()
        out.seek(0)
        err.seek(0)
        printed, said = out.read().decode(errors="replace"), err.read().decode(errors="replace")
    report = f"--- commands\n{example.commands}--- printed\n{printed}--- standard error\n{said}"
    if status is None:
        return f"takes more than {SECONDS_PER_BLOCK} seconds\n{report}"
    if status != 0:
        return f"ends with status {status}\n{report}"
    if example.output is not None and not matches(example.output, printed):
        return f"prints something else\n--- shown in the README\n{example.output}{report}"
    return ""


def write_sudo_shim(folder: Path) -> None:
    """Root needs no sudo, and a machine for tests may have none."""
    shim = folder / "sudo"
    shim.write_text('#!/bin/sh\nexec "$@"\n')
    shim.chmod(0o755)


def top_with_build(scratch: Path, build: Path) -> Path:
    """The project's top; if another build is under test, a folder that looks like it."""
    if build == PROJECT / "build":
        return PROJECT
    top = scratch / "top"
    top.mkdir()
    for entry in PROJECT.iterdir():
        if entry.name != "build":
            (top / entry.name).symlink_to(entry)
    (top / "build").symlink_to(build)
    return top


def run_all(examples: list[Example], build: Path) -> int:
    failures = skipped = 0
    with tempfile.TemporaryDirectory(prefix="mydocker-docs-") as name, open(LOCK, "w", encoding="ascii") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        scratch = Path(name)
        (scratch / "bin").mkdir()
        write_sudo_shim(scratch / "bin")
        path = f"{scratch / 'bin'}:{os.environ.get('PATH', '')}:/usr/sbin:/usr/bin:/sbin:/bin"
        environment = {"PATH": path, "HOME": "/root", "LC_ALL": "C", "TERM": "dumb", "TMPDIR": name}
        top = top_with_build(scratch, build)
        for example in examples:
            if SET_UP.search(example.commands):
                print(f"skipped  {example.place} (it builds or installs)", flush=True)
                skipped += 1
                continue
            problem = run(example, top, environment)
            print(f"{'FAILED ' if problem else 'ok     '}  {example.place} {problem}", flush=True)
            failures += bool(problem)
    print(f"{len(examples)} blocks: {failures} failed, {skipped} skipped")
    return failures


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--build", default=os.environ.get("MYDOCKER_BUILD", "build"),
                        help="the build folder under test, from the project's top (default: build)")
    parser.add_argument("--only", default="", help="only the blocks whose 'file:line' holds this text")
    parser.add_argument("--list", action="store_true", help="only show where the blocks are")
    arguments = parser.parse_args()

    examples = [e for readme in readmes() for e in examples_of(readme) if arguments.only in e.place]
    if arguments.list:
        print("\n".join(e.place for e in examples))
        return 0
    links = [problem for readme in readmes() for problem in dead_links(readme)]
    print("\n".join(links) if links else "all relative links lead somewhere", flush=True)
    if os.geteuid() != 0:
        print("skipped: containers need root")
        return 1 if links else SKIPPED
    build = (PROJECT / arguments.build).resolve()
    if not (build / "MyDocker").exists():
        sys.exit(f"there is no MyDocker in {build}")
    return 1 if run_all(examples, build) or links else 0


if __name__ == "__main__":
    sys.exit(main())
