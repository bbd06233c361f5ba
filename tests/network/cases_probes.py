"""Rows N1 to N8 in one table: thirteen things that must fail, each beside one like it that must work, so that nothing
counts as kept out only because nothing gets through."""
from dataclasses import dataclass

import world
from world import HOST, INTERNET, NEIGHBOUR, Container, Server, ask, nat, require_state, run, sh, state

METADATA = "169.254.169.254"
NO_ANSWER = ("timeout", "refused", "EPERM", "EACCES", "EHOSTUNREACH", "ENETUNREACH")


@dataclass
class Probe:
    row: str
    what: str
    must_fail: str
    like_it: str
    must_work: str

    def holds(self) -> bool:
        return self.must_fail in NO_ANSWER and self.must_work not in (*NO_ANSWER, "")

    def __str__(self) -> str:
        return f"  {self.row:3} {self.what:54}{self.must_fail:10}{self.like_it:33}{self.must_work}"


def forged(one: Container, sender: str) -> str:
    """What comes back to a datagram in another's name, sent with the power that a container has not."""
    one.inside(f"ip address add {sender}/32 dev eth0; ip route replace default via 172.16.1.1 dev eth0 src {sender}")
    answer = ask(str(one.pid), "udp", INTERNET, 53)
    one.inside(f"ip route replace default via 172.16.1.1 dev eth0; ip address del {sender}/32 dev eth0")
    return answer


def through_the_loopback(who: str, gateway: str, own: str, kind: str, port: int) -> str:
    """127.0.0.1 as an address of somebody at the other end of a wire."""
    script = f"""ip route del local 127.0.0.0/8 dev lo table local; ip route del local 127.0.0.1 dev lo table local
                 ip address del 127.0.0.1/8 dev lo; echo 1 >/proc/sys/net/ipv4/conf/eth0/route_localnet
                 ip route add 127.0.0.1 via {gateway} dev eth0 src {own}"""
    sh(f"nsenter -t {who} -n sh -ec '{script}'" if who.isdigit() else script, "host" if who.isdigit() else who)
    return ask(who, kind, "127.0.0.1", port)


def case_thirteen():
    """Printed, whether they hold or not."""
    before = state()
    sh(f"ip address add {METADATA}/32 dev lo", "internet")
    sh(f"ip route add {METADATA}/32 via {INTERNET}")
    servers = [Server("host", "tcp", "127.0.0.1", 7000, "host"), Server("host", "udp", "127.0.0.1", 7001, "host"),
               Server("host", "tcp", "0.0.0.0", 7002, "host"), Server("internet", "udp", INTERNET, 53, "internet"),
               Server("internet", "tcp", INTERNET, 80, "internet"), Server("internet", "tcp", METADATA, 80, "metadata")]
    one, listed = Container(nat()), Container(nat("--egress", f"{INTERNET}:80"))
    two = Container(nat("-p", "8080:80", "-p", f"{HOST}:8081:80"))
    servers += [Server(str(two.pid), "tcp", "0.0.0.0", 80, "two"), Server(str(two.pid), "tcp", "::", 81, "two")]
    me, allowed, other = str(one.pid), str(listed.pid), str(two.pid)
    setting = run(nat(), "echo 1 >/proc/sys/net/ipv4/ip_forward && echo written; cat /proc/sys/net/ipv4/ip_forward")
    sh(f"ip route add {two.address} via {HOST}", "neighbour")
    table = [
        Probe("N1", "the host's loopback, by the gateway's address", ask(me, "tcp", "172.16.1.1", 7000),
              "a service on all its addresses", ask(me, "tcp", "172.16.1.1", 7002)),
        Probe("N2", "the metadata address, with a list", ask(allowed, "tcp", METADATA, 80),
              "the same without a list", ask(me, "tcp", METADATA, 80)),
        Probe("N2", "a service of the host itself, with a list", ask(allowed, "tcp", HOST, 7002),
              "who is listed", ask(allowed, "tcp", INTERNET, 80)),
        Probe("N3", "an address of IPv6 that nobody asked for", "refused" if one.inside("ip -6 -o address show dev eth0") == ""
              and sh(f"ip -6 -o address show dev {one.link}") == "" else "it has one",
              "its own ::1", ask(other, "tcp", "::1", 81)),
        Probe("N4", "another container's address", ask(me, "tcp", two.address, 80),
              "from the host", ask("host", "tcp", two.address, 80)),
        Probe("N4", "another container's published port", ask(me, "tcp", HOST, 8081),
              "from the host's neighbour", ask("neighbour", "tcp", HOST, 8081)),
        Probe("N4", "in the name of another container", forged(one, two.address),
              "in its own", ask(me, "udp", INTERNET, 53)),
        Probe("N4", "in the name of somebody outside", forged(one, "198.51.100.9"),
              "in its own", ask(me, "udp", INTERNET, 53)),
        Probe("N5", "a port published without an address, from outside", ask("neighbour", "tcp", HOST, 8080),
              "from the host", ask("host", "tcp", "127.0.0.1", 8080)),
        Probe("N7", "a setting of its own network, written", "EPERM" if "Read-only" in setting.stderr else "written",
              "read", f"it is {setting.stdout.strip()}"),
        Probe("N8", "a container, by a route through the host", ask("neighbour", "tcp", two.address, 80),
              "its published port", ask("neighbour", "tcp", HOST, 8081)),
        Probe("N8", "a port of the loopback, by the host's hardware address",
              through_the_loopback("neighbour", HOST, NEIGHBOUR, "tcp", 8080), "from the host", ask("host", "tcp", "127.0.0.1", 8080)),
        Probe("N1", "the host's loopback, by a packet that leaves", through_the_loopback(me, "172.16.1.1", one.address, "udp", 7001),
              "from the host", ask("host", "udp", "127.0.0.1", 7001)),
    ]
    for each in (*servers, one, listed, two):
        each.end()
    sh(f"ip route del {METADATA}/32 via {INTERNET}")
    print(f"  {world.firewall}: row, what must fail, how it did; what is like it and must work, what it said")
    print("\n".join(map(str, table)), flush=True)
    assert len(table) == 13 and all(probe.holds() for probe in table), [probe for probe in table if not probe.holds()]
    require_state(before)  # row N6
