#!/bin/bash
# The benchmark: builds what it needs in the project's build folder and runs bench.py there.
#   sudo tests/bench/run.sh [--rounds N] [--json FILE]
set -euo pipefail

[[ $(id -u) == 0 ]] || { echo "tests/bench/run.sh: run this as root" >&2; exit 1; }
here=$(dirname "$(readlink -f "${BASH_SOURCE[0]}")")
project=$(dirname "$(dirname "$here")")
build=${BUILD:-$project/build}

cmake -S "$project" -B "$build" -DMYDOCKER_BUILD_TESTS=ON >&2
cmake --build "$build" --parallel "$(nproc)" --target MyDocker bench_floor bench_spawn bench_noop >&2
exec "$here/bench.py" "$build" "$@"
