// Programs that were built beside MyDocker and are carried in it (cmake/carried.cmake).
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "mydocker/unique_fd.hpp"
#include "sys/processes.hpp"

namespace mydocker::sys {

// The bytes of mydocker-systemd (src/systemd), mydocker-iptables and mydocker-nft (src/firewall),
// mydocker-unpack (src/unpack); empty where MyDocker was built without their library.
[[nodiscard]] std::string_view bus_helper();
[[nodiscard]] std::string_view iptables_helper();
[[nodiscard]] std::string_view nft_helper();
[[nodiscard]] std::string_view unpacker();

// Those of mydocker-probe (src/verify).
[[nodiscard]] std::string_view probe();

// `program`, one of these, as a sealed file in memory, close-on-exec. Throws std::system_error.
[[nodiscard]] UniqueFd carried_in_memory(std::string_view program, const char* name);

// Runs `program`, one of these, from memory; `words` begin with its name. Throws std::system_error.
[[nodiscard]] Finished run_carried(std::string_view program, const std::vector<std::string>& words,
                                   const std::vector<std::string>& environment);

}  // namespace mydocker::sys
