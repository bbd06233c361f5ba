"""A world of its own: a host with an uplink, and on the same wire the internet and a neighbour. The machine's own links
and rules stay as they are, and many such worlds live side by side.

    host       192.0.2.2   uplink up0, default route through the internet
    internet   192.0.2.1   servers that say who spoke to them
    neighbour  192.0.2.9   may be hostile

and the same three in 2001:db8::/64.
"""
import signal
import subprocess
import sys
import time
from pathlib import Path

HOST, INTERNET, NEIGHBOUR = "192.0.2.2", "192.0.2.1", "192.0.2.9"
HOST6, INTERNET6, NEIGHBOUR6 = "2001:db8::2", "2001:db8::1", "2001:db8::9"
PATIENCE = 60
TOP = Path(__file__).resolve().parent.parent.parent
ROOT = TOP / "root_fs" / "root"

binary = None  # the MyDocker under test; set by run.py
firewall = "legacy"


def sh(script: str, network: str = "host", check: bool = True) -> str:
    """Runs a script in one of the world's networks; gives what it prints."""
    words = ["sh", "-ec", script]
    if network != "host":
        words = ["ip", "netns", "exec", network, *words]
    done = subprocess.run(words, text=True, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, timeout=PATIENCE,
                          check=False)
    if check and done.returncode != 0:
        raise AssertionError(f"{network}: {script}: status {done.returncode}\n{done.stdout}")
    return done.stdout.strip()


def make() -> None:
    """Called in new network and mount namespaces."""
    sh("""mount -t tmpfs none /run; mkdir -p /run/netns
          ip link set lo up
          for name in wire internet neighbour; do ip netns add $name; ip -n $name link set lo up; done
          ip -n wire link add br0 type bridge; ip -n wire link set br0 up
          ip link add up0 type veth peer name host netns wire
          ip -n internet link add eth0 type veth peer name internet netns wire
          ip -n neighbour link add eth0 type veth peer name neighbour netns wire
          for end in host internet neighbour; do ip -n wire link set $end master br0 up; done""")
    sh(f"""ip link set up0 addrgenmode none; ip address add {HOST}/24 dev up0; ip link set up0 up
           ip -n internet address add {INTERNET}/24 dev eth0; ip -n internet link set eth0 up
           ip -n neighbour address add {NEIGHBOUR}/24 dev eth0; ip -n neighbour link set eth0 up
           ip address add {HOST6}/64 dev up0 nodad
           ip -n internet address add {INTERNET6}/64 dev eth0 nodad
           ip -n neighbour address add {NEIGHBOUR6}/64 dev eth0 nodad
           ip route add default via {INTERNET}; ip route add default via {INTERNET6}
           for table in raw nat filter; do iptables-legacy -t $table -S; ip6tables-legacy -t $table -S; done""")
    # The kernel adds what belongs to an address of IPv6 a moment after the address.
    wait_for("the host's address", lambda: f"local {HOST6} dev up0" in sh("ip -6 route show table local"))


def state() -> str:
    """What a container must leave as it was: links, addresses, routes, rules, settings. A link may
    vanish while its settings are read."""
    return sh("""ip -d link | sed 's/ numtxqueues.*//; s/_timer *[0-9.]*//g'; ip address; ip route show table all; ip -6 route show table all
                 for table in iptables ip6tables; do $table-legacy-save | sed 's/\\[.*//; /^#/d'; done
                 nft list ruleset
                 grep -s . /proc/sys/net/ipv4/ip_forward /proc/sys/net/ipv4/conf/*/forwarding \
                        /proc/sys/net/ipv4/conf/*/rp_filter /proc/sys/net/ipv4/conf/*/route_localnet \
                        /proc/sys/net/ipv6/conf/*/forwarding /proc/sys/net/ipv6/conf/*/accept_ra \
                        /proc/sys/net/ipv6/conf/*/force_forwarding || true
                 ls -A /run/mydocker 2>/dev/null || true""")


def wait_for(what: str, holds, seconds: float = PATIENCE) -> None:
    end = time.monotonic() + seconds
    while not holds():
        if time.monotonic() > end:
            raise AssertionError(f"waited in vain: {what}")
        time.sleep(0.02)


