"""What a container has written: seen, kept, handed on."""
import io
import json
import tarfile

import archives
import world
from archives import entry, folder, layer
from cases import require, same

SCRIPT = ("echo 2 > /data/changed; rm /data/gone; echo 3 > /new; mkdir -p /deep/er; rm -r /tree; mkdir /tree; echo 4 > /tree/mine;"
          "ln /new /deep/linked; ln -s /new /soft; chmod 4755 /new; echo ready; exec sleep 1000")
CHANGES = """C /data
C /data/changed
D /data/gone
A /deep
A /deep/er
A /deep/linked
A /new
A /soft
C /tree
D /tree/below
A /tree/mine
"""


def image_of(place):
    return place.base_image(layer(folder("data"), entry("data/changed", b"1"), entry("data/gone", b"1"), entry("data/kept", b"1"),
                                  folder("tree"), folder("tree/below"), entry("tree/below/file", b"1")), Cmd=["/bin/cat", "/new"])


def name(place) -> str:
    return place.folder.name


def case_of_a_running_container(place):
    image = image_of(place)
    for options in ((), ("-U",)):
        with world.Running(place, *options, "--name", name(place), "--image", image, "/bin/sh", "-c", SCRIPT):
            same(place.call("diff", name(place)).stdout, CHANGES)
            new = place.folder / f"new{len(options)}.tar"
            said = place.call("commit", name(place), "-o", new, "--name", "mine:1").stdout
            whole = place.folder / f"whole{len(options)}.tar"
            place.call("export", name(place), "-o", whole)
        same(place.call("-a", "--image", new).stdout, "3\n")  # the command of the image below
        same(place.images()[[each["names"] for each in place.images()].index(["mine:1"])]["id"] + " mine:1\n", said)
        for again in (new, whole):
            for ways in (("-a",), ("-aU",)):
                same(place.sh(again, "cat /data/changed /data/kept /new /deep/linked /tree/mine /soft; ls /data /tree; stat -c %a:%u:%h /new",
                              options=ways), "2\n13\n3\n4\n3\n/data:\nchanged\nkept\n\n/tree:\nmine\n4755:0:2")
    place.call("diff", name(place), status=125)  # it has ended


def case_of_a_kept_folder(place):
    image, kept = image_of(place), place.folder / "kept"
    place.sh(image, SCRIPT.replace("exec sleep 1000", "true"), options=("-a", f"--overlay={kept}"))
    same(place.call("diff", kept).stdout, CHANGES)
    place.call("commit", kept, "-o", place.folder / "new.tar")
    place.call("image", "load", place.folder / "new.tar")
    same(place.sh("committed", "cat /new"), "3")
    same(place.sh("committed", "touch /data/gone; ls /data; ls /tree", options=("-aU",)), "changed\ngone\nkept\nmine")
    # A layer below is the same whoever packs it: two of them share it.
    place.call("commit", kept, "-o", place.folder / "again.tar")
    require((place.folder / "new.tar").read_bytes() == (place.folder / "again.tar").read_bytes(), "the same bytes")


def case_of_a_plain_folder(place):
    root = place.folder / "root"
    root.mkdir()
    with tarfile.open(fileobj=io.BytesIO(archives.base())) as tar:
        tar.extractall(root)
    with world.Running(place, "--name", name(place), "--rootfs", root, "--overlay", "/bin/sh", "-c", "echo x > /new; echo ready; exec sleep 1000"):
        same(place.call("diff", name(place)).stdout, "A /new\n")
        place.call("commit", name(place), "-o", place.folder / "new.tar")
    same(place.sh(place.folder / "new.tar", "cat /new"), "x")


def case_others_read_it_too(place):
    image, kept = image_of(place), place.folder / "kept"
    place.sh(image, SCRIPT.replace("exec sleep 1000", "true"), options=("-a", f"--overlay={kept}"))
    new = place.folder / "new.tar"
    place.call("commit", kept, "-o", new, "--name", "mine:1")
    with tarfile.open(new) as tar:
        index = json.load(tar.extractfile("index.json"))
        for member in tar.getmembers():
            if member.name.startswith("blobs/"):
                same("blobs/sha256/" + archives.digest(tar.extractfile(member).read()), member.name)
        manifest = json.load(tar.extractfile("blobs/sha256/" + index["manifests"][0]["digest"][7:]))
        top = tar.extractfile("blobs/sha256/" + manifest["layers"][-1]["digest"][7:]).read()
    with tarfile.open(fileobj=io.BytesIO(top)) as tar:
        names = {member.name for member in tar.getmembers()}
    for wanted in ("data/.wh.gone", "tree/.wh..wh..opq", "new", "soft"):
        require(wanted in names, f"{wanted} in {names}")
    if archives.shutil.which("skopeo"):
        world.subprocess.run(["skopeo", "--insecure-policy", "copy", f"oci-archive:{new}", f"oci:{place.folder}/copy:x"], check=True,
                             stdout=world.subprocess.DEVNULL)
        same(place.run(place.folder / "copy"), "3")


def case_words(place):
    for words in (["diff"], ["commit", "x"], ["export", "x"], ["diff", "x", "y"], ["diff", "x", "-o", "y"], ["commit", "x", "-o"],
                  ["commit", "x", "-o", "y", "--name", "../z"]):
        place.call(*words, status=2)
    for words in (["diff", "no-such"], ["commit", "no-such", "-o", place.folder / "f"], ["export", "no-such", "-o", place.folder / "f"],
                  ["diff", "../../etc"], ["diff", place.folder]):
        place.call(*words, status=125)
    require(not list(place.folder.glob("f*")), "no file is left")
    require("Usage" in place.call("commit", "--help").stdout, "help")


def case_holes_are_no_layer(place):
    """A file of terabytes that takes nothing: it is refused before the disk is full of its zeros."""
    image, kept, out = image_of(place), place.folder / "kept", place.folder / "new.tar"
    place.run(image, "sh", "-c", ": > /file; dd if=/dev/null of=/file bs=1 seek=15000000000000 2>/dev/null",
              options=("-a", "--overlay-dir", str(kept)))
    require("8 GiB" in place.call("commit", kept, "-o", out, status=125).stderr, "it says why")
    same([each.name for each in place.folder.glob("new.tar*")], [])


def case_a_link_in_the_place_of_a_folder(place):
    """What a container swaps while it is looked at leads nowhere. The other folders keep whoever looks busy between
    seeing one of these and opening it."""
    image, outside = image_of(place), place.folder / "outside"
    outside.mkdir()
    (outside / "ONLY-THE-HOST-KNOWS").touch()
    names = "1 2 3 4 5 6"
    script = f"""for x in {names}; do mkdir /a$x; ln -s {outside} /b$x; done; i=0
        while [ $i -lt 400 ]; do mkdir -p /y/$i /z/$i; i=$((i+1)); done; echo ready
        while :; do for x in {names}; do mv /a$x /c$x; mv /b$x /a$x; done
            for x in {names}; do mv /a$x /b$x; mv /c$x /a$x; done; done"""
    with world.Running(place, "--name", name(place), "--image", image, "/bin/sh", "-c", script):
        for _ in range(60):
            require("ONLY-THE-HOST" not in place.call("diff", name(place)).stdout, "names of the host's")
