"""Networks, pods, and what a Kubernetes file describes."""
import os
import socket
import urllib.error
import urllib.request
import uuid

import image
from engine import run
from podman import PodmanCase, namespace_here, podman

SERVER = "echo served >/tmp/index.html && exec httpd -f -p 80 -h /tmp"
KUBE = """\
apiVersion: v1
kind: Pod
metadata:
  name: {name}
spec:
  hostNetwork: true
  restartPolicy: Never
  containers:
  - name: first
    image: {image}
    imagePullPolicy: Never
    command: [sh, -c, "echo $WORD; exit 4"]
    env: [{{name: WORD, value: hello}}]
  - name: second
    image: {image}
    imagePullPolicy: Never
    command: [sleep, "1000"]
    resources: {{limits: {{memory: 64Mi, cpu: 500m}}}}
    securityContext: {{runAsUser: 1000, readOnlyRootFilesystem: true}}
"""


def fetched(url: str) -> str:
    try:
        with urllib.request.urlopen(url, timeout=5) as answer:
            return answer.read().decode()
    except (OSError, urllib.error.URLError):
        return ""


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


class Networks(PodmanCase):
    def test_none_has_loopback_alone(self) -> None:
        self.assertEqual(self.prints("ls", "/sys/class/net"), "lo")

    def test_host(self) -> None:
        shown = self.ok("run", "--rm", "--network", "host", image.NAME, "readlink", "/proc/self/ns/net")
        self.assertEqual(shown, namespace_here("net"))

    def test_bridge_reaches_the_host(self) -> None:
        script = "ping -c 1 -w 20 $(ip route | sed -n 's/default via \\([^ ]*\\).*/\\1/p') >/dev/null && echo answered"
        self.assertEqual(self.ok("run", "--rm", "--cap-add", "NET_RAW", image.NAME, "sh", "-c", script), "answered")

    def test_two_containers_meet_on_the_bridge(self) -> None:
        server = self.background("sh", "-c", SERVER, options=())
        address = self.ok("inspect", "--format", "{{.NetworkSettings.IPAddress}}", server)
        self.wait_for("the page", lambda: podman("run", "--rm", image.NAME, "wget", "-qO-", f"http://{address}/").stdout
                      == "served\n")

    def test_published_port(self) -> None:
        port = free_port()
        self.background("sh", "-c", SERVER, options=("--publish", f"{port}:80"))
        self.wait_for("the page", lambda: fetched(f"http://127.0.0.1:{port}/") == "served\n")

    def test_nothing_is_left_of_the_bridge(self) -> None:
        before = run("ip", "-o", "link", "show", "type", "veth").stdout
        self.ok("run", "--rm", image.NAME, "true")
        self.wait_for("the end of the pair",
                      lambda: run("ip", "-o", "link", "show", "type", "veth").stdout == before)


class Pods(PodmanCase):
    def setUp(self) -> None:
        super().setUp()
        self.skip_without_catatonit()  # podman makes the image of a pod's first container from it
        self.pod = f"pod-{uuid.uuid4().hex[:8]}"
        self.addCleanup(podman, "pod", "rm", "--force", "--time", "0", self.pod)

    def test_members_share_network_ipc_and_host_name(self) -> None:
        self.ok("pod", "create", "--name", self.pod, "--network", "none", "--share", "net,ipc,uts")
        names = [self.ok("run", "--detach", "--pod", self.pod, image.NAME, "sleep", "1000") for _ in range(2)]
        pids = [self.state(name)["Pid"] for name in names]
        for kind, shared in {"net": True, "ipc": True, "uts": True, "pid": False, "mnt": False}.items():
            first, second = (os.readlink(f"/proc/{pid}/ns/{kind}") for pid in pids)
            self.assertEqual(first == second, shared, kind)
            self.assertNotEqual(first, namespace_here(kind), kind)

    def test_members_share_processes_when_asked_to(self) -> None:
        self.ok("pod", "create", "--name", self.pod, "--network", "none", "--share", "pid,ipc")
        self.ok("run", "--detach", "--pod", self.pod, image.NAME, "sleep", "4545")
        self.assertIn("sleep 4545", self.ok("run", "--rm", "--pod", self.pod, image.NAME, "ps"))

    def test_stop_and_start(self) -> None:
        self.ok("pod", "create", "--name", self.pod, "--network", "none")
        name = self.ok("run", "--detach", "--pod", self.pod, image.NAME, "sleep", "1000")
        self.ok("pod", "stop", "--time", "0", self.pod)
        self.assertEqual(self.state(name)["Status"], "exited")
        self.ok("pod", "start", self.pod)
        self.assertEqual(self.state(name)["Status"], "running")

    def test_pause_and_unpause(self) -> None:
        self.ok("pod", "create", "--name", self.pod, "--network", "none")
        name = self.ok("run", "--detach", "--pod", self.pod, image.NAME, "sleep", "1000")
        self.ok("pod", "pause", self.pod)
        self.assertEqual(self.state(name)["Status"], "paused")
        self.ok("pod", "unpause", self.pod)
        self.assertEqual(self.state(name)["Status"], "running")

    def test_from_a_kubernetes_file(self) -> None:
        file = self.folder / "pod.yaml"
        file.write_text(KUBE.format(name=self.pod, image=image.NAME), encoding="utf-8")
        self.ok("play", "kube", file)
        self.assertEqual(self.wait_for_end(f"{self.pod}-first"), 4)
        self.assertEqual(self.ok("logs", f"{self.pod}-first"), "hello")
        second = f"{self.pod}-second"
        self.assertEqual(self.cgroup(second).read("memory.limit_in_bytes", "memory.max"), str(64 * 1024 * 1024))
        self.assertEqual(self.ok("exec", second, "id", "-u"), "1000")
        self.assertIn("Read-only", podman("exec", second, "touch", "/tmp/file").stderr)
        self.ok("play", "kube", "--down", file)
        self.assertNotEqual(podman("pod", "exists", self.pod).returncode, 0)
