"""Containers on one bridge: what has to get through, and what an attacker on it gets. He is root of the host in the
container's network, which the container is not: as after an escape."""
import re
import socket
import struct
import subprocess
import sys
from pathlib import Path

import world
from world import HOST, INTERNET, Container, Server, ask, require_state, run, sh, state, wait_for, words

BRIDGE = "br7"
HERE = Path(__file__).parent


def on_bridge(*options: str, user: bool = False) -> list[str]:
    return words("--network", f"bridge:{BRIDGE}", "--dns", INTERNET, "--firewall", world.firewall, *options, user=user)


# ---- frames, in hexadecimal ----
BROADCAST = "ffffffffffff"


def hardware(address: str) -> str:
    return "024d" + socket.inet_aton(address).hex()


def ethernet(to: str, sender: str, protocol: int, rest: str) -> str:
    return to + sender + f"{protocol:04x}" + rest


def arp(to: str, sender: str, operation: int, claims: str, claimed_at: str, target: str) -> str:
    return ethernet(to, sender, 0x0806, f"0001080006040{operation:03x}{claimed_at}{socket.inet_aton(claims).hex()}"
                    f"{to if to != BROADCAST else '0' * 12}{socket.inet_aton(target).hex()}")


def udp(to: str, sender: str, source: str, target: str, ports: tuple[int, int] = (7777, 7777), data: bytes = b"forged") -> str:
    length = 8 + len(data)
    head = struct.pack("!BBHHHBBH4s4s", 0x45, 0, 20 + length, 1, 0, 64, 17, 0, socket.inet_aton(source),
                       socket.inet_aton(target))
    total = sum(struct.unpack("!10H", head))
    head = head[:10] + struct.pack("!H", ~((total & 0xFFFF) + (total >> 16)) & 0xFFFF) + head[12:]
    return ethernet(to, sender, 0x0800, (head + struct.pack("!HHHH", *ports, length, 0) + data).hex())


def advertisement(to: str, sender: str) -> str:
    """Of an IPv6 router; that nobody sums it up right does not matter to who counts frames."""
    return ethernet(to, sender, 0x86DD, "6000000000103aff" + "fe80" + "00" * 13 + "66" + "ff02" + "00" * 13 + "01"
                    + "8600000040000708" + "00" * 8)


def send(who: Container, *frames: str) -> None:
    subprocess.run(["nsenter", "-t", str(who.pid), "-n", sys.executable, str(HERE / "frames.py"), "send", "eth0", *frames],
                   check=True, timeout=world.PATIENCE)


class Listener:
    """Counts frames that hold some bytes, on a link of the host or inside of a container."""

    def __init__(self, who: Container | None, link: str, wanted: str, seconds: float = 1.5):
        enter = ["nsenter", "-t", str(who.pid), "-n"] if who else []
        self.process = subprocess.Popen([*enter, sys.executable, str(HERE / "frames.py"), "count", link, str(seconds), wanted],
                                        text=True, stdout=subprocess.PIPE)
        assert self.process.stdout.readline() == "ready\n"

    def found(self) -> int:
        return int(self.process.communicate(timeout=world.PATIENCE)[0])


def gateway_of(one: Container) -> tuple[str, str]:
    """The bridge's address, and its hardware address in hexadecimal."""
    address = sh(f"ip -4 -o address show {BRIDGE}").split()[3].partition("/")[0]
    return address, sh(f"ip -o link show {BRIDGE}").split("link/ether ")[1].split()[0].replace(":", "")


def end(*parts: Container | Server) -> None:
    for part in parts:
        part.end()


def case_out_and_in():
    """The internet, names, published ports; with a user namespace and without, with --icc and without."""
    before = state()
    servers = [Server("internet", kind, INTERNET, port, kind) for kind, port in (("tcp", 80), ("udp", 53))]
    for user in (False, True):
        for options in ((), ("--icc",)):
            one = Container(on_bridge("-p", "8080:80", "-p", f"{HOST}:8081:80", "-p", "5353:53/udp", *options, user=user))
            assert one.address == "172.16.1.2"
            assert ask(str(one.pid), "tcp", INTERNET, 80) == f"tcp {HOST}"
            assert ask(str(one.pid), "udp", INTERNET, 53) == f"udp {HOST}"
            inside = [Server(str(one.pid), kind, "0.0.0.0", port, "one") for kind, port in (("tcp", 80), ("udp", 53))]
            assert ask("host", "tcp", "127.0.0.1", 8080) == "one 172.16.1.1"
            assert ask("host", "udp", "127.0.0.1", 5353) == "one 172.16.1.1"
            assert ask("host", "tcp", one.address, 80) == "one 172.16.1.1"
            assert ask("neighbour", "tcp", HOST, 8081) == "one 192.0.2.9"
            assert ask("neighbour", "tcp", HOST, 8080) == "refused"
            end(*inside, one)
            require_state(before)
    done = run(on_bridge(), f"exec 3<>/dev/tcp/{INTERNET}/80 && cat <&3; cat /etc/resolv.conf; ping -q -c 1 -W 5 {INTERNET}")
    assert f"tcp {HOST}" in done.stdout and f"nameserver {INTERNET}" in done.stdout, done
    assert "1 received" in done.stdout and f"forwarding is on for {BRIDGE}" not in done.stderr, done
    end(*servers)


