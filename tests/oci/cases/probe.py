"""Runs inside of a hostile container: opens what /proc has of each other process, and writes down what was MyDocker's."""
import contextlib
import os

SEEN, FOUND = (os.open(f"/tmp/{name}", os.O_CREAT | os.O_WRONLY | os.O_APPEND) for name in ("seen", "found"))
OURS = ("memfd:", "MyDocker")


def is_ours(text: str) -> bool:
    return any(word in text for word in OURS)


def found(text: str) -> None:
    os.write(FOUND, f"{text}\n".encode())


@contextlib.contextmanager
def opened(path: str, flags: int = os.O_RDONLY):
    fd = os.open(path, flags)
    try:
        yield fd
    finally:
        os.close(fd)


def look_at_program(folder: str) -> None:
    with opened(f"{folder}/exe") as fd:
        if is_ours(target := os.readlink(f"/proc/self/fd/{fd}")):
            found(f"exe {target}")
            with contextlib.suppress(OSError), opened(f"/proc/self/fd/{fd}", os.O_WRONLY) as writable:
                os.write(writable, b"evil")
                found(f"writes {target}")


def look_at_memory(folder: str) -> None:
    with opened(f"{folder}/maps") as fd:
        if is_ours(os.read(fd, 4096).decode(errors="replace")):
            found("maps")
    with opened(f"{folder}/mem"):
        if is_ours(os.readlink(f"{folder}/exe")):
            found("mem")


def look_at_environment(folder: str) -> None:
    with opened(f"{folder}/environ") as fd:
        if b"SECRET" in os.read(fd, 65536):
            found("environ")


def look_at_descriptors(folder: str) -> None:
    for number in os.listdir(f"{folder}/fd"):
        if int(number) > 2:
            found(f"fd {number} {os.readlink(f'{folder}/fd/{number}')}")


def look_at_folders(folder: str) -> None:
    for name in ("cwd", "root"):
        with opened(f"{folder}/{name}", os.O_PATH) as fd:
            if not os.path.exists(f"/proc/self/fd/{fd}/tmp/ready"):
                found(f"{name} {os.listdir(f'/proc/self/fd/{fd}')}")


def main() -> None:
    with open("/tmp/ready", "w", encoding="ascii"):
        pass
    while True:
        for pid in os.listdir("/proc"):
            if not pid.isdigit() or int(pid) == os.getpid():
                continue
            folder = f"/proc/{pid}"
            with contextlib.suppress(OSError), open(f"{folder}/comm", encoding="utf-8") as comm:
                if is_ours(name := comm.read()):
                    os.write(SEEN, name.encode())
            for look in (look_at_program, look_at_descriptors, look_at_environment, look_at_memory, look_at_folders):
                with contextlib.suppress(OSError):
                    look(folder)


main()
