"""Images in the user's own store: their owners are kept where the user has several ids."""
import io
import os
import subprocess
import tarfile
from pathlib import Path

from archives import entry, folder, layer
from cases import PATIENCE, require, same, wait_for
from world import CASUAL, FIRST, has_ended, only

DATA = (folder("data", uid=1000, gid=1001), entry("data/file", b"x", uid=1000, gid=1001), folder("shut", mode=0, uid=5),
        entry("shut/file", b"x", mode=0, uid=5))
WAITING = ("/bin/sh", "-c", "echo ready; exec sleep 1000")


def image_of(user, *more: bytes, **said) -> Path:
    return user.image(layer(*DATA), *more, **said)


def case_an_image(user):
    image = image_of(user, Cmd=["/bin/sh", "-c", "id -u; echo y >> /data/file; cat /data/file; rm -r /data; mkdir /sub"])
    same(user.call("-aU", "--image", image).stdout, "0\nxy\n")
    same(user.call("-aU", "--image", "lesson", "cat", "/data/file").stdout, "x")


@only("casual")
def case_owners_are_kept(user):
    image = image_of(user)
    same(user.sh("stat -c %u:%g /data /data/file; touch /n; busybox chown 7:8 /n /data/file; stat -c %u:%g /n /data/file; "
                 "mkdir /mine; busybox chown 9 /mine; chmod 0 /mine; ls /shut", "--image", image),
         "1000:1001\n1000:1001\n7:8\n7:8\nfile")
    same(user.sh("id -u; cat /data/file; echo z > /data/new; stat -c %u /data/new", "--image", image, "-u", "app"), "1000\nx1000")
    same({each.lstat().st_uid for each in user.store.glob("layers/*/data/*")}, {FIRST + 999})


def case_images_are_removed(user):
    image = image_of(user)
    user.call("image", "load", image)
    require("lesson:latest" in user.call("image", "list").stdout, "list")
    same(len(list((user.store / "layers").iterdir())), 2)
    user.call("image", "remove", "lesson")
    for name in ("layers", "images", "tmp"):
        same(os.listdir(user.store / name), [])


def case_errors_come_through(user):
    user.call("image", "remove", "nothing", status=125)
    bad = user.folder / "bad.tar"
    bad.write_bytes(b"no archive")
    require("bad.tar" in user.call("-aU", "--image", user.own(bad), "true", status=125).stderr, "it says which")
    same(user.call("image", "load", status=2).stdout, "")


def case_changes(user):
    image, kept, out = image_of(user, Cmd=["/bin/cat", "/data/file"]), user.folder / "kept", user.folder / "new.tar"
    user.sh("echo 2 >> /data/file; rm /etc/group; mkdir /a; echo n > /a/n; busybox chown 9:9 /a/n 2>/dev/null || true", "--image", image, "--overlay-dir", kept)
    same(user.call("diff", kept).stdout.split("\n"), ["A /a", "A /a/n", "C /data", "C /data/file", "C /etc", "D /etc/group", ""])
    user.call("commit", kept, "-o", out, "--name", "mine:2")
    same(out.stat().st_uid, user.uid)
    same(user.call("-aU", "--image", out).stdout, "x2\n")
    owners = "9 1000" if user.uid == CASUAL else "0 0"
    same(user.sh("echo $(stat -c %u /a/n /data/file)", "--image", "mine:2"), owners)
    subprocess.run(["rm", "-rf", kept], check=True)


def case_export(user):
    user.start("--image", image_of(user), "--name", "one", "/bin/sh", "-c", "echo n > /data/n; echo ready; exec sleep 1000")
    same(user.call("diff", "one").stdout, "C /data\nA /data/n\n")
    user.call("export", "one", "-o", "root.tar")
    with tarfile.open(fileobj=io.BytesIO((user.folder / "root.tar").read_bytes())) as tar:
        same(tar.getmember("data/file").uid, 1000 if user.uid == CASUAL else 0)
        same((tar.getmember("data/n").uid, tar.getmember("bin").uid), (0, 0))


def case_an_image_in_use_stays(user):
    user.start("--image", image_of(user), *WAITING)
    require("a container runs from it" in user.call("image", "remove", "lesson", status=125).stderr, "refused")


def case_what_was_written_by_killed_containers_is_swept(user):
    image = image_of(user)
    killed = user.start("--image", image, "/bin/sh", "-c", "mkdir /a; touch /a/b; busybox chown -R 6 /a; chmod 0 /a; echo ready; exec sleep 1000")
    same(len(user.writable()), 1)
    killed.kill()
    killed.wait()
    user.call("-aU", "--image", image, "true")
    wait_for("the writable layer is gone", lambda: user.writable() == [])


def case_gc_takes_what_has_no_record_any_more(user):
    """Of whichever of his ids."""
    killed = user.start("--image", image_of(user), "/bin/sh", "-c",
                        "mkdir /a; touch /a/b; busybox chown -R 6 /a; busybox chmod 0 /a; echo ready; exec sleep 1000")
    pid = user.child_of(killed)
    killed.kill()
    killed.wait()
    wait_for("the container ends with MyDocker", lambda: has_ended(pid))
    for record in user.records():
        (user.run_folder / "mydocker" / record).unlink()
    require("what was written by" in user.call("gc").stdout, "it tells")
    same(user.writable(), [])


def case_a_killed_unpacking_is_taken_up(user):
    image = image_of(user, layer(*(entry(f"file-{number}", os.urandom(50000), uid=3) for number in range(400))))
    loading = subprocess.Popen([str(user.program), "image", "load", str(image)], **user.as_user())
    wait_for("it unpacks", lambda: any(user.store.glob("tmp/*/file-*")) or loading.poll() is not None)
    loading.kill()
    loading.wait()
    same(user.sh("set -- /file-*; echo $#", "--image", image), "400")
    same(os.listdir(user.store / "tmp"), [])


def case_many_at_once(user):
    words = [str(user.program), "-aU", "--image", str(image_of(user)), "/bin/sh", "-c", "echo $$ > /data/mine; cat /data/file /data/mine"]
    running = [subprocess.Popen(words, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, **user.as_user())
               for _ in range(20)]
    same({each.communicate(timeout=PATIENCE)[0] for each in running}, {"x1\n"})
    same({each.returncode for each in running}, {0})


def case_an_overlay_over_a_folder(user):
    same(user.sh("echo new > /etc/new; rm /etc/group; cat /etc/new", "--overlay"), "new")
    require(not (user.root / "etc/new").exists() and (user.root / "etc/group").exists(), "the root is as it was")
