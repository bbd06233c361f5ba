// A rule in iptables-save's words becomes the kernel's structure: an entry, its matches behind it,
// its target at the end.
#pragma once

#include <cstdint>
#include <stdexcept>
#include <string>
#include <vector>

#include "firewall/families.hpp"
#include "helpers/numbers.hpp"
#include "helpers/text.hpp"

namespace mydocker::firewall {

// The words of as_iptables(): the first two are "-A" or "-I" and the chain.
using Words = std::vector<std::string>;

// The comment of an entry, or nothing: the owner of the rule.
template <class Family>
std::string owner_of(const typename Family::Entry& entry) {
  const char* const begin = reinterpret_cast<const char*>(&entry);
  for (std::size_t at = sizeof entry; at < entry.target_offset;) {
    xt_entry_match match{};
    std::memcpy(&match, begin + at, sizeof match);
    if (std::strcmp(match.u.user.name, "comment") == 0) return begin + at + sizeof match;
    at += match.u.match_size;
  }
  return {};
}

template <class Family>
class EntryBuilder {
 public:
  // Throws std::invalid_argument for a word that none of our rules has.
  explicit EntryBuilder(const Words& words) : bytes_(sizeof(typename Family::Entry), '\0') {
    for (std::size_t i = 2; i < words.size(); ++i) take(words, i);
    set_sizes();
  }

  [[nodiscard]] const typename Family::Entry* get() const {
    return reinterpret_cast<const typename Family::Entry*>(bytes_.data());
  }

 private:
  using Entry = typename Family::Entry;

  static const std::string& value(const Words& words, std::size_t& i) {
    if (++i == words.size()) throw std::invalid_argument(words[i - 1] + ": no value");
    return words[i];
  }

  void take(const Words& words, std::size_t& i) {
    const bool is_not = words[i] == "!";
    if (is_not) ++i;
    const std::string& word = words.at(i);
    auto& ip = Family::ip(entry());
    const auto invert = [&](std::uint8_t flag) {
      if (is_not) ip.invflags = static_cast<std::uint8_t>(ip.invflags | flag);
    };
    if (word == "-s") {
      network(value(words, i), ip.src, ip.smsk);
      invert(IPT_INV_SRCIP);
    } else if (word == "-d") {
      network(value(words, i), ip.dst, ip.dmsk);
      invert(IPT_INV_DSTIP);
    } else if (word == "-i") {
      link(value(words, i), ip.iniface, ip.iniface_mask);
      invert(IPT_INV_VIA_IN);
    } else if (word == "-o") {
      link(value(words, i), ip.outiface, ip.outiface_mask);
      invert(IPT_INV_VIA_OUT);
    } else if (word == "-p") {
      ip.proto = protocol(value(words, i));
      Family::note_protocol(entry());
    } else if (word == "-m") {
      match(value(words, i), words, i);
    } else if (word == "-j") {
      target(value(words, i), words, i);
    } else {
      throw std::invalid_argument(word + ": unknown");
    }
  }

  void match(const std::string& name, const Words& words, std::size_t& i) {
    const std::string& option = value(words, i);
    const std::string& argument = value(words, i);
    if (option == "--dport" && name == "tcp") {
      xt_tcp tcp{{0, UINT16_MAX}, {}, 0, 0, 0, 0};
      tcp.dpts[0] = tcp.dpts[1] = port(argument);
      add_match(name, 0, tcp);
    } else if (option == "--dport" && name == "udp") {
      xt_udp udp{{0, UINT16_MAX}, {}, 0};
      udp.dpts[0] = udp.dpts[1] = port(argument);
      add_match(name, 0, udp);
    } else if (option == "--icmpv6-type") {
      ip6t_icmp type{};
      type.type = static_cast<std::uint8_t>(port(argument));
      type.code[1] = UINT8_MAX;  // from 0 to this: any
      add_match(name, 0, type);
    } else if (option == "--ctstate") {
      xt_conntrack_mtinfo3 states{};
      states.match_flags = XT_CONNTRACK_STATE;
      states.state_mask = static_cast<std::uint16_t>(state_bits(argument));
      add_match(name, 3, states);
    } else if (option == "--dst-type" && argument == "LOCAL") {
      xt_addrtype_info_v1 types{};
      types.dest = XT_ADDRTYPE_LOCAL;
      add_match(name, 1, types);
    } else if (option == "--comment") {
      xt_comment_info comment{};
      argument.copy(comment.comment, sizeof comment.comment - 1);
      add_match(name, 0, comment);
    } else {
      throw std::invalid_argument("-m " + name + " " + option + ": unknown");
    }
  }

