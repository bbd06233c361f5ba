"""Networks that the plugins of others make: Debian's own, and ones that write down how they are called."""
import json
import os
import subprocess
import time
from pathlib import Path

import world
from world import HOST, INTERNET, Container, Server, ask, run, sh, state, wait_for, words

NEEDS = ("/usr/lib/cni/bridge", "/usr/lib/cni/host-local", "/usr/lib/cni/portmap")

LISTS, CALLS = Path("/run/net.d"), Path("/run/calls")
RECORDER = """#!/bin/sh
name=${0##*/}
{ printf '%s\\t' "$name" "$CNI_COMMAND" "$CNI_CONTAINERID" "$CNI_NETNS" "$CNI_IFNAME" "$CNI_PATH"
  stat -f -c '%t' "$CNI_NETNS" 2>/dev/null | tr '\\n' '\\t' || printf '\\t'; cat; echo; } >>/run/calls
[ ! -e "/run/fail-$name-$CNI_COMMAND" ] || { cat "/run/fail-$name-$CNI_COMMAND"; exit 7; }
[ "$CNI_COMMAND" != ADD ] || cat "/run/answer-$name"
"""
NSFS = "6e736673"


def cni(name: str, *options: str, user: bool = False) -> list[str]:
    return words("--network", f"cni:{name}", "--dns", INTERNET, *options, user=user)


def configure(name: str, plugins: list[dict], version: str = "1.0.0", **more: object) -> None:
    LISTS.mkdir(exist_ok=True)
    os.environ["NETCONFPATH"] = str(LISTS)
    text = json.dumps({"cniVersion": version, "name": name, "plugins": plugins, **more})
    (LISTS / f"{name}.conflist").write_text(text)


def bridge() -> None:
    configure("web", [
        {"type": "bridge", "bridge": "cni7", "isGateway": True, "ipMasq": True,
         "ipam": {"type": "host-local", "dataDir": "/run/leases", "subnet": "10.99.0.0/24",
                  "routes": [{"dst": "0.0.0.0/0"}]}},
        {"type": "portmap", "capabilities": {"portMappings": True}}])


def left_of_containers() -> str:
    """Links, leases and chains; what the plugins keep for all of them is theirs."""
    return sh("""ip -br link show type veth | grep -v ^up0 || true; ls /run/leases/web 2>/dev/null | grep '^10' || true
                 { iptables-legacy-save; nft list ruleset 2>/dev/null; } | grep -E 'CNI-(DN-|SN-)?[0-9a-f]{8}' || true
                 ls -A /run/mydocker; grep netns- /proc/mounts || true""")


def forget_plugins_own() -> None:
    """So that the world is as it was."""
    sh("""ip link del cni7 2>/dev/null || true; nft flush ruleset; echo 0 >/proc/sys/net/ipv4/ip_forward
          iptables-legacy -t nat -F; iptables-legacy -t nat -X; iptables-legacy -F; iptables-legacy -X""")


def recorders(*names: str, **more: object) -> None:
    """Plugins that write down how they are called; each answers with one address more than the one before."""
    folder = Path("/run/bin")
    folder.mkdir(exist_ok=True)
    os.environ["CNI_PATH"] = str(folder)
    addresses = ["10.98.0.2/16", "fd00:98::2/64"]
    for count, name in enumerate(names):
        (folder / name).write_text(RECORDER)
        (folder / name).chmod(0o755)
        Path(f"/run/answer-{name}").write_text(json.dumps(
            {"cniVersion": "1.0.0", "ips": [{"address": address} for address in addresses[:count + 1]],
             "dns": {"nameservers": ["198.51.100.53"], "search": ["example.org"]}}, indent=1))
    configure("log", [{"type": name, "capabilities": {"portMappings": name == names[-1]}} for name in names], **more)
    CALLS.unlink(missing_ok=True)


