#!/bin/bash
# The benchmark: builds what it needs in the project's build folder and runs bench.py there.
#   sudo tests/bench/run.sh [--rounds N] [--json FILE]
#   sudo tests/bench/run.sh --oci [--rounds N] [--json FILE]      MyDocker as an OCI runtime
#   sudo tests/bench/run.sh --filter [--rounds N]                 what the seccomp filter costs
set -euo pipefail

[[ $(id -u) == 0 ]] || { echo "tests/bench/run.sh: run this as root" >&2; exit 1; }
here=$(dirname "$(readlink -f "${BASH_SOURCE[0]}")")
project=$(dirname "$(dirname "$here")")
build=${BUILD:-$project/build}

cmake -S "$project" -B "$build" -DMYDOCKER_BUILD_TESTS=ON >&2
programs=(bench_floor bench_spawn bench_noop) script=bench.py
if [[ ${1:-} == --oci ]]; then
  shift
  programs+=(bench_hold bench_lifecycle bench_load_config) script=oci_bench.py
fi
if [[ ${1:-} == --filter ]]; then
  shift
  programs+=(bench_filter_cost bench_getpid_loop) script=filter_bench.py
fi
cmake --build "$build" --parallel "$(nproc)" --target MyDocker "${programs[@]}" >&2
exec "$here/$script" "$build" "$@"
