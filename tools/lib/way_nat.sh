# shellcheck shell=bash disable=SC2154  # the variables are network_configuration_internet.sh's
# The way out by the kernel's own NAT: rules of iptables, or of nft where that is not installed.
# Sourced; needs step(), forward_from() and fail().

chain=MYDOCKER-INTERNET
table=mydocker_internet

make_chain() { step "iptables -w -t $1 -X $chain" iptables -w -t "$1" -N "$chain"; }

# add_rule TABLE WORDS: what they do is undone by the same words.
add_rule() {
    local of=$1
    shift
    step "iptables -w -t $of -D $*" iptables -w -t "$of" -A "$@"
}

# The jump stands first: a later rule, or docker's policy, may drop what we let through.
jump_from() {
    step "iptables -w -t $1 -D $2 -j $chain" iptables -w -t "$1" -I "$2" -j "$chain"
}

connect_by_iptables() {
    make_chain filter
    add_rule filter "$chain" ! -i "$bridge" -o "$bridge" -m conntrack --ctstate RELATED,ESTABLISHED -j ACCEPT
    add_rule filter "$chain" ! -i "$bridge" -o "$bridge" -j DROP
    add_rule filter "$chain" -i "$bridge" ! -s "$bridge_address" -j DROP
    add_rule filter "$chain" -i "$bridge" -j ACCEPT
    make_chain nat
    add_rule nat "$chain" -s "$bridge_address" ! -o "$bridge" -j MASQUERADE
    jump_from nat POSTROUTING
    jump_from filter FORWARD
}

nft_rules() {
    cat <<END
table ip $table {
    chain forward {
        type filter hook forward priority filter;
        iifname != "$bridge" oifname "$bridge" ct state established,related accept
        iifname != "$bridge" oifname "$bridge" drop
        iifname "$bridge" ip saddr != $bridge_address drop
    }
    chain postrouting {
        type nat hook postrouting priority srcnat;
        ip saddr $bridge_address oifname != "$bridge" masquerade
    }
}
END
}

load_nft_rules() { nft_rules | nft -f -; }

connect_by_nat() {
    forward_from "$bridge"
    forward_from "$uplink"
    if command -v iptables >/dev/null; then
        connect_by_iptables
    elif command -v nft >/dev/null; then
        step "nft delete table ip $table" load_nft_rules
    else
        fail "neither iptables nor nft is installed"
    fi
}
