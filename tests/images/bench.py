#!/usr/bin/env python3
"""How long images take: bench.py MYDOCKER ROOT [ROUNDS]

Loads an image of the folder ROOT by MyDocker and by podman (vfs and overlay, each with a store of its own), and starts
containers from it and from the folder. Medians of one run, alternating; compare the ratios."""
import os
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

sys.dont_write_bytecode = True
sys.path.insert(0, str(Path(__file__).parent))
import archives  # noqa: E402

QUIET = {"stdin": subprocess.DEVNULL, "stdout": subprocess.DEVNULL}


def milliseconds(words: list, **more) -> float:
    start = time.perf_counter()
    subprocess.run([str(word) for word in words], check=True, **QUIET, **more)
    return (time.perf_counter() - start) * 1000


def table(title: str, ways: dict, rounds: int) -> None:
    """`ways` give each the time of one round. Alternating, so that all meet the same noise."""
    found = {name: [] for name in ways}
    for _ in range(rounds):
        for name, way in ways.items():
            found[name].append(way())
    first = statistics.median(next(iter(found.values())))
    print(f"{title}: medians of {rounds}")
    for name, times in found.items():
        middle = statistics.median(times)
        print(f"  {name:34} {middle:9.2f} ms   {middle / first:5.2f}   {middle - first:+9.2f} ms")


def main() -> None:
    binary, root = Path(sys.argv[1]).resolve(), Path(sys.argv[2]).resolve()
    rounds = int(sys.argv[3]) if len(sys.argv) > 3 else 5
    folder = Path(tempfile.mkdtemp(prefix="mydocker-bench-", dir="/var/tmp"))
    try:
        tar = subprocess.run(["tar", "-C", root, "-c", "."], stdout=subprocess.PIPE, check=True).stdout
        docker = archives.docker_archive(folder / "docker.tar", [tar])
        layout = archives.oci_archive(folder / "oci-gzip.tar", [tar], "gzip")

        def mydocker(image: Path) -> float:
            shutil.rmtree(folder / "store", ignore_errors=True)
            os.sync()
            return milliseconds([binary, "image", "load", "--store", folder / "store", image])

        def podman(driver: str, image: Path) -> float:
            words = ["podman", "--root", folder / driver, "--runroot", folder / "run", "--storage-driver", driver]
            subprocess.run([str(word) for word in [*words, "rmi", "--all", "--force"]], check=False, **QUIET)
            os.sync()
            return milliseconds([*words, "load", "-i", image], stderr=subprocess.DEVNULL)

        for image in (docker, layout):
            ways = {"MyDocker image load": lambda: mydocker(image)}
            if shutil.which("podman"):
                ways |= {f"podman load, {driver}": lambda driver=driver: podman(driver, image) for driver in ("overlay", "vfs")}
            table(f"loading {image.name}, {len(tar) >> 20} MiB unpacked", ways, rounds)

        mydocker(docker)
        for option in ("-a", "-aU"):
            words = [binary, option, "--store", folder / "store"]
            table(f"starting /bin/true, {option}", {
                "from a folder": lambda: milliseconds([*words, "--rootfs", root, "/bin/true"]),
                "from an image, by its name": lambda: milliseconds([*words, "--image", "lesson", "/bin/true"]),
                "from an image, by its file": lambda: milliseconds([*words, "--image", docker, "/bin/true"]),
            }, rounds * 10)
    finally:
        shutil.rmtree(folder, ignore_errors=True)


if __name__ == "__main__":
    main()
