// A request in words: between describe.cpp and describe_network.cpp.
#pragma once

#include <string>
#include <string_view>

#include "mydocker/network_action.hpp"

namespace mydocker {

struct Words {
  std::string text;        // one line
  std::string_view calls;  // the system calls that it is made of; "?": not always
};

[[nodiscard]] Words in_words(const Netlink& action);
[[nodiscard]] Words in_words(const TakeAddress& action);
[[nodiscard]] Words in_words(const MakeBridge& action);
[[nodiscard]] Words in_words(const LeaveBridge& action);
[[nodiscard]] Words in_words(const TakePort& action);
[[nodiscard]] Words in_words(const HoldSetting& action);
[[nodiscard]] Words in_words(const ReleaseSetting& action);
[[nodiscard]] Words in_words(const StartFirewall& action);
[[nodiscard]] Words in_words(const AddRules& action);
[[nodiscard]] Words in_words(const AwaitRules& action);
[[nodiscard]] Words in_words(const RemoveRules& action);
[[nodiscard]] Words in_words(const HoldPort& action);
[[nodiscard]] Words in_words(const ForgetConnections& action);
[[nodiscard]] Words in_words(const StartPasta& action);
[[nodiscard]] Words in_words(const EndPasta& action);
[[nodiscard]] Words in_words(const OpenCni& action);
[[nodiscard]] Words in_words(const AddByPlugin& action);
[[nodiscard]] Words in_words(const CloseCni& action);

}  // namespace mydocker
