#!/usr/bin/env python3
"""What the seccomp filter costs a start, and a call inside: filter_bench.py BUILD_FOLDER [options]; see README.md."""
import argparse
import json
import pathlib
import shutil
import statistics
import sys

sys.dont_write_bytecode = True
import bench
import oci
import sandbox

PODMAN = pathlib.Path("/usr/share/containers/seccomp.json")
ARCHITECTURES = ["SCMP_ARCH_X86_64", "SCMP_ARCH_X86", "SCMP_ARCH_X32"]


def is_for_us(rule):
    """Podman leaves out the rules that are for a capability that the container lacks, or for another machine."""
    includes = rule.get("includes") or {}
    return not includes.get("caps") and "amd64" in includes.get("arches", ["amd64"])


def bundle_with_profile(box):
    """crun with the profile that podman would give it."""
    profile = json.loads(PODMAN.read_text())
    rules = [{key: rule[key] for key in ("names", "action", "args", "errnoRet") if rule.get(key)}
             for rule in profile["syscalls"] if is_for_us(rule)]
    config = oci.config(str(box.root), False)
    config["process"]["args"] = ["/getpid_loop"]
    config["linux"]["seccomp"] = {"defaultAction": profile["defaultAction"], "syscalls": rules,
                                  "defaultErrnoRet": profile["defaultErrnoRet"], "architectures": ARCHITECTURES}
    folder = box.folder / "profiled"
    folder.mkdir()
    (folder / "config.json").write_text(json.dumps(config))
    return str(folder)


def lists(mydocker):
    out = {"unconfined": [mydocker, "-a", "--seccomp", "unconfined"], "default": [mydocker, "-a"],
           "original": [mydocker, "-a", "--seccomp", "original"]}
    if PODMAN.exists():
        out["podman's, from JSON"] = [mydocker, "-a", "--seccomp", str(PODMAN)]
    return out


def starts(box, rounds):
    programs = {name: [*words, "/noop"] for name, words in lists(str(box.mydocker)).items()}
    bench.rounds_of(box, programs, min(5, rounds))
    results = bench.rounds_of(box, programs, rounds)
    print(f"\n{'a start, us, ' + str(rounds) + ' rounds':29}{'median':>8}{'p10':>8}{'cpu':>8}"
          f"{'median of the differences in a round':>40}")
    for name, runs in results.items():
        pairs = [run["wall"] - free["wall"] for run, free in zip(runs, results["unconfined"])]
        row = bench.numbers_of(runs)
        print(f"{name:29}{row['median']:8.0f}{row['p10']:8.0f}{row['cpu']:8.0f}{statistics.median(pairs):40.0f}")


def loops(box, tries):
    programs = {f"MyDocker, {name}": [*words, "/getpid_loop"] for name, words in lists(str(box.mydocker)).items()}
    if PODMAN.exists() and shutil.which("crun"):
        programs["crun, podman's"] = ["crun", "--cgroup-manager=disabled", "run", "-b", bundle_with_profile(box),
                                      "bench-3"]
    results = {name: [] for name in programs}
    for _ in range(tries):
        for name, words in programs.items():
            done = sandbox.output_of(*words)
            if done.returncode != 0:
                sys.exit(f"{name}: {done.stderr}")
            results[name].append(float(done.stdout))
    print(f"\n{'getpid inside, ns':29}{'least':>8}{'median':>8}")
    for name, numbers in results.items():
        print(f"{name:29}{min(numbers):8.1f}{statistics.median(numbers):8.1f}")


def alone(box):
    print(f"\n{'the filter alone':29}{'instructions':>14}{'load, us':>10}{'getpid, ns':>12}")
    for line in sandbox.output_of(box.program["filter_cost"]).stdout.splitlines():
        name, instructions, load, call = line.split()
        print(f"{name:29}{instructions:>14}{load:>10}{call:>12}")


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("build", type=lambda path: pathlib.Path(path).resolve())
    parser.add_argument("--rounds", type=int, default=200)
    parser.add_argument("--tries", type=int, default=7, help="loops of getpid in each container")
    options = parser.parse_args()
    sandbox.enter(hide_v2=True)
    with sandbox.Sandbox(options.build, "filter_cost", "getpid_loop") as box:
        shutil.copy(box.program["getpid_loop"], box.root / "getpid_loop")
        alone(box)
        starts(box, options.rounds)
        loops(box, options.tries)


if __name__ == "__main__":
    main()
