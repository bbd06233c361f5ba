# shellcheck shell=bash disable=SC2154  # the variables are network_configuration_internet.sh's
# The way out by Polycube, whose services ("cubes") are eBPF programs: a router with one port at the
# bridge and one at the uplink, and a NAT on the latter. Sourced; needs step() and fail().

router=mydocker_router
nat=mydocker_nat

# The daemon, too, and not the program alone.
polycube_answers() { command -v polycubectl >/dev/null && polycubectl cubes show >/dev/null 2>&1; }

# Asks after each step whether there is now what it should have made.
require_shown() {
    local shown
    shown=$(polycubectl "$@" show) || shown=''
    [[ -n $shown ]] || fail "'polycubectl $* show' shows nothing: the step before it had no effect"
}

hardware_address_of() { ip -o link show dev "$1" | sed -n 's/.* link\/ether \([^ ]*\).*/\1/p'; }

# A port at a link of the host has the link's own addresses: a card drops frames for another one.
add_port() {
    local port=$1 link=$2 address=$3
    step '' polycubectl router "$router" ports add "$port" \
        "ip=$address" "mac=$(hardware_address_of "$link")" "peer=$link"
    require_shown router "$router" ports "$port"
}

connect_by_polycube() {
    polycube_answers || fail "polycubectl does not answer: is polycubed running?"
    [[ -n $gateway ]] || fail "the default route has no next hop, and Polycube's router needs one"
    local uplink_address
    uplink_address=$(address_of "$uplink")
    [[ -n $uplink_address ]] || fail "the uplink '$uplink' has no IPv4 address"

    # A router that is deleted takes its ports and routes along.
    step "polycubectl router del $router" polycubectl router add "$router"
    require_shown router "$router"
    add_port to_containers "$bridge" "$bridge_address"
    add_port to_outside "$uplink" "$uplink_address"
    step '' polycubectl router "$router" route add 0.0.0.0/0 "$gateway"
    require_shown router "$router" route
    step "polycubectl nat del $nat" polycubectl nat add "$nat"
    require_shown nat "$nat"
    step "polycubectl detach $nat $router:to_outside" polycubectl attach "$nat" "$router:to_outside"
    step '' polycubectl nat "$nat" rule masquerade enable
    require_shown nat "$nat" rule masquerade
}
