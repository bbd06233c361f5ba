"""netsetgo: a bridge between the host and processes, whoever started them."""
import json
import os
import shutil
import subprocess
import tempfile
from pathlib import Path

import world
from world import Container, Server, Skipped, ask, sh, state, wait_for, words


def netsetgo(*options: object) -> subprocess.CompletedProcess:
    return subprocess.run([str(world.binary.parent / "netsetgo"), *map(str, options)], text=True, capture_output=True,
                          timeout=world.PATIENCE, check=False)


class Alone:
    """A process in a network of its own."""

    def __init__(self) -> None:
        self.process = subprocess.Popen(["unshare", "--net", "sleep", "1000"])
        self.pid = self.process.pid
        own = os.stat("/proc/self/ns/net").st_ino
        wait_for("it has a network", lambda: os.stat(f"/proc/{self.pid}/ns/net").st_ino != own)

    def end(self) -> None:
        self.process.kill()
        self.process.wait()


def require_connected(pid: int, address: str) -> None:
    server = Server(str(pid), "tcp", "0.0.0.0", 80, "inside")
    host = Server("host", "udp", "0.0.0.0", 53, "host")
    assert ask("host", "tcp", address, 80) == "inside 10.10.10.1"
    assert ask(str(pid), "udp", "10.10.10.1", 53) == f"host {address}"
    assert sh(f"nsenter -t {pid} -n ip -4 -o route show default").split()[:3] == ["default", "via", "10.10.10.1"]
    assert "UP" in sh(f"nsenter -t {pid} -n ip -o link show lo").partition("<")[2].partition(">")[0].split(",")
    server.end()
    host.end()


def case_connects_and_takes_back():
    """one firewall"""
    before = state()
    one = Alone()
    done = netsetgo("-pid", one.pid)
    assert done.returncode == 0 and done.stdout == "10.10.10.2\n" and done.stderr == "", done
    assert sh("ip -4 -o address show brg0").split()[3] == "10.10.10.1/24"
    assert "10.10.10.2/24" in sh(f"nsenter -t {one.pid} -n ip -4 -o address")
    require_connected(one.pid, "10.10.10.2")
    done = netsetgo("-pid", one.pid, "--delete")
    assert done.returncode == 0 and done.stdout == done.stderr == "", done
    assert state() == before
    assert "10.10" not in sh(f"nsenter -t {one.pid} -n ip address")
    assert netsetgo("-pid", one.pid).returncode == 0, "and again"
    assert netsetgo("-pid", one.pid, "--delete").returncode == 0
    one.end()


def case_several_at_once():
    """one firewall"""
    before = state()
    many = [Alone() for _ in range(8)]
    running = [subprocess.Popen([str(world.binary.parent / "netsetgo"), "-pid", str(each.pid)], text=True,
                                stdout=subprocess.PIPE) for each in many]
    addresses = [each.communicate(timeout=world.PATIENCE)[0].strip() for each in running]
    assert sorted(addresses) == [f"10.10.10.{number}" for number in range(2, 10)], addresses
    for each, address in zip(many, addresses):
        require_connected(each.pid, address)
    server = Server(str(many[1].pid), "tcp", "0.0.0.0", 80, "second")
    assert ask(str(many[0].pid), "tcp", addresses[1], 80).startswith("second"), "a bridge: they reach each other"
    server.end()
    done = netsetgo("-pid", many[0].pid)
    assert done.returncode == 1 and "connected already" in done.stderr, done
    for each in many[1:]:
        each.end()
    wait_for("their links are gone", lambda: sh("ip -br link").count("netsetgo") == 1)
    assert netsetgo("-pid", many[0].pid, "--delete").returncode == 0
    assert state() == before
    many[0].end()


def case_an_ended_process_leaves_a_bridge_to_be_deleted():
    """one firewall"""
    before = state()
    one = Alone()
    assert netsetgo("-pid", one.pid).returncode == 0
    one.end()
    wait_for("its link is gone", lambda: "netsetgo" not in sh("ip -br link"))
    two = Alone()
    assert netsetgo("-pid", two.pid).stdout == "10.10.10.2\n", "the bridge is used again"
    done = netsetgo("-pid", one.pid, "--delete")
    assert done.returncode == 1 and f"connected are: {two.pid}" in done.stderr, done
    two.end()
    wait_for("its link is gone", lambda: "netsetgo" not in sh("ip -br link"))
    assert netsetgo("-pid", two.pid, "--delete").returncode == 0
    assert state() == before


