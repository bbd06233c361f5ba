"""Makes the package of a build, and looks into it."""
import shutil
import subprocess
import tempfile
from pathlib import Path

SKIPPED = 77
NEEDED = ("cpack", "dpkg", "dpkg-deb", "dpkg-shlibdeps", "man")


def missing_program() -> str:
    return next((each for each in NEEDED if not shutil.which(each)), "")


def output(*words: object, **more) -> str:
    done = subprocess.run(list(map(str, words)), text=True, capture_output=True, check=False, **more)
    if done.returncode != 0:
        raise AssertionError(f"{words}: status {done.returncode}\n{done.stdout}{done.stderr}")
    return done.stdout


def make(build: Path, folder: Path) -> Path:
    output("cpack", "-G", "DEB", "--config", build / "CPackConfig.cmake", "-B", folder, cwd=folder)
    return next(folder.glob("*.deb"))


def temporary() -> tempfile.TemporaryDirectory:
    return tempfile.TemporaryDirectory(prefix="mydocker-package-", dir="/var/tmp")


def names_of(package: Path, field: str) -> set[str]:
    """The packages that a field names, without their versions."""
    text = output("dpkg-deb", "--field", package, field).strip()
    return {entry.split()[0] for entry in text.split(",") if entry.strip()}


def require(holds: bool, what: str) -> None:
    if not holds:
        raise AssertionError(what)
