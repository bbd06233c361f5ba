"""create, start, state, kill, delete, run: the life of a container, and the words that callers look for."""
import concurrent.futures
import json
import os
import signal
import subprocess
import time
from pathlib import Path

import runtime
from container import SLEEP, VerbCase

ID = VerbCase.ID


class Life(VerbCase):
    def test_from_create_to_delete(self) -> None:
        bundle = self.create(SLEEP)
        state = runtime.state_of(self.state, ID)
        self.assertEqual({key: state[key] for key in ("ociVersion", "id", "status", "bundle")},
                         {"ociVersion": "1.2.0", "id": ID, "status": "created", "bundle": str(bundle.path)})
        self.assertTrue(Path(f"/proc/{state['pid']}").exists())
        self.succeeds("start", ID)
        self.assertEqual(self.status(), "running")
        self.assertEqual(self.pid(), state["pid"])
        self.succeeds("kill", ID, "KILL")
        self.assertEqual(runtime.status_of(state["pid"]), 137)
        self.assertEqual((self.status(), self.pid()), ("stopped", 0))
        self.succeeds("delete", ID)
        self.fails("state", ID, says="does not exist")

    def test_the_program_waits_for_start(self) -> None:
        bundle = self.create({"sh": "touch /ran; exec sleep 300"})
        time.sleep(0.1)
        self.assertFalse((bundle.root / "ran").exists())
        self.succeeds("start", ID)
        runtime.wait_for((bundle.root / "ran").exists, "the program")

    def test_annotations_are_in_the_state(self) -> None:
        self.create(SLEEP | {"set": {"annotations": {"org.example.key": "a value", "empty": ""}}})
        self.assertEqual(runtime.state_of(self.state, ID)["annotations"], {"org.example.key": "a value", "empty": ""})

    def test_an_id_that_exists(self) -> None:
        bundle = self.create(SLEEP)
        self.fails("create", "--bundle", bundle.path, ID, says="exists")
        self.fails("run", "--bundle", bundle.path, ID, says="exists")
        self.assertEqual(self.status(), "created")

    def test_two_creates_at_once(self) -> None:
        bundle = self.bundle(SLEEP)
        with concurrent.futures.ThreadPoolExecutor(4) as pool:
            done = list(pool.map(lambda _: self.call("create", "--bundle", bundle.path, ID), range(4)))
        self.assertEqual(sorted(each.status for each in done), [0, 1, 1, 1])
        self.assertEqual(self.status(), "created")
        self.succeeds("delete", "--force", ID)

    def test_many_at_once(self) -> None:
        bundle = self.bundle(SLEEP)
        names = [f"one{number}" for number in range(8)]
        with concurrent.futures.ThreadPoolExecutor(4) as pool:
            list(pool.map(lambda name: self.succeeds("create", "--bundle", bundle.path, name), names))
            list(pool.map(lambda name: self.succeeds("start", name), names))
            self.assertEqual(self.succeeds("list", "-q").split(), names)
            list(pool.map(lambda name: self.succeeds("delete", "--force", name), names))

    def test_an_unknown_id(self) -> None:
        for words in (["state"], ["start"], ["kill"], ["delete"], ["pause"], ["resume"], ["ps"], ["events", "--stats"]):
            self.fails(*words, "nobody", says="does not exist")
        self.fails("exec", "nobody", "true", says="does not exist", status=255)
        self.succeeds("delete", "--force", "nobody")

    def test_ids_that_lead_elsewhere(self) -> None:
        bundle = self.bundle(SLEEP)
        for name in ("../x", "a/b", "..", ".", "", "a" * 300, "a b", "-x"):
            done = self.call("create", "--bundle", bundle.path, "--", name)
            self.assertEqual(done.status, 1, f"{name!r}: {done}")
        self.assertEqual(self.succeeds("list", "-q"), "")

    def test_start_twice(self) -> None:
        self.start(SLEEP)
        self.fails("start", ID, says="cannot start an already running container")

    def test_start_of_a_stopped_one(self) -> None:
        self.start({"sh": "true"})
        self.wait_for_status("stopped")
        self.fails("start", ID, says="cannot start a container that has stopped")
        self.fails("exec", ID, "true", says="container not running", status=255)
        self.fails("kill", ID, says="container not running")
        self.fails("pause", ID, says="container not running")

    def test_delete_of_a_running_one(self) -> None:
        self.start(SLEEP)
        self.fails("delete", ID, says="not stopped")
        self.assertEqual(self.status(), "running")
        self.succeeds("delete", "--force", ID)
        self.succeeds("delete", "--force", ID)

    def test_delete_of_a_created_one(self) -> None:
        self.create(SLEEP)
        pid = self.pid()
        self.succeeds("delete", ID)
        self.assertEqual(runtime.status_of(pid), 137)

    def test_kill_takes_names_and_numbers(self) -> None:
        bundle = self.start({"sh": "for s in HUP USR1 USR2 TERM; do trap \"echo $s >> /got\" $s; done; touch /ready; "
                                   "while :; do sleep 0.01; done"})
        runtime.wait_for((bundle.root / "ready").exists, "the traps")
        for number, word in enumerate(["HUP", "SIGUSR1", "12", None], 1):
            self.succeeds("kill", ID, *([word] if word else []))
            runtime.wait_for(lambda: (bundle.root / "got").exists() and
                             len((bundle.root / "got").read_text().split()) == number, f"signal {word}")
        self.assertEqual((bundle.root / "got").read_text().split(), ["HUP", "USR1", "USR2", "TERM"])
        self.fails("kill", ID, "NONE", says="unknown signal 'NONE'")

    def test_kill_of_all(self) -> None:
        self.start({"drop": ["linux.namespaces[type=pid]"], "sh": "sleep 300 & sleep 300 & exec sleep 300"})
        runtime.wait_for(lambda: len(json.loads(self.succeeds("ps", "--format", "json", ID))) == 3, "three processes")
        pids = json.loads(self.succeeds("ps", "--format", "json", ID))
        self.succeeds("kill", "--all", ID, "KILL")
        runtime.reap()
        runtime.wait_for(lambda: runtime.reap() or not any(Path(f"/proc/{pid}").exists() for pid in pids), "their end")

    def test_a_signal_reaches_who_waits_for_its_start(self) -> None:
        self.create(SLEEP)
        pid = self.pid()
        self.succeeds("kill", ID, "KILL")
        self.assertEqual(runtime.status_of(pid), 137)
        self.assertEqual(self.status(), "stopped")
        self.fails("start", ID, says="has stopped")

    def test_a_zombie_has_stopped(self) -> None:
        """Its parent, this script, has not waited for it."""
        self.start({"sh": "exit 3"})
        pid = int(self.stored("init").read_text().split()[0])
        runtime.wait_for(lambda: Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()[0] == "Z", "a zombie")
        self.assertEqual((self.status(), self.pid()), ("stopped", 0))
        self.succeeds("delete", ID)
        self.assertEqual(runtime.status_of(pid), 3)

    def test_no_descriptor_leads_out(self) -> None:
        """CVE-2024-21626: a cwd that is one of the runtime's own descriptors."""
        bundle = self.bundle({"sh": "pwd; ls -a"})
        text = (bundle.path / "config.json").read_text()
        for number in range(3, 20):
            (bundle.path / "config.json").write_text(text.replace('"cwd": "/"', f'"cwd": "/proc/self/fd/{number}"'))
            done = self.call("run", "--bundle", bundle.path, ID)
            self.assertNotIn("rootfs", done.out)
            self.assertNotIn("unreachable", done.out)
            if done.status == 0:
                self.assertTrue(done.out.startswith("/"), done)

    def test_a_program_that_is_missing_is_said_by_create_or_start(self) -> None:
        bundle = self.bundle({"set": {"process.args": ["missing"]}})
        done = self.call("create", "--bundle", bundle.path, ID)
        self.assertEqual(done.status, 1)
        self.assertRegex(done.error, "executable file not found in|no such file or directory")
        self.assertEqual(self.succeeds("list", "-q"), "")

    def test_a_container_without_a_process(self) -> None:
        self.create({"drop": ["process"]})
        self.assertEqual(self.status(), "created")
        self.fails("start", ID, says="process: is missing")

    def test_run_gives_the_status_and_cleans_up(self) -> None:
        bundle = self.bundle({"sh": "exit 42"})
        self.assertEqual(self.call("run", "--bundle", bundle.path, ID).status, 42)
        self.assertEqual(self.succeeds("list", "-q"), "")

    def test_run_keeps_what_it_is_told_to_keep(self) -> None:
        bundle = self.bundle({"sh": "exit 42"})
        self.assertEqual(self.call("run", "--keep", "--bundle", bundle.path, ID).status, 42)
        self.assertEqual(self.status(), "stopped")

    def test_run_detached(self) -> None:
        bundle = self.bundle(SLEEP)
        self.succeeds("run", "--detach", "--pid-file", self.folder / "pid", "--bundle", bundle.path, ID)
        self.assertEqual(self.status(), "running")
        self.assertEqual((self.folder / "pid").read_text(), str(self.pid()))

    def test_run_passes_signals_on(self) -> None:
        bundle = self.bundle({"sh": "trap 'exit 9' TERM; touch /ready; while :; do sleep 0.01; done"})
        process = subprocess.Popen(runtime.words(self.state, "run", "--bundle", bundle.path, ID))
        runtime.wait_for((bundle.root / "ready").exists, "the trap")
        process.send_signal(signal.SIGTERM)
        self.assertEqual(process.wait(runtime.PATIENCE), 9)