def calls() -> list[dict]:
    keys = ("plugin", "command", "id", "netns", "link", "path", "kind", "config")
    found = [dict(zip(keys, line.split("\t"))) for line in CALLS.read_text().splitlines()]
    return [{**call, "config": json.loads(call["config"])} for call in found]


def called() -> list[tuple]:
    return [(call["plugin"], call["command"]) for call in calls()]


def case_bridge_host_local_and_portmap():
    """one firewall"""
    bridge()
    server = Server("internet", "tcp", INTERNET, 80, "tcp")
    for user in (False, True):
        one = Container(cni("web", "-p", "8080:80", user=user))
        inside = Server(str(one.pid), "tcp", "0.0.0.0", 80, "inside")
        assert ask(str(one.pid), "tcp", INTERNET, 80) == f"tcp {HOST}", "behind the host's address"
        assert ask("host", "tcp", "127.0.0.1", 8080).startswith("inside ")
        assert ask("neighbour", "tcp", HOST, 8080) == "refused", "it was published for this host alone"
        for what in ("veth", "10.99.0.", "CNI-DN-", ".cni-", "netns-"):
            assert what in left_of_containers(), (what, "else this case shows nothing")
        inside.end()
        one.end()
        assert left_of_containers() == "", left_of_containers()
    server.end()
    forget_plugins_own()


