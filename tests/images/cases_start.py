"""From an image to a running container."""
import fcntl
import os
import pty
import struct
import subprocess
import termios

import archives
import world
from archives import entry, folder, layer, link
from cases import PATIENCE, require, same, wait_for


def case_docker_archive(place):
    image = place.base_image(layer(folder("data"), entry("data/word", b"of the image")))
    same(place.run(image, "cat", "/data/word"), "of the image")
    same([each["names"] for each in place.images()], [["lesson:latest"]])
    # The archive is not read again, nor needed: its name and the beginning of its id mean the same.
    same(place.run("lesson", "cat", "/data/word"), "of the image")
    same(place.run(place.images()[0]["id"][:8], "cat", "/data/word"), "of the image")


def case_nothing_is_written_to_the_image(place):
    image = place.base_image(layer(folder("data"), entry("data/word", b"of the image")))
    for options in (("-a",), ("-aU",)):
        same(place.sh(image, "echo new > /data/word; echo more > /more; rm /etc/group; cat /data/word /more",
                      options=options), "new\nmore")
        same(place.sh(image, "cat /data/word; ls /more /etc/group 2>/dev/null", options=options, status=1),
             "of the image/etc/group")
    same([str(each) for each in place.store.glob("layers/*/more")], [])
    same(place.writable(), [])


def case_user_namespace_owns_its_files(place):
    """An overlay of ID-mapped layers that turned read-only would fail here at the first write."""
    image = place.base_image(layer(folder("data", uid=1000, gid=1001), entry("data/file", b"x", uid=1000, gid=1001)))
    same(place.sh(image, "stat -c %u:%g /etc /data /data/file; echo y >> /data/file; cat /data/file; touch /data/z;"
                         "rm -r /etc; mkdir /etc; ls -A /etc; mv /data /moved; chmod 700 /moved; stat -c %a:%u /moved /moved/z",
                  options=("-aU",)), "0:0\n1000:1001\n1000:1001\nxy\n700:1000\n644:0")
    owners = {each.lstat().st_uid for each in place.store.glob("layers/*/data/*")}
    same(owners, {1000})


def case_oci_layouts(place):
    layers = [archives.base(), layer(entry("word", b"oci"))]
    for number, how in enumerate(("none", "gzip", "zstd")):
        if how == "zstd" and not archives.shutil.which("zstd"):
            continue
        one = archives.oci_folder(place.folder / f"folder-{how}", layers, how)
        two = archives.oci_archive(place.folder / f"{how}.tar", layers, how)
        for image in (one, f"{one}:latest", two):
            same(place.run(image, "cat", "/word"), "oci")
    same(len(place.layers()), 2)  # the same layers, however they were compressed


def case_an_archive_may_be_compressed_itself(place):
    image = place.base_image()
    for how, suffix in (("gzip", "gz"), ("xz", "xz"), ("bzip2", "bz2"), ("zstd", "zst"), ("lz4", "lz4"), ("lzma", "lzma"),
                        ("lzip", "lz"), ("compress", "Z")):
        if not archives.shutil.which(how):
            continue
        packed = place.folder / f"image.tar.{suffix}"
        packed.write_bytes(archives.compressed(image.read_bytes(), how))
        same(place.run(packed, "echo", how), how)
    same(len(place.images()), 1)


def case_plain_tarballs(place):
    root = archives.base()
    for how, name in (("none", "one.tar"), ("gzip", "two.tar.gz"), ("xz", "three.tar.xz")):
        if how != "none" and not archives.shutil.which(how):
            continue
        (place.folder / name).write_bytes(archives.compressed(root, how))
        same(place.run(place.folder / name, "echo", name), name)
    same(place.run("three", "id", "-u"), "0")
    same(len(place.layers()), 1)
    require("no entrypoint" in place.call("-a", "--image", "three", status=2).stderr, "it has no command of its own")


def case_what_the_image_says(place):
    image = place.base_image(Entrypoint=["/bin/sh", "-c"], Cmd=["echo $WORD $(id -u):$(id -g) $(pwd) $HOME"], User="app",
                             Env=["WORD=image", "PATH=/bin"], WorkingDir="/srv/work")
    same(place.run(image), "image 1000:1001 /srv/work /home/app")
    same(place.run(image, options=("-a", "-e", "WORD=mine", "-u", "0", "-w", "/tmp")), "mine 0:0 /tmp /root")
    same(place.run(image, "/bin/echo", "words"), "words")
    same(place.run(image, "echo only $WORD", options=("-a", "--keep-entrypoint")), "only image")


