"""config.json: what is no JSON, what is too much of it, and what could be taken for something else."""
import json

from bundle import config_of
from container import VerbCase

MAPS = {"linux.gidMappings": [{"containerID": 0, "hostID": 100000, "size": 65536}]}
USER = {"add": {"linux.namespaces": [{"type": "user"}]}}


class Configs(VerbCase):
    def refused(self, case: dict, *says: str) -> None:
        error = self.fails("run", "--bundle", self.bundle(case).path, self.ID, says="MyDocker: ")
        for text in says:
            self.assertIn(text, error)
        self.assertTrue(all(c.isprintable() for c in error.replace("\n", "")), f"speaks to the terminal: {error!r}")

    def test_texts_that_are_no_configuration(self) -> None:
        for text in ("", "{", "[" * 1000000, '{"a":' * 100000, "null", "[]", '"x"', "{}", '{"ociVersion": 7}', "\0", '{"ociVersion": "1.2.0", "root": "\ud800"}'.encode(
                "utf-8", "replace").decode(), "{} {}", "\ufeff{}", "1e999999999"):
            with self.subTest(text=text[:30]):
                self.refused({"text": text})

    def test_a_file_without_end(self) -> None:
        self.refused({"text": json.dumps(config_of({})) + " " * (17 << 20)}, "EFBIG")

    def test_words_that_end_early(self) -> None:
        for place, value in (("process.args", ["sh\0x"]), ("process.env", ["A=1\0B=2"]), ("process.cwd", "/\0x"), ("root.path", "rootfs\0x"), ("hostname", "a\0b"),
                             ("linux.cgroupsPath", "/a\0b"), ("mounts[0].destination", "/proc\0x")):
            with self.subTest(place=place):
                self.refused({"set": {place: value}})

    def test_names_that_hold_more_than_a_name(self) -> None:
        for place, value in (("hostname", "a\nb"), ("hostname", "x" * 65), ("linux.cgroupsPath", "/a/../../b"), ("linux.cgroupsPath", "a\nb"),
                             ("linux.sysctl", {"kernel.core_pattern": "|/x"}), ("linux.sysctl", {"net.ipv4.ip_forward=1\nkernel.x": "1"}),
                             ("linux.sysctl", {"net/../kernel/core_pattern": "x"}), ("linux.sysctl", {"net.ipv4.../../../../kernel.core_pattern": "x"}),
                             ("linux.devices", [{"path": "/dev/../etc/x", "type": "c", "major": 1, "minor": 3}]),
                             ("linux.devices", [{"path": "dev/x", "type": "c", "major": 1, "minor": 3}])):
            with self.subTest(place=place, value=value):
                self.refused({"set": {place: value}})

    def test_maps(self) -> None:
        for ranges in ([{"containerID": 0, "hostID": 100000, "size": 65536}, {"containerID": 100, "hostID": 300000, "size": 10}],
                       [{"containerID": "0 0 1\n", "hostID": 100000, "size": 1}], [{"containerID": -1, "hostID": 0, "size": 1}],
                       [{"containerID": 0, "hostID": 4294967295, "size": 2}], [{"containerID": 0, "hostID": 100000, "size": 0}],
                       [{"containerID": i, "hostID": 100000 + i, "size": 1} for i in range(341)]):
            with self.subTest(ranges=str(ranges)[:80]):
                self.refused(USER | {"set": MAPS | {"linux.uidMappings": ranges}})

    def test_as_many_maps_as_the_kernel_takes(self) -> None:
        ranges = [{"containerID": i, "hostID": 1000 + i, "size": 1} for i in range(340)]
        bundle = self.bundle(USER | {"set": MAPS | {"linux.uidMappings": ranges}, "sh": "wc -l < /proc/self/uid_map"})
        self.assertEqual(self.succeeds("run", "--bundle", bundle.path, self.ID).strip(), "340")

    def test_a_word_that_is_too_long_for_the_kernel(self) -> None:
        self.refused({"set": {"process.args": ["sh", "-c", "x" * 200000]}}, "E2BIG")
        self.refused({"set": {"process.args": ["sh", *["x" * 100000] * 100]}}, "E2BIG")
