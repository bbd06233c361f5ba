#!/bin/sh
# Some of the cases on the distribution's own kernel: no br_netfilter, no force_forwarding, the older packet
# filter as modules. in_vm.sh MYDOCKER. Emulated, so only what differs there.
set -eu
cd "$(dirname "$0")/../.."
exec tests/vm/run_in_vm.sh --timeout 1100 -- sh -ec '
  modprobe -a ip_tables ip6_tables veth bridge
  for cases in "traffic published_on" "ipv6 out router" "leftovers sweeps"; do
    python3 tests/network/run.py "$1" $cases
  done' sh "$1"