def case_stop_signal(place):
    script = "trap 'echo got usr1; exit 3' USR1; trap 'echo got term; exit 4' TERM; while :; do sleep 0.1; done"
    image = place.base_image(Cmd=["/bin/sh", "-c", script], StopSignal="SIGUSR1")
    same(place.run(image, options=("-a", "--timeout", "1"), status=124), "got usr1")
    same(place.run(image, options=("-a", "--timeout", "1", "--stop-signal", "TERM"), status=124), "got term")
    require("--stop-signal 'NO'" in place.call("-a", "--image", image, "--stop-signal", "NO", status=2).stderr, "refused")


def case_layers_lie_over_each_other(place):
    image = place.base_image(
        layer(folder("a"), entry("a/gone", b"1"), entry("a/kept", b"1"), folder("b"), entry("b/hidden", b"1"),
              folder("c"), entry("c/old", b"1"), entry("d", b"a file"), folder("e"), entry("e/old", b"1")),
        layer(entry("a/.wh.gone"), folder("b"), entry("b/.wh..wh..opq"), entry("b/seen", b"2"), entry(".wh.c"),
              folder("c"), entry("c/new", b"2"), folder("d"), entry("d/now", b"2"),
              # The deletion behind what takes its place.
              folder("e"), entry("e/new", b"2"), entry(".wh.e")))
    for options in (("-a",), ("-aU",)):
        same(place.sh(image, "cd / && find a b c d e -type f", options=options).split(),
             ["a/kept", "b/seen", "c/new", "d/now", "e/new"])


def case_many_layers(place):
    layers = [layer(entry(f"file-{number}", str(number).encode())) for number in range(120)]
    image = place.base_image(*layers)
    for options in (("-a",), ("-aU",)):
        same(place.sh(image, "ls /file-* | cat | while read n; do echo; done | cat -n 2>/dev/null; set -- /file-*; echo $#",
                      options=options).splitlines()[-1].split()[-1], "120")


def case_a_layer_twice(place):
    twice = layer(entry("word", b"twice"))
    same(place.run(place.base_image(twice, layer(entry(".wh.word")), twice), "cat", "/word"), "twice")


def case_overlay_over_a_folder(place):
    root = place.folder / "closed" / "root"
    root.mkdir(parents=True)
    root.parent.chmod(0o700)
    subprocess.run(["tar", "-x", "-C", root], input=archives.base(), check=True)
    kept = root.parent / "kept"
    for options in (("-a",), ("-aU",)):
        words = [*options, "--rootfs", root, "--overlay", "/bin/sh", "-c"]
        same(place.call(*words, "echo new > /etc/new; cat /etc/new").stdout, "new\n")
        require(not (root / "etc/new").exists(), "the root is as it was")
        kept_words = [*options, "--rootfs", root, f"--overlay={kept}{options[0]}", "/bin/sh", "-c"]
        place.call(*kept_words, "echo kept > /etc/kept; rm /etc/group")
        same(place.call(*kept_words, "cat /etc/kept; ls /etc/group", status=1).stdout, "kept\n")
        require(not (root / "etc/kept").exists() and (root / "etc/group").exists(), "the root is as it was")
    same(place.writable(), [])


def case_a_kept_layer_has_one_writer(place):
    image, kept = place.base_image(), place.folder / "kept"
    words = ("--image", image, "--overlay-dir", kept)
    with world.Running(place, *words, *world.WAITING):
        require("another container" in place.call("-a", *words, "true", status=125).stderr, "refused")
    place.call("-a", *words, "true")
    other = archives.docker_archive(place.folder / "other.tar", [archives.base(), layer(entry("x"))], name="other")
    require("another image" in place.call("-a", "--image", other, "--overlay-dir", kept, "true", status=125).stderr, "refused")
    kept.rename(place.folder / "elsewhere")
    kept.symlink_to(place.folder / "elsewhere")
    place.call("-a", *words, "true", status=125)  # a link may lead to files of another


def case_hundred_at_once(place):
    """They wait for the one that unpacks, and share what it has unpacked."""
    image = place.base_image(layer(folder("data"), entry("data/word", b"shared")))
    environment = {**os.environ, "MYDOCKER_STORE": str(place.store)}
    words = [str(world.binary), "-a", "--image", str(image), "/bin/sh", "-c", "echo $$ > /data/mine; cat /data/word /data/mine"]
    running = [subprocess.Popen(words, env=environment, stdout=subprocess.PIPE, text=True) for _ in range(100)]
    same({each.communicate(timeout=PATIENCE)[0] for each in running}, {"shared1\n"})
    same({each.returncode for each in running}, {0})
    same(len(place.layers()), 2)
    same(place.writable(), [])


