#!/usr/bin/env python3
"""From start to end of a program that does nothing, side by side: bench.py BUILD_FOLDER [options]; see README.md."""
import argparse
import json
import os
import pathlib
import random
import shutil
import statistics
import subprocess
import sys
import tempfile
import time

sys.dont_write_bytecode = True
import oci
import sandbox

LIMITS = ["-aUc", "-M", "256m", "-P", "64"]


def contestants(box):
    """Name, words; in the order of the table. Only what is installed here, and works."""
    root = str(box.root)
    mydocker = str(box.mydocker)
    all_of_them = {
        "the program alone": [box.noop],
        "floor": [box.floor, root, "/noop"],
        "MyDocker -a": [mydocker, "-a", "/noop"],
        "floor -U": [box.floor, "-U", root, "/noop"],
        "MyDocker -aU": [mydocker, "-aU", "/noop"],
        "floor -Uc": [box.floor, "-Uc", root, "/noop"],
        "MyDocker " + " ".join(LIMITS): [mydocker, *LIMITS, "/noop"],
        "unshare": ["unshare", "-muinpCf", "--root", root, "--mount-proc", "/noop"],
        "bwrap": ["bwrap", "--unshare-all", "--die-with-parent", "--new-session", "--hostname", "container",
                  "--bind", root, "/", "--proc", "/proc", "--dev", "/dev", "/noop"],
        "crun without cgroups": ["crun", "--cgroup-manager=disabled", "run", "-b", oci.bundle(box, False), "bench-0"],
        "crun": ["crun", "run", "-b", oci.bundle(box, True), "bench-1"],
        "runc": ["runc", "run", "-b", oci.bundle(box, True), "bench-2"],
    }
    return {name: words for name, words in all_of_them.items() if works(box, name, words)}


def works(box, name, words):
    if shutil.which(words[0]) is None:
        print(f"not installed: {name}", file=sys.stderr)
        return False
    done = sandbox.output_of(*words)
    if done.returncode != 0:
        print(f"left out, fails here: {name}: {(done.stderr or done.stdout).strip()[:200]}", file=sys.stderr)
    return done.returncode == 0


def measure(box, words):
    """One run: wall and processor time in microseconds, peak memory in KiB."""
    with tempfile.TemporaryFile("w+") as said:  # no pipe: what stays behind would hold it open
        done = subprocess.run([box.spawn, *words], stdout=subprocess.PIPE, stderr=said, text=True, check=True)
        wall, processor, kib, status = map(int, done.stdout.split())
        if status != 0:
            said.seek(0)
            sys.exit(f"{' '.join(words)}: status {status}\n{said.read()}")
    return {"wall": wall / 1000, "cpu": processor / 1000, "kib": kib}


def rounds_of(box, programs, rounds, pause=0.0):
    """One run of each in every round: what disturbs the machine disturbs all alike. In another order each time:
    who moves a process between cgroups makes the next one's move cheaper."""
    order = list(programs)
    results = {name: [] for name in programs}
    for _ in range(rounds):
        random.shuffle(order)
        for name in order:
            time.sleep(pause)
            results[name].append(measure(box, programs[name]))
    return results


def share(numbers, hundredths):
    """The number that so many of a hundred lie below."""
    return sorted(numbers)[min(len(numbers) - 1, len(numbers) * hundredths // 100)]


def floor_of(name):
    if "-aUc" in name or name == "crun" or name == "runc":
        return "floor -Uc"
    return "floor -U" if name == "MyDocker -aU" else "floor"


def numbers_of(runs):
    walls = [run["wall"] for run in runs]
    return {"median": statistics.median(walls), "p10": share(walls, 10), "p99": share(walls, 99),
            "cpu": statistics.median(run["cpu"] for run in runs), "kib": max(run["kib"] for run in runs)}


def summary(results):
    """Per program its numbers, and three of them divided by those of the floor that makes the same requests."""
    table = {name: numbers_of(runs) for name, runs in results.items()}
    for name, row in table.items():
        floor = table.get(floor_of(name))
        for kind in ("median", "p10", "cpu"):
            row[f"{kind}_ratio"] = row[kind] / floor[kind] if floor else None
    return {name: {kind: value and round(value, 3) for kind, value in row.items()} for name, row in table.items()}


def show(title, table):
    print(f"\n{title}\n{'microseconds':29}{'median':>8}{'/floor':>7}{'p10':>8}{'/floor':>7}{'cpu':>7}{'/floor':>7}"
          f"{'p99':>8}{'peak KiB':>9}")
    for name, row in table.items():
        line = f"{name:29}"
        for kind, width in (("median", 8), ("p10", 8), ("cpu", 7)):
            ratio = row[f"{kind}_ratio"]
            line += f"{row[kind]:{width}.0f}" + (f"{ratio:7.2f}" if ratio is not None else " " * 7)
        print(line + f"{row['p99']:8.0f}{row['kib']:9.0f}")


def timings(box, options):
    """MyDocker's own table of stages: the median of 21 runs for each line."""
    lines = {}
    for _ in range(21):
        done = sandbox.output_of(str(box.mydocker), *options, "--timings", "/noop")
        for line in done.stderr.splitlines():
            words = line.split()
            if len(words) == 4 and words[3] == "us":
                lines.setdefault(f"{words[0]:6}{words[1]}", []).append(float(words[2]))
    return {name: round(statistics.median(times), 1) for name, times in lines.items()}


def show_timings(title, lines):
    print(f"\n{title}")
    for name, microseconds in lines.items():
        print(f"{name:34}{microseconds:11.1f}")


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("build", type=lambda path: pathlib.Path(path).resolve())
    parser.add_argument("--rounds", type=int, default=200)
    parser.add_argument("--slow-rounds", type=int, default=15, help="rounds with half a second between the starts")
    parser.add_argument("--only", help="these rows alone: names, separated by commas")
    parser.add_argument("--json", help="save the results in this file")
    options = parser.parse_args()
    sandbox.enter(hide_v2=True)

    with sandbox.Sandbox(options.build) as box:
        programs = contestants(box)
        if options.only:
            programs = {name: words for name, words in programs.items() if name in options.only.split(",")}
        out = {"kernel": os.uname().release, "date": time.strftime("%Y-%m-%d"), "rounds": options.rounds}
        print(f"{out['date']}, kernel {out['kernel']}, {os.cpu_count()} processors, {options.rounds} rounds")
        rounds_of(box, programs, min(5, options.rounds))  # warm caches
        out["fast"] = summary(rounds_of(box, programs, options.rounds))
        show("One start directly after the other", out["fast"])
        slow = {name: words for name, words in programs.items() if name in ("floor -Uc", "crun") or "-aUc" in name}
        if options.slow_rounds > 0 and slow:
            out["slow"] = summary(rounds_of(box, slow, options.slow_rounds, pause=0.5))
            show("Half a second between the starts: each waits for the kernel's RCU grace periods", out["slow"])
        if not options.only:
            for words in (["-a"], ["-aU"], LIMITS):
                name = "MyDocker " + " ".join(words) + " --timings"
                out[name] = timings(box, words)
                show_timings(name + ", medians in us", out[name])
    if options.json:
        pathlib.Path(options.json).write_text(json.dumps(out, indent=1) + "\n")


if __name__ == "__main__":
    main()
