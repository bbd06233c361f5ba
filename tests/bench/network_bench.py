#!/usr/bin/env python3
"""What an address costs, up to the entrypoint's first output: network_bench.py BUILD_FOLDER [--rounds N] [--json FILE]

MyDocker without a network and with nat on both packet filters, the same by hand with ip(8) and iptables(8), and podman
on its bridge, in one run and in another order each round. All in a world of its own (tests/network/world.py), so the
machine's links and rules stay as they are."""
import argparse
import json
import os
import pathlib
import random
import shutil
import statistics
import subprocess
import sys
import time

sys.dont_write_bytecode = True
HERE = pathlib.Path(__file__).resolve().parent
sys.path.insert(0, str(HERE.parent / "network"))
import world  # noqa: E402

BY_HAND = """
ip netns add hand; ip link add hand0 type veth peer name eth0 netns hand
ip address add 172.20.1.1/32 dev hand0; ip link set hand0 up; ip route add 172.20.1.2 dev hand0
ip -n hand link set lo up; ip -n hand address add 172.20.1.2/32 dev eth0; ip -n hand link set eth0 up
ip -n hand route add 172.20.1.1 dev eth0; ip -n hand route add default via 172.20.1.1
echo 1 >/proc/sys/net/ipv4/conf/hand0/forwarding; echo 1 >/proc/sys/net/ipv4/conf/up0/forwarding
iptables-legacy -A FORWARD -i hand0 -j ACCEPT; iptables-legacy -A FORWARD -o hand0 -j ACCEPT
iptables-legacy -t nat -A POSTROUTING -s 172.20.1.2 -j MASQUERADE
exec ip netns exec hand unshare -muipCf --root ROOT /bin/echo ready
"""
AFTER_HAND = """ip netns delete hand; iptables-legacy -F FORWARD; iptables-legacy -t nat -F POSTROUTING
while ip link show hand0 >/dev/null 2>&1; do sleep 0.01; done"""


def contestants(build: pathlib.Path) -> dict[str, tuple[list[str], str]]:
    """Name: words to start, script to run when it is over."""
    mydocker = [str(build / "MyDocker"), "-a", "--rootfs", str(world.ROOT)]
    nat = [*mydocker, "--network", "nat", "--dns", world.INTERNET, "--firewall"]
    out = {
        "MyDocker --network none": ([*mydocker, "/bin/echo", "ready"], ""),
        "MyDocker --network nat, legacy": ([*nat, "legacy", "/bin/echo", "ready"], ""),
        "MyDocker --network nat, nft": ([*nat, "nft", "/bin/echo", "ready"], ""),
        "by hand": (["sh", "-ec", BY_HAND.replace("ROOT", str(world.ROOT))], AFTER_HAND),
    }
    podman = ["podman", "--root", "/run/podman/root", "--runroot", "/run/podman/run", "--cgroup-manager=cgroupfs", "run",
              "--rm", "--log-driver=none", "--ulimit", "nofile=1024:1024", "--ulimit", "nproc=1024:1024",
              "--security-opt", "seccomp=unconfined"]
    for network in ("none", "bridge"):
        words = [*podman, "--network", network, "--rootfs", str(world.ROOT), "/bin/echo", "ready"]
        if shutil.which("podman") is None:
            continue
        done = subprocess.run(words, text=True, capture_output=True, check=False, stdin=subprocess.DEVNULL)
        if done.stdout.strip() == "ready":
            out[f"podman --network {network}"] = (words, "")
        else:
            print(f"left out, fails here: podman --network {network}: {done.stderr.strip()[-200:]}", file=sys.stderr)
    return out


def milliseconds_to_ready(words: list[str], after: str) -> float:
    """Until the first byte; what is taken back at the end does not count."""
    begin = time.monotonic()
    with subprocess.Popen(words, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, stdin=subprocess.DEVNULL) as process:
        first = os.read(process.stdout.fileno(), 1)
        took = time.monotonic() - begin
    if first != b"r":
        sys.exit(f"{words}: no word of it")
    if after:
        world.sh(after)
    return took * 1000


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("build", type=pathlib.Path)
    parser.add_argument("--rounds", type=int, default=50)
    parser.add_argument("--json", type=pathlib.Path)
    parser.add_argument("--here", action="store_true", help=argparse.SUPPRESS)
    arguments = parser.parse_args()
    if not arguments.here:
        words = [sys.executable, __file__, "--here", *sys.argv[1:]]
        sys.exit(subprocess.run(["unshare", "--mount", "--net", "--pid", "--fork", "--mount-proc", *words],
                                check=False).returncode)
    world.make()
    # podman's crun refuses a host with both versions of cgroups; the mount namespace is this run's own.
    world.sh("umount /sys/fs/cgroup/unified", check=False)
    programs = contestants(arguments.build.resolve())
    results = {name: [] for name in programs}
    order = list(programs)
    for _ in range(arguments.rounds):
        random.shuffle(order)
        for name in order:
            results[name].append(milliseconds_to_ready(*programs[name]))
            time.sleep(0.05)  # until the kernel has taken the network apart
    base = statistics.median(results["MyDocker --network none"])
    print(f"{'':34}{'median ms':>10}{'over none':>11}{'p10':>8}{'p90':>8}")
    for name, times in results.items():
        cuts = statistics.quantiles(times, n=10)
        print(f"{name:34}{statistics.median(times):10.2f}{statistics.median(times) - base:11.2f}{cuts[0]:8.2f}{cuts[-1]:8.2f}")
    if arguments.json:
        arguments.json.write_text(json.dumps(results), encoding="utf-8")


if __name__ == "__main__":
    main()