def case_the_first_packet_is_not_lost():
    """Also of the first container, whose bridge has just been made: no second of waiting to be repeated."""
    server = Server("internet", "udp", INTERNET, 53, "udp")
    for _ in range(5):
        done = run(on_bridge(), f"exec 3<>/dev/udp/{INTERNET}/53; echo x >&3; timeout 5 dd bs=99 count=1 status=none <&3")
        assert done.stdout == f"udp {HOST}\n", done
    end(server)


def case_n4_apart():
    """No way from one to another: directly, by the host's forwarding, by a published port; nothing is overheard."""
    one, two = Container(on_bridge()), Container(on_bridge("-p", f"{HOST}:8080:80"))
    routed = Container(world.nat("--subnet", "172.31.7.0/24"))
    server = Server(str(two.pid), "tcp", "0.0.0.0", 80, "two")
    assert two.address == "172.16.1.3"
    for who in (one, routed):
        assert ask(str(who.pid), "tcp", two.address, 80) in ("timeout", "EHOSTUNREACH")
        assert ask(str(who.pid), "tcp", HOST, 8080) == "timeout"
    address, gateway = gateway_of(one)
    for way in (f"lladdr {colons(gateway)} nud permanent", f"lladdr {colons(hardware(two.address))} nud permanent"):
        one.inside(f"ip neighbour replace {two.address} dev eth0 {way}")
        assert ask(str(one.pid), "tcp", two.address, 80) == "timeout", way
    inside = Server(str(routed.pid), "tcp", "0.0.0.0", 80, "routed")
    assert ask(str(one.pid), "tcp", routed.address, 80) == "timeout"
    listener = Listener(two, "eth0", b"forged".hex())
    send(one, udp(hardware(two.address), hardware(one.address), one.address, two.address),
         udp(BROADCAST, hardware(one.address), one.address, "255.255.255.255"),
         udp("01005e000001", hardware(one.address), one.address, "224.0.0.1"),
         udp("024dac1001fe", hardware(one.address), one.address, "172.16.1.254"))
    assert listener.found() == 0
    end(server, inside, one, two, routed)


def colons(digits: str) -> str:
    return ":".join(digits[at:at + 2] for at in range(0, 12, 2))


def case_icc_opens_the_way():
    """Containers with it reach each other, and not those without it; what is for another is not overheard."""
    one, two, three = Container(on_bridge("--icc")), Container(on_bridge("--icc")), Container(on_bridge())
    servers = [Server(str(who.pid), "tcp", "0.0.0.0", 80, "it") for who in (two, three)]
    assert ask(str(one.pid), "tcp", two.address, 80) == f"it {one.address}"
    assert ask(str(one.pid), "tcp", three.address, 80) in ("timeout", "EHOSTUNREACH")
    assert ask(str(three.pid), "tcp", two.address, 80) in ("timeout", "EHOSTUNREACH")
    address, gateway = gateway_of(one)
    for who, whom in ((one, three), (three, two)):
        for way in (colons(gateway), colons(hardware(whom.address))):
            who.inside(f"ip neighbour replace {whom.address} dev eth0 lladdr {way} nud permanent")
            assert ask(str(who.pid), "tcp", whom.address, 80) == "timeout", (who.address, whom.address, way)
    third = Container(on_bridge("--icc"))
    listener = Listener(third, "eth0", b"forged".hex())
    send(one, udp(hardware(two.address), hardware(one.address), one.address, two.address),
         udp(BROADCAST, hardware(one.address), one.address, "255.255.255.255"),
         udp("024dac1001fe", hardware(one.address), one.address, "172.16.1.254"))
    assert listener.found() == 0, "nothing is flooded"
    end(*servers, one, two, three, third)


