// Paths of sysfs that each processor has one of, written with a star:
// "/sys/devices/system/cpu/cpu*/thermal_throttle".
#pragma once

#include <string>
#include <string_view>

namespace mydocker::cpu_paths {

inline constexpr std::string_view kBegin = "/sys/devices/system/cpu/cpu", kStar = "*/";

[[nodiscard]] inline bool is_for_each(std::string_view path) {
  return path.starts_with(kBegin) && path.substr(kBegin.size()).starts_with(kStar);
}

// The path of processor `number`.
[[nodiscard]] inline std::string of(std::string_view path, unsigned number) {
  return std::string(kBegin) + std::to_string(number) + "/" +
         std::string(path.substr(kBegin.size() + kStar.size()));
}

}  // namespace mydocker::cpu_paths
