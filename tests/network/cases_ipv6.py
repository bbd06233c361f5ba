"""--ipv6: the same promises as for IPv4, and nothing of them without being asked."""
import re
from pathlib import Path

from world import (HOST, HOST6, INTERNET, INTERNET6, NEIGHBOUR6, Container, Server, ask, nat, require_state, run, sh,
                   state, wait_for, words)


def case_out():
    """Behind the host's address, as with IPv4, which goes on working; with a user namespace and without."""
    servers = [Server("internet", kind, INTERNET6, port, kind) for kind, port in (("tcp", 80), ("udp", 53))]
    servers.append(Server("internet", "tcp", INTERNET, 80, "old"))
    for user in (False, True):
        one = Container(nat("--ipv6", user=user))
        assert ask(str(one.pid), "tcp", INTERNET6, 80) == f"tcp {HOST6}"
        assert ask(str(one.pid), "udp", INTERNET6, 53) == f"udp {HOST6}"
        assert ask(str(one.pid), "tcp", INTERNET, 80) == f"old {HOST}"
        assert one.address6.startswith("fd6d:7964:6f63:1::"), one.address6
        one.end()
        done = run(nat("--ipv6", "--hostname", "web", user=user), f"ping -q -c 1 -W 5 {INTERNET6}; cat /etc/hosts")
        assert "1 received" in done.stdout and re.search("^fd6d:7964:6f63:1::[2-9]\tweb$", done.stdout, re.M), done
    for server in servers:
        server.end()


def case_published():
    """On an address of IPv6 that the host has; what is not published is not reached."""
    for where, port in ((HOST6, 8080), ("::", 8081)):
        one = Container(nat("--ipv6", "-p", f"[{where}]:{port}:80", "-p", f"[{where}]:{port}:53/udp"))
        inside = [Server(str(one.pid), kind, "::", p, kind) for kind, p in (("tcp", 80), ("udp", 53))]
        assert ask("neighbour", "tcp", HOST6, port) == f"tcp {NEIGHBOUR6}"
        assert ask("internet", "udp", HOST6, port) == f"udp {INTERNET6}"
        assert ask("host", "tcp", HOST6, port).startswith("tcp ")
        assert ask("neighbour", "tcp", HOST, port) == "refused", "published for IPv6 alone"
        for server in inside:
            server.end()
        one.end()


def case_apart():
    """N4 and N8: another container, a forged sender, a neighbour of the host's that routes through it."""
    one, two = Container(nat("--ipv6")), Container(nat("--ipv6"))
    server = Server(str(two.pid), "tcp", "::", 80, "two")
    far = Server("internet", "udp", INTERNET6, 53, "far")
    assert one.address6 != two.address6
    assert ask(str(one.pid), "tcp", two.address6, 80) == "timeout"
    assert ask(str(one.pid), "udp", INTERNET6, 53) == f"far {HOST6}"
    for forged in (two.address6, "2001:db8:1::1"):
        one.inside(f"ip address add {forged}/128 dev eth0 nodad; "
                   f"ip -6 route replace default via fd6d:7964:6f63:1::1 dev eth0 src {forged}")
        assert ask(str(one.pid), "udp", INTERNET6, 53) == "timeout", forged
        one.inside(f"ip -6 route replace default via fd6d:7964:6f63:1::1 dev eth0; ip address del {forged}/128 dev eth0")
    sh(f"ip route add fd00::/8 via {HOST6}", "neighbour")
    assert ask("neighbour", "tcp", two.address6, 80) == "timeout"
    sh("ip route del fd00::/8", "neighbour")
    for each in (server, far, one, two):
        each.end()


def case_egress():
    """N2: whom alone it may speak to, the host itself included."""
    servers = [Server("internet", "tcp", INTERNET6, port, "far") for port in (80, 81)]
    servers.append(Server("host", "tcp", "::", 7000, "host"))
    one = Container(nat("--ipv6", "--egress", f"[{INTERNET6}]:80"))
    assert ask(str(one.pid), "tcp", INTERNET6, 80) == f"far {HOST6}"
    for address, port in ((INTERNET6, 81), (HOST6, 7000), ("fd6d:7964:6f63:1::1", 7000), (INTERNET, 80)):
        assert ask(str(one.pid), "tcp", address, port) in ("refused", "EACCES", "EPERM"), (address, port)
    one.end()
    one = Container(nat("--ipv6", "--egress", INTERNET))
    assert ask(str(one.pid), "tcp", INTERNET6, 80) in ("refused", "EACCES", "EPERM"), "a list of IPv4 alone"
    one.end()
    for server in servers:
        server.end()


def case_nothing_is_left():
    """At an end in good order, and after a kill by the next start; the neighbour that needs it keeps it."""
    before = state()
    one, two = Container(nat("--ipv6")), Container(nat("--ipv6"))
    server = Server("internet", "tcp", INTERNET6, 80, "far")
    one.end()
    assert ask(str(two.pid), "tcp", INTERNET6, 80) == f"far {HOST6}"
    two.kill()
    wait_for("its link is gone", lambda: "myd" not in sh("ip -br link"))
    assert run(words(), "true").returncode == 0
    server.end()
    require_state(before)


def case_a_host_that_forwards_already():
    """one firewall"""
    sh("echo 1 >/proc/sys/net/ipv6/conf/all/forwarding; echo 1 >/proc/sys/net/ipv4/conf/up0/forwarding")
    before = state()
    done = run(nat("--ipv6"), f"ping -q -c 1 -W 5 {INTERNET6}")
    assert "1 received" in done.stdout and done.stderr == "", done
    require_state(before)
    sh("echo 0 >/proc/sys/net/ipv6/conf/all/forwarding; echo 0 >/proc/sys/net/ipv4/conf/up0/forwarding")


def case_a_host_that_listens_to_its_router():
    """Its default route was advertised. A kernel without force_forwarding forwards on all interfaces or on none, and a
    host that does so would no longer hear its router."""
    sh(f"ip -6 route del default; ip -6 route add default via {INTERNET6} dev up0 proto ra")
    before = state()
    server = Server("internet", "tcp", INTERNET6, 80, "tcp")
    one, two = Container(nat("--ipv6")), Container(nat("--ipv6"))
    settings = "cd /proc/sys/net/ipv6/conf; cat all/forwarding up0/accept_ra"
    is_for_one = Path("/proc/sys/net/ipv6/conf/all/force_forwarding").exists()
    assert sh(settings).split() == (["0", "1"] if is_for_one else ["1", "2"])
    one.end()
    assert ask(str(two.pid), "tcp", INTERNET6, 80) == f"tcp {HOST6}"
    two.end()
    server.end()
    require_state(before)
    sh(f"ip -6 route del default; ip -6 route add default via {INTERNET6} dev up0")


def case_a_subnet_of_ones_own():
    """one firewall"""
    done = run(nat("--subnet", "fd00:1::/120", "--subnet", "172.20.7.0/24"), "ip -br address show eth0")
    assert "fd00:1::2/128" in done.stdout and "172.20.7.2/32" in done.stdout, done
    for wrong in (["-p", f"[{HOST6}]:80:80"], ["--dns", INTERNET6], ["--egress", INTERNET6]):
        done = run(nat(*wrong), "true")
        assert done.returncode == 2 and "needs --ipv6" in done.stderr, done
    done = run(nat("--ipv6", "-p", "[::1]:80:80"), "true")
    assert done.returncode == 2 and "::1" in done.stderr, done