  void target(const std::string& name, const Words& words, std::size_t& i) {
    entry().target_offset = static_cast<std::uint16_t>(bytes_.size());
    if (name == "MASQUERADE") {
      add_target(name, 0, Family::nat_to_link());
    } else if (name == "DNAT") {
      (void)value(words, i);  // --to-destination
      const std::string& to = value(words, i);
      const auto colon = to.rfind(':');
      std::string host = to.substr(0, colon);
      if (host.front() == '[') host = host.substr(1, host.size() - 2);
      nf_nat_range2 range{};
      range.flags = NF_NAT_RANGE_MAP_IPS | NF_NAT_RANGE_PROTO_SPECIFIED;
      Family::nat_address(range.min_addr) = Family::nat_address(range.max_addr) = address(host);
      range.min_proto.all = range.max_proto.all = htons(port(to.substr(colon + 1)));
      add_target(name, 2, range);
    } else if (name == "REJECT") {
      i += 2;  // --reject-with, of which we have one kind
      typename Family::Reject reject{};
      reject.with = static_cast<decltype(reject.with)>(Family::kPortUnreachable);
      add_target(name, 0, reject);
    } else {
      add_target(name, 0, int{0});  // a verdict or one of our chains: libiptc knows by the name
    }
  }

  static std::uint8_t protocol(const std::string& name) {
    if (name == "ipv6-icmp") return IPPROTO_ICMPV6;
    return name == "udp" ? IPPROTO_UDP : IPPROTO_TCP;
  }

  static unsigned state_bits(const std::string& states) {
    unsigned out = 0;
    for (const auto state : text::split(states, ',')) {
      if (state == "ESTABLISHED") out |= XT_CONNTRACK_STATE_BIT(IP_CT_ESTABLISHED);
      if (state == "RELATED") out |= XT_CONNTRACK_STATE_BIT(IP_CT_RELATED);
      if (state == "DNAT") out |= XT_CONNTRACK_STATE_DNAT;
    }
    return out;
  }

  static std::uint16_t port(const std::string& text) {
    const auto number = numbers::parse(text, UINT16_MAX);
    if (!number) throw std::invalid_argument(text + ": no port");
    return static_cast<std::uint16_t>(*number);
  }

  static typename Family::Address address(const std::string& text) {
    typename Family::Address out{};
    if (::inet_pton(Family::kFamily, text.c_str(), &out) != 1)
      throw std::invalid_argument(text + ": no address");
    return out;
  }

  static void network(const std::string& text, typename Family::Address& out,
                      typename Family::Address& mask) {
    const auto slash = text.find('/');
    out = address(text.substr(0, slash));
    const auto bits = numbers::parse(text.substr(slash + 1), Family::kBits);
    if (slash == std::string::npos || !bits) throw std::invalid_argument(text + ": no network");
    auto* const bytes = reinterpret_cast<std::uint8_t*>(&mask);
    for (unsigned bit = 0; bit < *bits; ++bit)
      bytes[bit / 8] = static_cast<std::uint8_t>(bytes[bit / 8] | 0x80U >> bit % 8);
  }

  // The mask covers the zero behind a whole name, and not the '+' that stands for any rest.
  static void link(const std::string& name, char* out, unsigned char* mask) {
    const bool is_open = name.ends_with('+');
    const std::size_t size = name.size() - (is_open ? 1 : 0);
    name.copy(out, IFNAMSIZ - 1);
    std::memset(mask, 0xFF, is_open ? size : size + 1);
  }

  template <class Info>
  void add_match(const std::string& name, std::uint8_t revision, const Info& info) {
    xt_entry_match head{};
    head.u.match_size = static_cast<std::uint16_t>(XT_ALIGN(sizeof head + sizeof info));
    name.copy(head.u.user.name, sizeof head.u.user.name - 1);
    head.u.user.revision = revision;
    add(&head, sizeof head, &info, sizeof info, head.u.match_size);
  }

  template <class Info>
  void add_target(const std::string& name, std::uint8_t revision, const Info& info) {
    xt_entry_target head{};
    head.u.target_size = static_cast<std::uint16_t>(XT_ALIGN(sizeof head + sizeof info));
    name.copy(head.u.user.name, sizeof head.u.user.name - 1);
    head.u.user.revision = revision;
    add(&head, sizeof head, &info, sizeof info, head.u.target_size);
  }

  void add(const void* head, std::size_t head_size, const void* info, std::size_t info_size,
           std::size_t size) {
    const std::size_t at = bytes_.size();
    bytes_.resize(at + size, '\0');
    std::memcpy(bytes_.data() + at, head, head_size);
    std::memcpy(bytes_.data() + at + head_size, info, info_size);
  }

  void set_sizes() {
    if (entry().target_offset == 0) throw std::invalid_argument("a rule without -j");
    entry().next_offset = static_cast<std::uint16_t>(bytes_.size());
  }

  Entry& entry() { return *reinterpret_cast<Entry*>(bytes_.data()); }

  std::string bytes_;
};

}  // namespace mydocker::firewall
