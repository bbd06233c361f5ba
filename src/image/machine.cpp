#include "image/machine.hpp"

#include <sys/utsname.h>

#include <string_view>

namespace mydocker::image {

std::string architecture() {
  utsname machine{};
  ::uname(&machine);
  const std::string_view name = machine.machine;
  return std::string(name == "x86_64" ? "amd64" : name == "aarch64" ? "arm64" : name);
}

}  // namespace mydocker::image
