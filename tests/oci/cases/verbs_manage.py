"""exec, list, ps, pause, resume, update, events, spec, features: what is done with a container that runs."""
import json
import subprocess
from pathlib import Path

import cgroups
import runtime
from container import SLEEP, VerbCase

ID = VerbCase.ID


class Exec(VerbCase):
    def test_words_and_flags(self) -> None:
        self.start(SLEEP)
        out = self.succeeds("exec", "--cwd", "/etc", "--env", "A=1", "-e", "B=2", "--user", "7:8", "-g", "9", ID,
                            "sh", "-c", "pwd; echo $A$B; id -u; id -G")
        self.assertEqual(out.split("\n"), ["/etc", "12", "7", "8 9", ""])

    def test_the_exit_status(self) -> None:
        self.start(SLEEP)
        for word, status in (("exit 5", 5), ("kill -9 $$", 137)):
            self.assertEqual(self.call("exec", ID, "sh", "-c", word).status, status)
        self.fails("exec", ID, "missing", says="", status=255)

    def test_a_folder_that_is_missing_is_not_made(self) -> None:
        bundle = self.start(SLEEP)
        self.fails("exec", "--cwd", "/new", ID, "true", says="/new", status=255)
        self.assertFalse((bundle.root / "new").exists())

    def test_detached(self) -> None:
        self.leave_orphans()
        self.start(SLEEP)
        self.succeeds("exec", "--detach", "--pid-file", self.folder / "pid", ID, "sleep", "200")
        pid = int((self.folder / "pid").read_text())
        self.assertEqual(len(json.loads(self.succeeds("ps", "--format", "json", ID))), 2)
        self.succeeds("delete", "--force", ID)
        runtime.wait_for(lambda: not Path(f"/proc/{pid}").exists(), "its end")

    def test_in_a_created_container(self) -> None:
        self.create(SLEEP)
        self.assertEqual(self.succeeds("exec", ID, "echo", "here"), "here\n")

    def test_its_input_and_output(self) -> None:
        self.start(SLEEP)
        self.assertEqual(self.succeeds("exec", ID, "tr", "a-z", "A-Z", stdin="words"), "WORDS")

    def test_more_capabilities(self) -> None:
        self.start(SLEEP)
        out = self.succeeds("exec", "--cap", "CAP_NET_RAW", ID, "grep", "CapEff", "/proc/self/status")
        self.assertIn("00000000000020e3", out)

    def test_no_new_privileges(self) -> None:
        self.start(SLEEP)
        self.assertIn("1", self.succeeds("exec", "--no-new-privs", ID, "grep", "NoNewPrivs", "/proc/self/status"))

    def test_affinity_of_who_joins(self) -> None:
        self.start(SLEEP | {"set": {"process.execCPUAffinity": {"initial": "0", "final": "0"}}})
        self.assertEqual(self.succeeds("exec", ID, "grep", "Cpus_allowed_list", "/proc/self/status").split()[1], "0")
        process = {"args": ["grep", "Cpus_allowed_list", "/proc/self/status"], "cwd": "/", "env": ["PATH=/bin"],
                   "user": {"uid": 0, "gid": 0}}
        (self.folder / "process.json").write_text(json.dumps(process))
        out = self.succeeds("exec", "--process", self.folder / "process.json", ID)
        self.assertEqual(out.split()[1], "0")

    def test_initial_affinity_alone(self) -> None:
        self.start(SLEEP)
        process = {"args": ["grep", "Cpus_allowed_list", "/proc/self/status"], "cwd": "/", "env": ["PATH=/bin"],
                   "user": {"uid": 0, "gid": 0}, "execCPUAffinity": {"initial": "0"}}
        (self.folder / "process.json").write_text(json.dumps(process))
        self.assertEqual(self.succeeds("exec", "--process", self.folder / "process.json", ID).split()[0],
                         "Cpus_allowed_list:")

    def test_the_clocks_are_the_containers(self) -> None:
        self.start(SLEEP | {"add": {"linux.namespaces": [{"type": "time"}]},
                            "set": {"linux.timeOffsets": {"boottime": {"secs": 1000000}}}})
        self.assertGreater(float(self.succeeds("exec", ID, "cat", "/proc/uptime").split()[0]), 1000000)

    def test_a_user_namespace(self) -> None:
        bundle = self.bundle(SLEEP | {"add": {"linux.namespaces": [{"type": "user"}, {"type": "cgroup"}]}, "set": {
            "linux.uidMappings": [{"containerID": 0, "hostID": 100000, "size": 100}],
            "linux.gidMappings": [{"containerID": 0, "hostID": 100000, "size": 100}]}})
        subprocess.run(["chown", "-hR", "100000:100000", bundle.root], check=True)
        self.succeeds("create", "--bundle", bundle.path, ID)
        self.succeeds("start", ID)
        out = self.succeeds("exec", ID, "sh", "-c", "id -u; cut -d: -f3 /proc/self/cgroup | sort -u; touch /made")
        self.assertEqual(out, "0\n/\n")
        self.assertEqual((bundle.root / "made").stat().st_uid, 100000)


