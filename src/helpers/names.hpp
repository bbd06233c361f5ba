// Tables of names: the kernel's numbers in its own words.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace mydocker::names {

// "CLONE_NEWPID|CLONE_NEWNS" for the CLONE_* flags of clone3(2) in `flags`.
[[nodiscard]] std::string clone_flags(std::uint64_t flags);

// "sys_admin" for CAP_SYS_ADMIN, without the prefix; "capability 99" for one that has no name here.
[[nodiscard]] std::string capability(int number);

// "chown, kill, ..." for a list of capabilities.
[[nodiscard]] std::string capabilities(const std::vector<int>& numbers);

// The number of "CAP_SYS_ADMIN", "sys_admin", in either case; nothing for a name that is not known.
[[nodiscard]] std::optional<int> parse_capability(std::string_view name);

// "core" for RLIMIT_CORE; "16" for one without a name here. See getrlimit(2).
[[nodiscard]] std::string resource_limit(int number);

// "SIGTERM" for 15; "signal 63" for one without a name.
[[nodiscard]] std::string signal(int number);

// The number of "15", "TERM", "SIGTERM", "SIGRTMIN+3", in either case; nothing for any other word.
[[nodiscard]] std::optional<int> parse_signal(std::string_view word);

}  // namespace mydocker::names