def require_state(before: str, seen_as=lambda text: text) -> None:
    """The kernel takes networks apart a moment after their last process, one after the other: on a loaded machine
    that is a long moment. `seen_as` leaves out what is not meant."""
    try:
        wait_for("the host is as it was", lambda: seen_as(state()) == seen_as(before), 3 * PATIENCE)
    except AssertionError:
        import difflib
        raise AssertionError("left behind:\n" + "\n".join(difflib.unified_diff(
            seen_as(before).splitlines(), seen_as(state()).splitlines(), lineterm="", n=0))) from None


class Skipped(Exception):
    """What this host lacks for a case."""


def kill_at_many_moments(command: list[str], moments: int) -> None:
    """MyDocker, a millisecond later each time."""
    for step in range(moments):
        process = subprocess.Popen([*command, "/bin/bash", "-c", "exit"], stdin=subprocess.DEVNULL,
                                   stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        time.sleep(step * 0.001)
        process.kill()
        process.wait()


def words(*options: str, user: bool = False) -> list[str]:
    return [str(binary), "-aU" if user else "-a", "--rootfs", str(ROOT), *options]


def nat(*options: str, user: bool = False) -> list[str]:
    return words("--network", "nat", "--dns", INTERNET, "--firewall", firewall, *options, user=user)


def run(command: list[str], script: str) -> subprocess.CompletedProcess:
    """Runs a script in a container, to its end."""
    return subprocess.run([*command, "/bin/bash", "-c", script], text=True, capture_output=True, timeout=PATIENCE,
                          stdin=subprocess.DEVNULL, check=False)


class Container:
    """One that goes on, in the background. `script` says "ready" when it is."""

    def __init__(self, command: list[str], script: str = "echo ready; exec sleep 1000"):
        self.process = subprocess.Popen([*command, "/bin/bash", "-c", script], text=True, stdin=subprocess.DEVNULL,
                                        stdout=subprocess.PIPE, stderr=subprocess.PIPE)
        line = self.process.stdout.readline()
        if line != "ready\n":
            raise AssertionError(f"not ready: {line}{self.process.communicate()}")
        # PID 1 of a namespace of its own; MyDocker may have other children.
        here = sh("readlink /proc/self/ns/pid")
        self.pid = next(int(pid) for pid in sh(f"pgrep -P {self.process.pid}").split()
                        if sh(f"readlink /proc/{pid}/ns/pid || true") not in ("", here))

    @property
    def address(self) -> str:
        return self.inside("ip -4 -o address show eth0").split()[3].partition("/")[0]

    @property
    def address6(self) -> str:
        return self.inside("ip -6 -o address show eth0").split()[3].partition("/")[0]

    @property
    def link(self) -> str:
        """The outer end of its pair."""
        return sh(f"ip route get {self.address}").split("dev ")[1].split()[0]

    def inside(self, script: str, check: bool = True) -> str:
        """As root of the host in the container's network: what the container itself may not even try."""
        return sh(f"nsenter -t {self.pid} -n sh -ec '{script}'", check=check)

    def end(self) -> None:
        self.process.send_signal(signal.SIGTERM)
        self.process.communicate(timeout=PATIENCE)

    def kill(self) -> None:
        """Gives MyDocker no chance to take anything back."""
        self.process.kill()
        self.process.communicate(timeout=PATIENCE)


class Server:
    """A program of python in one of the networks; it prints a line when it listens."""

    def __init__(self, network: str, program: str, *arguments: object):
        words = [sys.executable, "-u", str(Path(__file__).parent / "peer.py"), program, *map(str, arguments)]
        if network.isdigit():
            words = ["nsenter", "-t", network, "-n", *words]
        elif network != "host":
            words = ["ip", "netns", "exec", network, *words]
        self.process = subprocess.Popen(words, text=True, stdout=subprocess.PIPE, stdin=subprocess.DEVNULL)
        if self.process.stdout.readline() != "ready\n":
            raise AssertionError(f"{program} does not listen")

    def end(self) -> None:
        self.process.kill()
        self.process.communicate()


def ask(network: str, kind: str, address: str, port: int) -> str:
    """What a server says, or how it fails: "timeout", "refused", "EPERM"... `network` may be a pid."""
    words = [sys.executable, str(Path(__file__).parent / "peer.py"), "ask", kind, address, str(port)]
    if network.isdigit():
        words = ["nsenter", "-t", network, "-n", *words]
    elif network != "host":
        words = ["ip", "netns", "exec", network, *words]
    return subprocess.run(words, text=True, stdout=subprocess.PIPE, timeout=PATIENCE, check=True).stdout.strip()
