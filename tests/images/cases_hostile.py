"""Archives that mean ill. Each is refused with nothing left of it, or confined: what it wanted is not so, on the host
and inside."""
import json
import os
import subprocess
import tarfile

import archives
from archives import entry, folder, layer, link
from cases import require, same


def marker(place):
    """A file of the host that no archive may reach."""
    path = place.folder / "marker"
    path.write_text("of the host")
    return path


def untouched(path) -> None:
    same(path.read_text(), "of the host")
    same(path.stat().st_nlink, 1)
    same(path.stat().st_mode & 0o7777, 0o644)


def load(place, *entries, refused: str | None = None):
    """One layer of these on top of the base; gives where it lies."""
    image = place.base_image(layer(*entries))
    if refused is not None:
        place.refused(image, refused)
        return None
    place.call("image", "load", image)
    return place.store / "layers" / archives.digest(layer(*entries))


def case_dots_in_a_name(place):
    load(place, entry("../../../../tmp/mydocker-evil", b"evil"), refused="'..'")
    load(place, entry("a/../../evil", b"evil"), refused="'..'")
    load(place, folder("a/.."), refused="'..'")
    require(not os.path.exists("/tmp/mydocker-evil"), "nothing is outside")


def case_absolute_names(place):
    path = marker(place)
    there = load(place, entry(str(path), b"evil"))
    untouched(path)
    same((there / str(path)[1:]).read_text(), "evil")  # it is a name inside


def case_a_link_and_a_file_behind_it(place):
    path = marker(place)
    load(place, link("out", str(path.parent)), entry("out/marker", b"evil"), refused="file exists")  # it leads nowhere
    there = load(place, folder(str(path.parent)), link("out", str(path.parent)), entry("out/marker", b"evil"),
                 entry("out/new", b"evil"))
    untouched(path)
    require(not (path.parent / "new").exists(), "nothing new on the host")
    same((there / str(path)[1:]).read_text(), "evil")  # where the link leads inside


def case_a_link_that_climbs(place):
    path = marker(place)
    for target in ("../" * 30 + str(path.parent)[1:], "/proc/self/cwd/..", "/proc/self/root", "."):
        place.call("image", "load", place.base_image(layer(link("out", target), entry("out/marker", b"evil"))), status=None)
        untouched(path)


def case_a_file_over_a_link(place):
    path = marker(place)
    there = load(place, link("file", str(path)), entry("file", b"evil", mode=0o4777))
    untouched(path)
    same((there / "file").read_text(), "evil")


def case_hard_links_to_the_host(place):
    path = marker(place)
    for target in (str(path), "../" * 30 + str(path)[1:], "/etc/passwd"):
        image = place.base_image(layer(link("hard", target, tarfile.LNKTYPE)))
        place.call("image", "load", image, status=125)
        untouched(path)
    load(place, link("out", str(path.parent)), link("hard", "out/marker", tarfile.LNKTYPE), refused="no such file")
    # To a link: the link itself has two names, and what it names is not written to.
    load(place, link("soft", str(path)), link("hard", "soft", tarfile.LNKTYPE), entry("hard", b"evil"))
    untouched(path)


def case_deletions_that_reach_out(place):
    for name in (".wh...", ".wh.", "a/.wh..", ".wh..//"):
        load(place, entry(name), refused="deletes no file")
    path = marker(place)
    load(place, folder(str(path.parent)), link("out", str(path.parent)), entry("out/.wh.marker"))
    untouched(path)
    # A link to a deletion would be one more that no image can say.
    place.call("image", "remove", "lesson")
    load(place, entry(".wh.etc"), link("bin", "etc", tarfile.LNKTYPE), refused="deleted")


def case_device_nodes(place):
    there = load(place, entry("disk", kind=tarfile.BLKTYPE, devmajor=8, devminor=0, mode=0o666),
                 entry("memory", kind=tarfile.CHRTYPE, devmajor=1, devminor=1, mode=0o666),
                 # What overlayfs takes for a deletion: an image may not bring it.
                 entry("etc", kind=tarfile.CHRTYPE, devmajor=0, devminor=0), entry("pipe", kind=tarfile.FIFOTYPE))
    same(sorted(os.listdir(there)), ["pipe"])
    same(place.sh("lesson", "ls /disk /memory /etc/passwd 2>/dev/null", status=1), "/etc/passwd")
    said = place.call("image", "load", place.base_image(layer(entry("disk", kind=tarfile.BLKTYPE)), name="again.tar")).stderr
    require("left out 1 device nodes" in said, said)


