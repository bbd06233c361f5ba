"""Nothing of a container stays in the host's network, whatever ends it."""
import re
import subprocess
import time

import world
from world import HOST, INTERNET, Container, Server, ask, nat, require_state, run, sh, state, wait_for, words


def started(count: int, *options: str) -> list[subprocess.Popen]:
    """So many at once; each says its address and waits to be ended."""
    script = "ip -4 -o address show eth0; exec sleep 1000"
    return [subprocess.Popen([*nat(*options, user=number % 2 == 0), "/bin/bash", "-c", script], text=True,
                             stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.PIPE)
            for number in range(count)]


def address_of(process: subprocess.Popen) -> str:
    line = process.stdout.readline()
    assert " eth0 " in line, line + process.communicate()[1]
    return line.split()[3].partition("/")[0]


def case_fifty_at_once_and_ten_are_killed():
    """Each has an address of its own; the last that ends takes away what the killed ones left."""
    before = state()
    processes = started(50)
    addresses = [address_of(process) for process in processes]
    assert len(set(addresses)) == 50, sorted(addresses)
    for process in processes[10:20]:
        process.kill()
    for process in processes[:10] + processes[20:]:
        process.terminate()
    for process in processes:
        process.communicate(timeout=world.PATIENCE)
    end = time.monotonic()
    require_state(before)
    print(f"  as before, {time.monotonic() - end:.2f} s after the last one's end")


def case_the_next_start_sweeps():
    """One that was killed leaves rules and forwarding; any later start takes them away, whatever its own network."""
    before = state()
    one = Container(nat("-p", "8080:80", "--name", "one"))
    one.kill()
    wait_for("its link is gone", lambda: "myd" not in sh("ip -br link"))
    assert state() != before, "a kill leaves nothing: then this case shows nothing"
    assert run(words(), "true").returncode == 0
    require_state(before)
    one = Container(nat("-p", "8080:80", "--name", "one"))
    one.kill()
    again = Container(nat("-p", "8080:80", "--name", "one"))
    server = Server(str(again.pid), "tcp", "0.0.0.0", 80, "again")
    assert ask("host", "tcp", "127.0.0.1", 8080).startswith("again"), "the name, port and link are free again"
    server.end()
    again.end()


def case_killed_at_any_moment():
    """At each of many moments of a start; then one start, and all is as before."""
    before = state()
    world.kill_at_many_moments(nat("-p", "8080:80"), 40)
    done = run(nat(), "true")
    assert done.returncode == 0, done
    require_state(before)


def case_forwarding_is_said_and_put_back():
    """Only for the uplink, and only if it was off."""
    settings = "cat /proc/sys/net/ipv4/ip_forward /proc/sys/net/ipv4/conf/up0/forwarding"
    one, two = Container(nat()), Container(nat())
    assert sh(settings).split() == ["0", "1"]
    one.end()
    assert sh(settings).split() == ["0", "1"], "the other one still needs it"
    two.end()
    assert sh(settings).split() == ["0", "0"]
    assert "forwarding is on for up0" in run(nat(), "true").stderr
    sh("echo 1 >/proc/sys/net/ipv4/conf/up0/forwarding")
    done = run(nat(), "true")
    assert done.stderr == "" and sh(settings).split() == ["0", "1"], done
    sh("echo 0 >/proc/sys/net/ipv4/conf/up0/forwarding")


def case_others_rules_stay():
    """Rules of the host's own, and of its other packet filter."""
    sh("""iptables-legacy -A FORWARD -s 10.9.0.0/16 -j ACCEPT; iptables-legacy -t nat -N OTHERS
          nft add table inet others; nft add chain inet others c '{ type filter hook forward priority 5; }'
          nft add rule inet others c counter accept""")
    before = state()
    one, two = Container(nat()), Container(nat("-p", "8080:80"))
    one.end()
    two.end()
    require_state(before)
    sh("iptables-legacy -F; iptables-legacy -t nat -X OTHERS; nft delete table inet others")


def case_a_chain_of_others_that_drops():
    """docker's and firewalld's way: the start and the doctor name it, and the line that they tell opens it."""
    server = Server("internet", "tcp", INTERNET, 80, "tcp")
    legacy = ("iptables-legacy -P FORWARD DROP", "iptables-legacy -P FORWARD ACCEPT; iptables-legacy -F FORWARD")
    newer = ("nft 'add table ip others; add chain ip others FORWARD { type filter hook forward priority 0; policy drop; }'",
             "nft delete table ip others")
    for shut, undo in [newer] if world.firewall == "legacy" else [newer, legacy]:
        sh(shut)
        one = Container(nat("-p", f"{HOST}:8080:80"))
        assert ask(str(one.pid), "tcp", INTERNET, 80) == "timeout", "else there is nothing to tell"
        one.end()
        done = run(nat(), "true")
        told = re.search("drops what is forwarded: the container reaches this host alone, until: (.*)", done.stderr)
        assert told, done
        if "nft" in shut:  # the other one is in the way only where our rules are nft's, which nobody uses here
            assert told[1] in sh(f"{world.binary} doctor", check=False)
        sh(told[1])
        one = Container(nat("-p", f"{HOST}:8080:80"))
        inside = Server(str(one.pid), "tcp", "0.0.0.0", 80, "one")
        assert ask(str(one.pid), "tcp", INTERNET, 80) == f"tcp {HOST}"
        assert ask("neighbour", "tcp", HOST, 8080).startswith("one")
        two = Container(nat())
        assert ask(str(two.pid), "tcp", one.address, 80) == "timeout", "what was opened opens nothing else"
        for each in (inside, one, two):
            each.end()
        done = run(nat(), "true")
        assert "drops what is forwarded" not in done.stderr, done
        sh(undo)
    server.end()


def case_rules_that_somebody_flushed_come_back():
    """One that was started before goes on once the next is started, as after a reload of a firewall."""
    server = Server("internet", "tcp", INTERNET, 80, "tcp")
    one = Container(nat())
    sh("iptables-legacy -F; iptables-legacy -t nat -F; iptables-legacy -t raw -F; nft flush ruleset")
    two = Container(nat())
    assert ask(str(two.pid), "tcp", INTERNET, 80) == f"tcp {HOST}"
    two.end()
    one.end()
    server.end()
    sh("""iptables-legacy -F; iptables-legacy -X; iptables-legacy -t nat -F; iptables-legacy -t nat -X
          iptables-legacy -t raw -F; iptables-legacy -t raw -X""")
