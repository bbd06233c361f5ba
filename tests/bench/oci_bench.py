#!/usr/bin/env python3
"""MyDocker as an OCI runtime, beside crun and runc: oci_bench.py BUILD_FOLDER [options]; see README.md."""
import argparse
import json
import os
import pathlib
import random
import shutil
import statistics
import subprocess
import sys
import time

sys.dont_write_bytecode = True
sys.path.append(str(pathlib.Path(__file__).resolve().parents[1] / "oci" / "engines"))
import oci_held
import podman
import podman_bundle
import sandbox
import world
from bench import measure, share
from engine import NotHere

PHASES = ("create", "start", "end", "delete")


class Runtime:
    """One contestant: its program, its own folder of states, and its bundles."""

    def __init__(self, box, name, program):
        self.box, self.name, self.program = box, name, program
        self.states = str(box.folder / "states" / name)
        self.ends = podman_bundle.make(box, "/noop", f"{name}-ends")

    def words(self, *words):
        return [self.program, "--root", self.states, *words]

    def do(self, *words):
        measure(self.box, self.words(*words))

    def stays_as(self, name):
        """A bundle whose container stays, with a cgroup of its own."""
        return podman_bundle.make(self.box, "/hold", f"{self.name}-{name}")

    def run(self):
        return measure(self.box, self.words("run", "--bundle", self.ends, "bench-run"))

    def lifecycle(self):
        done = subprocess.run([self.box.program["lifecycle"], self.program, self.states, self.ends, "bench-life"],
                              capture_output=True, text=True, check=True)
        *walls, processor, kib = map(int, done.stdout.split())
        phases = {name: wall / 1000 for name, wall in zip(PHASES, walls)}
        return {"wall": sum(phases.values()), "cpu": processor / 1000, "kib": kib, **phases}

    def exec(self):
        return measure(self.box, self.words("exec", "bench-exec", "/noop"))

    def podman(self):
        return measure(self.box, ["podman", "--runtime", self.program, "run", "--rm", "--network", "none",
                                  podman.image.NAME, "true"])


def contestants(box):
    """Only what is installed here, and works."""
    out = []
    for name, program in (("MyDocker", str(box.mydocker)), ("crun", shutil.which("crun")),
                          ("runc", shutil.which("runc"))):
        if program is None:
            print(f"not installed: {name}", file=sys.stderr)
            continue
        runtime = Runtime(box, name, program)
        try:
            runtime.do("run", "--bundle", runtime.ends, "bench-try")
            out.append(runtime)
        except SystemExit as error:
            print(f"left out, fails here: {str(error)[:300]}", file=sys.stderr)
    return out


def rounds_of(runtimes, what, rounds):
    """One run of each in every round, in another order each time: what disturbs the machine disturbs all alike."""
    results = {runtime.name: [] for runtime in runtimes}
    order = list(runtimes)
    for round_number in range(-2, rounds):  # two to warm caches
        random.shuffle(order)
        for runtime in order:
            run = what(runtime)
            if round_number >= 0:
                results[runtime.name].append(run)
    return summary(results)


def summary(results):
    """Per runtime its numbers, and how many times those of MyDocker they are."""
    table = {}
    for name, runs in results.items():
        walls = [run["wall"] for run in runs]
        row = {"median": statistics.median(walls), "p10": share(walls, 10), "p99": share(walls, 99),
               "cpu": statistics.median(run["cpu"] for run in runs), "kib": max(run["kib"] for run in runs)}
        row |= {phase: statistics.median(run[phase] for run in runs) for phase in PHASES if phase in runs[0]}
        table[name] = row
    ours = table["MyDocker"]
    for row in table.values():
        row |= {f"{kind}_ratio": round(row[kind] / ours[kind], 3) for kind in ("median", "p10", "cpu")}
    return table


