"""Rows N1 to N8: what an attacker inside, or beside the host, gets. Some need NET_ADMIN in the container's network, as
after an escape: those are made with the host's root in that network, which a container has not."""
import json
import tempfile

import world
from world import HOST, INTERNET, INTERNET6, NEIGHBOUR, Container, Server, ask, nat, run, sh, words


def case_n1_the_hosts_loopback():
    """Neither by the gateway's address nor by a packet for 127.0.0.1 that leaves the container."""
    servers = [Server("host", "tcp", "127.0.0.1", 7000, "secret"), Server("host", "udp", "127.0.0.1", 7001, "secret")]
    one = Container(nat("-p", "8080:80"))  # so that route_localnet is on
    assert ask(str(one.pid), "tcp", "172.16.1.1", 7000) == "refused"
    assert ask(str(one.pid), "udp", "172.16.1.1", 7001) == "refused"
    one.inside("""ip route del local 127.0.0.0/8 dev lo table local; ip route del local 127.0.0.1 dev lo table local
                  ip address del 127.0.0.1/8 dev lo; echo 1 >/proc/sys/net/ipv4/conf/eth0/route_localnet
                  ip route add 127.0.0.1 via 172.16.1.1 dev eth0 src $(ip -4 -o address show eth0 | sed "s/.*inet //; s/\\/.*//")""")
    assert ask(str(one.pid), "udp", "127.0.0.1", 7001) == "timeout"
    assert ask(str(one.pid), "tcp", "127.0.0.1", 7000) == "timeout"
    one.end()
    for server in servers:
        server.end()


def case_n3_no_ipv6_unless_asked():
    """No address of any scope on either end."""
    one = Container(nat())
    assert one.inside("ip -6 -o address show dev eth0") == ""
    assert sh(f"ip -6 -o address show dev {one.link}") == ""
    one.end()


def case_n4_containers_apart():
    """No way from one to another, also by its published port; a forged sender's address is dropped on the way."""
    for rp_filter in (0, 1, 2):
        sh(f"echo {rp_filter} >/proc/sys/net/ipv4/conf/all/rp_filter")
        one, two = Container(nat()), Container(nat("-p", f"{HOST}:8080:80"))
        server = Server(str(two.pid), "tcp", "0.0.0.0", 80, "two")
        far = Server("internet", "udp", INTERNET, 53, "far")
        assert ask(str(one.pid), "tcp", two.address, 80) == "timeout"
        assert ask(str(one.pid), "tcp", HOST, 8080) == "timeout"
        assert ask(str(one.pid), "udp", INTERNET, 53) == f"far {HOST}"
        for forged in (two.address, "172.16.1.200", "198.51.100.9"):
            one.inside(f"ip address add {forged}/32 dev eth0; ip route replace default via 172.16.1.1 dev eth0 src {forged}")
            assert ask(str(one.pid), "udp", INTERNET, 53) == "timeout", forged
            one.inside(f"ip route replace default via 172.16.1.1 dev eth0; ip address del {forged}/32 dev eth0")
        assert ask(str(one.pid), "udp", INTERNET, 53) == f"far {HOST}", "it can speak as itself again"
        for each in (server, far, one, two):
            each.end()
    sh("echo 0 >/proc/sys/net/ipv4/conf/all/rp_filter")


def case_n4_beside_the_originals_plan():
    """Which shares no rules with others, and leaves theirs alone."""
    one, two = (Container(nat("--subnet", "172.31.7.0/24")) for _ in range(2))
    server = Server(str(two.pid), "tcp", "0.0.0.0", 80, "two")
    original = Container(words("--network", "original", "--dns", INTERNET, "--firewall", world.firewall))
    assert ask(str(one.pid), "tcp", two.address, 80) == "timeout"
    original.end()
    assert ask(str(one.pid), "tcp", two.address, 80) == "timeout"
    for each in (server, one, two):
        each.end()


def case_n5_published_ports_are_the_hosts_alone():
    """Without an address it is 127.0.0.1."""
    one = Container(nat("-p", "8080:80"))
    server = Server(str(one.pid), "tcp", "0.0.0.0", 80, "one")
    assert ask("host", "tcp", "127.0.0.1", 8080).startswith("one")
    assert ask("host", "tcp", HOST, 8080) == "refused"
    assert ask("neighbour", "tcp", HOST, 8080) == "refused"
    server.end()
    one.end()


def case_n7_settings_of_its_own_network():
    """one firewall"""
    done = run(nat(), "echo 1 >/proc/sys/net/ipv4/ip_forward; echo 0 >/proc/sys/net/ipv4/conf/eth0/rp_filter; "
                      "ip link set eth0 down; ip route add 10.0.0.0/8 via 172.16.1.1")
    assert done.stderr.count("Read-only file system") == 2 and done.stderr.count("not permitted") == 2, done


