// IPv4 and IPv6 as libiptc sees them: the same calls and structures under two names each.
#pragma once

#include <arpa/inet.h>
#include <libiptc/libiptc.h>
#include <linux/netfilter/nf_nat.h>
#include <linux/netfilter/x_tables.h>
#include <linux/netfilter/xt_addrtype.h>
#include <linux/netfilter/xt_comment.h>
#include <linux/netfilter/xt_conntrack.h>
#include <linux/netfilter/xt_tcpudp.h>
#include <linux/netfilter_ipv4/ipt_REJECT.h>
#include <linux/netfilter_ipv6/ip6t_REJECT.h>

#include <cstdint>
#include <cstring>

extern "C" {
#include <libiptc/libip6tc.h>  // unlike the other it does not say itself that it is C
}

namespace mydocker::firewall {

struct Ipv4 {
  using Entry = ipt_entry;
  using Address = in_addr;
  using Handle = xtc_handle;
  using Reject = ipt_reject_info;
  static constexpr int kFamily = AF_INET;
  static constexpr unsigned kBits = 32, kPortUnreachable = IPT_ICMP_PORT_UNREACHABLE;

  static auto& ip(Entry& entry) { return entry.ip; }
  static const auto& ip(const Entry& entry) { return entry.ip; }
  static void note_protocol(Entry&) {}
  static auto& nat_address(nf_inet_addr& address) { return address.in; }
  // What MASQUERADE wants: the address of the link that a packet leaves by.
  static nf_nat_ipv4_multi_range_compat nat_to_link() {
    nf_nat_ipv4_multi_range_compat out{};
    out.rangesize = 1;
    return out;
  }

  static constexpr auto init = iptc_init;
  static constexpr auto commit = iptc_commit;
  static constexpr auto release = iptc_free;
  static constexpr auto is_chain = iptc_is_chain;
  static constexpr auto create_chain = iptc_create_chain;
  static constexpr auto delete_chain = iptc_delete_chain;
  static constexpr auto flush = iptc_flush_entries;
  static constexpr auto append = iptc_append_entry;
  static constexpr auto insert = iptc_insert_entry;
  static constexpr auto remove = iptc_delete_num_entry;
  static constexpr auto first_rule = iptc_first_rule;
  static constexpr auto next_rule = iptc_next_rule;
  static constexpr auto target_of = iptc_get_target;
  static constexpr auto message = iptc_strerror;
};

struct Ipv6 {
  using Entry = ip6t_entry;
  using Address = in6_addr;
  using Handle = xtc_handle;
  using Reject = ip6t_reject_info;
  static constexpr int kFamily = AF_INET6;
  static constexpr unsigned kBits = 128, kPortUnreachable = IP6T_ICMP6_PORT_UNREACH;

  static auto& ip(Entry& entry) { return entry.ipv6; }
  static const auto& ip(const Entry& entry) { return entry.ipv6; }
  static void note_protocol(Entry& entry) { entry.ipv6.flags |= IP6T_F_PROTO; }
  static auto& nat_address(nf_inet_addr& address) { return address.in6; }
  static nf_nat_range nat_to_link() { return {}; }

  static constexpr auto init = ip6tc_init;
  static constexpr auto commit = ip6tc_commit;
  static constexpr auto release = ip6tc_free;
  static constexpr auto is_chain = ip6tc_is_chain;
  static constexpr auto create_chain = ip6tc_create_chain;
  static constexpr auto delete_chain = ip6tc_delete_chain;
  static constexpr auto flush = ip6tc_flush_entries;
  static constexpr auto append = ip6tc_append_entry;
  static constexpr auto insert = ip6tc_insert_entry;
  static constexpr auto remove = ip6tc_delete_num_entry;
  static constexpr auto first_rule = ip6tc_first_rule;
  static constexpr auto next_rule = ip6tc_next_rule;
  static constexpr auto target_of = ip6tc_get_target;
  static constexpr auto message = ip6tc_strerror;
};

}  // namespace mydocker::firewall
