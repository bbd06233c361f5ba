"""Images that lie in a registry or in another program's store: skopeo fetches them."""
import http.server
import json
import os
import shutil
import subprocess
import threading

import archives
import world
from archives import entry, layer
from cases import Skip, require, same


class Registry:
    """As much of one as is asked for one image, on the loopback; counts what it gives."""

    def __init__(self, files: dict[str, bytes]):
        registry = self
        self.given = 0
        described = json.loads(files["index.json"])["manifests"][0]
        blobs = {name.rpartition("/")[2]: content for name, content in files.items() if name.startswith("blobs/")}
        manifest = described["digest"].partition(":")[2]

        class Handler(http.server.BaseHTTPRequestHandler):
            def answer(self, content: bytes, kind: str = "application/octet-stream") -> None:
                self.send_response(200)
                self.send_header("Content-Type", kind)
                self.send_header("Content-Length", str(len(content)))
                self.end_headers()
                if self.command == "GET":
                    self.wfile.write(content)

            def do_GET(self) -> None:
                words = self.path.split("/")
                if self.path == "/v2/":
                    self.answer(b"{}", "application/json")
                elif words[2:4] == ["group", "lesson"] and words[-2] == "manifests" and words[-1] in ("latest", f"sha256:{manifest}"):
                    self.answer(blobs[manifest], described["mediaType"])
                elif words[-2] == "blobs" and words[-1].partition(":")[2] in blobs:
                    registry.given += 1
                    self.answer(blobs[words[-1].partition(":")[2]])
                else:
                    self.send_error(404)

            do_HEAD = do_GET

            def log_message(self, *_) -> None:
                pass

        self.server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.name = f"127.0.0.1:{self.server.server_port}"
        self.digest = described["digest"]
        threading.Thread(target=self.server.serve_forever, daemon=True).start()

    def __enter__(self):
        return self

    def __exit__(self, *_) -> None:
        self.server.shutdown()
        self.server.server_close()


def need_skopeo() -> None:
    if not shutil.which("skopeo"):
        raise Skip("not installed: skopeo")


def settings(place, registry: Registry) -> None:
    """Of skopeo's user: this registry speaks without TLS."""
    file = place.folder / ".config/containers/registries.conf"
    file.parent.mkdir(parents=True)
    file.write_text(f'[[registry]]\nlocation = "{registry.name}"\ninsecure = true\n')
    os.environ["HOME"] = str(place.folder)


def case_registry(place):
    need_skopeo()
    files = archives.oci_blobs([archives.base(), layer(entry("word", b"of the registry"))], "gzip", Cmd=["/bin/cat", "/word"])
    with Registry(files) as registry:
        settings(place, registry)
        there = f"docker://{registry.name}/group/lesson"
        for options in (("-a",), ("-aU",)):
            same(place.run(there, options=options), "of the registry")
        same(registry.given, 3)  # two layers and the configuration: once
        same([each["names"] for each in place.images()], [[f"{registry.name}/group/lesson:latest"]])
        same(place.run(f"{registry.name}/group/lesson"), "of the registry")
        place.call("image", "load", there)  # asks again
        same(os.listdir(place.store / "tmp"), [])
        by_digest = f"docker://{registry.name}/group/lesson@{registry.digest}"
        same(place.run(by_digest), "of the registry")
        said = place.call("-a", "--image", f"docker://{registry.name}/group/other", status=125).stderr
        require("by skopeo: " in said and "manifest" in said, said)
    require("by skopeo: " in place.call("image", "load", there, status=125).stderr, "nobody answers")
    same(os.listdir(place.store / "tmp"), [])
    same(place.run(there), "of the registry")  # it is here
    place.call("image", "remove", place.images()[0]["id"])
    same(place.layers(), [])


def case_a_registry_that_lies(place):
    """What a blob is called says what it is."""
    need_skopeo()
    files = archives.oci_blobs([archives.base()], "gzip")
    largest = max((name for name in files if name.startswith("blobs/")), key=lambda name: len(files[name]))
    files[largest] = archives.compressed(layer(entry("evil")), "gzip")
    with Registry(files) as registry:
        settings(place, registry)
        place.call("image", "load", f"docker://{registry.name}/group/lesson", status=125)
    same(place.images(), [])
    same(os.listdir(place.store / "tmp"), [])


def case_not_installed(place):
    """A host without it: empty folders lie over those with programs."""
    hide = "mount -t tmpfs none /usr/bin; mount -t tmpfs none /usr/local/bin; exec "
    words = f"{world.binary} image load --store {place.store} docker://127.0.0.1:1/x"
    done = subprocess.run(["unshare", "--mount", "sh", "-c", hide + words], text=True, capture_output=True, check=False)
    require(done.returncode == 125 and "install the package skopeo" in done.stderr, done.stderr)
