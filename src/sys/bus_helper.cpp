#include "sys/bus_helper.hpp"

// The assembler takes the file as it is: 140 KB as a C++ array would take the compiler seconds.
// The bytes lie in the file of the program and come into memory only when they are read.
#ifdef MYDOCKER_BUS_HELPER
asm(".pushsection .rodata.bus_helper, \"a\", %progbits\n"
    "mydocker_bus_helper: .incbin \"" MYDOCKER_BUS_HELPER
    "\"\n"
    "mydocker_bus_helper_end:\n"
    ".popsection");

extern "C" {
__attribute__((visibility("hidden"))) extern const char mydocker_bus_helper[],
    mydocker_bus_helper_end[];
}
#endif

namespace mydocker::sys {

std::string_view bus_helper() {
#ifdef MYDOCKER_BUS_HELPER
  return {mydocker_bus_helper, mydocker_bus_helper_end};
#else
  return {};
#endif
}

}  // namespace mydocker::sys
