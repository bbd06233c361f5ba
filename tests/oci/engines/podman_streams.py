"""Exit statuses, streams and terminals."""
import os

import image
from engine import run
from podman import PodmanCase, podman
from terminal import Terminal


class ExitStatus(PodmanCase):
    def test_0(self) -> None:
        self.assert_status(self.container("true"), 0)

    def test_7(self) -> None:
        self.assert_status(self.container("sh", "-c", "exit 7"), 7)

    def test_126_for_a_file_that_is_no_program(self) -> None:
        self.assert_status(self.container("/etc/passwd"), 126)

    def test_126_for_a_folder(self) -> None:
        self.assert_status(self.container("/etc"), 126)

    def test_127_for_a_path_that_is_not_there(self) -> None:
        self.assert_status(self.container("/no/such/program"), 127)

    def test_127_for_a_name_that_is_not_there(self) -> None:
        self.assert_status(self.container("no-such-program"), 127)

    def test_127_in_the_background(self) -> None:
        self.assert_status(self.container("no-such-program", options=("--detach",)), 127)

    def test_137_for_sigkill(self) -> None:
        name = self.background()
        self.ok("kill", name)
        self.assertEqual(self.wait_for_end(name), 137)

    def test_143_for_a_child_ended_by_sigterm(self) -> None:
        self.assert_status(self.container("sh", "-c", 'sh -c "kill -TERM \\$\\$"; exit $?'), 143)


class Streams(PodmanCase):
    def test_stdin_is_read_to_its_end(self) -> None:
        self.assertEqual(self.prints("cat", options=("--interactive",), stdin="a\nb\n"), "a\nb")

    def test_without_interactive_stdin_is_empty(self) -> None:
        self.assertEqual(self.prints("wc", "-c", stdin="unread"), "0")

    def test_stdout_and_stderr_stay_apart(self) -> None:
        result = self.container("sh", "-c", "echo out; echo err >&2")
        self.assertEqual((result.stdout, result.stderr), ("out\n", "err\n"))

    def test_a_mebibyte_arrives_whole(self) -> None:
        self.assertEqual(len(self.prints("sh", "-c", "yes | head -c 1048576")), 1048575)  # without the last newline

    def test_preserved_descriptors(self) -> None:
        file = self.folder / "file"
        file.write_text("by descriptor\n", encoding="ascii")
        command = f"exec podman run --rm --network none --preserve-fds 1 {image.NAME} sh -c 'cat <&3' 3<{file}"
        result = run("sh", "-c", command)
        self.assert_status(result, 0)
        self.assertEqual(result.stdout, "by descriptor\n")

    def test_only_standard_descriptors_otherwise(self) -> None:
        self.assertEqual(self.shell("for fd in 3 4 5 6 7 8 9; do test -e /proc/1/fd/$fd && echo $fd; done; true"), "")


class AtTheTerminal(PodmanCase):
    RUN = ("run", "--rm", "--network", "none", "-it", image.NAME)

    def test_is_a_terminal_and_ends_with_its_status(self) -> None:
        shell = self.terminal(*self.RUN, "sh", "-c", "test -t 0 -a -t 1 -a -t 2 && tty && exit 5")
        shell.expect("/dev/pts/0")
        self.assertEqual(shell.status(), 5)

    def test_console_is_the_terminal(self) -> None:
        shell = self.terminal(*self.RUN, "sh", "-c", "echo seen >/dev/console")
        shell.expect("seen")

    def test_has_the_size_of_the_outer_one_and_follows_it(self) -> None:
        shell = self.terminal(*self.RUN, "sh", rows=33, columns=101)
        shell.expect("#")
        shell.answers("stty size", "33 101")
        shell.resize(44, 120)
        shell.answers("stty size", "44 120")
        shell.type("exit 3\n")
        self.assertEqual(shell.status(), 3)

    def test_interrupt_reaches_the_foreground(self) -> None:
        shell = self.terminal(*self.RUN, "sh", "-c", "trap 'exit 4' INT; echo ready; while :; do sleep 0.1; done")
        shell.expect("ready")
        shell.type("\x03")
        self.assertEqual(shell.status(), 4)


class Attach(PodmanCase):
    def test_what_is_typed_arrives(self) -> None:
        name = self.background("sh", "-c", 'read word; echo "got $word"; exit 3',
                               options=("--interactive", "--network", "none"))
        self.assertEqual(self.ok("attach", name, stdin="word\n"), "got word")
        self.assertEqual(self.wait_for_end(name), 3)

    def test_detach_keys_leave_it_running(self) -> None:
        name = self.background("sh", options=("-it", "--network", "none"))
        shell = self.terminal("attach", name)
        shell.type("echo here\n")
        shell.expect("here")
        self.wait_for("the end of podman attach", lambda: self.detaches(shell))
        self.assertTrue(self.state(name)["Running"])


    def detaches(self, shell: Terminal) -> bool:
        for key in ("\x10", "\x11"):  # ctrl-p ctrl-q, which podman does not see when they come together
            shell.type(key)
            if shell.ended(seconds=0.5) == 0:
                return True
        return False


class Environment(PodmanCase):
    def test_variables_folder_and_host_name(self) -> None:
        shown = self.shell('echo "$WORD $PWD $(hostname) $PATH"',
                           "--env", "WORD=two words", "--workdir", "/data", "--hostname", "box")
        self.assertEqual(shown, "two words /data box /bin")

    def test_only_the_given_variables(self) -> None:
        os.environ["STRANGER"] = "1"
        self.addCleanup(os.environ.pop, "STRANGER")
        self.assertNotIn("STRANGER", self.prints("env"))

    def test_umask(self) -> None:
        self.assertEqual(self.shell("umask", "--umask", "0027"), "0027")
