#!/bin/bash
# Runs one command as root in a virtual machine whose kernel has cgroup v2 alone.
#
#   tests/vm/run_in_vm.sh [--timeout SECONDS] [--rw DIR]... -- COMMAND ARGS...
#
#   --timeout SECONDS   the longest that boot and COMMAND may take together (600)
#   --rw DIR            DIR can be written to from inside; may be given more than once
#
# COMMAND sees this host's files, this working directory and this environment. What it
# writes elsewhere than below a --rw DIR is thrown away. Its stdin is empty.
#
# Exit status: that of COMMAND; 124 at the time limit; 125 when the machine failed.
set -u

environment=$(export -p)   # first: a variable set here may be exported by the caller
here=$(dirname "$(readlink -f "${BASH_SOURCE[0]}")")
time_limit=600
writable=()
command=()
vm=         # the process to end in order to end QEMU
run=        # this run's folder: the control share of the machine

# shellcheck source=tests/vm/qemu.sh
source "$here/qemu.sh"

say() { echo "run_in_vm: $*" >&2; }
fail() { say "$*"; exit 125; }

read_arguments() {
    while (($#)); do
        case $1 in
            --timeout) [[ ${2-} =~ ^[1-9][0-9]*$ ]] || fail "--timeout needs a number of seconds"
                time_limit=$2; shift ;;
            --rw) [[ -d ${2-} ]] || fail "--rw needs a folder, got '${2-}'"
                writable+=("$(realpath "$2")"); shift ;;
            -h | --help) sed -n '2,/^set /{/^#/s/^# \{0,1\}//p}' "${BASH_SOURCE[0]}"; exit 0 ;;
            --) shift; break ;;
            *) fail "unknown argument $1; COMMAND comes after --" ;;
        esac
        shift
    done
    (($#)) || fail "no COMMAND"
    command=("$@")
}

# Everything of a run holds a lock on its folder. A folder without a lock was left behind by a
# run that was killed outright, so the next one takes it away.
make_run_folder() {
    local left
    mkdir -p "$cache/runs"
    exec 8<"$cache/runs"
    flock 8
    for left in "$cache"/runs/*/; do
        [[ ! -d $left ]] || flock --nonblock "$left" rm -rf "$left"
    done
    run=$(mktemp -d "$cache/runs/XXXXXX") || fail "no folder for this run below $cache/runs"
    exec 7<"$run"
    flock 7
    exec 8<&-
}

# The host's /tmp entries that the command speaks of: the guest has a /tmp of its own, since
# an overlay file system cannot have its upper folder on the guest's root, itself an overlay.
tmp_entries_to_show() {
    local word
    for word in "$PWD/" "${command[@]}"; do
        [[ $word == /tmp/?* ]] || continue
        word=${word#/tmp/}
        word=${word%%/*}
        [[ -d /tmp/$word ]] && echo "$word"
    done | sort -u
}

# What the guest's scripts read, see initramfs/stage2.
write_control_files() {
    local i
    cp "$here/initramfs/stage2" "$cache/busybox" "$run/" && chmod +x "$run/stage2" || return
    touch "$run/stdout" "$run/stderr" "$run/console" "$run/shares"
    echo "$cache/kernel/lib/modules" >"$run/modules_folder"
    tmp_entries_to_show >"$run/tmp_entries"
    for i in "${!writable[@]}"; do echo "rw$i ${writable[i]}" >>"$run/shares"; done
    {
        echo "$environment"
        echo 'export TMPDIR=/tmp IN_VM=1 VM_SCRATCH=/scratch VM_SCRATCH_DEV=/dev/vda'
        printf 'cd %q || exit 126\n' "$PWD"
        printf 'exec'
        printf ' %q' "${command[@]}"
        echo
    } >"$run/command"
}

# A guest that has not come up by now never will: it takes 4 seconds, 10 on a busy machine.
wait_for_start() {
    local deadline=$((SECONDS + 90))
    until [[ -e $run/started ]]; do
        ((SECONDS < deadline)) && kill -0 "$vm" 2>/dev/null || return
        sleep 0.1
    done
}

end_vm() {
    [[ -z $vm ]] || { kill "$vm"; wait "$vm"; } 2>/dev/null
    vm=
}

# The guest appends to two files; tail, which ends with the machine, passes on what is new.
# Its own remarks (no inotify left, say) must not mix with the command's.
stream_output() {
    local follow=(tail -q -c +1 -s 0.1 -f "--pid=$vm") out err
    "${follow[@]}" "$run/stdout" 2>/dev/null & out=$!
    "${follow[@]}" "$run/stderr" >&2 2>/dev/null & err=$!
    wait "$vm"
    wait "$out" "$err"
    vm=
}

report() {
    [[ -s $run/status ]] && exit "$(<"$run/status")"
    ((SECONDS < time_limit)) || { say "time limit of $time_limit s reached"; exit 124; }
    cat "$run/qemu.log" >&2
    tail -n 40 "$run/console" >&2
    fail "the machine ended without a result; above: what QEMU and the guest's kernel said"
}

run_machine() {
    local kernel
    for kernel in "$cache/kernel/vmlinux" "$cache/kernel/vmlinuz"; do
        [[ -e $kernel ]] || continue
        start_vm "$kernel"
        wait_for_start && break
        ((SECONDS < time_limit)) || break
        end_vm
    done
    [[ -z $vm ]] || stream_output
}

# An emulated processor now and then still executes the breakpoint that the other one has set in
# the kernel's code for a moment in order to change it; the kernel knows it no more, and panics.
panicked() { [[ ! -s $run/status ]] && grep -q 'Kernel panic' "$run/console"; }

forget_run() {
    rm -f "$run/started"
    : >"$run/stdout" >"$run/stderr" >"$run/console"
}

read_arguments "$@"
((EUID == 0)) || fail "must be root: the guest reads this host's files as root"
cache=$("$here/fetch.sh") || fail "the cache could not be prepared"
make_run_folder
trap 'end_vm; rm -rf "$run"' EXIT
trap 'exit 129' HUP
trap 'exit 130' INT
trap 'exit 143' TERM
write_control_files || fail "cannot write to $run"

SECONDS=0
run_machine
if panicked; then
    say "the guest's kernel panicked: once more, from the beginning"
    forget_run
    run_machine
fi
report
