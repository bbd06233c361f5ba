#include "doctor/programs.hpp"

#include <string>
#include <system_error>

#include "sys/executables.hpp"

namespace mydocker::doctor {
namespace {

struct Program {
  const char *name, *lacking, *package;
};
constexpr Program kPrograms[] = {
    {"pasta", "no --network pasta", "passt"},
    {"skopeo", "no --image docker://NAME", "skopeo"},
    {"unsquashfs", "a squashfs can be mounted by root, and not be unpacked", "squashfs-tools"},
    {"fsck.erofs", "an erofs can be mounted by root, and not be unpacked", "erofs-utils"},
};

}  // namespace

std::vector<Finding> find_programs() {
  constexpr std::string_view kPath = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin";
  std::vector<Finding> out;
  for (const auto& [name, lacking, package] : kPrograms) {
    try {
      out.push_back({name, State::good, sys::find_executable(name, kPath).file, ""});
    } catch (const std::system_error&) {
      out.push_back({name, State::lacking, lacking, std::string("install the package ") + package});
    }
  }
  return out;
}

}  // namespace mydocker::doctor
