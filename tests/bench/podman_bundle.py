"""Bundles made of podman_config.json: what podman 4.3 gave its runtime for `podman run --network none`, recorded by a
runtime that kept the file. Only what belonged to that one container is replaced: the root, the words, the cgroup, and
the files that podman had bound into it. Capabilities, masks, limits and the seccomp profile are podman's."""
import json
import pathlib

RECORDED = pathlib.Path(__file__).resolve().with_name("podman_config.json")


def config(box, program, cgroup):
    out = json.loads(RECORDED.read_text())
    out["process"]["args"] = [program]
    out["root"]["path"] = str(box.root)
    out["linux"]["cgroupsPath"] = f"/mydocker-bench/{cgroup}"
    for mount in out["mounts"]:
        if mount["type"] == "bind":
            mount["source"] = str(source(box, mount["source"]))
    return out


def source(box, recorded):
    """A file, or a folder, of the recorded one's name."""
    place = box.folder / "bound" / pathlib.Path(recorded).name
    place.parent.mkdir(exist_ok=True)
    if place.name == "shm":
        place.mkdir(exist_ok=True)
    else:
        place.touch()
    return place


def make(box, program, name):
    """Makes the folder with config.json and returns its path."""
    folder = box.folder / "bundles" / name
    folder.mkdir(parents=True)
    (folder / "config.json").write_text(json.dumps(config(box, program, name)))
    return str(folder)