def case_attributes_of_overlays(place):
    """M15: layers that say of themselves where they lead, or what they hide."""
    wanted = {"trusted.overlay.opaque": "y", "user.overlay.opaque": "y", "trusted.overlay.redirect": "/etc",
              "user.overlay.redirect": "/etc", "user.overlay.metacopy": "", "security.selinux": "a_t", "user.mine": "kept"}
    headers = {f"SCHILY.xattr.{name}": value for name, value in wanted.items()}
    there = load(place, folder("etc", pax_headers=headers), entry("file", b"x", pax_headers=headers))
    for path in (there / "etc", there / "file"):
        same(os.listxattr(path), ["user.mine"])
    same(place.run("lesson", "cat", "/etc/group").splitlines()[0], "root:x:0:")  # still seen from below


def case_set_id_and_capabilities_mean_nothing(place):
    capability = "\x01\x00\x00\x02\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\x3f\x00\x00\x00"
    headers = {"SCHILY.xattr.security.capability": capability.encode("latin-1").decode("utf-8", "surrogateescape")}
    busybox = open(archives.BUSYBOX, "rb").read()
    there = load(place, entry("bin/id", busybox, mode=0o6755), entry("capable/cat", busybox, mode=0o755, pax_headers=headers))
    same((there / "bin/id").stat().st_mode & 0o7777, 0o6755)
    for options in (("-a", "-u", "1000"), ("-aU", "-u", "1000")):
        same(place.sh("lesson", "id -u; cat /proc/self/status", options=options).splitlines()[0], "1000")
        effective = [line for line in place.sh("lesson", "/capable/cat /proc/self/status", options=options).splitlines()
                     if line.startswith("CapEff")]
        same(effective, ["CapEff:\t0000000000000000"])


def case_other_users_cannot_enter(place):
    """M16: a set-user-ID program of an image is nobody's to run on the host."""
    there = load(place, entry("bin/suid", b"#!/bin/sh\n", mode=0o6755))
    place.store.chmod(0o755)  # whatever became of it
    place.call("image", "load", place.base_image(name="again.tar"))
    for folder_ in (place.store, place.store / "layers", place.store / "writable", place.store / "images"):
        same(folder_.stat().st_mode & 0o777, 0o700)
    pid = os.fork()
    if pid == 0:
        os.setgroups([])
        os.setgid(65534)
        os.setuid(65534)
        try:
            os.stat(there / "bin/suid")
            os._exit(1)
        except PermissionError:
            os._exit(0)
    same(os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]), 0)


def case_too_large(place):
    image = place.base_image(layer(entry("big", b"x" * 3000000)))
    said = place.call("image", "load", "--max-size", "1m", image, status=125).stderr
    require("more than 1048576 bytes" in said, said)
    same(place.layers(), [])
    place.call("image", "load", "--max-size", "20m", image)


def case_a_bomb_of_zeros(place):
    """A few megabytes that unpack to gigabytes, also between the files where no size is said."""
    zeros = b"\0" * (300 << 20)
    for bomb in (layer(entry("zeros", zeros)), layer(entry("a", b"x")) + zeros):
        packed = archives.compressed(bomb, "gzip")
        require(len(packed) < 2 << 20, "it is small")
        (place.folder / "bomb.tar.gz").write_bytes(packed)
        said = place.call("image", "load", "--max-size", "100m", "--max-files", "1000", place.folder / "bomb.tar.gz",
                          status=125).stderr
        require("more than" in said, said)
        same(place.images(), [])


def case_a_hole_as_large_as_a_disk(place):
    headers = {"GNU.sparse.major": "1", "GNU.sparse.minor": "0", "GNU.sparse.name": "hole", "GNU.sparse.realsize": str(1 << 50)}
    load(place, entry("GNUSparseFile.0/hole", b"0\n".ljust(512, b"\0"), pax_headers=headers), refused="more than")


def case_too_many_files(place):
    image = place.base_image(layer(*(folder(f"d{number}") for number in range(2000))))
    require("more than 1000 files" in place.call("image", "load", "--max-files", "1000", image, status=125).stderr, "refused")
    # Folders that are only named in passing count too.
    deep = place.base_image(layer(*(entry(f"a{number}/b/c/d", b"") for number in range(500))), name="deep.tar")
    require("more than 1000 files" in place.call("image", "load", "--max-files", "1000", deep, status=125).stderr, "refused")
    same([each for each in place.layers() if (each / "d0").exists() or (each / "a0").exists()], [])


