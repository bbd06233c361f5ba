// What a port of a bridge lets through: the programs, run by the kernel on frames by hand.
#include <gtest/gtest.h>
#include <linux/if_ether.h>
#include <sys/socket.h>

#include <array>

#include "helpers/addresses.hpp"
#include "helpers/frame_filter.hpp"
#include "mydocker/unique_fd.hpp"

namespace mydocker::test {
namespace {

using std::string_literals::operator""s;

const IpAddress kOwn = *addresses::parse("172.16.1.5"), kOther = *addresses::parse("172.16.1.6");
const HardwareAddress kBridge = addresses::hardware_address(*addresses::parse("172.16.1.1"));
const HardwareAddress kMine = addresses::hardware_address(kOwn);
const HardwareAddress kAnothers = addresses::hardware_address(kOther);
const HardwareAddress kAll(6, '\xff');

std::string bytes_of(const IpAddress& address) {
  return {reinterpret_cast<const char*>(address.bytes.data()), 4};
}

std::string ipv4(const HardwareAddress& to, const HardwareAddress& from, const IpAddress& source) {
  return to + from + "\x08\x00"s + std::string(12, 'x') + bytes_of(source) + std::string(4, 'y');
}

std::string arp(const HardwareAddress& to, const HardwareAddress& from, const IpAddress& claims,
                const HardwareAddress& at) {
  return to + from + "\x08\x06\x00\x01\x08\x00\x06\x04\x00\x02"s + at + bytes_of(claims) + kAll +
         bytes_of(kOther);
}

// As a filter of a socket the program gets the frame from its beginning, as tc would give it. There
// its result is how many bytes are kept: nothing of what tc lets pass (0), two bytes of the rest.
bool passes(std::vector<sock_filter> program, const std::string& frame) {
  std::array<int, 2> pair{};
  EXPECT_EQ(::socketpair(AF_UNIX, SOCK_DGRAM, 0, pair.data()), 0);
  const UniqueFd sender(pair[0]), receiver(pair[1]);
  const sock_fprog code{static_cast<unsigned short>(program.size()), program.data()};
  EXPECT_EQ(::setsockopt(receiver.get(), SOL_SOCKET, SO_ATTACH_FILTER, &code, sizeof code), 0);
  EXPECT_EQ(::send(sender.get(), frame.data(), frame.size(), 0),
            static_cast<ssize_t>(frame.size()));
  std::array<char, 8> kept{};
  const auto size = ::recv(receiver.get(), kept.data(), kept.size(), MSG_DONTWAIT);
  EXPECT_TRUE(size > 0 || errno == EAGAIN) << size;
  return size < 0;
}

TEST(FrameFilter, WithoutOthersItSpeaksToTheBridgeAlone) {
  const auto program = frames::from_container(kOwn, kBridge, false);
  EXPECT_TRUE(passes(program, ipv4(kBridge, kMine, kOwn)));
  EXPECT_FALSE(passes(program, ipv4(kAnothers, kMine, kOwn)));
  EXPECT_FALSE(passes(program, ipv4(kAll, kMine, kOwn)));
  EXPECT_FALSE(passes(program, arp(kAll, kMine, kOwn, kMine))) << "it knows whom it has to";
  EXPECT_FALSE(passes(program, arp(kBridge, kMine, kOwn, kMine)));
}

TEST(FrameFilter, NobodySpeaksInAnothersName) {
  for (const bool is_open : {false, true}) {
    const auto program = frames::from_container(kOwn, kBridge, is_open);
    EXPECT_FALSE(passes(program, ipv4(kBridge, kMine, kOther)));
    EXPECT_FALSE(passes(program, ipv4(kBridge, kMine, *addresses::parse("0.0.0.0")))) << "DHCP";
    EXPECT_FALSE(passes(program, ipv4(kBridge, kAnothers, kOwn)));
    EXPECT_FALSE(passes(program, ipv4(kBridge, kBridge, kOwn)));
    EXPECT_FALSE(passes(program, arp(kAll, kMine, kOther, kMine)));
    EXPECT_FALSE(passes(program, arp(kAll, kMine, kOwn, kAnothers)));
    EXPECT_FALSE(passes(program, arp(kAll, kAnothers, kOwn, kMine)));
    const std::string rest(60, 'x');
    for (const auto* protocol : {"\x86\xdd", "\x81\x00", "\x88\xcc", "\x88\x8e"})
      EXPECT_FALSE(passes(program, kBridge + kMine + protocol + rest)) << protocol;
  }
}

TEST(FrameFilter, WithOthersItSpeaksToAllAndTellsWhoItIs) {
  const auto program = frames::from_container(kOwn, kBridge, true);
  EXPECT_TRUE(passes(program, ipv4(kBridge, kMine, kOwn)));
  EXPECT_TRUE(passes(program, ipv4(kAnothers, kMine, kOwn)));
  EXPECT_TRUE(passes(program, arp(kAll, kMine, kOwn, kMine)));
  std::string odd = arp(kAll, kMine, kOwn, kMine);
  odd[19] = 16;  // addresses of another length stand elsewhere
  EXPECT_FALSE(passes(program, odd));
}

// A program that reads behind the end of a frame ends with 0, which would let it pass.
TEST(FrameFilter, WhatIsCutShortIsDropped) {
  for (const bool is_open : {false, true}) {
    const auto from = frames::from_container(kOwn, kBridge, is_open);
    const std::string whole = ipv4(kBridge, kMine, kOwn);
    for (std::size_t size = 1; size < whole.size(); ++size)
      EXPECT_FALSE(passes(from, whole.substr(0, size))) << size;
    const std::string question = arp(kAll, kMine, kOwn, kMine);
    for (std::size_t size = 1; size < question.size(); ++size)
      EXPECT_FALSE(passes(from, question.substr(0, size))) << size;
    for (std::size_t size = 1; size < ETH_HLEN; ++size)
      EXPECT_FALSE(passes(frames::to_container(kBridge, is_open), whole.substr(0, size))) << size;
  }
}

TEST(FrameFilter, ToTheContainerComesWhatTheHostSends) {
  const auto alone = frames::to_container(kBridge, false),
             open = frames::to_container(kBridge, true);
  EXPECT_TRUE(passes(alone, ipv4(kMine, kBridge, kOther)));
  EXPECT_FALSE(passes(alone, ipv4(kMine, kAnothers, kOther)));
  EXPECT_FALSE(passes(alone, arp(kMine, kBridge, kOther, kBridge)));
  EXPECT_TRUE(passes(open, ipv4(kMine, kAnothers, kOther)));
  EXPECT_TRUE(passes(open, arp(kMine, kAnothers, kOther, kAnothers)));
  EXPECT_FALSE(passes(open, kMine + kAnothers + "\x86\xdd" + std::string(60, 'x')));
}

}  // namespace
}  // namespace mydocker::test