class Lists(VerbCase):
    def test_list(self) -> None:
        bundle = self.create(SLEEP, name="one")
        self.start(SLEEP, name="two")
        found = {row["id"]: row for row in json.loads(self.succeeds("list", "--format", "json"))}
        self.assertEqual({name: row["status"] for name, row in found.items()}, {"one": "created", "two": "running"})
        self.assertEqual(found["one"]["bundle"], str(bundle.path))
        self.assertEqual(self.succeeds("list", "--quiet").split(), ["one", "two"])
        self.assertRegex(self.succeeds("list"), r"ID +PID +STATUS +BUNDLE +CREATED +OWNER\none +\d+ +created ")
        self.fails("list", "--format", "xml", says="allowed are table and json")

    def test_ps(self) -> None:
        self.start({"sh": "sleep 300 & exec sleep 301"})
        runtime.wait_for(lambda: len(json.loads(self.succeeds("ps", "--format", "json", ID))) == 2, "two processes")
        self.assertIn(self.pid(), json.loads(self.succeeds("ps", "-f", "json", ID)))
        self.assertIn("sleep", self.succeeds("ps", ID))


class Pause(VerbCase):
    def test_pause_and_resume(self) -> None:
        bundle = self.start({"sh": "while :; do echo x >> /count; sleep 0.01; done"})
        runtime.wait_for((bundle.root / "count").exists, "the loop")
        self.succeeds("pause", ID)
        self.assertEqual(self.status(), "paused")
        size = (bundle.root / "count").stat().st_size
        self.fails("pause", ID, says="paused")
        self.fails("exec", ID, "true", says="paused", status=255)
        self.fails("delete", ID, says="not stopped")
        self.assertEqual((bundle.root / "count").stat().st_size, size)
        self.succeeds("resume", ID)
        self.fails("resume", ID, says="is not paused")
        runtime.wait_for(lambda: (bundle.root / "count").stat().st_size > size, "the loop to go on")

    def test_kill_of_a_paused_one(self) -> None:
        self.start(SLEEP)
        pid = self.pid()
        self.succeeds("pause", ID)
        self.succeeds("kill", ID, "KILL")
        self.assertEqual(runtime.status_of(pid), 137)

    def test_delete_of_a_paused_one(self) -> None:
        self.start(SLEEP)
        self.succeeds("pause", ID)
        self.succeeds("delete", "--force", ID)


