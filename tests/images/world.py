"""What a case works with: a folder of its own with a store in it, and the MyDocker under test."""
import json
import os
import shutil
import subprocess
import tempfile
from pathlib import Path

import archives
from cases import PATIENCE, require

binary = None  # set by run.py


class World:
    def __init__(self):
        # Above it everybody may pass, so that ordinary users get as far as the store's own mode lets them.
        self.folder = Path(tempfile.mkdtemp(prefix="mydocker-images-"))
        self.folder.chmod(0o755)
        self.store = self.folder / "store"

    def remove(self) -> None:
        shutil.rmtree(self.folder)

    def call(self, *words: object, status: int | None = 0, **more) -> subprocess.CompletedProcess:
        done = subprocess.run([str(binary), *map(str, words)], text=True, capture_output=True, timeout=PATIENCE,
                              stdin=subprocess.DEVNULL, env={**os.environ, "MYDOCKER_STORE": str(self.store)},
                              check=False, **more)
        if status is not None and done.returncode != status:
            raise AssertionError(f"{words}: status {done.returncode}, wanted {status}\n{done.stdout}{done.stderr}")
        return done

    def run(self, image: object, *words: object, options: tuple = ("-a",), status: int | None = 0) -> str:
        """What a container prints, standard output alone."""
        return self.call(*options, "--image", image, *words, status=status).stdout.strip()

    def sh(self, image: object, script: str, options: tuple = ("-a",), status: int | None = 0) -> str:
        return self.run(image, "/bin/sh", "-c", script, options=options, status=status)

    def refused(self, image: object, reason: str) -> str:
        """An image that is not loaded, and of which nothing stays."""
        said = self.call("image", "load", image, status=125).stderr
        require(reason in said, f"wanted {reason!r} in: {said}")
        require(self.images() == [], "it is not loaded")
        require(not any((self.store / "tmp").iterdir()), "nothing stays in tmp")
        return said

    def images(self) -> list[dict]:
        return json.loads(self.call("image", "list", "--json").stdout)

    def layers(self) -> list[Path]:
        return sorted((self.store / "layers").iterdir())

    def writable(self) -> list[str]:
        return os.listdir(self.store / "writable")

    def base_image(self, *layers: bytes, name: str = "image.tar", **more) -> Path:
        return archives.docker_archive(self.folder / name, [archives.base(), *layers], **more)


class Running:
    """A container in the background, whose script says "ready" when it is; ended at the end, however that comes."""

    def __init__(self, place: World, *words: object):
        self.process = subprocess.Popen([str(binary), "-a", *map(str, words)], text=True, stdin=subprocess.DEVNULL,
                                        stdout=subprocess.PIPE, env={**os.environ, "MYDOCKER_STORE": str(place.store)})

    def __enter__(self) -> subprocess.Popen:
        if (line := self.process.stdout.readline()) != "ready\n":
            raise AssertionError(f"not ready: {line}{self.process.communicate()}")
        return self.process

    def __exit__(self, *_) -> None:
        self.process.terminate()
        self.process.communicate(timeout=PATIENCE)


WAITING = ("/bin/sh", "-c", "mkdir -p /a/b; echo ready; exec sleep 1000")
