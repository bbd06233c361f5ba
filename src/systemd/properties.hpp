// Properties of units, in the types that systemd wants on the bus.
#pragma once

#include <systemd/sd-bus.h>

#include <string>
#include <string_view>
#include <vector>

namespace mydocker::bus {

struct Property {
  std::string name, value;
  // What systemd may do without: where an older one does not know it, it is left out.
  bool is_needed = false;
};

// "MemoryMax=1048576". Throws Failure for any other form.
[[nodiscard]] Property parse_property(std::string_view word);

// Appends them to a method call, as a(sv). Throws Failure for a name that is not in the table of
// properties.cpp, and for a value that is not of its type.
void append(sd_bus_message* message, const std::vector<Property>& properties);

}  // namespace mydocker::bus
