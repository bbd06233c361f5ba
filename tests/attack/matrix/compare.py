#!/usr/bin/env python3
"""The same probe in MyDocker's containers and in those of others, on this machine: a table of what each leaves open.

    sudo tests/attack/matrix/compare.py --mydocker build/MyDocker

runc and crun are run twice: with what podman hands to its runtime (a config.json with
Docker's seccomp profile, as podman ships it), and with the config.json that runc suggests itself (`runc spec`). bubblewrap
gets its ordinary words, from an ordinary user and from root. None has a terminal, so T1 has nothing to type into. The host
lays out bait for all of them: see ways.py. What is not installed, or does not start here, is left out."""
import argparse
import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import ways

INSIDE = "MYDOCKER_COMPARE_INSIDE"
BWRAP = ["bwrap", "--unshare-all", "--ro-bind", "/", "/", "--dev", "/dev", "--proc", "/proc"]
NOBODY = ["setpriv", "--reuid", "65534", "--regid", "65534", "--clear-groups"]


def hide_v2():
    """runc and crun refuse a host with cgroups of both versions: in a mount namespace of our own the second is hidden."""
    if os.environ.get(INSIDE):
        return
    os.environ[INSIDE] = "1"
    hide = 'umount /sys/fs/cgroup/unified 2>/dev/null; exec "$@"'
    os.execvp("unshare", ["unshare", "--mount", "sh", "-c", hide, "sh", sys.executable, *sys.argv])


def suggested(host, runtime):
    """What `RUNTIME spec` writes."""
    def config_of(name, words, terminal):
        folder = host.folder / f"{name}-suggested"
        folder.mkdir()
        subprocess.run([runtime, "spec"], cwd=folder, check=True)
        out = json.loads((folder / "config.json").read_text(encoding="utf-8"))
        out["process"] |= {"args": words, "terminal": terminal}
        out["root"] = {"path": str(host.root), "readonly": True}
        out["linux"]["cgroupsPath"] = f"/mydocker-{name}"
        return out
    return config_of


def bubblewrap(host, by):
    return ways.parsed(host.run([*by, *BWRAP, str(host.probe), "--json", *host.words]))


def columns(host):
    """(title, how its rows are got), for what is installed."""
    out = [(f"MyDocker {words}", lambda words=words: host.verify(*words.split())) for words in
           ("-a", "-aU", "-aUc -M 64m -P 40")]
    for runtime in ("runc", "crun"):
        if not shutil.which(runtime):
            continue
        call = [runtime, "--root", str(host.folder / f"state-{runtime}")]
        out.append((f"{runtime}, podman's config", lambda call=call: host.oci_run(call, host.podman_config)))
        if runtime == "runc":
            out.append(("runc spec", lambda call=call: host.oci_run(call, suggested(host, "runc"))))
    if shutil.which("bwrap"):
        out.append(("bubblewrap, by a user", lambda: bubblewrap(host, NOBODY)))
        out.append(("bubblewrap, by root", lambda: bubblewrap(host, [])))
    return out


def markdown(results):
    titles = list(results)
    ids = list(results[titles[0]])
    lines = ["| row | " + " | ".join(titles) + " |", "|---" * (len(titles) + 1) + "|"]
    counts = {title: [row["state"] for row in results[title].values()] for title in titles}
    for state in ("open", "blocked", "absent", "untried"):
        if any(state in states for states in counts.values()):
            lines.append(f"| **{state}** | " + " | ".join(f"**{counts[title].count(state)}**" for title in titles) + " |")
    for name in ids:
        states = [results[title][name]["state"] for title in titles]
        if set(states) & {"open", "untried"}:
            words = [{"open": "OPEN", "untried": "untried"}.get(state, "") for state in states]
            lines.append(f"| {name} | " + " | ".join(words) + " |")
    return "\n".join(lines)


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--mydocker", type=Path, required=True)
    parser.add_argument("--json", action="store_true", help="all that each probe said, in the place of the table")
    arguments = parser.parse_args()
    if os.geteuid() != 0:
        sys.exit("run this as root")
    hide_v2()
    results = {}
    with ways.Bait() as bait, ways.Host(arguments.mydocker, bait) as host:
        host.folder.chmod(0o711)  # for the user of bubblewrap, who has to reach the probe
        for title, rows in columns(host):
            try:
                results[title] = rows()
            except ways.Failed as failure:
                print(f"{title}: left out: {failure}", file=sys.stderr)
    print(json.dumps(results, indent=1) if arguments.json else markdown(results))


if __name__ == "__main__":
    main()
