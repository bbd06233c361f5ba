#include "helpers/frame_filter.hpp"

#include <linux/if_ether.h>
#include <linux/pkt_cls.h>

#include <cstdint>

#include "helpers/addresses.hpp"

namespace mydocker::frames {
namespace {

// Where things stand in a frame.
constexpr std::uint32_t kReceiver = 0, kSender = 6, kProtocol = 12;
constexpr std::uint32_t kIpSource = 26, kIpEnd = 34;
constexpr std::uint32_t kArpKind = 14, kArpProtocol = 16, kArpSizes = 18, kArpSender = 22;
constexpr std::uint32_t kArpSenderIp = 28, kArpEnd = 42;
constexpr std::uint32_t kArpEthernet = 1, kArpSizesOfIpv4 = 0x0604;

std::uint32_t number_at(std::string_view bytes, std::size_t at, std::size_t size) {
  std::uint32_t out = 0;
  for (std::size_t i = at; i < at + size; ++i) out = out << 8 | static_cast<std::uint8_t>(bytes[i]);
  return out;
}

std::uint32_t number_of(const IpAddress& address) {
  return number_at({reinterpret_cast<const char*>(address.bytes.data()), 4}, 0, 4);
}

// One check behind the other; the first that fails drops the frame.
class Program {
 public:
  void require_word(std::uint32_t at, std::uint32_t value) {
    load(BPF_W | BPF_ABS, at);
    require(BPF_JEQ, value);
  }
  void require_half(std::uint32_t at, std::uint32_t value) {
    load(BPF_H | BPF_ABS, at);
    require(BPF_JEQ, value);
  }
  void require_hardware(std::uint32_t at, std::string_view hardware) {
    require_word(at, number_at(hardware, 0, 4));
    require_half(at + 4, number_at(hardware, 4, 2));
  }
  // To read behind the end would end the program, and with 0: pass.
  void require_length(std::uint32_t length) {
    load(BPF_W | BPF_LEN, 0);
    require(BPF_JGE, length);
  }
  // The bridge would send it on with its tag, and what stands behind is not what it seems.
  void require_no_vlan() {
    require_word(static_cast<std::uint32_t>(SKF_AD_OFF + SKF_AD_VLAN_TAG_PRESENT), 0);
  }
  void pass() { code_.push_back(BPF_STMT(BPF_RET | BPF_K, TC_ACT_OK)); }

  // What follows is for this protocol, up to otherwise().
  void if_protocol(std::uint32_t protocol) {
    load(BPF_H | BPF_ABS, kProtocol);
    branch_ = code_.size();
    code_.push_back(BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, protocol, 0, 0));
  }
  void otherwise() { code_[branch_].jf = static_cast<std::uint8_t>(code_.size() - branch_ - 1); }

  std::vector<sock_filter> finish() {
    for (const std::size_t check : checks_)
      code_[check].jf = static_cast<std::uint8_t>(code_.size() - check - 1);
    code_.push_back(BPF_STMT(BPF_RET | BPF_K, TC_ACT_SHOT));
    return std::move(code_);
  }

 private:
  void load(unsigned what, std::uint32_t at) {
    code_.push_back(BPF_STMT(static_cast<std::uint16_t>(BPF_LD | what), at));
  }
  void require(unsigned comparison, std::uint32_t value) {
    checks_.push_back(code_.size());
    const auto code = static_cast<std::uint16_t>(BPF_JMP | comparison | BPF_K);
    code_.push_back(BPF_JUMP(code, value, 0, 0));
  }

  std::vector<sock_filter> code_;
  std::vector<std::size_t> checks_;
  std::size_t branch_ = 0;
};

void require_ip_of(const IpAddress& own, Program& program) {
  program.require_length(kIpEnd);
  program.require_word(kIpSource, number_of(own));
  program.pass();
}

}  // namespace

std::vector<sock_filter> from_container(const IpAddress& own, const HardwareAddress& bridge,
                                        bool is_open) {
  const HardwareAddress hardware = addresses::hardware_address(own);
  Program program;
  program.require_length(ETH_HLEN);
  program.require_no_vlan();
  program.require_hardware(kSender, hardware);
  if (!is_open) {
    program.require_hardware(kReceiver, bridge);
    program.require_half(kProtocol, ETH_P_IP);
    require_ip_of(own, program);
    return program.finish();
  }
  program.if_protocol(ETH_P_IP);
  require_ip_of(own, program);
  program.otherwise();
  program.require_half(kProtocol, ETH_P_ARP);
  program.require_length(kArpEnd);
  program.require_half(kArpKind, kArpEthernet);
  program.require_half(kArpProtocol, ETH_P_IP);
  program.require_half(kArpSizes, kArpSizesOfIpv4);
  program.require_hardware(kArpSender, hardware);
  program.require_word(kArpSenderIp, number_of(own));
  program.pass();
  return program.finish();
}

std::vector<sock_filter> to_container(const HardwareAddress& bridge, bool is_open) {
  Program program;
  program.require_length(ETH_HLEN);
  if (!is_open) {
    program.require_hardware(kSender, bridge);
    program.require_half(kProtocol, ETH_P_IP);
    program.pass();
    return program.finish();
  }
  program.if_protocol(ETH_P_IP);
  program.pass();
  program.otherwise();
  program.require_half(kProtocol, ETH_P_ARP);
  program.pass();
  return program.finish();
}

}  // namespace mydocker::frames
