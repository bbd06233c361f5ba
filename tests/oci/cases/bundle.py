"""Bundles: a folder with a config.json, made of base.json and a patch, and with a root of busybox's programs."""
import copy
import functools
import json
import os
import re
import shutil
import subprocess
from pathlib import Path

BASE = json.loads((Path(__file__).parent / "base.json").read_text(encoding="utf-8"))
BUSYBOX = Path(shutil.which("busybox") or "/bin/busybox")
FOLDERS = ("bin", "dev", "etc", "proc", "sys", "tmp", "root", "mnt")


@functools.cache
def programs() -> list[str]:
    return subprocess.run([BUSYBOX, "--list"], capture_output=True, text=True, check=True).stdout.split()


def make_root(root: Path) -> None:
    for folder in FOLDERS:
        (root / folder).mkdir(parents=True)
    (root / "tmp").chmod(0o1777)
    (root / "etc/passwd").write_text("root:x:0:0::/root:/bin/sh\nuser:x:1000:1000::/:/bin/sh\n", encoding="ascii")
    (root / "etc/group").write_text("root:x:0:\nuser:x:1000:\n", encoding="ascii")
    shutil.copy2(BUSYBOX, root / "bin/busybox")
    for program in programs():
        if program != "busybox":
            (root / "bin" / program).symlink_to("busybox")


def step_into(value: object, key: str, make: bool) -> object:
    """The member of this name; the element of this index or, for 'type=pid', of this member."""
    if isinstance(value, dict):
        return value.setdefault(key, {}) if make else value[key]
    if "=" in key:
        name, wanted = key.split("=", 1)
        return next(each for each in value if each[name] == wanted)
    return value[int(key)]


def parts_of(path: str) -> list[str]:
    """'linux.namespaces[type=pid].path' is linux, namespaces, type=pid, path; in quotes a key may have dots."""
    return [quoted or plain for quoted, plain in re.findall(r"'([^']*)'|([^.\[\]']+)", path)]


def change(config: dict, path: str, how: str, new: object = None) -> None:
    *folders, last = parts_of(path)
    place = functools.reduce(lambda value, key: step_into(value, key, how != "drop"), folders, config)
    if how == "drop":
        key = place.index(step_into(place, last, False)) if isinstance(place, list) else last
        del place[key]
    elif how == "add":
        place[last] = [*place.get(last, []), *new]
    elif isinstance(place, list):
        place[int(last)] = new
    else:
        place[last] = new


def config_of(case: dict) -> dict:
    config = copy.deepcopy(case.get("config", BASE))
    for path in case.get("drop", []):
        change(config, path, "drop")
    for how in ("set", "add"):
        for path, new in case.get(how, {}).items():
            change(config, path, how, new)
    if "sh" in case:
        change(config, "process.args", "set", ["sh", "-c", case["sh"]])
    return config


class Bundle:
    def __init__(self, path: Path, case: dict) -> None:
        self.path, self.root = path, path / "rootfs"
        make_root(self.root)
        text = case["text"] if "text" in case else json.dumps(config_of(case))
        (path / "config.json").write_text(text.replace("@BUNDLE@", str(path)), encoding="utf-8")

    def remove(self) -> None:
        # A container may have made folders that even their owner cannot read.
        subprocess.run(["rm", "-rf", self.path], check=True)

    def environment(self) -> dict[str, str]:
        return os.environ | {"BUNDLE": str(self.path)}
