"""A way out that needs nothing of the host's: pasta(1) speaks for the container."""
import subprocess

import world
from world import HOST, INTERNET, Container, Server, ask, require_state, run, sh, state, wait_for, words

NEEDS = ("pasta",)


def pasta(*options: str, user: bool = False) -> list[str]:
    return words("--network", "pasta", "--dns", INTERNET, *options, user=user)


def pastas() -> list[int]:
    """Those of this world: its pids are its own."""
    return [int(pid) for pid in sh("pgrep -f '^pasta ' || true").split()]


def case_out():
    """one firewall"""
    servers = [Server("internet", kind, INTERNET, port, kind) for kind, port in (("tcp", 80), ("udp", 5300))]
    servers.append(Server("internet", "dns", INTERNET))
    sh("echo 0 0 >/proc/sys/net/ipv4/ping_group_range")  # pasta pings by a socket of the host's
    for user in (False, True):
        done = run(pasta("--hostname", "web", user=user), f"""
            ping -q -c 1 -W 5 {INTERNET}; exec 3<>/dev/tcp/{INTERNET}/80 && cat <&3
            exec 4<>/dev/udp/{INTERNET}/5300; echo x >&4; head -1 <&4
            getent ahostsv4 example.org; getent hosts web; cat /etc/hostname""")
        for wanted in ("1 received", f"tcp {HOST}", f"udp {HOST}", "198.51.100.7", f"{HOST} ", "web\n"):
            assert wanted in done.stdout, (wanted, done)
        assert done.returncode == 0 and not pastas(), done
    sh("echo 1 0 >/proc/sys/net/ipv4/ping_group_range")
    for server in servers:
        server.end()


def case_published():
    """one firewall"""
    one = Container(pasta("-p", "8080:80", "-p", "5353:5353/udp", "-p", f"{HOST}:8081:81", user=True))
    inside = [Server(str(one.pid), kind, "0.0.0.0", port, name)
              for kind, port, name in (("tcp", 80, "tcp"), ("udp", 5353, "udp"), ("web", 81, "others"))]
    for who in ("neighbour", "internet"):
        assert ask(who, "tcp", HOST, 8080) == "refused"
        assert ask(who, "udp", HOST, 5353) == "refused"
        assert ask(who, "web", HOST, 8081).startswith("others "), "though the container has sent nothing yet"
    assert ask("host", "tcp", "127.0.0.1", 8080).startswith("tcp ")
    assert ask("host", "udp", "127.0.0.1", 5353).startswith("udp ")
    for other in ("127.0.0.1:8080:1", "127.0.0.1:5353:1/udp"):
        done = run(pasta("-p", other), "true")
        assert done.returncode == 125 and "EADDRINUSE" in done.stderr, done
    for server in inside:
        server.end()
    one.end()
    told = "before July 2024 loses the answers"
    assert told in run(pasta("-p", "5353:53/udp"), "true").stderr
    assert told not in run(pasta("-p", "5353:5353/udp", "-p", "8080:80", "-p", f"{HOST}:5354:53/udp"), "true").stderr


def case_n1_the_hosts_loopback():
    """one firewall"""
    servers = [Server("host", kind, "0.0.0.0", 7000, "secret") for kind in ("tcp", "udp")]
    for user in (False, True):
        one = Container(pasta("-p", "8080:80", user=user))
        for kind in ("tcp", "udp"):
            for address in ("127.0.0.1", HOST):
                assert ask(str(one.pid), kind, address, 7000) == "refused", "that is the container itself"
            assert ask(str(one.pid), kind, INTERNET, 7000) in ("refused", "timeout"), "the gateway is not the host"
        assert one.inside("ip -6 -o address show dev eth0") == "", "nobody asked for IPv6"
        one.end()
    for server in servers:
        server.end()


def case_n2_egress():
    """Rules in the container's own network hold whatever carries its packets on."""
    servers = [Server("internet", kind, INTERNET, port, "far") for kind, port in (("tcp", 80), ("udp", 53), ("tcp", 81))]
    for user in (False, True):
        one = Container(pasta("--egress", f"{INTERNET}:80", "-p", "8080:80", "--firewall", world.firewall, user=user))
        assert ask(str(one.pid), "tcp", INTERNET, 80).startswith("far ")
        assert ask(str(one.pid), "tcp", INTERNET, 81) == "refused"
        assert ask(str(one.pid), "udp", INTERNET, 53) == "EPERM"
        inside = Server(str(one.pid), "tcp", "0.0.0.0", 80, "inside")
        assert ask("host", "tcp", "127.0.0.1", 8080).startswith("inside ")
        inside.end()
        one.end()
    for server in servers:
        server.end()


def case_whatever_ends_it():
    """one firewall"""
    before = state()
    for user in (False, True):
        one = Container(pasta(user=user))
        assert len(pastas()) == 1
        one.end()
        assert not pastas(), "it was waited for"
        one = Container(pasta(user=user))
        one.kill()
        wait_for("pasta dies with MyDocker", lambda: not pastas())
        assert run(words(), "true").returncode == 0
        require_state(before)
    for step in range(20):
        process = subprocess.Popen([*pasta(), "/bin/true"], stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL,
                                   stderr=subprocess.DEVNULL)
        try:
            process.wait(step * 0.002)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()
    wait_for("none is left, whenever MyDocker was killed", lambda: not pastas())
    assert run(words(), "true").returncode == 0


def case_its_own_end_is_told():
    """one firewall"""
    one = Container(pasta())
    sh(f"kill -9 {pastas()[0]}")
    said = one.process.stderr.readline()
    while "warning: other users" in said:
        said = one.process.stderr.readline()
    assert said == "MyDocker: warning: pasta has ended, and with it the container's way out\n", said
    assert one.process.poll() is None, "the container goes on"
    one.end()


def case_why_it_cannot_start():
    """one firewall"""
    done = subprocess.run(["unshare", "-m", "sh", "-c", 'mount -t tmpfs none /usr/bin && exec "$@"', "sh", *pasta(),
                           "/bin/true"], text=True, capture_output=True, check=False)
    assert done.returncode == 125 and "ENOENT" in done.stderr and "install the package passt" in done.stderr, done
    sh("ip route del default")
    done = run(pasta(), "true")
    assert done.returncode == 125 and "hint: this host has no default route" in done.stderr, done
    sh(f"ip route add default via {INTERNET}")