def case_n8_a_neighbour_on_the_hosts_wire():
    """By a route through the host, or with the host's hardware address and 127.0.0.1."""
    one = Container(nat("-p", "8080:80"))
    servers = [Server(str(one.pid), "tcp", "0.0.0.0", 80, "one"), Server(str(one.pid), "udp", "0.0.0.0", 53, "one")]
    sh(f"ip route add 172.16.0.0/12 via {HOST}", "neighbour")
    assert ask("neighbour", "tcp", one.address, 80) == "timeout"
    assert ask("neighbour", "udp", one.address, 53) == "timeout"
    sh(f"""ip route del local 127.0.0.0/8 dev lo table local; ip route del local 127.0.0.1 dev lo table local
           ip address del 127.0.0.1/8 dev lo; echo 1 >/proc/sys/net/ipv4/conf/eth0/route_localnet
           ip route add 127.0.0.1 via {HOST} dev eth0 src {NEIGHBOUR}""", "neighbour")
    assert ask("neighbour", "tcp", "127.0.0.1", 8080) == "timeout"
    for each in (*servers, one):
        each.end()


def case_bridges_and_forwarding_of_the_host():
    """one firewall"""
    server = Server("internet", "tcp", INTERNET, 80, "tcp")
    for setting in ("net/bridge/bridge-nf-call-iptables", "net/ipv4/ip_forward"):
        for value in (0, 1):
            sh(f"[ ! -e /proc/sys/{setting} ] || echo {value} >/proc/sys/{setting}")
            one = Container(nat())
            assert ask(str(one.pid), "tcp", INTERNET, 80) == f"tcp {HOST}", (setting, value)
            one.end()
    sh("echo 0 >/proc/sys/net/ipv4/ip_forward; echo 0 >/proc/sys/net/ipv4/conf/default/forwarding; "
       "for f in /proc/sys/net/ipv4/conf/*/forwarding; do echo 0 >$f; done")
    server.end()


def case_n2_is_counted():
    """Each packet that met no entry, in the report and in a line at the end."""
    for options, packets in (([], 2), (["--ipv6"], 3)):
        with tempfile.NamedTemporaryFile() as report:
            done = run(nat("--egress", f"{INTERNET}:80", "--report", report.name, *options),
                       f"ping -c 2 -i 0.2 -W 1 {INTERNET}; ping -c 1 -W 1 {INTERNET6}")
            assert json.load(report)["egress_refused"] == packets, done
            assert f"{packets} packets refused, to whom --egress does not list" in done.stderr, done
    with tempfile.NamedTemporaryFile() as report:
        done = run(nat("--report", report.name), "true")
        assert json.load(report)["egress_refused"] is None and "refused" not in done.stderr, done


def case_n2_whom_alone_it_may_speak_to():
    """--egress: the host's own services and the metadata address included; as root and with a user namespace."""
    sh("ip address add 169.254.169.254/32 dev lo", "internet")
    sh("ip route add 169.254.169.254/32 via 192.0.2.1")
    servers = [Server("internet", kind, address, port, "far")
               for address in (INTERNET, "169.254.169.254") for kind, port in (("tcp", 80), ("tcp", 81), ("udp", 53))]
    servers.append(Server("host", "tcp", "0.0.0.0", 7000, "host"))
    for user in (False, True):
        free = Container(nat(user=user))
        assert ask(str(free.pid), "tcp", "169.254.169.254", 80).startswith("far"), "else this case shows nothing"
        assert ask(str(free.pid), "tcp", "172.16.1.1", 7000).startswith("host")
        free.end()
        one = Container(nat("--egress", f"{INTERNET}:80", "-p", "8080:80", user=user))
        assert ask(str(one.pid), "tcp", INTERNET, 80) == f"far {HOST}"
        for kind, address, port in (("tcp", INTERNET, 81), ("udp", INTERNET, 53), ("tcp", "169.254.169.254", 80),
                                    ("tcp", "172.16.1.1", 7000), ("tcp", HOST, 7000)):
            assert ask(str(one.pid), kind, address, port) in ("refused", "EPERM"), (kind, address, port)
        inside = Server(str(one.pid), "tcp", "0.0.0.0", 80, "one")
        assert ask("host", "tcp", "127.0.0.1", 8080).startswith("one"), "answers go out"
        assert ask(str(one.pid), "tcp", "127.0.0.1", 80).startswith("one"), "and its own loopback is open"
        inside.end()
        one.end()
    for server in servers:
        server.end()
    sh("ip route del 169.254.169.254/32 via 192.0.2.1")