class Tampered(VerbCase):
    def test_a_wrong_start_time_is_another_process(self) -> None:
        """The number went to somebody else: nobody is killed."""
        self.start(SLEEP)
        real = self.pid()
        with subprocess.Popen(["sleep", "300"]) as other:
            try:
                # A tick earlier would do, but two processes may start within one.
                started = int(self.stored("init").read_text().split()[1]) - 10**9
                self.stored("init").write_text(f"{other.pid} {started}\n")
                self.assertEqual((self.status(), self.pid()), ("stopped", 0))
                self.fails("kill", ID, "KILL", says="container not running")
                self.fails("exec", ID, "true", says="container not running", status=255)
                self.succeeds("delete", ID)
                self.assertIsNone(other.poll(), "somebody else was killed")
            finally:
                other.kill()
        self.assertEqual(runtime.status_of(real), 137, "those in its cgroup end with it")

    def test_a_record_that_is_none(self) -> None:
        self.create(SLEEP)
        pid = self.pid()
        for text in ("", "x y\n", "-1 5\n", "0 0\n", "1\n", "99999999999999999999 1\n"):
            self.stored("init").write_text(text)
            self.assertEqual(self.status(), "stopped", repr(text))
        self.succeeds("delete", "--force", ID)
        self.assertEqual(runtime.status_of(pid), 137)

    def test_a_state_of_a_newer_version(self) -> None:
        self.start(SLEEP)
        self.change_state(colour="red", later={"a": [1]})
        self.assertEqual(self.status(), "running")
        self.assertEqual(self.succeeds("exec", ID, "echo", "here"), "here\n")

    def test_a_state_that_is_no_json(self) -> None:
        self.start(SLEEP)
        text = self.stored("state.json").read_text()
        self.stored("state.json").write_text("{")
        self.fails("state", ID, says="state of the container cannot be read")
        self.stored("state.json").write_text(text)

    def test_a_folder_that_others_may_write_to(self) -> None:
        self.state.mkdir(mode=0o777)
        self.state.chmod(0o777)
        self.fails("list", says="nobody else may write to it")
        self.state.chmod(0o700)

    def test_the_folder_is_its_owners_alone(self) -> None:
        self.create(SLEEP)
        self.assertEqual((self.state.stat().st_mode & 0o7777, (self.state / ID).stat().st_mode & 0o7777), (0o700, 0o700))

    def test_a_link_in_the_place_of_a_container(self) -> None:
        self.create(SLEEP)
        (self.state / "link").symlink_to(ID)
        self.fails("state", "link", says="does not exist")
        self.assertEqual(self.succeeds("list", "-q"), f"{ID}\n")
        os.unlink(self.state / "link")