def case_n4_nobody_speaks_in_anothers_name():
    """MAC, IPv4 and ARP with other senders, DHCP and router advertisements: none gets anywhere, with --icc and without."""
    for options in ((), ("--icc",)):
        one, two = Container(on_bridge(*options)), Container(on_bridge(*options))
        address, gateway = gateway_of(one)
        own, other = hardware(one.address), hardware(two.address)
        forged = [udp(gateway, own, two.address, address),          # another's IPv4
                  udp(gateway, own, "198.51.100.9", INTERNET),
                  udp(gateway, own, "0.0.0.0", "255.255.255.255", (68, 67)),
                  udp(gateway, other, two.address, address),        # all of another
                  udp(gateway, other, one.address, address),        # another's MAC
                  udp(gateway, gateway, address, address),          # the host's
                  udp(other, own, address, two.address, (67, 68)),  # as a DHCP server
                  udp(other, gateway, address, two.address),
                  ethernet(gateway, own, 0x8100, "00010800" + udp(gateway, own, two.address, address)[28:]),
                  ethernet(gateway, own, 0x0800, "4500")]           # cut short
        poison = [arp(other, own, 2, address, own, two.address),    # "I am the host"
                  arp(gateway, own, 2, two.address, own, address),  # "I am the other one"
                  arp(BROADCAST, own, 1, two.address, own, address),
                  arp(BROADCAST, own, 2, address, own, address),
                  arp(other, gateway, 2, address, own, two.address)]
        router = [advertisement(other, own), advertisement("333300000001", own)]
        at_host = Listener(None, BRIDGE, b"forged".hex(), 3)
        at_bridge = [Listener(None, BRIDGE, "0806", 3), Listener(None, BRIDGE, "86dd", 3)]
        at_two = [Listener(two, "eth0", wanted, 3) for wanted in (b"forged".hex(), "0806", "86dd")]
        send(one, *forged, *poison, *router)
        assert at_host.found() == 0, options
        assert [each.found() for each in (*at_bridge, *at_two)] == [0] * 5, options
        assert sh(f"ip neighbour show {two.address} dev {BRIDGE}").split()[1:3] == ["lladdr", colons(other)]
        assert f"{colons(gateway)} PERMANENT" in two.inside(f"ip neighbour show {address}")
        assert f"{colons(other)} dev {port_of(two)} " in sh(f"bridge fdb show br {BRIDGE}"), "the bridge learned nothing"
        plain = Listener(None, BRIDGE, b"honest".hex())
        send(one, udp(gateway, own, one.address, address, data=b"honest"))
        assert plain.found() == 1, "else this case shows nothing"
        end(one, two)


def port_of(one: Container) -> str:
    fdb = sh(f"bridge fdb show br {BRIDGE}").splitlines()
    return next(line.split()[2] for line in fdb if line.startswith(colons(hardware(one.address))))


def case_a_plain_bridge_lets_it_all_through():
    """one firewall
    The same frames on a bridge without our settings: else what was shown above could have other reasons."""
    before = state()
    sh("""ip link add plain type bridge; ip address add 172.16.1.1/24 dev plain; ip link set plain up
          for n in 2 3; do ip netns add p$n; ip link add p$n type veth peer name eth0 netns p$n; ip link set p$n master plain up
          ip -n p$n address add 172.16.1.$n/24 dev eth0; ip -n p$n link set eth0 up; done""")
    sender = sh("ip -n p2 -o link show eth0").split("link/ether ")[1].split()[0].replace(":", "")
    victim = sh("ip -n p3 -o link show eth0").split("link/ether ")[1].split()[0].replace(":", "")
    listener = subprocess.Popen(["ip", "netns", "exec", "p3", sys.executable, str(HERE / "frames.py"), "count", "eth0", "2",
                                 "0806"], text=True, stdout=subprocess.PIPE)
    assert listener.stdout.readline() == "ready\n"
    wait_for("the ports forward", lambda: "state forwarding" in sh("bridge link show dev p3"))
    sh(f"{sys.executable} {HERE}/frames.py send eth0 {arp(victim, sender, 2, '172.16.1.1', sender, '172.16.1.3')}", "p2")
    assert int(listener.communicate(timeout=world.PATIENCE)[0]) >= 1
    sh("ip netns delete p2; ip netns delete p3; ip link delete plain")
    wait_for("as before", lambda: state() == before)


