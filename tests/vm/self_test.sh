#!/bin/bash
# Tests run_in_vm.sh itself: about three minutes. Run it after a change in this folder.
#
#   tests/vm/self_test.sh
set -u

here=$(dirname "$(readlink -f "${BASH_SOURCE[0]}")")
work=$(mktemp -d /tmp/vm_self_test.XXXXXX)
trap 'rm -rf "$work"' EXIT
failures=0

in_vm() { "$here/run_in_vm.sh" "$@"; }

# check NAME WANTED GOT
check() {
    if [[ $2 == "$3" ]]; then
        echo "ok      $1"
    else
        echo "FAILED  $1: wanted '$2', got '$3'"
        failures=$((failures + 1))
    fi
}

test_kernel_and_status() {
    local out
    out=$(in_vm -- sh -c 'stat -fc %T /sys/fs/cgroup; cat /sys/fs/cgroup/cgroup.controllers
        id -u; stat -fc %T /scratch; grep -c " cgroup " /proc/self/mounts; exit 7')
    check "exit status" 7 $?
    check "cgroup v2 alone, root, ext4" \
        $'cgroup2fs\ncpuset cpu io memory hugetlb pids rdma misc\n0\next2/ext3\n0' "$out"
}

test_surroundings() {
    local out
    # shellcheck disable=SC2016  # the guest's shell expands it
    out=$(cd "$work" && run=kept MARK=$'two words\nand "lines"' "$here/run_in_vm.sh" -- \
        sh -c 'pwd; echo "$MARK $run"; cat' <<<"no stdin")
    check "folder, environment, empty stdin" "$work"$'\ntwo words\nand "lines" kept' "$out"
}

test_output() {
    in_vm -- sh -c 'head -c 50000000 /dev/zero; echo problem >&2' >"$work/out" 2>"$work/err"
    check "50 MB of output" 50000000 "$(stat -c %s "$work/out")"
    check "separate stderr" problem "$(<"$work/err")"
    head -c 5000000 /dev/urandom >"$work/random"
    check "unchanged bytes" "$(sha256sum <"$work/random")" "$(in_vm -- cat "$work/random" | sha256sum)"
}

test_other_statuses() {
    # shellcheck disable=SC2016
    in_vm -- sh -c 'kill -KILL $$'
    check "killed by SIGKILL" 137 $?
    in_vm -- /nonexistent 2>/dev/null
    check "no such command" 127 $?
    in_vm --timeout none -- true 2>/dev/null
    check "wrong use" 125 $?
}

test_panic() {
    local out
    # shellcheck disable=SC2016
    out=$(in_vm --rw "$work" -- sh -c '[ -e "$0" ] && echo again && exit 3
        touch "$0"; sync; echo 1 >/proc/sys/kernel/sysrq; echo c >/proc/sysrq-trigger' "$work/panicked" 2>"$work/err")
    check "a panic is tried again" "3 again" "$? $out"
    check "and said" 1 "$(grep -c 'panicked: once more' "$work/err")"
    in_vm -- sh -c 'echo 1 >/proc/sys/kernel/sysrq; echo c >/proc/sysrq-trigger' 2>/dev/null
    check "but not a third time" 125 $?
}

test_time_limit() {
    local start=$SECONDS
    check "output before the limit" partial \
        "$(in_vm --timeout 25 -- sh -c 'echo partial; sleep 300' 2>/dev/null; echo $? >"$work/status")"
    check "time limit" 124 "$(<"$work/status")"
    check "not much longer" yes "$( ((SECONDS - start < 35)) && echo yes)"
}

test_left_behind() {
    check "a process left running does not hold up the end" 0 \
        "$(in_vm --timeout 100 -- sh -c 'sleep 1000 & exit 0'; echo $?)"
}

test_writing() {
    mkdir -p "$work/shared, with a comma" "$work/other"
    # shellcheck disable=SC2016
    in_vm --rw "$work/shared, with a comma" -- \
        sh -c 'echo report >"$1/shared, with a comma/file"; echo lost >"$1/other/file"' sh "$work"
    check "--rw" report "$(cat "$work/shared, with a comma/file")"
    check "writes elsewhere are thrown away" "" "$(ls "$work/other")"
}

test_two_at_once() {
    in_vm -- sh -c 'sleep 2; echo first' >"$work/first" &
    in_vm -- sh -c 'sleep 2; echo second' >"$work/second"
    wait $!
    check "two at once" "first second" "$(<"$work/first") $(<"$work/second")"
}

# Every process of a run has the mark in its environment.
processes_with() { grep -slzx "RUN_MARK=$1" /proc/[0-9]*/environ | wc -l; }

test_killed_by() {
    local mark=$1-$$-$RANDOM script
    RUN_MARK=$mark "$here/run_in_vm.sh" -- sh -c 'echo up; sleep 1000' >"$work/up-$1" &
    script=$!
    until [[ -s $work/up-$1 ]]; do sleep 0.2; done
    check "running before SIG$1" yes "$( (($(processes_with "$mark") > 2)) && echo yes)"
    kill "-$1" "$script"
    wait "$script" 2>/dev/null
    check "status after SIG$1" "$2" $?
    sleep 2
    check "nothing left after SIG$1" 0 "$(processes_with "$mark")"
}

test_kernel_and_status
test_surroundings
test_output
test_other_statuses
test_panic
test_time_limit
test_left_behind
test_writing
test_two_at_once
test_killed_by TERM 143
test_killed_by KILL 137
in_vm -- true   # takes away what the killed one left behind
check "no run's folder is left" "" "$(ls "$("$here/fetch.sh")/runs")"
((failures == 0)) && echo "all passed"