def case_names_without_end(place):
    load(place, entry("/".join(["d"] * 3000) + "/file", b""), refused="")
    load(place, entry("n" * 300, b""), refused="name too long")


def case_odd_names(place):
    names = ["with\nnewline", "with\x1b[31mcolour", "-rf", "with space", "..."]
    there = load(place, *(entry(name, b"x") for name in names))
    same(sorted(os.listdir(there)), sorted(names))
    said = place.refused(place.base_image(layer(entry("../\x1b[31mred", b"x")), name="red.tar"), "'..'") \
        if place.call("image", "remove", "lesson") else ""
    require("\x1b" not in said, "no name speaks to the terminal")


def case_entries_twice(place):
    there = load(place, entry("twice", b"first"), folder("twice-folder"), entry("twice-folder/in", b"1"),
                 entry("twice", b"second"), folder("twice-folder", mode=0o700), folder("empty"), entry("empty", b"file"))
    same((there / "twice").read_text(), "second")
    same((there / "twice-folder").stat().st_mode & 0o777, 0o700)
    same((there / "twice-folder/in").read_text(), "1")
    same((there / "empty").read_text(), "file")
    place.call("image", "remove", "lesson")
    load(place, folder("full"), entry("full/in", b"1"), entry("full", b"file"), refused="not empty")


def case_two_manifests(place):
    """Who reads the first one and who reads the last one would see different images."""
    layers = [archives.base()]
    text = archives.config(layers)
    manifest = [{"Config": f"{archives.digest(text)}.json", "RepoTags": ["x"], "Layers": [f"{archives.digest(layers[0])}/layer.tar"]}]
    files = [(f"{archives.digest(layers[0])}/layer.tar", layers[0]), (f"{archives.digest(text)}.json", text)]
    twice = [*files, ("manifest.json", json.dumps(manifest).encode()), ("./manifest.json", b"[]")]
    place.refused(archives.write_tar(place.folder / "twice.tar", twice), "two entries")


def case_wrong_manifests(place):
    layers = [archives.base()]
    text = archives.config(layers)
    name = f"{archives.digest(layers[0])}/layer.tar"
    good = {"Config": f"{archives.digest(text)}.json", "RepoTags": ["x"], "Layers": [name]}
    for number, (manifest, reason) in enumerate((
            (b"[", "no JSON"), (b"{}", "no list"), (b"[]", "no image"), (b"[" * 100000, "too deep"),
            ([{**good, "Config": "no"}], "has no 'no'"), ([{**good, "Config": 5}], "is no text"),
            ([{**good, "Layers": []}], "0 layers"), ([{**good, "Layers": [name, name]}], "2 layers"),
            ([{**good, "Layers": ["../../etc/passwd"]}], "no layer"), ([{**good, "RepoTags": ["../x"]}], "no name"))):
        manifest = manifest if isinstance(manifest, bytes) else json.dumps(manifest).encode()
        files = [(name, layers[0]), (good["Config"], text), ("manifest.json", manifest)]
        place.refused(archives.write_tar(place.folder / f"{number}.tar", files), reason)


def case_wrong_digests(place):
    layers = [archives.base(), layer(entry("word", b"good"))]
    # A layer whose bytes are others than its configuration says.
    other = archives.config([layers[0], layer(entry("word", b"evil"))])
    place.refused(archives.docker_archive(place.folder / "one.tar", layers, text=other), "unpacks to")
    # A blob that is not what its name says: a layer, a manifest, a configuration.
    for kind in ("layer.v1", "manifest", "config"):
        for make in ("folder", "tar"):
            files = archives.oci_blobs(layers, "gzip")
            index = json.loads(files["index.json"])
            manifest_path = "blobs/sha256/" + index["manifests"][0]["digest"][7:]
            manifest = json.loads(files[manifest_path])
            wrong = {"layer.v1": "blobs/sha256/" + manifest["layers"][1]["digest"][7:], "manifest": manifest_path,
                     "config": "blobs/sha256/" + manifest["config"]["digest"][7:]}[kind]
            files[wrong] = archives.compressed(layer(entry("word", b"evil")), "gzip") if kind == "layer.v1" \
                else files[wrong] + b" "
            path = place.folder / f"{kind}.{make}"
            if make == "tar":
                archives.write_tar(path, list(files.items()))
            else:
                for name, content in files.items():
                    (path / name).parent.mkdir(parents=True, exist_ok=True)
                    (path / name).write_bytes(content)
            place.refused(path, "the digest of blobs/sha256/")


