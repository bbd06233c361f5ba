# shellcheck shell=bash disable=SC2154,SC2054,SC2034  # variables of run_in_vm.sh; QEMU's commas
# Sourced by run_in_vm.sh: the QEMU process and its arguments.

# Where no qemu was installed on the host, fetch.sh has unpacked one, and it needs to be told
# where its libraries, its loadable parts and its firmware are.
find_qemu() {
    local tools=$cache/tools libraries
    qemu=("$tools/usr/bin/qemu-system-x86_64")
    if [[ -x ${qemu[0]} ]]; then
        libraries=$tools/usr/lib/x86_64-linux-gnu
        qemu=(env "LD_LIBRARY_PATH=$libraries:$tools/lib/x86_64-linux-gnu"
            "QEMU_MODULE_DIR=$libraries/qemu" "${qemu[0]}"
            -L "$tools/usr/share/qemu" -L "$tools/usr/share/seabios"
            -L /usr/share/qemu -L /usr/share/seabios)
    else
        qemu=(qemu-system-x86_64)
    fi
}

# share TAG FOLDER OPTIONS: a folder of the host that the guest can mount over 9p. A comma
# separates QEMU's options, two are one comma.
share() {
    qemu+=(-fsdev "local,id=$1,path=${2//,/,,},$3" -device "virtio-9p-pci,fsdev=$1,mount_tag=$1")
}

set_machine() {
    # Emulated always: KVM is absent from most CI machines, or is there and fails half-way, and
    # a test that is quick on one machine and too slow on the next helps nobody.
    # q35, since the smaller microvm now and then hangs at boot.
    qemu+=(-machine q35 -accel tcg,thread=multi -cpu max -smp 2 -m 2048
        -nodefaults -no-user-config -no-reboot -display none -serial "file:$run/console")

    # norandmaps: each new random address of a program makes the emulator translate its code
    # again, so exec would take three times as long. panic=-1 with -no-reboot: a panic ends QEMU.
    qemu+=(-kernel "$1" -initrd "$cache/initrd"
        -append "console=ttyS0 quiet panic=-1 oops=panic mitigations=off nokaslr norandmaps")

    # snapshot=on: writes go to an unlinked temporary file, so that machines can share the image.
    qemu+=(-drive "file=${cache//,/,,}/scratch.img,if=none,id=scratch,format=raw,snapshot=on"
        -device virtio-blk-pci,drive=scratch)
}

set_shares() {
    local i
    # remap: the host's / is many file systems whose inode numbers would clash as one.
    share host / security_model=none,multidevs=remap,readonly=on
    share control "$run" security_model=none
    for i in "${!writable[@]}"; do share "rw$i" "${writable[i]}" security_model=passthrough; done
}

# start_vm KERNEL: sets vm. When this script dies by SIGKILL, the kernel sends SIGTERM to
# timeout, which ends QEMU; and when timeout is killed, QEMU goes with it.
start_vm() {
    local left=$((time_limit - SECONDS)) qemu
    ((left > 0)) || left=1
    find_qemu
    set_machine "$1"
    set_shares
    TMPDIR=$run setpriv --pdeathsig TERM timeout --kill-after=3 "$left" \
        setpriv --pdeathsig KILL "${qemu[@]}" </dev/null >"$run/qemu.log" 2>&1 &
    vm=$!
}