def case_n1_n2_n3_n5_n7_n8():
    """The rest of the table, on a bridge."""
    servers = [Server("host", "tcp", "127.0.0.1", 7000, "secret"), Server("host", "tcp", "0.0.0.0", 7002, "host")]
    far = Server("internet", "tcp", INTERNET, 80, "far")
    for options in ((), ("--icc",)):
        one = Container(on_bridge("-p", "8080:80", *options))
        assert ask(str(one.pid), "tcp", "172.16.1.1", 7000) == "refused", "N1"
        assert ask(str(one.pid), "tcp", "172.16.1.1", 7002).startswith("host")
        assert one.inside("ip -6 -o address show dev eth0") == "" == sh(f"ip -6 -o address show dev {BRIDGE}"), "N3"
        inside = Server(str(one.pid), "tcp", "0.0.0.0", 80, "one")
        assert ask("host", "tcp", "127.0.0.1", 8080).startswith("one") and ask("neighbour", "tcp", HOST, 8080) == "refused"
        sh(f"ip route add 172.16.1.0/24 via {HOST}", "neighbour")
        assert ask("neighbour", "tcp", one.address, 80) == "timeout", "N8"
        sh("ip route del 172.16.1.0/24", "neighbour")
        one.inside("""ip route del local 127.0.0.0/8 dev lo table local; ip route del local 127.0.0.1 dev lo table local
                      ip address del 127.0.0.1/8 dev lo; echo 1 >/proc/sys/net/ipv4/conf/eth0/route_localnet
                      ip route add 127.0.0.1 via 172.16.1.1 dev eth0""")
        assert ask(str(one.pid), "tcp", "127.0.0.1", 7000) == "timeout", "N1"
        end(inside, one)
        one = Container(on_bridge("--egress", f"{INTERNET}:80", *options))
        assert ask(str(one.pid), "tcp", INTERNET, 80) == f"far {HOST}"
        assert ask(str(one.pid), "tcp", "172.16.1.1", 7002) in ("refused", "EPERM"), "N2"
        end(one)
        done = run(on_bridge(*options), "echo 1 >/proc/sys/net/ipv4/ip_forward; ip link set eth0 down; "
                                        "ip neighbour replace 172.16.1.1 dev eth0 lladdr 02:00:00:00:00:01")
        assert done.stderr.count("Read-only file system") == 1 and done.stderr.count("not permitted") == 2, done
    end(*servers, far)


def case_frames_over_a_bridge_and_iptables():
    """With bridge-nf-call-iptables 0 and 1, where the kernel has that: --icc works, and apart is apart."""
    for value in (0, 1):
        sh(f"cd /proc/sys/net/bridge 2>/dev/null || exit 0; echo {value} >bridge-nf-call-iptables")
        for policy in ("ACCEPT", "DROP") if world.firewall == "legacy" else ("ACCEPT",):
            sh(f"iptables-legacy -P FORWARD {policy}")
            one, two, three = Container(on_bridge("--icc")), Container(on_bridge("--icc")), Container(on_bridge())
            servers = [Server(str(two.pid), "tcp", "0.0.0.0", 80, "two"), Server("internet", "tcp", INTERNET, 80, "far")]
            assert ask(str(one.pid), "tcp", two.address, 80) == f"two {one.address}", (value, policy)
            assert ask(str(three.pid), "tcp", two.address, 80) in ("timeout", "EHOSTUNREACH")
            for who in (one, three):
                assert ask(str(who.pid), "tcp", INTERNET, 80) == f"far {HOST}", (value, policy)
            end(*servers, one, two, three)
    sh("iptables-legacy -P FORWARD ACCEPT")


