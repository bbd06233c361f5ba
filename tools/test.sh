#!/bin/bash
# Runs the whole test suite, and before that installs what it needs, builds MyDocker and the
# tests into <project>/build, and makes the root file system.
#
#   sudo tools/test.sh                 everything
#   sudo tools/test.sh -R Cgroup       any words that ctest understands
#
# The exit status is ctest's.
set -euo pipefail

me=tools/test.sh
failure=1
# shellcheck source=tools/lib/setup.sh
source "$(dirname "$(readlink -f "${BASH_SOURCE[0]}")")/lib/setup.sh"

prepare() {
    "$tools/install_dependencies.sh" test || fail "cannot install what the tests need"
    configure CMAKE_BUILD_TYPE=Release MYDOCKER_BUILD_TESTS=ON
    compile all
    "$project/tests/vm/fetch.sh" >/dev/null || fail "cannot get the virtual machine of tests/vm"
    python3 "$project/tests/attack/ordinary/ordinary.py" --fetch >/dev/null ||
        fail "cannot get the packages that tests/attack/ordinary installs"
    make_root_fs
}

need_root
set_up prepare
# One more than there are processors: many tests wait for answers that must not come.
exec ctest --test-dir "$build" --output-on-failure -j"$(($(nproc) + 1))" "$@"