def case_killed_containers_are_swept(place):
    image = place.base_image()
    with world.Running(place, "--image", image, *world.WAITING) as killed:
        same(len(place.writable()), 1)
        killed.kill()
    # Whichever container starts next sweeps; others that run at the same time may be it.
    place.run(image, "true")
    wait_for("the writable layer is gone", lambda: place.writable() == [])


def case_killed_unpacking_leaves_nothing_whole(place):
    big = layer(*(entry(f"file-{number}", os.urandom(50000)) for number in range(400)))
    image = place.base_image(big)
    environment = {**os.environ, "MYDOCKER_STORE": str(place.store)}
    with subprocess.Popen([str(world.binary), "image", "load", str(image)], env=environment) as loading:
        wait_for("it unpacks", lambda: any(place.store.glob("tmp/*/file-*")) or loading.poll() is not None)
        loading.kill()
    same(place.images(), [])
    same(place.sh(image, "set -- /file-*; echo $#"), "400")
    same(os.listdir(place.store / "tmp"), [])


def case_image_words(place):
    one = place.base_image(name="one.tar")
    two = place.base_image(layer(entry("two", b"2")), name="two.tar")
    require("lesson:latest" in place.call("image", "load", one).stdout, "it says the name")
    first = place.images()[0]["id"]
    place.call("image", "load", two)  # takes the name over
    same(sorted(each["names"] for each in place.images()), [[], ["lesson:latest"]])
    require("lesson:latest" in place.call("image", "list").stdout, "list")
    require(b"diff_ids" in place.call("image", "inspect", "lesson").stdout.encode(), "inspect")
    same(len(place.layers()), 2)
    place.call("image", "remove", "lesson")
    same(len(place.layers()), 1)  # the other image's
    place.call("image", "remove", first)
    same(place.layers(), [])
    place.call("image", "remove", "lesson", status=125)
    for words in (["image"], ["image", "load"], ["image", "nothing"], ["image", "list", "--no"]):
        place.call(*words, status=2)
    require("Usage" in place.call("image", "--help").stdout, "help")


def case_an_image_in_use_stays(place):
    image = place.base_image()
    with world.Running(place, "--image", image, *world.WAITING):
        require("a container runs from it" in place.call("image", "remove", "lesson", status=125).stderr, "refused")
    place.call("image", "remove", "lesson")


def case_a_changed_file_is_another_image(place):
    image = place.base_image(layer(entry("word", b"one")))
    same(place.run(image, "cat", "/word"), "one")
    place.base_image(layer(entry("word", b"two")))
    same(place.run(image, "cat", "/word"), "two")


def case_dry_run(place):
    image = place.base_image()
    require("image load" in place.call("-a", "--dry-run", "--image", image, "true", status=125).stderr, "it says how")
    require(not place.store.exists(), "nothing is made")
    place.call("image", "load", image)
    plan = place.call("-a", "--dry-run", "--image", image, "true").stdout
    for words in ("hold the image", "make the writable layer", "mount an overlay of 1 layer"):
        require(words in plan, f"{words} in {plan}")
    mapped = "set layer 1 private,nosuid,nodev, ID-mapped"
    require(mapped not in plan and mapped in place.call("-aU", "--dry-run", "--image", image, "true").stdout, "-aU maps them")
    same(place.writable(), [])


def case_refused_words(place):
    image = place.base_image()
    for words in (["--image", image, "--rootfs", "/"], ["--keep-entrypoint"], ["--image", ""], ["--overlay", "--overlay=/x"],
                  ["--image", image, "-p", "image", "--store", "relative"]):
        place.call("-a", *words, "true", status=2)
    require("image list" in place.call("-a", "--image", "no-such", "true", status=125).stderr, "it says where to look")


def case_the_word_image_is_an_entrypoint_too(place):
    tar = place.base_image(layer(entry("bin/image", b"#!/bin/sh\necho it ran $1\n", mode=0o755)))
    same(place.run(tar, "image", "load"), "it ran load")


