// The links of a network, and requests that name them.
#pragma once

#include <string>
#include <vector>

#include "helpers/netlink_messages.hpp"
#include "sys/netlink.hpp"

namespace mydocker::sys {

using Links = std::vector<netlink::IndexedLink>;

// All of the socket's network. Throws NetlinkError.
[[nodiscard]] Links read_links(const NetlinkSocket& socket);

// The one of that name, or nothing.
[[nodiscard]] const netlink::IndexedLink* find(const Links& links, const std::string& name);

// The number of the link; throws std::system_error with ENODEV if there is none of that name.
[[nodiscard]] std::uint32_t require_index(const NetlinkSocket& socket, const std::string& link);

// The request with the numbers of the links that it names. Throws as require_index() does.
[[nodiscard]] netlink::Message message_for(const NetlinkSocket& socket, const LinkRequest& request,
                                           netlink::Numbers numbers = {});

}  // namespace mydocker::sys
