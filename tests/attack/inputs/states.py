"""The folder of states, the log and the pid file: what somebody else may have put there."""
import json
import os
import subprocess

import runtime
from container import SLEEP, VerbCase


class States(VerbCase):
    def marker(self) -> object:
        marker = self.folder / "marker"
        marker.write_text("as it was", encoding="ascii")
        return marker

    def tearDown(self) -> None:
        marker = self.folder / "marker"
        content = marker.read_text(encoding="ascii") if marker.exists() else "as it was"
        super().tearDown()
        self.assertEqual(content, "as it was")

    def test_the_log_follows_no_link(self) -> None:
        log = self.folder / "log"
        log.symlink_to(self.marker())
        done = runtime.call(self.state, "--log", log, "state", "nobody")
        self.assertEqual(done.status, 1)
        self.assertIn("cannot write the log", done.error)

    def test_the_pid_file_follows_no_link(self) -> None:
        marker = self.marker()
        for name in ("pid", ".pid.new"):
            (self.folder / name).symlink_to(marker)
        self.create(SLEEP, "--pid-file", self.folder / "pid")
        self.assertEqual(int((self.folder / "pid").read_text(encoding="ascii")), self.pid())

    def test_a_folder_of_states_that_is_not_ours(self) -> None:
        places = {name: self.folder / name for name in ("link", "others", "writable", "file")}
        (self.folder / "real").mkdir(mode=0o700)
        places["link"].symlink_to(self.folder / "real")
        for name in ("others", "writable"):
            places[name].mkdir()
        os.chown(places["others"], 1000, 1000)
        os.chmod(places["writable"], 0o777)
        places["file"].touch()
        for name, place in places.items():
            with self.subTest(name=name):
                done = runtime.call(place, "run", "--bundle", self.bundle(SLEEP).path, self.ID)
                self.assertEqual(done.status, 1)
                self.assertIn("use the folder of states", done.error)
        self.assertEqual(os.listdir(self.folder / "real"), [])

    def test_what_is_made_is_its_owners_alone(self) -> None:
        self.create(SLEEP)
        self.assertEqual(oct(self.state.stat().st_mode & 0o777), "0o700")
        folder = self.state / self.ID
        self.assertEqual(oct(folder.stat().st_mode & 0o777), "0o700")
        for file in folder.iterdir():
            if file.is_file():
                self.assertEqual(oct(file.stat().st_mode & 0o077), "0o0", file)

    def test_a_state_that_is_a_link(self) -> None:
        self.start(SLEEP)
        state = self.stored("state.json")
        kept = self.folder / "kept.json"
        state.rename(kept)
        state.symlink_to(kept)
        for words in (["state", self.ID], ["delete", "--force", self.ID], ["exec", self.ID, "true"]):
            self.assertIn("ELOOP", self.call(*words).error)
        kept.rename(state)

    def test_states_that_name_what_is_not_theirs(self) -> None:
        self.start(SLEEP)
        whole = self.stored("state.json").read_text(encoding="utf-8")
        top = "/sys/fs/cgroup"
        wrong = ({"id": "another"}, {"cgroups": [{"version": 1, "top": top, "path": ".."}]}, {"cgroups": [{"version": 1, "top": top, "path": ""}]},
                 {"cgroups": [{"version": 1, "top": "memory", "path": "x"}]}, {"cgroups": [{"version": 3, "top": top, "path": "x"}]},
                 {"folders": ["x"]}, {"folders": ["/a/../b"]}, {"cgroups": 7}, {"annotations": [1]}, {"owner": "root"})
        for members in wrong:
            with self.subTest(members=members):
                self.change_state(**members)
                for words in (["state", self.ID], ["kill", self.ID, "KILL"], ["delete", "--force", self.ID]):
                    done = self.call(*words)
                    self.assertEqual(done.status, 1, done)
                    self.assertIn("the state of the container", done.error)
                self.assertIn("warning: the state of the container", self.call("list").error)
                self.stored("state.json").write_text(whole, encoding="utf-8")
        self.assertEqual(self.status(), "running")

    def test_a_state_with_the_pid_of_another(self) -> None:
        self.create(SLEEP)
        self.call("kill", self.ID, "KILL")
        with subprocess.Popen(["sleep", "300"]) as other:
            for record in (f"{other.pid} 1\n", f"{other.pid}\n", "x y\n", f"-{other.pid} 1\n", "0 0\n", f"{2**40} 1\n"):
                self.stored("init").write_text(record, encoding="ascii")
                self.assertEqual(self.status(), "stopped", record)
                self.call("kill", self.ID, "KILL")
            self.assertEqual(self.call("delete", "--force", self.ID).status, 0)
            self.assertIsNone(other.poll())
            other.kill()

    def test_names_that_speak_to_a_terminal(self) -> None:
        bundle = self.bundle(SLEEP)
        for name in ("\x1b[2Jx", "\u009b2Jx", "a\nb"):
            renamed = bundle.path.with_name(name)
            bundle.path.rename(renamed)
            for words in (["create", "--bundle", renamed, self.ID], ["list"], ["list", "--format", "json"], ["state", self.ID]):
                done = self.call(*words)
                self.assertEqual(done.status, 0, done)
                self.assertTrue(all(c.isprintable() for c in done.out.replace("\n", "")), f"{words}: {done.out!r}")
            self.assertEqual(json.loads(self.call("state", self.ID).out)["bundle"], str(renamed))
            self.call("delete", "--force", self.ID)
            renamed.rename(bundle.path)

    def test_processes_that_speak_to_a_terminal(self) -> None:
        self.start({"sh": "printf '\\033[2J' > /proc/self/comm; echo > /tmp/done; while :; do sleep 1; done"})
        runtime.wait_for((self.folder / "bundle1/rootfs/tmp/done").exists, "the new name")
        self.assertIn("\\x1b[2J", self.succeeds("ps", self.ID))
