"""network_configuration_internet.sh: NAT for real; Polycube against a recorder of the calls, and that alone."""
import difflib
import shutil
import subprocess
import tempfile
from pathlib import Path

import world
from cases_netsetgo import Alone, netsetgo
from world import HOST, INTERNET, Server, ask, sh, state, wait_for

NEEDED = ("bash", "ip", "awk", "sed", "tac", "rm", "cat", "readlink", "dirname")
# A program that counts its calls, and fails at one of them.
COUNTING = """#!/bin/bash
echo "$*" >>{log}
[[ $(wc -l <{log}) != "$(cat {log}.fails 2>/dev/null)" ]] || exit 1
{then}
"""


class Programs:
    """A folder with those programs alone that the script may find."""

    def __init__(self) -> None:
        self.folder = Path(tempfile.mkdtemp())
        self.log = self.folder / "log"
        for name in NEEDED:
            (self.folder / name).symlink_to(shutil.which(name))

    def link(self, name: str, program: str) -> None:
        (self.folder / name).unlink(missing_ok=True)
        (self.folder / name).symlink_to(shutil.which(program))

    def counting(self, name: str, then: str) -> None:
        (self.folder / name).unlink(missing_ok=True)
        text = COUNTING.format(log=self.log, then=then).replace("wc ", f"{shutil.which('wc')} ")
        (self.folder / name).write_text(text)
        (self.folder / name).chmod(0o755)

    def run(self, *options: str) -> subprocess.CompletedProcess:
        return subprocess.run([str(world.TOP / "tools" / "network_configuration_internet.sh"), *options], text=True,
                              capture_output=True, timeout=world.PATIENCE, check=False, env={"PATH": str(self.folder)})

    def calls(self) -> list[str]:
        """Since the last time."""
        out = self.log.read_text().splitlines() if self.log.exists() else []
        self.log.unlink(missing_ok=True)
        return out

    def fail_at(self, number: int) -> None:
        Path(f"{self.log}.fails").write_text(str(number))

    def remove(self) -> None:
        shutil.rmtree(self.folder)


def everything() -> str:
    return state() + sh("ls /run")


def require_same(before: str, when: object) -> None:
    lines = list(difflib.unified_diff(before.splitlines(), everything().splitlines(), lineterm="", n=0))
    assert not lines, (when, *lines)


def connected() -> Alone:
    """A process on brg0. The kernel would make link-local addresses in the middle of the case."""
    sh("echo 1 >/proc/sys/net/ipv6/conf/default/disable_ipv6")
    one = Alone()
    assert netsetgo("-pid", one.pid).returncode == 0
    wait_for("the links know that they are up", lambda: "state UNKNOWN" not in sh("ip link show master brg0; ip link show brg0"))
    return one


def settle() -> str:
    """iptables leaves its lock, iptables-nft its empty tables: they are made before."""
    sh("""for verb in A D; do iptables-nft -t nat -$verb POSTROUTING -j RETURN; iptables-nft -$verb FORWARD -j RETURN; done
          iptables-legacy -S -w""")
    return everything()


def case_nat_leads_out_and_is_taken_back():
    """one firewall"""
    servers = [Server("internet", "tcp", INTERNET, 80, "far"), Server("host", "tcp", "0.0.0.0", 81, "host")]
    one, programs = connected(), Programs()
    inside = Server(str(one.pid), "tcp", "0.0.0.0", 82, "inside")
    sh(f"ip route add 10.10.10.0/24 via {HOST}", "neighbour")
    for name, program in (("iptables", "iptables-nft"), ("iptables", "iptables-legacy"), ("nft", "nft")):
        before = settle()
        assert ask(str(one.pid), "tcp", INTERNET, 80) == "timeout", "else this case shows nothing"
        programs.link(name, program)
        done = programs.run()
        assert done.returncode == 0 and done.stderr.replace("# Warning: iptables-legacy tables present, use "
                                                            "iptables-legacy to see them\n", "") == "", done
        assert done.stdout == "10.10.10.1/24 on brg0 reaches the outside over up0, by nat\n", done
        assert ask(str(one.pid), "tcp", INTERNET, 80) == f"far {HOST}", program
        assert ask(str(one.pid), "tcp", "10.10.10.1", 81) == "host 10.10.10.2"
        assert ask("host", "tcp", "10.10.10.2", 82) == "inside 10.10.10.1"
        assert ask("neighbour", "tcp", "10.10.10.2", 82) == "timeout", "what nobody asked for does not come in"
        sh(f"nsenter -t {one.pid} -n sh -c 'ip address add 198.51.100.9/32 dev netsetgo; "
           "ip route replace default via 10.10.10.1 src 198.51.100.9'")
        assert ask(str(one.pid), "tcp", INTERNET, 80) == "timeout", "in another's name"
        sh(f"nsenter -t {one.pid} -n sh -c 'ip route replace default via 10.10.10.1; "
           "ip address del 198.51.100.9/32 dev netsetgo'")
        again = programs.run()
        assert again.returncode == 1 and "there is a way out already" in again.stderr, again
        assert programs.run("--delete").returncode == 0
        require_same(before, program)
        (programs.folder / name).unlink()
    assert programs.run("--delete").returncode == 1
    done = programs.run()
    assert done.returncode == 1 and "neither iptables nor nft is installed" in done.stderr, done
    require_same(before, "at the end")
    for each in (*servers, inside, one):
        each.end()
    netsetgo("-pid", one.pid, "--delete")
    clean_tables()
    programs.remove()


