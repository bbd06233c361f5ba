// The requests of a bridge as messages and in words: the part of netlink_messages.hpp that is about
// what lies below IP. See bridge(8), tc(8). Pure.
#pragma once

#include <string>

#include "helpers/netlink_messages.hpp"

namespace mydocker::netlink {

[[nodiscard]] Message message(const AddBridge& request, const Numbers& numbers);
[[nodiscard]] Message message(const JoinBridge& request, const Numbers& numbers);
[[nodiscard]] Message message(const LockPort& request, const Numbers& numbers);
[[nodiscard]] Message message(const SetHardwareAddress& request, const Numbers& numbers);
[[nodiscard]] Message message(const AddForwardingEntry& request, const Numbers& numbers);
[[nodiscard]] Message message(const RemoveForwardingEntry& request, const Numbers& numbers);
[[nodiscard]] Message message(const AddNeighbour& request, const Numbers& numbers);
[[nodiscard]] Message message(const RemoveNeighbour& request, const Numbers& numbers);
[[nodiscard]] Message message(const RemoveLink& request, const Numbers& numbers);
[[nodiscard]] Message message(const AddFilters& request, const Numbers& numbers);
[[nodiscard]] Message message(const FilterFrames& request, const Numbers& numbers);

[[nodiscard]] std::string words(const AddBridge& request);
[[nodiscard]] std::string words(const JoinBridge& request);
[[nodiscard]] std::string words(const LockPort& request);
[[nodiscard]] std::string words(const SetHardwareAddress& request);
[[nodiscard]] std::string words(const AddForwardingEntry& request);
[[nodiscard]] std::string words(const RemoveForwardingEntry& request);
[[nodiscard]] std::string words(const AddNeighbour& request);
[[nodiscard]] std::string words(const RemoveNeighbour& request);
[[nodiscard]] std::string words(const RemoveLink& request);
[[nodiscard]] std::string words(const AddFilters& request);
[[nodiscard]] std::string words(const FilterFrames& request);

}  // namespace mydocker::netlink
