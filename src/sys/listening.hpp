// Sockets that wait for somebody who should not be able to come.
#pragma once

#include <cstdint>
#include <string_view>

#include "mydocker/unique_fd.hpp"

namespace mydocker::sys {

// A stream socket at this name of the abstract namespace, see unix(7); none if the name is taken or
// there are no sockets.
[[nodiscard]] UniqueFd try_listen_at_name(std::string_view name);

struct LoopbackListener {
  UniqueFd socket;
  std::uint16_t port = 0;
};
// At a free port of 127.0.0.1; port 0 if that cannot be had.
[[nodiscard]] LoopbackListener try_listen_at_loopback();

}  // namespace mydocker::sys