class Limits(VerbCase):
    LIMITED = SLEEP | {"set": {"linux.resources": {"memory": {"limit": 64000000}, "pids": {"limit": 20}}}}

    def read(self, v1: str, v2: str) -> str:
        return cgroups.Cgroup(self.pid()).read(v1, v2)

    def test_update_by_flags(self) -> None:
        self.start(self.LIMITED)
        self.succeeds("update", "--pids-limit", "30", "--memory", "80000000", ID)
        self.assertEqual(self.read("pids.max", "pids.max"), "30")
        self.assertEqual(int(self.read("memory.limit_in_bytes", "memory.max")) // 4096, 80000000 // 4096)

    def test_update_by_a_file(self) -> None:
        self.start(self.LIMITED)
        text = json.dumps({"pids": {"limit": 31}, "cpu": {"shares": 200}})
        self.succeeds("update", "--resources", "-", ID, stdin=text)
        self.assertEqual(self.read("pids.max", "pids.max"), "31")
        (self.folder / "resources").write_text(json.dumps({"pids": {"limit": 32}}))
        self.succeeds("update", "--resources", self.folder / "resources", ID)
        self.assertEqual(self.read("pids.max", "pids.max"), "32")

    def test_update_is_refused(self) -> None:
        self.start(self.LIMITED)
        self.fails("update", "--resources", "-", ID, stdin='{"pids": {"limit": "many"}}', says="pids.limit")
        self.fails("update", "--resources", "/no/such", ID, says="/no/such")
        self.fails("update", "--memory", "much", ID, says="--memory 'much'")

    def test_stats(self) -> None:
        self.start(self.LIMITED)
        stats = json.loads(self.succeeds("events", "--stats", ID))
        self.assertEqual((stats["type"], stats["id"]), ("stats", ID))
        self.assertEqual(stats["data"]["pids"], {"current": 1, "limit": 20})
        self.assertGreater(stats["data"]["memory"]["usage"]["usage"], 0)

    def test_events_end_with_the_container(self) -> None:
        self.start(self.LIMITED)
        with subprocess.Popen(runtime.words(self.state, "events", "--interval", "50ms", ID), stdout=subprocess.PIPE,
                              text=True) as process:
            lines = [json.loads(process.stdout.readline()) for _ in range(3)]
            self.succeeds("kill", ID, "KILL")
            self.assertEqual(process.wait(runtime.PATIENCE), 0)
        self.assertEqual({line["type"] for line in lines}, {"stats"})


class Others(VerbCase):
    def test_spec_is_a_config_that_runs(self) -> None:
        bundle = self.bundle({})
        config = bundle.path / "config.json"
        config.unlink()
        self.succeeds("spec", "--bundle", bundle.path)
        self.fails("spec", "--bundle", bundle.path, says="config.json")
        text = config.read_text().replace('"terminal": true', '"terminal": false').replace('"sh"', '"hostname"')
        config.write_text(text)
        self.assertEqual(self.succeeds("run", "--bundle", bundle.path, ID), "container\n")

    def test_features(self) -> None:
        features = json.loads(self.succeeds("features"))
        self.assertEqual(features["ociVersionMin"], "1.0.0")
        self.assertEqual(set(features["hooks"]), {"prestart", "createRuntime", "createContainer", "startContainer",
                                                  "poststart", "poststop"})
        self.assertLess({"rbind", "rro", "idmap", "tmpcopyup", "remount"}, set(features["mountOptions"]))

    def test_what_is_not_supported_says_so(self) -> None:
        self.start(SLEEP)
        for verb in ("checkpoint", "restore"):
            self.fails(verb, ID, says="not supported")

    def test_unknown_words(self) -> None:
        self.fails("create", "--colour", ID, says="unknown flag '--colour'")
        self.fails("create", says="wants the words: ID")
        self.fails("--cgroup-manager", "mine", "list", says="--cgroup-manager 'mine'")

    def test_no_pivot_is_refused(self) -> None:
        bundle = self.bundle(SLEEP)
        self.fails("create", "--no-pivot", "--bundle", bundle.path, ID, says="--no-pivot: refused")

    def test_help(self) -> None:
        self.assertIn("--bundle", self.succeeds("create", "--help"))

    def test_a_root_of_a_socket_path_too_long(self) -> None:
        deep = self.folder / ("long" * 20) / ("long" * 20)
        bundle = self.bundle(SLEEP)
        for words in (["create", "--bundle", bundle.path, ID], ["start", ID], ["delete", "--force", ID]):
            done = runtime.call(Path(deep), *words)
            self.assertEqual((done.status, done.error), (0, ""))