def show(title, table):
    phases = [phase for phase in PHASES if phase in table["MyDocker"]]
    print(f"\n{title}\n{'microseconds':13}" + "".join(f"{kind:>9}{'ratio':>7}" for kind in ("median", "p10", "cpu"))
          + f"{'p99':>9}{'peak KiB':>9}" + "".join(f"{phase:>8}" for phase in phases))
    for name, row in table.items():
        ratios = "".join(f"{row[kind]:9.0f}{row[f'{kind}_ratio']:7.2f}" for kind in ("median", "p10", "cpu"))
        print(f"{name:13}{ratios}{row['p99']:9.0f}{row['kib']:9.0f}" + "".join(f"{row[phase]:8.0f}" for phase in phases))


def exec_rounds(runtimes, rounds):
    for runtime in runtimes:
        runtime.do("run", "--detach", "--bundle", runtime.stays_as("exec"), "bench-exec")
    table = rounds_of(runtimes, Runtime.exec, rounds)
    for runtime in runtimes:
        runtime.do("delete", "--force", "bench-exec")
    return table


def podman_rounds(runtimes, rounds):
    if rounds == 0:
        return None
    try:
        podman.check_installed()
    except NotHere as reason:
        print(f"left out: podman run: {reason}", file=sys.stderr)
        return None
    podman.start(pathlib.Path(runtimes[0].program))
    return rounds_of(runtimes, Runtime.podman, rounds)


def load_times(box, runtime):
    """Microseconds, each the median of 31 processes: a start is a process of its own as well."""
    runs = []
    for _ in range(31):
        words = [box.program["load_config"], runtime.ends + "/config.json"]
        printed = subprocess.run(words, capture_output=True, text=True, check=True).stdout
        runs.append({line.split()[0]: float(line.split()[1]) for line in printed.splitlines()})
    return {what: statistics.median(run[what] for run in runs) for what in runs[0]}


def show_load(times, start):
    print(f"\nMyDocker's part before the first request, once in a process\n{'microseconds':42}{'of a run':>9}")
    for what, text in (("load", "config.json becomes a spec"), ("check", "what would be refused"),
                       ("plan", "the plan, its seccomp filter compiled")):
        print(f"{text:34}{times[what]:8.0f}{times[what] / start:9.1%}")


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("build", type=lambda path: pathlib.Path(path).resolve())
    parser.add_argument("--rounds", type=int, default=100)
    parser.add_argument("--podman-rounds", type=int, default=15)
    parser.add_argument("--held", type=int, default=200, help="so many containers are held at once")
    parser.add_argument("--json", help="save the results in this file", type=lambda path: pathlib.Path(path).resolve())
    options = parser.parse_args()
    if os.geteuid() != 0:
        sys.exit("run this as root")
    world.enter(hide_cgroup2=True)  # for crun

    with sandbox.Sandbox(options.build, "hold", "lifecycle", "load_config") as box:
        runtimes = contestants(box)
        out = {"kernel": os.uname().release, "date": time.strftime("%Y-%m-%d"), "rounds": options.rounds}
        print(f"{out['date']}, kernel {out['kernel']}, {os.cpu_count()} processors, {options.rounds} rounds")
        if options.held > 0:
            out["held"] = oci_held.hold(runtimes, options.held)
            oci_held.show(options.held, out["held"])
        tables = {
            "run, from start to end": lambda: rounds_of(runtimes, Runtime.run, options.rounds),
            "create, start, end, delete": lambda: rounds_of(runtimes, Runtime.lifecycle, options.rounds),
            "exec of one more process": lambda: exec_rounds(runtimes, options.rounds),
            f"podman run --rm ({options.podman_rounds} rounds)": lambda: podman_rounds(runtimes, options.podman_rounds),
        }
        for title, table in tables.items():
            out[title] = table()
            if out[title]:
                show(title, out[title])
        out["load"] = load_times(box, runtimes[0])
        show_load(out["load"], out["run, from start to end"]["MyDocker"]["median"])
    if options.json:
        options.json.write_text(json.dumps(out, indent=1) + "\n")


if __name__ == "__main__":
    main()