def case_blobs_that_are_links(place):
    """A layout's folder may be a stranger's too."""
    layers = [archives.base()]
    path = archives.oci_folder(place.folder / "layout", layers)
    secret = marker(place)
    for blob in list((path / "blobs/sha256").iterdir()):
        content = blob.read_bytes()
        blob.unlink()
        blob.symlink_to(secret)
        place.call("image", "load", path, status=125)
        blob.unlink()
        blob.write_bytes(content)
    place.call("image", "load", path)


def case_layers_in_another_order(place):
    """The configuration says which is above which; an archive cannot let one layer stand for another."""
    one, two = layer(entry("word", b"one")), layer(entry("word", b"two"))
    text = archives.config([archives.base(), one, two])
    path = archives.docker_archive(place.folder / "order.tar", [archives.base(), two, one], text=text)
    place.refused(path, "unpacks to")


def case_owners_that_cannot_be(place):
    for key in ("uid", "gid"):
        load(place, entry("file", b"", pax_headers={key: "4294967295"}), refused="owner")
        load(place, entry("file", b"", pax_headers={key: "99999999999"}), refused="owner")


def case_broken_archives(place):
    image = place.base_image(layer(entry("word", b"x" * 100000))).read_bytes()
    packed = archives.compressed(image, "gzip")
    for number, content in enumerate((b"", b"no archive at all", image[:len(image) // 2], packed[:len(packed) // 2],
                                      packed[:5000] + bytes(5000) + packed[10000:], b"\x1f\x8b" + bytes(100))):
        path = place.folder / f"broken-{number}.tar"
        path.write_bytes(content)
        place.call("image", "load", path, status=125)
        same(place.images(), [])
        same(place.layers(), [])


def case_what_is_no_file(place):
    pipe = place.folder / "pipe"
    os.mkfifo(pipe)
    for path in (pipe, "/dev/zero", place.folder):
        place.call("image", "load", path, status=125)
    same(place.images(), [])


def case_a_kept_folder_of_a_stranger(place):
    """He could put a link in the place of what MyDocker sets modes of, while it waits for his FIFO; or change the
    container's files while it runs."""
    image, kept, secret = place.base_image(), place.folder / "kept", place.folder / "secret"
    place.call("image", "load", image)
    secret.mkdir(mode=0o700)
    kept.mkdir(mode=0o700)
    stranger = 65534
    for name in ("upper", "work"):
        (kept / name).mkdir()
        os.chown(kept / name, stranger, stranger)
    os.chown(kept, stranger, stranger)
    words = ("-a", "--image", image, "--overlay-dir", kept, "/bin/true")
    require("has to belong to" in place.call(*words, status=125).stderr, "who owns it is asked")
    same(sorted(os.listdir(kept)), ["upper", "work"])
    os.chown(kept, 0, 0)
    os.mkfifo(kept / "base")
    require("ESTALE" in place.call(*words, status=125).stderr, "nobody waits for a FIFO")
    for verb in ("diff", "commit"):
        file = ("-o", place.folder / "new.tar") if verb == "commit" else ()
        require("EPERM" in place.call(verb, kept, *file, status=125).stderr, "nor does this")
        (kept / "base").unlink()
        (kept / "base").write_text(f"\n{secret}\n")
        os.chown(kept / "base", stranger, stranger)  # what it names would be read by root
        require("EPERM" in place.call(verb, kept, *file, status=125).stderr, "who wrote it is asked")
        (kept / "base").unlink()
        os.mkfifo(kept / "base")
    (kept / "base").unlink()
    (kept / "upper").rmdir()
    (kept / "upper").symlink_to(secret)
    place.call(*words, status=125)
    same(secret.stat().st_mode & 0o7777, 0o700)


def case_a_folder_that_names_what_is_elsewhere(place):
    outside, image = place.folder / "outside", place.folder / "image"
    outside.mkdir()
    image.mkdir()
    inner = archives.base()
    (outside / "backup.tar").write_bytes(inner)
    (image / "config.json").write_bytes(archives.config([inner]))
    (outside / "config.json").write_bytes(archives.config([inner]))
    (image / "inner.tar").symlink_to(outside / "backup.tar")
    (image / "out").symlink_to(outside)
    (image / "index.json").write_text("{}")  # by which a folder is known

    def load(text, layer, status=125):
        (image / "manifest.json").write_text(json.dumps([{"Config": text, "RepoTags": ["lesson"], "Layers": [layer]}]))
        said = place.call("image", "load", image, status=status).stderr
        same(len(place.images()), 0 if status else 1)
        return said

    for path in ("../outside/config.json", str(outside / "config.json"), "out/config.json", "../" * 30 + "dev/zero"):
        require("leads out of the folder" in load(path, "inner.tar"), path)
    for path in ("../outside/backup.tar", "out/backup.tar"):
        require("leads out of the folder" in load("config.json", path), path)
    require("is no file" in load("config.json", "inner.tar"), "a link")
    os.mkfifo(image / "fifo")
    require("is no file" in load("fifo", "inner.tar"), "a FIFO")
    (image / "inner.tar").unlink()
    (image / "inner.tar").write_bytes(inner)
    load("config.json", "inner.tar", status=0)


def case_small_images_of_large_texts(place):
    """A few kilobytes, compressed, that would be gigabytes in memory."""
    inner = layer(entry("a", b"x"))
    text = archives.config([inner])
    large = text[:-1] + b',"comment":"' + b"x" * (3 << 20) + b'"}'
    path = archives.write_tar(place.folder / "several.tar", [
        (f"{archives.digest(inner)}.tar", inner), (f"{archives.digest(large)}.json", large),
        ("manifest.json", json.dumps([{"Config": f"{archives.digest(large)}.json",
                                       "Layers": [f"{archives.digest(inner)}.tar"]}] * 1000).encode())])
    place.refused(path, "too many bytes")

    files = archives.oci_blobs([inner])
    index = json.loads(files["index.json"])
    for _ in range(4):
        index = {"schemaVersion": 2, "manifests": index["manifests"] * 100}
        content = json.dumps(index).encode()
        files[f"blobs/sha256/{archives.digest(content)}"] = content
        index = {"schemaVersion": 2, "manifests": [{"digest": f"sha256:{archives.digest(content)}"}]}
    files["index.json"] = json.dumps(index).encode()
    place.refused(archives.write_tar(place.folder / "indices.tar", list(files.items())), "too many texts")


def case_texts_that_are_too_deep_or_too_many(place):
    inner = archives.base()
    text = archives.config([inner])
    deep = text[:-1] + b',"comment":' + b"[" * 1000000 + b"]" * 1000000 + b"}"
    place.refused(archives.docker_archive(place.folder / "deep.tar", [inner], text=deep), "too deep")
    settings = json.loads(text)
    settings["config"] = {"Env": [f"A{number}=x" for number in range(150000)]}
    many = json.dumps(settings).encode()
    place.refused(archives.docker_archive(place.folder / "many.tar", [inner], text=many), "too many variables")


def case_folders_that_removing_would_make(place):
    """Deeper than what stays open at a time, and called as what is moved up then."""
    names = []
    for number in range(1, 9):
        for depth in range(260):
            names.append(folder(f".mydocker-deep-{number}" + "/d" * depth))
    deep = layer(*names)
    text = archives.config([archives.base()])  # promises another layer: refused
    place.refused(archives.docker_archive(place.folder / "deep.tar", [deep], text=text), "and should to")
    place.call("image", "load", place.base_image())


def case_half_a_layer_is_none(place):
    """Removing that does not come to its end leaves nothing that is taken for a layer."""
    content = layer(folder("busy"), *[entry(f"file-{number}", b"x") for number in range(50)])
    image = place.base_image(content)
    place.call("image", "load", image)
    busy = place.store / "layers" / archives.digest(content) / "busy"
    subprocess.run(["mount", "-t", "tmpfs", "none", str(busy)], check=True)
    try:
        place.call("image", "remove", "lesson")
        same(place.layers(), [])
        same(place.sh(image, "ls -d /file-* | wc -l"), "50")
    finally:
        for left in [busy, *place.store.glob("tmp/*/busy")]:
            subprocess.run(["umount", str(left)], check=False, stderr=subprocess.DEVNULL)