def case_killed():
    """one firewall"""
    bridge()
    one = Container(cni("web", "-p", "8080:80", "--name", "one"))
    one.kill()
    assert left_of_containers() != ""
    assert run(words(), "true").returncode == 0
    assert left_of_containers() == "", left_of_containers()
    for step in range(20):
        process = subprocess.Popen([*cni("web", "-p", "8080:80"), "/bin/true"], stdin=subprocess.DEVNULL,
                                   stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        time.sleep(step * 0.008)
        process.kill()
        process.wait()
    wait_for("no plugin is at work any more", lambda: not sh(
        "ps -eo stat=,comm= | grep -E '^[^Z].* (bridge|host-local|portmap|ip6?tables)$' || true"))
    done = run(cni("web", "-p", "8080:80"), "true")
    assert done.returncode == 0, done
    assert left_of_containers() == "", left_of_containers()
    forget_plugins_own()


def case_killed_while_a_plugin_is_at_work():
    """one firewall"""
    for command in ("ADD", "DEL"):
        recorders("first")
        plugin, log, gate = Path("/run/bin/first"), Path("/run/slow"), Path("/run/gate")
        log.write_text("")
        os.mkfifo(gate)
        Path("/run/real").mkdir(exist_ok=True)
        plugin.rename("/run/real/first")
        plugin.write_text(f"""#!/bin/bash
            echo "begin $CNI_COMMAND" >> {log}
            if [ $CNI_COMMAND = {command} ] && [ -p {gate} ]; then cat {gate} > /run/passed; fi
            /run/real/first && echo "end $CNI_COMMAND" >> {log}
        """)
        plugin.chmod(0o755)
        begun = subprocess.Popen([*cni("log"), "/bin/true"], stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL,
                                 stderr=subprocess.DEVNULL)
        wait_for("the plugin is at work", lambda log=log, command=command: f"begin {command}" in log.read_text())
        begun.kill()
        begun.wait()
        before = log.read_text()
        assert run(words(), "true").returncode == 0
        assert log.read_text() == before, "nobody takes back what is not done"
        gate.write_text("go on\n")
        wait_for("it has done its work", lambda log=log, command=command: f"end {command}" in log.read_text())
        gate.unlink()
        before = log.read_text()
        # Its end is a moment after its last word.
        wait_for("it is taken back", lambda: run(words(), "true").returncode == 0 and left_of_containers() == "")
        assert log.read_text() == before + "begin DEL\nend DEL\n", log.read_text()


def case_how_plugins_are_called():
    """one firewall"""
    recorders("first", "second")
    done = run([*words("--network", "cni:log", "--name", "web", "-p", "8080:80", "-p", "53:5353/udp")],
               "cat /etc/hosts /etc/resolv.conf")
    assert done.returncode == 0, done
    assert "10.98.0.2\tcontainer\nfd00:98::2\tcontainer\n" in done.stdout, done
    assert done.stdout.endswith("nameserver 198.51.100.53\nsearch example.org\n"), done
    assert called() == [("first", "ADD"), ("second", "ADD"), ("second", "DEL"), ("first", "DEL")], called()
    for call in calls():
        assert (call["id"], call["link"], call["path"]) == ("web", "eth0", "/run/bin"), call
        assert call["kind"] == NSFS and call["netns"] == "/run/mydocker/.netns-web", "it is there, also at the end"
        assert "capabilities" not in call["config"] and call["config"]["type"] == call["plugin"], call
        assert (call["config"]["name"], call["config"]["cniVersion"]) == ("log", "1.0.0"), call
    first, second, last, _ = (call["config"] for call in calls())
    answers = [json.loads(Path(f"/run/answer-{name}").read_text()) for name in ("first", "second")]
    assert "prevResult" not in first and "runtimeConfig" not in first, first
    assert second["prevResult"] == answers[0] and all(call["config"]["prevResult"] == answers[1] for call in calls()[2:])
    assert second["runtimeConfig"] == last["runtimeConfig"] == {"portMappings": [
        {"hostPort": 8080, "containerPort": 80, "protocol": "tcp", "hostIP": "127.0.0.1"},
        {"hostPort": 53, "containerPort": 5353, "protocol": "udp", "hostIP": "127.0.0.1"}]}, second
    recorders("first", "second", version="0.3.1")
    assert run(cni("log"), "cat /etc/resolv.conf").stdout == f"nameserver {INTERNET}\n", "--dns comes first"
    assert "prevResult" not in calls()[2]["config"], "0.3.1 does not know that"


def case_a_plugin_fails():
    """one firewall"""
    before = state()
    recorders("first", "second", "third")
    refusal = Path("/run/fail-second-ADD")
    for said, told in (('{"cniVersion":"1.0.0","code":11,"msg":"no address is free","details":"try again later"}',
                        "CNI plugin 'second' ADD: no address is free (code 11): try again later"),
                       ("", "CNI plugin 'second' ADD: status 7"), ("{oops", "CNI plugin 'second' ADD: {oops")):
        refusal.write_text(said)
        CALLS.unlink(missing_ok=True)
        done = run(cni("log"), "echo it ran")
        assert done.returncode == 125 and done.stdout == "", done
        assert f"MyDocker: network: {told}\n" in done.stderr, done
        assert called() == [("first", "ADD"), ("second", "ADD"), ("third", "DEL"), ("second", "DEL"), ("first", "DEL")]
        assert state() == before
    refusal.unlink()
    Path("/run/answer-second").write_text("no JSON")
    done = run(cni("log"), "echo it ran")
    assert done.returncode == 125 and "CNI plugin 'second' ADD: its result: " in done.stderr, done
    assert state() == before


def case_a_plugin_fails_at_the_end():
    """one firewall"""
    recorders("first", "second")
    refusal = Path("/run/fail-first-DEL")
    refusal.write_text('{"code":100,"msg":"not now"}')
    done = run(cni("log", "--name", "one"), "exit 3")
    assert done.returncode == 3, done
    assert "MyDocker: warning: CNI plugin 'first' DEL: not now (code 100); the next start tries again\n" in done.stderr, done
    assert sorted(os.listdir("/run/mydocker")) == [".cni-one", ".netns-one", "one"], "somebody can try again"
    assert run(words(), "true").returncode == 0, "others are not kept from starting"
    refusal.unlink()
    assert run(words(), "true").returncode == 0
    assert os.listdir("/run/mydocker") == []


def case_what_is_refused():
    """one firewall"""
    recorders("first")
    configure("bad", [{"type": "../first"}])
    configure("old", [{"type": "first"}], version="0.2.0")
    configure("lost", [{"type": "nowhere"}])
    configure("plain", [{"type": "first"}])
    (LISTS / "broken.conf").write_text('{"name": ')
    for name, option, told in (("none", [], "no file in /run/net.d configures it; there are: bad, log, lost, old, plain"),
                               ("none", [], "/run/net.d/broken.conf: "), ("bad", [], "has to be a file's name"),
                               ("old", [], "cniVersion '0.2.0': allowed are"),
                               ("lost", [], "the plugin 'nowhere' is in none of /run/bin"),
                               ("plain", ["-p", "80:80"], "-p with --network 'cni:plain': no plugin of this network")):
        done = run(cni(name, *option), "true")
        assert done.returncode == 2 and told in done.stderr, (name, done)
    assert not CALLS.exists()
    (LISTS / "single.conf").write_text('{"cniVersion": "0.4.0", "name": "single", "type": "first"}')
    assert run(cni("single"), "true").returncode == 0
    assert called() == [("first", "ADD"), ("first", "DEL")], "a file of one plugin alone"


def inspect(*words: str) -> subprocess.CompletedProcess:
    return subprocess.run([str(world.binary), "inspect", *words], text=True, capture_output=True, check=False)


def case_inspect_and_check():
    """one firewall"""
    bridge()
    # Without -p: Debian's portmap then looks for IPv6 chains too, which it has not made.
    one = Container(cni("web", "--name", "one"))
    told = json.loads(inspect("one").stdout)
    assert (told["id"], told["pid"], told["network"]) == ("one", one.pid, "cni"), told
    assert told["root"] == str(world.ROOT) and told["command"][:2] == ["/bin/bash", "-c"], told
    assert told["addresses"] == [f"{one.address}/24"] and told["cgroup"] is None, told
    assert told["cni"]["name"] == "web" and told["cni"]["result"]["ips"][0]["address"] == f"{one.address}/24", told
    done = inspect("--check", "one")
    assert (done.returncode, done.stdout, done.stderr) == (0, "", ""), done
    one.inside("ip link set eth0 down; ip address flush dev eth0")
    done = inspect("--check", "one")
    assert done.returncode == 125 and "network: CNI plugin 'bridge' CHECK: " in done.stderr, done
    one.end()
    forget_plugins_own()
    recorders("first", "second")
    one = Container(cni("log", "--name", "one"))
    CALLS.unlink()
    assert inspect("--check", "one").returncode == 0
    assert called() == [("first", "CHECK"), ("second", "CHECK")], called()
    answer = json.loads(Path("/run/answer-second").read_text())
    assert all(call["config"]["prevResult"] == answer and call["kind"] == NSFS for call in calls())
    one.end()
    configure("log", [{"type": "first"}], disableCheck=True)
    one, two = Container(cni("log", "--name", "one")), Container(words("--name", "two"))
    for name, status, told in (("one", 2, "says disableCheck"), ("two", 2, "'two' is in no CNI network"),
                               ("three", 2, "no container of this name is running"), ("../one", 2, "an id has letters")):
        done = inspect("--check", name)
        assert done.returncode == status and told in done.stderr, done
    assert json.loads(inspect("two").stdout)["network"] == "none"
    one.end()
    two.end()


def case_n2_egress():
    """Rules in the container's own network hold whoever made it."""
    bridge()
    servers = [Server("internet", "tcp", INTERNET, port, "far") for port in (80, 81)]
    one = Container(cni("web", "--egress", f"{INTERNET}:80", "--firewall", world.firewall))
    assert ask(str(one.pid), "tcp", INTERNET, 80).startswith("far ")
    assert ask(str(one.pid), "tcp", INTERNET, 81) == "refused"
    assert one.inside("ip -6 -o address show dev eth0") == ""
    one.end()
    for server in servers:
        server.end()
    forget_plugins_own()
