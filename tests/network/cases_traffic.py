"""What has to get through: out, in, and to the names of others."""
import subprocess
import tempfile
from pathlib import Path

import world
from world import HOST, INTERNET, Container, Server, ask, nat, run, sh, state, wait_for, words


def case_out():
    """A container reaches the internet, and is seen there as the host; with a user namespace and without."""
    servers = [Server("internet", kind, INTERNET, port, kind) for kind, port in (("tcp", 80), ("udp", 53))]
    for user in (False, True):
        one = Container(nat(user=user))
        assert ask(str(one.pid), "tcp", INTERNET, 80) == f"tcp {HOST}", user
        assert ask(str(one.pid), "udp", INTERNET, 53) == f"udp {HOST}", user
        one.end()
        done = run(nat(user=user), f"ping -q -c 1 -W 5 {INTERNET} && exec 3<>/dev/tcp/{INTERNET}/80 && cat <&3")
        assert "1 received" in done.stdout and f"tcp {HOST}" in done.stdout, done
    for server in servers:
        server.end()


def case_names():
    """resolv.conf, hosts and hostname are the container's, and the root's stay as they are."""
    server = Server("internet", "dns", INTERNET)
    before = sh("cat /proc/self/mountinfo | wc -l")
    done = run(nat("--hostname", "web", user=True),
               "getent ahostsv4 example.org; getent hosts web; cat /etc/hostname; echo x >>/etc/hosts && tail -1 /etc/hosts")
    assert "198.51.100.7" in done.stdout and "172.16.1.2 " in done.stdout, done
    assert done.stdout.endswith("web\nx\n"), done
    assert sh("cat /proc/self/mountinfo | wc -l") == before
    server.end()


def case_published_on_the_loopback():
    """The host reaches it, nobody else does, whichever way he tries."""
    one = Container(nat("-p", "8080:80", "-p", "5353:53/udp"))
    inside = [Server(str(one.pid), kind, "0.0.0.0", port, kind) for kind, port in (("tcp", 80), ("udp", 53))]
    assert ask("host", "tcp", "127.0.0.1", 8080) == "tcp 172.16.1.1"
    assert ask("host", "udp", "127.0.0.1", 5353) == "udp 172.16.1.1"
    for who in ("neighbour", "internet"):
        assert ask(who, "tcp", HOST, 8080) == "refused"
        assert ask(who, "udp", HOST, 5353) == "refused"
    for server in inside:
        server.end()
    one.end()


def case_published_for_others():
    """On an address of the host, or on all of them; the far end's address is seen inside."""
    for where, port in ((HOST, 8080), ("0.0.0.0", 8081)):
        one = Container(nat("-p", f"{where}:{port}:80", "-p", f"{where}:{port}:53/udp"))
        inside = [Server(str(one.pid), kind, "0.0.0.0", p, kind) for kind, p in (("tcp", 80), ("udp", 53))]
        for who, address in (("neighbour", "192.0.2.9"), ("internet", INTERNET)):
            assert ask(who, "tcp", HOST, port) == f"tcp {address}"
            assert ask(who, "udp", HOST, port) == f"udp {address}"
        assert ask("host", "tcp", HOST, port).startswith("tcp ")
        assert (ask("host", "tcp", "127.0.0.1", port) == "refused") == (where == HOST)
        for server in inside:
            server.end()
        one.end()


def case_published_on_another_interface():
    """One that is no uplink: who is there reaches the port, and only that."""
    sh("""ip netns add lan; ip link add lan0 type veth peer name eth0 netns lan; ip link set lan0 addrgenmode none up
          ip address add 10.9.0.1/24 dev lan0; ip -n lan address add 10.9.0.2/24 dev eth0; ip -n lan link set eth0 up""")
    before = state()
    one = Container(nat("-p", "10.9.0.1:8080:80"))
    server = Server(str(one.pid), "tcp", "0.0.0.0", 80, "one")
    assert ask("lan", "tcp", "10.9.0.1", 8080) == "one 10.9.0.2"
    assert ask("neighbour", "tcp", HOST, 8080) == "refused"
    server.end()
    one.end()
    world.require_state(before)
    sh("ip link del lan0; ip netns delete lan")


def case_nginx():
    """The real thing: a page by HTTP from the host, from outside where it is published, and from the internet."""
    package = next(Path("/var/cache/mydocker/ordinary").glob("nginx_*.deb"), None)
    if package is None:
        raise world.Skipped("no nginx_*.deb is there: tests/attack/ordinary/ordinary.py --fetch gets it")
    conf = "pid /tmp/pid; error_log /dev/null; events {} http { server { listen 80; access_log off; return 200 served; } }"
    script = f"echo \'{conf}\' >/tmp/n.conf; /tmp/nginx -c /tmp/n.conf && echo ready && exec sleep 1000".replace("\\'", "'")
    page = "import sys, urllib.request as u; print(u.urlopen(sys.argv[1], timeout=5).read().decode())"
    with tempfile.TemporaryDirectory(dir="/var/tmp") as folder:
        # The host's own system, below a throw-away layer.
        sh(f"""cd {folder}; mkdir root upper work out; dpkg -x {package} out
               mount -t overlay none -o lowerdir=/,upperdir=upper,workdir=work root
               mkdir -p root/proc root/sys root/dev root/run root/var/lib/nginx root/var/log/nginx; chmod 1777 root/tmp
               cp out/usr/sbin/nginx root/tmp/""")
        one = Container([str(world.binary), "-a", "--rootfs", f"{folder}/root", "--network", "nat", "--dns", INTERNET,
                         "--firewall", world.firewall, "-p", "8080:80", "-p", f"{HOST}:8081:80"], script)
        for who, url in (("host", "127.0.0.1:8080"), ("neighbour", f"{HOST}:8081"), ("internet", f"{HOST}:8081")):
            assert sh(f"python3 -c '{page}' http://{url}/", who) == "served", (who, url)
        assert ask("neighbour", "tcp", HOST, 8080) == "refused"
        one.end()
        far = subprocess.Popen(["ip", "netns", "exec", "internet", "python3", "-m", "http.server", "80", "--bind", INTERNET,
                                "--directory", f"{folder}/out/usr/share"], stdout=subprocess.DEVNULL,
                               stderr=subprocess.PIPE, text=True)
        wait_for("the internet's server", lambda: ask("internet", "tcp", INTERNET, 80) != "refused")
        done = run(nat(), f"exec 3<>/dev/tcp/{INTERNET}/80; printf 'GET /doc/ HTTP/1.0\\r\\n\\r\\n' >&3; head -1 <&3")
        far.kill()
        assert "200 OK" in done.stdout and f"{HOST} - " in far.communicate()[1], done
        sh(f"umount {folder}/root")


