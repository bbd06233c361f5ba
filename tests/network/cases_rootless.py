"""An ordinary user's containers: pasta(1) is their way out, and rules are made in their own network."""
import os
import shutil
from pathlib import Path

import world
from world import HOST, INTERNET, Container, Server, ask, require_state, run, sh, state, wait_for

NEEDS = ("pasta", "setpriv")
UID = 4711
HOME = Path("/run/casual")


def pasta(*options: str) -> list[str]:
    """A user of this world's alone, who may open the node that pasta needs."""
    if not HOME.exists():
        HOME.mkdir()
        shutil.copy(world.binary, HOME / "MyDocker")
        sh(f"""cp -a {world.ROOT} {HOME}/root; mkdir {HOME}/run; chown -hR {UID}:{UID} {HOME}; chmod 700 {HOME}
               mkdir -p /run/upper /run/work; mount -t overlay overlay -o lowerdir=/etc,upperdir=/run/upper,workdir=/run/work /etc
               echo 'casual:x:{UID}:{UID}::/:/bin/sh' >> /etc/passwd
               for file in subuid subgid; do echo casual:500000:65536 > /etc/$file; done
               mkdir -p /dev/net; mknod -m 666 /run/tun c 10 200; [ -e /dev/net/tun ] || : > /dev/net/tun
               mount --bind /run/tun /dev/net/tun""")
    return ["setpriv", "--reuid", str(UID), "--regid", str(UID), "--clear-groups", "env", f"XDG_RUNTIME_DIR={HOME}/run", str(HOME / "MyDocker"),
            "-aU", "--rootfs", str(HOME / "root"), "--network", "pasta", "--dns", INTERNET, *options]


def pastas() -> list[int]:
    return [int(pid) for pid in sh("pgrep -f '^pasta ' || true").split()]


def case_out_and_in():
    """one firewall"""
    server = Server("internet", "tcp", INTERNET, 80, "far")
    done = run(pasta(), f"exec 3<>/dev/tcp/{INTERNET}/80 && cat <&3")
    assert done.returncode == 0 and f"far {HOST}" in done.stdout, done
    one = Container(pasta("-p", "8080:80"))
    inside = Server(str(one.pid), "tcp", "0.0.0.0", 80, "inside")
    assert ask("host", "tcp", "127.0.0.1", 8080).startswith("inside ")
    assert ask("neighbour", "tcp", HOST, 8080) == "refused"
    inside.end()
    one.end()
    server.end()
    done = run(pasta("-p", "80:80"), "true")
    assert done.returncode == 125 and "ip_unprivileged_port_start" in done.stderr, done
    assert not pastas()


def case_egress():
    """Nobody inside can change the rules, and what they refuse is counted."""
    servers = [Server("internet", "tcp", INTERNET, port, "far") for port in (80, 81)]
    one = Container(pasta("--egress", f"{INTERNET}:80", "--firewall", world.firewall))
    assert ask(str(one.pid), "tcp", INTERNET, 80).startswith("far ")
    assert ask(str(one.pid), "tcp", INTERNET, 81) == "refused"
    one.end()
    done = run(pasta("--egress", f"{INTERNET}:80", "--firewall", world.firewall),
               f"exec 3<>/dev/tcp/{INTERNET}/81 || exit 3")
    assert done.returncode == 3 and "refused" in done.stderr, done
    for server in servers:
        server.end()


def case_whatever_ends_it():
    """one firewall"""
    before = state()
    one = Container(pasta())
    one.kill()
    wait_for("pasta dies with MyDocker", lambda: not pastas())
    assert run(pasta(), "true").returncode == 0
    assert os.listdir(HOME / "run/mydocker") == []
    require_state(before)
