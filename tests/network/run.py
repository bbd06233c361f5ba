#!/usr/bin/env python3
"""Containers and their networks: run.py [--firewall legacy|nft] MYDOCKER MODULE [CASE...]

MODULE is a file beside this one, `cases_MODULE.py`; each function `case_NAME` in it runs in a world of its own, with
each of the packet filters in turn unless its docstring says "one firewall". Exit status: 0, 1 if a case failed,
77 (ctest: skipped) if nothing could run."""
import argparse
import importlib
import os
import shutil
import subprocess
import sys
import traceback
from pathlib import Path

sys.dont_write_bytecode = True
sys.path.insert(0, str(Path(__file__).parent))
import world  # noqa: E402

SKIPPED = 77
RESULTS = {0: "ok     ", SKIPPED: "skipped"}


def perform(module: object, name: str) -> int:
    """In the new namespaces."""
    world.make()
    before = world.state()
    try:
        getattr(module, name)()
        world.require_state(before)
    except world.Skipped as why:
        print(f"  {why}")
        return SKIPPED
    except Exception:  # whatever it is, it is told and the next case begins
        traceback.print_exc()
        return 1
    return 0


def missing(module: object) -> str:
    if os.geteuid() != 0:
        return "networks need root"
    programs = [name for name in ("unshare", "ip", "nsenter", "nft", "iptables-legacy-save", *getattr(module, "NEEDS", ())) if not shutil.which(name)]
    if programs:
        return f"not installed: {' '.join(programs)}"
    return "" if world.ROOT.exists() else "the root file system is not built"


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--firewall", choices=("legacy", "nft"))
    parser.add_argument("--here", action="store_true", help=argparse.SUPPRESS)
    parser.add_argument("mydocker", type=Path)
    parser.add_argument("module")
    parser.add_argument("case", nargs="*")
    arguments = parser.parse_args()
    module = importlib.import_module(f"cases_{arguments.module}")
    if why := missing(module):
        print(f"skipped: {why}")
        return SKIPPED
    world.binary = arguments.mydocker.resolve()
    if arguments.here:
        world.firewall = arguments.firewall
        return perform(module, arguments.case[0])
    results = []
    for name, function in list(vars(module).items()):
        if not name.startswith("case_") or (arguments.case and not any(word in name for word in arguments.case)):
            continue
        is_for_one = "one firewall" in (function.__doc__ or "")
        for firewall in [arguments.firewall] if arguments.firewall else ["legacy"] if is_for_one else ["legacy", "nft"]:
            done = subprocess.run(["unshare", "--mount", "--net", "--pid", "--fork", "--kill-child", "--mount-proc",
                                   sys.executable, __file__, "--here", "--firewall",
                                   firewall, str(world.binary), arguments.module, name], check=False)
            print(f"{RESULTS.get(done.returncode, 'FAILED ')} {name[5:]} ({firewall})", flush=True)
            results.append(done.returncode)
    if any(result not in RESULTS for result in results):
        return 1
    return SKIPPED if results and all(result == SKIPPED for result in results) else 0


if __name__ == "__main__":
    sys.exit(main())
