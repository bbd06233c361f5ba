#!/bin/bash
# Looks for memory errors and undefined behaviour: builds MyDocker and the unit tests with
# AddressSanitizer and UndefinedBehaviorSanitizer into <project>/build-asan, runs the unit tests,
# and the integration tests of <project>/build against that MyDocker. Call tools/test.sh first.
#
#   sudo tools/test_sanitized.sh
set -euo pipefail

me=tools/test_sanitized.sh
failure=1
# shellcheck source=tools/lib/setup.sh
source "$(dirname "$(readlink -f "${BASH_SOURCE[0]}")")/lib/setup.sh"
integration=$build/tests/integration/integration_tests
build=$project/build-asan

prepare() {
    # -O1: the optimizer takes minutes over instrumented code.
    configure MYDOCKER_SANITIZE=address,undefined CMAKE_BUILD_TYPE=None \
        "CMAKE_CXX_FLAGS=-O1 -g1" MYDOCKER_BUILD_TESTS=ON
    compile MyDocker
    compile unit_tests
}

need_root
[[ -x $integration ]] || fail "call tools/test.sh first: $integration is missing"
set_up prepare
export ASAN_OPTIONS=detect_leaks=1 UBSAN_OPTIONS=halt_on_error=1
"$build/tests/unit/unit_tests" --gtest_brief=1
# The tests of two hundred starts are about time and kills, not about memory. An instrumented init is
# so large that the kernel may kill it beside the hog; and no leak can be looked for under strace or
# in a set-user-ID program.
others='Robustness*:TimeoutSlow*:CgroupMemory.KillsAHogUnderInit*:Seal.ThatTheKernelLacks*:SetIdBinary*'
MYDOCKER_BINARY=$build/MyDocker "$integration" --gtest_brief=1 --gtest_filter="-$others"
