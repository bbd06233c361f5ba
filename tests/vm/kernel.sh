# shellcheck shell=bash disable=SC2154  # variables of fetch.sh
# Sourced by fetch.sh: the kernel's packages become a kernel, its modules and an initrd.

# What a container runtime has no use for, two thirds of all modules.
unused_modules=(--exclude='*/kernel/sound'
    --exclude='*/drivers/'{gpu,hid,hwmon,iio,infiniband,input,media,mtd,scsi,staging,usb}
    --exclude='*/drivers/net/'{ethernet,wireless})

unpack_kernel() {
    local new=$cache/kernel.new package version
    rm -rf "$new" "$cache/kernel" "$cache/initrd.recipe"
    mkdir -p "$new/lib"
    for package in "$cache"/debs/kernel/*.deb; do
        dpkg-deb --fsys-tarfile "$package" | tar -x -C "$new" "${unused_modules[@]}" || return
    done
    # Newer packages have their modules in usr/lib; where /lib is a link, that is the same.
    [[ ! -d $new/usr/lib/modules ]] || mv "$new/usr/lib/modules" "$new/lib/" || return
    mv "$new"/boot/vmlinuz-* "$new/vmlinuz" || return
    version=$(ls "$new/lib/modules")

    # The guest's modprobe is busybox, which reads plain modules. Few hosts have all the tools.
    find "$new/lib/modules" -name '*.ko.xz' -exec xz -d {} + &&
        find "$new/lib/modules" -name '*.ko.zst' -exec zstd -q -d --rm {} + || return
    # A package's modules.dep is made when it is installed, which it is not here.
    "$cache/busybox" depmod -b "$new" "$version" || return
    extract_vmlinux "$new"
    rm -rf "${new:?}"/{boot,usr}
    mv -T "$new" "$cache/kernel"
}

# number OFFSET BYTES: a little-endian number in the kernel image's header.
number() { od -An -t "u$2" -j "$1" -N "$2" "$image" | tr -d ' '; }

# A vmlinuz unpacks itself, which takes 3 seconds when emulated; QEMU can start the ELF file
# within as it is. Documentation/arch/x86/boot.rst of the kernel has the offsets: 0x1f1 is the
# size of the setup code in sectors less one, 0x248 and 0x24c are the payload's place and size.
# Without a tool that can unpack it, run_in_vm.sh starts the vmlinuz.
extract_vmlinux() {
    local image=$1/vmlinuz start size unpack
    start=$((($(number 0x1f1 1) + 1) * 512 + $(number 0x248 4)))
    size=$(number 0x24c 4)
    # Four bytes follow the compressed stream, so xz is told to stop there, and the others'
    # complaints about them are not asked for.
    for unpack in "xz -dc --single-stream" "zstd -dc" "lz4 -dc" "gzip -dc"; do
        # shellcheck disable=SC2086  # a command and its options
        tail -c "+$((start + 1))" "$image" | head -c "$size" | $unpack >"$1/vmlinux" 2>/dev/null
        [[ $(head -c 4 "$1/vmlinux") != $'\x7fELF' ]] || return 0
    done
    rm "$1/vmlinux"
}

# What it takes to mount the host's files, and what every run needs: it loads a second faster
# from here. Any other module is loaded from the host's files.
first_modules="virtio_pci 9pnet_virtio 9p overlay virtio_blk bfq ext4 crc32c_generic"

# A module that is built into the kernel is not in modules.dep.
copy_first_modules() {
    local tree=$1 modules module line file
    modules=$(echo "$cache"/kernel/lib/modules/*)
    mkdir -p "$tree/lib/modules/${modules##*/}"
    for module in $first_modules; do
        line=$(grep "/$module\.ko:" "$modules/modules.dep") || continue
        echo "$module" >>"$tree/first_modules"
        echo "$line" >>"$tree/lib/modules/${modules##*/}/modules.dep"
        for file in ${line/:/ }; do
            (cd "$cache/kernel" && cp --parents "lib/modules/${modules##*/}/$file" "$tree/") || return
        done
    done
}

# What the initrd is made from, so that a change of it takes effect at the next run.
initrd_recipe() { cat "$here/initramfs/init" "$here/kernel.sh" | sha256sum; }

make_initrd() {
    local tree=$cache/initrd.tree
    rm -rf "$tree"
    mkdir -p "$tree"/{bin,dev,proc,sys,host,control,upper,root} &&
        cp "$cache/busybox" "$tree/bin/" && ln -s busybox "$tree/bin/sh" &&
        cp "$here/initramfs/init" "$tree/init" && chmod +x "$tree/init" &&
        copy_first_modules "$tree" &&
        (cd "$tree" && find . | "$cache/busybox" cpio -o -H newc 2>/dev/null) >"$cache/initrd.new" &&
        mv "$cache/initrd.new" "$cache/initrd" &&   # in one step: another machine may be booting
        initrd_recipe >"$cache/initrd.recipe" && rm -rf "$tree"
}