def clean_tables() -> None:
    sh("nft flush ruleset")


def case_nat_a_failure_takes_all_back():
    """one firewall"""
    one, programs = connected(), Programs()
    before = settle()
    programs.counting("iptables", f'exec {shutil.which("iptables-nft")} "$@"')
    assert programs.run().returncode == 0
    steps = len(programs.calls())
    assert programs.run("--delete").returncode == 0
    assert len(programs.calls()) == steps == 9, steps
    for number in range(1, steps + 1):
        programs.fail_at(number)
        done = programs.run()
        assert done.returncode == 1 and "taken back" in done.stderr and done.stdout == "", done
        assert len(programs.calls()) == 2 * number - 1, "each that was done is undone"
        require_same(before, number)
    one.end()
    netsetgo("-pid", one.pid, "--delete")
    clean_tables()
    programs.remove()


def case_words():
    """one firewall"""
    programs = Programs()
    for options, status, said in ((("--frob",), 2, "'--frob': unknown"), (("--way",), 2, "--way: needs a value"),
                                  (("--way", "x"), 2, "allowed are polycube and nat"),
                                  (("--bridge", "a/b"), 2, "no name of a link"),
                                  (("--bridge", "none7"), 1, "there is no bridge 'none7'"),
                                  (("--bridge", "up0", "--way", "polycube"), 1, "is polycubed running?"),
                                  (("--delete",), 1, "nothing to take back")):
        done = programs.run(*options)
        assert done.returncode == status and said in done.stderr and done.stdout == "", (options, done)
    assert programs.run("-h").stdout.startswith("Leads what is on a bridge")
    programs.remove()


def polycube_calls() -> list[str]:
    """As they should be: each with what asks whether it had an effect."""
    hardware = [sh(f"ip -o link show dev {link}").split("link/ether ")[1].split()[0]
                for link in ("brg0", "up0")]
    return ["cubes show",
            "cubes show",
            "router add mydocker_router",
            "router mydocker_router show",
            f"router mydocker_router ports add to_containers ip=10.10.10.1/24 mac={hardware[0]} peer=brg0",
            "router mydocker_router ports to_containers show",
            f"router mydocker_router ports add to_outside ip={HOST}/24 mac={hardware[1]} peer=up0",
            "router mydocker_router ports to_outside show",
            f"router mydocker_router route add 0.0.0.0/0 {INTERNET}",
            "router mydocker_router route show",
            "nat add mydocker_nat",
            "nat mydocker_nat show",
            "attach mydocker_nat mydocker_router:to_outside",
            "nat mydocker_nat rule masquerade enable",
            "nat mydocker_nat rule masquerade show"]


UNDONE_BY = {"router add mydocker_router": "router del mydocker_router",
             "nat add mydocker_nat": "nat del mydocker_nat",
             "attach mydocker_nat mydocker_router:to_outside": "detach mydocker_nat mydocker_router:to_outside"}


def undone(calls: list[str]) -> list[str]:
    return [UNDONE_BY[call] for call in reversed(calls) if call in UNDONE_BY]


def case_polycube_is_called_step_by_step():
    """one firewall"""
    one, programs = connected(), Programs()
    before = everything()
    programs.counting("polycubectl", "echo shown")
    expected = polycube_calls()
    done = programs.run()
    assert done.returncode == 0 and done.stdout.endswith("over up0, by polycube\n"), done
    assert programs.calls() == expected
    again = programs.run()
    assert again.returncode == 1 and "there is a way out already" in again.stderr, again
    programs.calls()
    assert programs.run("--delete").returncode == 0
    assert programs.calls() == undone(expected)
    require_same(before, "at the end")
    one.end()
    netsetgo("-pid", one.pid, "--delete")
    programs.remove()


def case_polycube_a_failure_takes_all_back():
    """Each of the calls fails in its turn, or is without effect. one firewall"""
    one, programs = connected(), Programs()
    before = everything()
    expected = polycube_calls()[1:]  # the way is said: nobody has to look for one
    programs.counting("polycubectl", "echo shown")
    for number in range(1, len(expected) + 1):
        programs.fail_at(number)
        done = programs.run("--way", "polycube")
        assert done.returncode == 1 and done.stdout == "" and done.stderr != "", (number, done)
        assert programs.calls() == expected[:number] + undone(expected[:number - 1]), number
        require_same(before, number)
    programs.fail_at(0)
    programs.counting("polycubectl", '[[ $* != "nat mydocker_nat rule masquerade show" ]] || exit 0; echo shown')
    done = programs.run("--way", "polycube")
    assert done.returncode == 1 and "shows nothing" in done.stderr, done
    assert programs.calls() == expected + undone(expected)
    programs.counting("polycubectl", "echo shown")
    assert programs.run().returncode == 0
    programs.calls()
    programs.fail_at(1)
    done = programs.run("--delete")
    assert done.returncode == 1 and "cannot take back: 'polycubectl detach" in done.stderr, done
    assert programs.calls() == undone(expected), "the rest is taken back all the same"
    one.end()
    netsetgo("-pid", one.pid, "--delete")
    programs.remove()
