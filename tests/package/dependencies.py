#!/usr/bin/env python3
"""What the package depends on: dependencies.py BUILD_FOLDER

Looks at each program of the package and at each that MyDocker carries: which shared libraries it needs, of which
package they are, and whether the package says so; which static archives are in it, and whether they were chosen; and
that nothing is named that is not needed. Prints what it finds. Exit status 0, 1, or 77 (ctest: skipped)."""
import functools
import re
import sys
from pathlib import Path

sys.dont_write_bytecode = True
from debian import SKIPPED, make, missing_program, names_of, output, temporary

# Linked into a program, so no package has to be there when it runs. CONTRIBUTING.md says why each.
CHOSEN_ARCHIVES = {"libcap", "libarchive", "libnettle", "libzstd", "liblzma", "liblz4", "libbz2", "libz"}
# Started by name: what has to be in the binary for a package to be named.
PROGRAMS = {"passt": b"pasta", "uidmap": b"newuidmap", "skopeo": b"skopeo", "squashfs-tools": b"unsquashfs",
            "erofs-utils": b"fsck.erofs", "containernetworking-plugins": b"/usr/lib/cni"}
CARRIED = ("systemd", "iptables", "nft", "unpack", "probe")


def needed_libraries(program: Path) -> list[str]:
    return re.findall(r"\(NEEDED\).*\[(.*)\]", output("readelf", "--dynamic", "--wide", program))


@functools.cache
def known_libraries() -> str:
    return output("ldconfig", "-p")


def file_of(library: str) -> str:
    found = re.search(rf"^\s*{re.escape(library)} .*=> (\S+)$", known_libraries(), re.M)
    return str(Path(found[1]).resolve()) if found else ""


@functools.cache
def package_of(file: str) -> str:
    """A merged /usr gives a file two names, of which dpkg knows one."""
    for name in (file, file.removeprefix("/usr")):
        try:
            return output("dpkg", "--search", name).split(":")[0]
        except AssertionError:
            continue
    return ""


def archives_of(build: Path) -> dict[str, str]:
    """The static archives of other packages that are linked into our programs, and where they are from."""
    out = {}
    for line in build.glob("CMakeFiles/*.dir/link.txt"):
        if line.parent.name in ("generate_calls.dir", "generate_filters.dir"):
            continue
        for file in re.findall(r"\s(/\S+\.a)\b", line.read_text()):
            if not file.startswith(str(build)):
                out[Path(file).stem] = package_of(file)
    return out


def main() -> int:
    build = Path(sys.argv[1])
    if lacking := missing_program():
        print(f"skipped: {lacking} is missing")
        return SKIPPED
    faults = []
    with temporary() as name:
        folder = Path(name)
        package = make(build, folder)
        required, wished = names_of(package, "Depends"), set()
        for field in ("Recommends", "Suggests"):
            wished |= names_of(package, field)
        output("dpkg-deb", "--extract", package, folder / "files")
        installed = [file for file in (folder / "files").rglob("*")
                     if file.is_file() and file.open("rb").read(4) == b"\x7fELF"]
        carried = [file for name in CARRIED if (file := build / "generated" / f"mydocker-{name}").exists()]
        binary = (folder / "files/usr/bin/MyDocker").read_bytes()
        libraries = set()
        for program in installed + carried:
            declared = required if program in installed else required | wished
            for library in needed_libraries(program):
                owner = package_of(file_of(library))
                libraries.add(owner)
                print(f"{program.name:20} {library:24} {owner}")
                if owner not in declared:
                    faults.append(f"{program.name} needs {library} of {owner or 'no package'}, which is not declared")
            if not needed_libraries(program):
                print(f"{program.name:20} {'no shared library':24}")
        for archive, owner in sorted(archives_of(build).items()):
            print(f"{'linked in':20} {archive + '.a':24} {owner}")
            if archive not in CHOSEN_ARCHIVES:
                faults.append(f"{archive}.a of {owner} is linked in and was not chosen")
        for declared in sorted(required | wished):
            started = declared in PROGRAMS and PROGRAMS[declared] in binary
            if declared not in libraries and not started:
                faults.append(f"{declared} is declared, and nothing needs it")
        print(f"needs {', '.join(sorted(required)) or 'nothing'}; makes use of {', '.join(sorted(wished))}")
    for fault in faults:
        print(f"FAILED: {fault}")
    return 1 if faults else 0


if __name__ == "__main__":
    sys.exit(main())