def case_a_port_changes_hands():
    """A client that goes on speaking gets the new container, not silence from the address of the old one."""
    client = "exec 3<>/dev/udp/127.0.0.1/5353; while sleep 0.1; do echo x >&3; done"
    one = Container(nat("-p", "5353:53/udp"))
    first = Server(str(one.pid), "udp", "0.0.0.0", 53, "first")
    assert ask("host", "udp", "127.0.0.1", 5353).startswith("first")
    talker = subprocess.Popen(["bash", "-c", client], stderr=subprocess.DEVNULL)
    first.end()
    other = Container(nat())  # so that the address of the first one is not the second's by chance
    one.end()
    two = Container(nat("-p", "5353:53/udp"))
    second = Server(str(two.pid), "udp", "0.0.0.0", 53, "second")
    tracked = sh("conntrack -L -p udp --orig-port-dst 5353 2>/dev/null || true")
    talker.kill()
    talker.wait()
    assert ask("host", "udp", "127.0.0.1", 5353).startswith("second"), tracked
    for line in tracked.splitlines():
        assert f"src={two.address} " in line, tracked
    second.end()
    two.end()
    other.end()


def case_a_port_in_use_is_told_before_anything_is_made():
    """one firewall"""
    before = state()
    taken = Server("host", "tcp", "127.0.0.1", 8080, "other")
    done = run(nat("-p", "8080:80"), "true")
    assert done.returncode == 125 and "hold the port 127.0.0.1:8080: " in done.stderr, done
    assert "EADDRINUSE" in done.stderr and "hint:" in done.stderr, done
    assert state() == before
    taken.end()
    one = Container(nat("-p", "8080:80", "--name", "first"))
    done = run(nat("-p", "8080:81"), "true")
    assert done.returncode == 125 and "EADDRINUSE" in done.stderr, done
    one.end()


def case_the_originals_plan():
    """One container, the C program's names and addresses; refused while something holds that network."""
    server = Server("internet", "tcp", INTERNET, 80, "tcp")
    original = words("--network", "original", "--dns", INTERNET, "--firewall", world.firewall)
    for user in (False, True):
        one = Container([*original[:1], "-aU" if user else "-a", *original[2:]])
        assert one.inside("ip -4 -o address show vpeer1").split()[3] == "172.16.1.2/24"
        assert sh("ip -4 -o address show veth1").split()[3] == "172.16.1.1/24"
        assert ask(str(one.pid), "tcp", INTERNET, 80) == f"tcp {HOST}"
        done = run(original, "true")
        assert done.returncode == 125 and "a route of this host leads to 172.16.1." in done.stderr, done
        beside = Container(nat())
        assert beside.address == "172.16.2.2", "nat stays clear of it"
        beside.end()
        one.end()
        wait_for("veth1 is gone", lambda: "veth1" not in sh("ip -br link"))
    sh("ip link add veth1 type veth peer name other")
    done = run(original, "true")
    assert done.returncode == 125 and "EEXIST" in done.stderr, done
    assert "veth1" in sh("ip -br link"), "a link of somebody else's stays"
    sh("ip link del veth1")
    server.end()


def case_mtu():
    """one firewall"""
    sh("ip link set up0 mtu 1400")
    assert run(nat(), "cat /sys/class/net/eth0/mtu").stdout == "1400\n"
    sh("ip link set up0 mtu 1500")


def case_networks_of_others():
    """one firewall"""
    sh("ip netns add shared; ip -n shared link set lo up; ip -n shared link add other7 type bridge")
    one = Container(nat("--name", "one"))
    for user in (False, True):
        done = run(words("--network", "ns:/run/netns/shared", user=user), "ip -br link; ls /sys/class/net | wc -l")
        assert "other7" in done.stdout and done.returncode == 0, done
        done = run(words("--network", "container:one", user=user), "ip -br address")
        assert one.address in done.stdout, done
        done = run(words("--network", "host", user=user), "ip -br address; touch /sys/x; ls /sys/class/net")
        assert HOST in done.stdout and "up0" in done.stdout and "Read-only" in done.stderr, done
        assert "shares the host's network" in done.stderr, done
    one.end()
    done = run(words("--network", "container:one"), "true")
    assert done.returncode == 2 and "no container of this name is running" in done.stderr, done
    sh("ip netns delete shared")