def case_bad_words_change_nothing():
    """one firewall"""
    before = state()
    for options, status, said in (((), 2, "needs -pid PID"), (("-pid",), 2, "needs the number"),
                                  (("-pid", "x1"), 2, "-pid 'x1': allowed are"), (("-pid", "0"), 2, "'0': allowed"),
                                  (("-pid", "-1"), 2, "allowed are"), (("-pid", "1x"), 2, "allowed are"),
                                  (("-pid", "4194305"), 2, "allowed are"), (("--frob",), 2, "'--frob': unknown"),
                                  (("-pid", "4194304"), 1, "no such process is running"),
                                  (("-pid", os.getpid()), 1, "no network of its own"),
                                  (("-pid", os.getpid(), "--delete"), 1, "nothing is connected")):
        done = netsetgo(*options)
        assert done.returncode == status and said in done.stderr and done.stdout == "", (options, done)
        assert state() == before, options
    assert netsetgo("-h").stdout.startswith("Usage: netsetgo -pid PID")


def case_a_failure_half_way_takes_all_back():
    """one firewall"""
    one = Alone()
    pristine = state()
    for obstacle, remedy, said in (
            ("nsenter -t PID -n ip link add netsetgo type bridge", "nsenter -t PID -n ip link del netsetgo", "EEXIST"),
            ("nsenter -t PID -n sh -c 'ip link add d0 type bridge; ip link set d0 up; ip route add default dev d0'",
             "nsenter -t PID -n ip link del d0", "ip -n <PID>"),
            ("nsenter -t PID -n sh -c 'ip link add d0 type bridge; ip link set d0 up; ip address add 10.10.0.1/16 dev d0'",
             "nsenter -t PID -n ip link del d0", "a route of process PID leads to 10.10.0.0/16 over d0"),
            ("ip route add 10.10.10.128/25 via 192.0.2.1", "ip route del 10.10.10.128/25", "a route of this host"),
            ("ip link add brg0 type bridge", "ip link del brg0", "netsetgo did not make it"),
            ("ip link add brg0 type veth peer name other", "ip link del brg0", "netsetgo did not make it")):
        sh(obstacle.replace("PID", str(one.pid)))
        before = state(), sh(f"nsenter -t {one.pid} -n ip address")
        done = netsetgo("-pid", one.pid)
        assert done.returncode == 1 and said.replace("PID", str(one.pid)) in done.stderr, (obstacle, done)
        assert (state(), sh(f"nsenter -t {one.pid} -n ip address")) == before, obstacle
        sh(remedy.replace("PID", str(one.pid)))
    assert state() == pristine
    one.end()


def case_a_container_of_mydocker():
    """one firewall"""
    for user in (False, True):
        one = Container(words(user=user))
        assert netsetgo("-pid", one.pid).returncode == 0
        require_connected(one.pid, "10.10.10.2")
        assert netsetgo("-pid", one.pid, "--delete").returncode == 0
        one.end()


def case_a_container_of_runc():
    """one firewall"""
    if not shutil.which("runc"):
        raise Skipped("runc is not installed")
    with tempfile.TemporaryDirectory() as folder:
        sh(f"cd {folder}; runc spec")
        config = json.loads((Path(folder) / "config.json").read_text())
        config["root"]["path"] = str(world.ROOT)
        config["process"].update(terminal=False, args=["/bin/sleep", "1000"])
        (Path(folder) / "config.json").write_text(json.dumps(config))
        name = f"netsetgo-{os.stat('/proc/self/ns/net').st_ino}"
        process = subprocess.Popen(["runc", "run", "--bundle", folder, name], stdin=subprocess.DEVNULL)
        pid = []
        wait_for("runc's container runs", lambda: pid.append(sh(f"runc state {name} 2>/dev/null", check=False)) or
                 '"running"' in pid[-1])
        pid = json.loads(pid[-1])["pid"]
        assert netsetgo("-pid", pid).returncode == 0
        require_connected(pid, "10.10.10.2")
        assert netsetgo("-pid", pid, "--delete").returncode == 0
        sh(f"runc kill {name} KILL")
        process.wait(timeout=world.PATIENCE)
        sh(f"runc delete --force {name}")
