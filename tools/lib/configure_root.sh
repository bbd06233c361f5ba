# shellcheck shell=bash
# What the packages' own scripts would have done after unpacking, written out by hand: users
# and groups, a few files of /etc, links, the libraries' cache. Ends with what makes two
# builds alike. Sourced by make_root_fs.sh; every function takes the root as its argument.

add_folders() {
    local root=$1
    mkdir -p "$root"/{dev,proc,sys,run,tmp,root,home,mnt,media,srv,opt,etc} \
        "$root"/usr/local/{bin,sbin,lib,share} "$root"/var/{cache,lib,local,log,mail,spool,tmp,opt}
    chmod 0755 "$root"/{dev,proc,sys,run,root}
    chmod 1777 "$root"/{tmp,var/tmp}
    ln -sfn /run "$root/var/run"
    ln -sfn /run/lock "$root/var/lock"
}

# The passwords are locked ("*"): a container's root needs none, and nobody else logs in.
# The date of the last change is a fixed day, not today, so that every build is the same.
add_users() {
    local root=$1
    sed 's/^\([^:]*\):[^:]*:/\1:x:/' "$root/usr/share/base-passwd/passwd.master" >"$root/etc/passwd"
    sed 's/^\([^:]*\):[^:]*:/\1:x:/' "$root/usr/share/base-passwd/group.master" >"$root/etc/group"
    sed 's/^\([^:]*\):.*/\1:*:19000:0:99999:7:::/' "$root/etc/passwd" >"$root/etc/shadow"
    sed 's/^\([^:]*\):.*/\1:*::/' "$root/etc/group" >"$root/etc/gshadow"
    : >"$root/etc/subuid"
    : >"$root/etc/subgid"
    chown 0:42 "$root"/etc/{shadow,gshadow}   # 42 is the group shadow in every Debian
    chmod 0640 "$root"/etc/{shadow,gshadow}
    chmod 0644 "$root"/etc/{passwd,group,subuid,subgid}
}

add_network_files() {
    local root=$1
    echo container >"$root/etc/hostname"
    printf '127.0.0.1\tlocalhost container\n::1\tlocalhost ip6-localhost ip6-loopback\n' >"$root/etc/hosts"
    : >"$root/etc/resolv.conf"
    cat >"$root/etc/nsswitch.conf" <<'END'
passwd:    files
group:     files
shadow:    files
gshadow:   files
hosts:     files dns
networks:  files
protocols: files
services:  files
END
}

# su, login and passwd ask PAM, and PAM's files come from a script that did not run.
add_pam() {
    local root=$1 kind
    for kind in auth account password session; do
        echo "$kind required pam_unix.so" >"$root/etc/pam.d/common-$kind"
    done
    echo 'session required pam_unix.so' >"$root/etc/pam.d/common-session-noninteractive"
    : >"$root/etc/environment"
}

add_shell_files() {
    local root=$1 name
    for name in profile motd; do
        cp "$root/usr/share/base-files/$name" "$root/etc/$name" 2>/dev/null || : >"$root/etc/$name"
    done
    printf '/bin/sh\n/bin/bash\n/usr/bin/bash\n/bin/dash\n/usr/bin/dash\n' >"$root/etc/shells"
    cat >"$root/root/.bashrc" <<'END'
# Read by interactive shells: a prompt which says where one is.
PS1='\u@\h:\w\$ '
alias ll='ls -l'
END
    # shellcheck disable=SC2016  # for the shell in the container to expand
    echo '[ -z "$BASH" ] || . ~/.bashrc' >"$root/root/.profile"
}

# Links which update-alternatives makes on an installed system, and some older customs.
add_links() {
    local root=$1 pair
    ln -sfn dash "$root/usr/bin/sh"
    ln -sfn /proc/self/mounts "$root/etc/mtab"
    for pair in awk:mawk which:which.debianutils w:w.procps pager:more; do
        [[ ! -e $root/usr/bin/${pair#*:} ]] || ln -sfn "${pair#*:}" "$root/usr/bin/${pair%%:*}"
    done
}

# -X: the links to the libraries are in the packages already. What ldconfig notes for its own
# next run holds inode numbers, which differ from build to build.
add_library_cache() {
    ldconfig -X -r "$1"
    rm -rf "$1/var/cache/ldconfig"
}

# The folder above keeps the host's users out; this is the second line of defence.
remove_set_id_bits() {
    find "$1" ! -type l -perm /6000 -exec chmod ug-s {} +
}

# One date for everything: SOURCE_DATE_EPOCH when given, else that of the newest packaged
# file, since the date of the build would make every build another one.
newest_file() {
    find "$1" -type f -printf '%T@\n' | sort -n | tail -n 1 | cut -d . -f 1
}

configure_root() {
    local root=$1 date
    date=${SOURCE_DATE_EPOCH:-$(newest_file "$root")}
    add_folders "$root"
    add_users "$root"
    add_network_files "$root"
    add_pam "$root"
    add_shell_files "$root"
    add_links "$root"
    add_library_cache "$root"
    remove_set_id_bits "$root"
    find "$root" -exec touch --no-dereference --date="@$date" {} +
}