def case_a_bridge_that_was_there_stays_as_it_is():
    """With an address of its own and without ports, or with those of others; down it is refused."""
    for ports in ("", "ip link add other type veth peer name far; ip link set far addrgenmode none; "
                      "ip link set other addrgenmode none; ip link set other master br7 up; ip link set far up"):
        sh(f"""ip link add {BRIDGE} type bridge; ip link set {BRIDGE} addrgenmode none
               ip address add 10.7.0.1/24 dev {BRIDGE}; ip link set {BRIDGE} up; {ports}""")
        before = state()
        server = Server("internet", "tcp", INTERNET, 80, "far")
        one, two = Container(on_bridge("-p", "8080:80")), Container(on_bridge("--subnet", "10.7.0.64/28"))
        assert (one.address, two.address) == ("10.7.0.129", "10.7.0.65"), "clear of who begins at 10.7.0.2"
        assert one.inside("ip -4 -o address show eth0").split()[3] == "10.7.0.129/24"
        assert ask(str(one.pid), "tcp", INTERNET, 80) == f"far {HOST}"
        inside = Server(str(one.pid), "tcp", "0.0.0.0", 80, "one")
        assert ask("host", "tcp", "127.0.0.1", 8080).startswith("one")
        if ports:  # a stranger sends as if he were the container
            sh(f"{sys.executable} {HERE}/frames.py send far {ethernet(BROADCAST, hardware(one.address), 0x0800, '45' * 30)}")
            assert f"dev {port_of(one)} " in sh(f"bridge fdb show br {BRIDGE} | grep ^{colons(hardware(one.address))}")
            assert ask("host", "tcp", one.address, 80).startswith("one")
        end(inside, two)
        one.kill()
        wait_for("its link is gone", lambda: "myd" not in sh("ip -br link"))
        assert run(words(), "true").returncode == 0
        done = run(on_bridge("--subnet", "10.8.0.0/24"), "true")
        assert done.returncode == 125 and "its network is 10.7.0.0/24" in done.stderr, done
        require_state(before, without_carrier)
        end(server)
        sh(f"ip link set {BRIDGE} down")
        done = run(on_bridge(), "true")
        assert done.returncode == 125 and "it is down: ip link set br7 up" in done.stderr, done
        sh(f"ip link delete {BRIDGE}; ip link delete other 2>/dev/null || true")


def without_carrier(text: str) -> str:
    """The kernel notices only after a first port that a bridge has none; a port forwards, and has a route of IPv6, a
    moment after it is up."""
    return re.sub(r" +", " ", re.sub(r"NO-CARRIER,|,LOWER_UP| state [A-Za-z]+|linkdown|multicast ff00::/8 dev (far|other) .*\n",
                                     "", text))


def case_bridges_that_cannot_be_used():
    """one firewall"""
    before = state()
    sh(f"ip link add {BRIDGE} type veth peer name far")
    done = run(on_bridge(), "true")
    assert done.returncode == 125 and "a link of that name which is no bridge" in done.stderr, done
    sh(f"ip link delete {BRIDGE}; ip link add {BRIDGE} type bridge; ip link set {BRIDGE} up")
    done = run(on_bridge(), "true")
    assert done.returncode == 125 and "it has no IPv4 address" in done.stderr, done
    sh(f"ip link delete {BRIDGE}")
    for kind in ("bridge:", "bridge:a/b", "bridge:myd7", "bridge:abcdefghijklmnop", "bridge"):
        done = run(words("--network", kind), "true")
        assert done.returncode == 2 and "--network" in done.stderr, (kind, done)
    done = run(words("--network", "nat", "--icc"), "true")
    assert done.returncode == 2 and "--icc: needs --network bridge:NAME" in done.stderr, done
    require_state(before)


def case_many_at_once_and_some_are_killed():
    """Each has an address of its own; with the last one the bridge goes, also after kill -9."""
    before = state()
    script = "ip -4 -o address show eth0; exec sleep 1000"
    processes = [subprocess.Popen([*on_bridge(*(("--icc",) if number % 3 == 0 else ()), user=number % 2 == 0), "/bin/bash",
                                   "-c", script], text=True, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                                  stderr=subprocess.PIPE) for number in range(20)]
    addresses = []
    for process in processes:
        line = process.stdout.readline()
        assert " eth0 " in line, line + process.communicate()[1]
        addresses.append(line.split()[3])
    assert len(set(addresses)) == 20, sorted(addresses)
    assert all(address.startswith("172.16.1.") and address.endswith("/24") for address in addresses), addresses
    for process in processes[5:10]:
        process.kill()
    for process in processes[:5] + processes[10:]:
        process.terminate()
    for process in processes:
        process.communicate(timeout=world.PATIENCE)
    require_state(before)


def case_the_bridge_stays_while_one_needs_it():
    """And an address is free again when its container has ended, or was killed."""
    before = state()
    one, two = Container(on_bridge("--name", "one")), Container(on_bridge())
    one.kill()
    wait_for("its port is gone", lambda: sh(f"ip -br link show master {BRIDGE}").count("myd") == 1)
    three = Container(on_bridge("--name", "one"))
    assert three.address == "172.16.1.2", "the first address again"
    end(two)
    server = Server("internet", "tcp", INTERNET, 80, "far")
    assert ask(str(three.pid), "tcp", INTERNET, 80) == f"far {HOST}"
    end(server, three)
    require_state(before)


def case_killed_at_any_moment():
    """At each of many moments of a start; then one start, and all is as before."""
    before = state()
    world.kill_at_many_moments(on_bridge("-p", "8080:80"), 30)
    done = run(on_bridge(), "true")
    assert done.returncode == 0, done
    require_state(before)
