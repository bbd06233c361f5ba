"""A root of the user's own, without images and networks."""
import os
import signal
from pathlib import Path

from cases import require, same, wait_for
from world import CASUAL, COUNT, FIRST, SINGLE, has_ended, only

MAPS = {CASUAL: f"0 {CASUAL} 1\n 1 {FIRST} {COUNT}", SINGLE: f"0 {SINGLE} 1"}
WAITING = ("/bin/sh", "-c", "echo ready; exec sleep 1000")


def case_a_container(user):
    out = user.sh("id -u; id -g; busybox tr -s ' ' < /proc/self/uid_map; hostname; echo $$; echo new > /new; exit 0")
    same(out, f"0\n0\n {MAPS[user.uid]}\ncontainer\n1")
    info = (user.root / "new").stat()
    same((info.st_uid, info.st_gid), (user.uid, user.uid))
    same(user.call("-aU", "--rootfs", user.root, "/bin/sh", "-c", "exit 7", status=7).stdout, "")
    same((user.run_folder / "mydocker").stat().st_mode & 0o777, 0o700)


def case_one_id_is_said_aloud(user):
    said = user.call("-aU", "--rootfs", user.root, "true").stderr
    same("one id alone" in said, user.uid == SINGLE)


@only("casual")
def case_several_ids(user):
    same(user.sh("mkdir /d; touch /d/f; busybox chown -R 5:6 /d; stat -c %u:%g /d/f; cat /proc/self/setgroups"), "5:6\nallow")
    info = (user.root / "d/f").stat()
    same((info.st_uid, info.st_gid), (FIRST + 4, FIRST + 5))
    same(user.sh("id -u; id -G; touch /d/mine; stat -c %u /d/mine", "-u", "5:6"), "5\n6\n5")


@only("single")
def case_others_ids_are_refused(user):
    require("uid 5 does not exist" in user.call("-aU", "--rootfs", user.root, "-u", "5", "true", status=2).stderr, "-u")
    same(user.sh("touch /f; busybox chown 5 /f 2>&1; cat /proc/self/setgroups").splitlines()[-1], "deny")


@only("casual")
def case_ranges_that_nobody_should_have(user):
    """The host's root, and the own id once more, are in no map."""
    Path("/etc/subuid").write_text(f"casual:{FIRST}:{COUNT}\n{CASUAL}:0:10\ncasual:x:1\ncasual:{CASUAL - 5}:10\n", encoding="ascii")
    try:
        same(user.sh("busybox tr -s ' ' < /proc/self/uid_map"), MAPS[user.uid])
    finally:
        Path("/etc/subuid").write_text(f"casual:{FIRST}:{COUNT}\n", encoding="ascii")


def case_refused_in_one_line(user):
    for words, wanted in ((("-a",), "MyDocker -aU"), (("-aU", "--network", "nat"), "--network pasta"),
                          (("-aU", "--network", "bridge:br9"), "--network pasta"), (("-aU", "--network", "original"), "--network pasta"),
                          (("-aU", "--network", "ns:/proc/1/ns/net"), "--network pasta")):
        said = user.call(*words, "--rootfs", user.root, "true", status=2).stderr
        require(wanted in said and said.count("\n") == 1, said)


def case_a_dry_run_is_as_if_root(user):
    require("0 100000 65536" in user.call("-aU", "--rootfs", user.root, "--dry-run", "true").stdout, "the map of root")


def case_a_terminal_and_volumes(user):
    for name in ("rw", "ro"):
        (user.folder / name).mkdir()
        user.own(user.folder / name)
    same(user.sh("test -t 0 && echo terminal; echo x > /mnt/f; touch /tmp/ro/f 2>/dev/null || echo refused; stat -c %u /mnt/f", "--tty",
                 "-v", f"{user.folder}/rw:/mnt", "-v", f"{user.folder}/ro:/tmp/ro:ro").replace("\r", ""), "terminal\nrefused\n0")
    same((user.folder / "rw/f").stat().st_uid, user.uid)


def case_options_that_need_nothing(user):
    same(user.sh("id -u; busybox ip -br link 2>/dev/null; set -- /proc/[0-9]*; echo $#; cat /proc/sys/net/ipv4/ping_group_range | busybox cut -f 1; "
                 "touch /f 2>&1 | busybox tail -c 22", "--init", "--read-only", "--timeout", "60", "--hostname", "x", "--tmpfs", "/tmp:1m",
                 "--report", "/dev/null", "--sysctl", "net.ipv4.ip_forward=1"), "0\n2\n0\nRead-only file system")


def case_a_name_that_is_taken(user):
    user.start("--rootfs", user.root, "--name", "one", *WAITING)
    require("a container of this name is running" in
            user.call("-aU", "--rootfs", user.root, "--name", "one", "true", status=125).stderr, "taken")


def case_killed_containers_are_swept(user):
    killed = user.start("--rootfs", user.root, *WAITING)
    pid = user.child_of(killed)
    killed.kill()
    killed.wait()
    wait_for("the container ends with MyDocker", lambda: has_ended(pid))
    same(len(user.records()), 1)
    user.sh("true")
    same(user.records(), [])


@only("casual")
def case_what_outlives_a_killed_mydocker_is_ended(user):
    """Who changes ids inside is no longer told when MyDocker dies; the next start ends it."""
    killed = user.start("--rootfs", user.root, "/bin/busybox", "su", "-s", "/bin/sh", "-c", "echo ready; exec sleep 1000", "app")
    pid = user.child_of(killed)
    same(Path(f"/proc/{pid}").stat().st_uid, FIRST + 999)
    killed.send_signal(signal.SIGKILL)
    killed.wait()
    user.sh("true")
    wait_for("it has ended", lambda: has_ended(pid))


def case_without_a_runtime_folder(user):
    """Records go to an own folder in /tmp; one that somebody else has put there is refused."""
    place = Path(f"/tmp/mydocker-{user.uid}")
    words = ("-aU", "--rootfs", user.root, "true")
    for folder in ("", "/run/elsewhere", "relative"):
        user.call(*words, env={"XDG_RUNTIME_DIR": folder})
    same((place.stat().st_uid, place.stat().st_mode & 0o777), (user.uid, 0o700))
    place.rmdir()
    place.symlink_to(user.run_folder)
    require("nobody else may write" in user.call(*words, status=125, env={"XDG_RUNTIME_DIR": ""}).stderr, "a link")
    place.unlink()
    place.mkdir()
    require("nobody else may write" in user.call(*words, status=125, env={"XDG_RUNTIME_DIR": ""}).stderr, "root's")
    place.rmdir()


def case_nothing_gets_out(user):
    """The corpus of holes, tried from inside; MyDocker's promises are those that it makes to root."""
    said = user.call("verify", "-aU", "--rootfs", user.root).stdout
    require(" 0 open," in said, said)


def case_a_set_id_copy_refuses(user):
    os.chown(user.program, 0, 0)
    os.chmod(user.program, 0o4755)
    require("set-user-ID" in user.call("-aU", "--rootfs", user.root, "true", status=125).stderr, "it refuses")
