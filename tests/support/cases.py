"""Tests in Python: functions `case_NAME` of a file `cases_MODULE.py`, run one after the other, and what they say with."""
import importlib
import sys
import time
import traceback
from collections.abc import Callable

SKIPPED = 77  # what ctest takes for a skip
PATIENCE = 120  # seconds
sys.dont_write_bytecode = True


class Skip(Exception):
    """What this host lacks for a case."""


def require(holds: object, what: object) -> None:
    if not holds:
        raise AssertionError(what)


def same(found: object, wanted: object) -> None:
    require(found == wanted, f"found {found!r}, wanted {wanted!r}")


def wait_for(what: str, holds: Callable[[], object]) -> None:
    end = time.monotonic() + PATIENCE
    while not holds():
        require(time.monotonic() < end, f"waited in vain: {what}")
        time.sleep(0.02)


def wanted_of(module: str, words: list[str]) -> dict[str, Callable]:
    """The cases of that module whose names have one of the words, all of them without words."""
    cases = {name[5:]: case for name, case in vars(importlib.import_module(f"cases_{module}")).items()
             if name.startswith("case_")}
    return {name: case for name, case in cases.items() if not words or any(word in name for word in words)}


def status_of(attempts: dict[str, Callable[[], None]]) -> int:
    """Makes each of them, and says what came of it: 0, 1 if one failed, 77 if all were skipped."""
    results = []
    for name, attempt in attempts.items():
        try:
            attempt()
            result, said = 0, f"ok      {name}"
        except Skip as why:
            result, said = SKIPPED, f"skipped {name}: {why}"
        except Exception:  # whatever it is, it is told and the next one begins
            traceback.print_exc()
            result, said = 1, f"FAILED  {name}"
        print(said, flush=True)
        results.append(result)
    return 1 if 1 in results else SKIPPED if results and 0 not in results else 0