def case_several_images_in_one_archive(place):
    layers = [archives.base()]
    one, two = (archives.config(layers, Cmd=["/bin/echo", word]) for word in ("one", "two"))
    names = [f"{archives.digest(layers[0])}/layer.tar"]
    manifest = [{"Config": f"{archives.digest(text)}.json", "RepoTags": [name], "Layers": names}
                for text, name in ((one, "one:1"), (two, "two:2"))]
    path = archives.write_tar(place.folder / "both.tar", [
        (names[0], layers[0]), (f"{archives.digest(one)}.json", one), (f"{archives.digest(two)}.json", two),
        ("manifest.json", archives.json.dumps(manifest).encode())])
    require("one:1" in place.call("-a", "--image", path, status=125).stderr, "it names them")
    same(place.run("two:2"), "two")


def case_ports_of_the_image(place):
    image = place.base_image(ExposedPorts={"8080/tcp": {}, "53/udp": {}})
    place.call("image", "load", image)
    plan = place.call("-a", "--dry-run", "--image", image, "--network", "nat", "-p", "image", "true").stdout
    require("8080" in plan and "53" in plan, plan)


def case_links_among_layers_of_old_archives(place):
    """docker save of old wrote a layer that comes twice as a link."""
    layers = [archives.base(), layer(entry("word", b"linked"))]
    text = archives.config([*layers, layers[1]])
    names = [f"{archives.digest(f'{number}'.encode())}/layer.tar" for number in range(3)]
    manifest = [{"Config": f"{archives.digest(text)}.json", "RepoTags": ["linked"], "Layers": names}]
    (place.folder / "old.tar").write_bytes(layer(
        entry(names[0], layers[0]), entry(names[1], layers[1]), link(names[2], "../" + names[1]),
        entry(f"{archives.digest(text)}.json", text), entry("manifest.json", archives.json.dumps(manifest).encode())))
    same(place.run(place.folder / "old.tar", "cat", "/word"), "linked")


def case_an_ordinary_user_loads(place):
    """All becomes his; what he could not enter himself is entered while it is made, and removed."""
    mine = place.folder / "mine"
    mine.mkdir()
    os.chown(mine, 65534, 65534)
    program = archives.shutil.copy(world.binary, place.folder / "MyDocker")
    image = place.base_image(layer(folder("shut", mode=0), entry("shut/file", b"x", mode=0, uid=5), entry(".wh.etc"),
                                   folder("data", uid=1000), entry("data/.wh..wh..opq"),
                                   entry("disk", kind=archives.tarfile.BLKTYPE)))
    image.chmod(0o644)

    def call(*words):
        return subprocess.run([str(program), "image", *words, "--store", str(mine / "store")], text=True, capture_output=True,
                              check=True, user=65534, group=65534, extra_groups=[], stdin=subprocess.DEVNULL)
    require("left out 1 device nodes" in call("load", str(image)).stderr, "it says what was left out")
    require("lesson:latest" in call("list").stdout, "list")
    top = mine / "store/layers" / call("inspect", "lesson").stdout.split('"layers": [')[1].split('"')[3]
    same({each.lstat().st_uid for each in mine.rglob("*")}, {65534})
    same((top / "shut").stat().st_mode & 0o777, 0)
    same((top / "etc").lstat().st_rdev, 0)
    same(os.getxattr(top / "data", "user.overlay.opaque"), b"y")
    call("remove", "lesson")
    same(list((mine / "store/layers").iterdir()), [])


def at_terminal(*words: object) -> str:
    """What it says to a terminal of 60 columns."""
    pid, terminal = pty.fork()
    if pid == 0:
        fcntl.ioctl(0, termios.TIOCSWINSZ, struct.pack("HHHH", 24, 60, 0, 0))
        os.execv(words[0], [str(word) for word in words])
    said = b""
    try:
        while part := os.read(terminal, 65536):
            said += part
    except OSError:
        pass  # how Linux tells that nobody has the other end any more
    os.close(terminal)
    same(os.waitpid(pid, 0)[1], 0)
    return said.decode()


def case_a_bar_at_a_terminal(place):
    zeros = bytes(1 << 20)
    parts = [entry(f"file-{number}", zeros) for number in range(300)]
    image = place.folder / "long.tar.gz"
    image.write_bytes(archives.compressed(archives.base() + layer(*parts), "gzip"))
    said = at_terminal(world.binary, "image", "load", "--store", place.store, image)
    lines = said.split("\r")
    require(any(line.endswith("%\x1b[K") and "[" in line for line in lines), said[:500])
    require(all(len(line) <= 60 + len("\x1b[K") for line in lines if "%" in line), said[:500])
    require("\r\x1b[K" in said and said.rstrip().endswith("long:latest"), "it is wiped out at the end")
    place.call("image", "remove", "long")
    require("%" not in place.call("image", "load", image).stderr, "not into a pipe")
