// `process.capabilities`. What cannot be granted is warned of and left out, as the specification
// wants it: an engine's list may be newer than this program or this kernel.
#include <algorithm>

#include "helpers/names.hpp"
#include "oci/config/sections.hpp"
#include "oci/config/words.hpp"

namespace mydocker::oci {
namespace {

// CAP_LAST_CAP of any kernel that we know of fits; see capget(2): the sets have 64 bits.
constexpr int kMost = 64;

std::optional<int> number_of(std::string name) {
  std::transform(name.begin(), name.end(), name.begin(), [](char c) {
    return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
  });
  if (name.starts_with("cap_")) name.erase(0, 4);
  const auto& known = known_capabilities();
  const auto found = std::find(known.begin(), known.end(), name);
  if (found == known.end()) return std::nullopt;
  return static_cast<int>(found - known.begin());
}

bool holds(const std::vector<int>& set, int number) {
  return std::find(set.begin(), set.end(), number) != set.end();
}

// capset(2) refuses a set that is not within `limit`, as it stands: so what is beyond it goes.
void keep_within(const Value& list, std::vector<int>& set, const std::vector<int>& limit,
                 const std::string& name_of_limit) {
  for (const Value& each : list.elements()) {
    std::string name;
    if (!each.into(name)) continue;
    const auto number = number_of(name);
    if (number && holds(set, *number) && !holds(limit, *number)) {
      each.warn("left out: not in '" + name_of_limit + "'");
      std::erase(set, *number);
    }
  }
}

}  // namespace

const std::vector<std::string>& known_capabilities() {
  static const std::vector<std::string> kNames = [] {
    std::vector<std::string> out;
    for (int number = 0; number < kMost; ++number) {
      std::string name = names::capability(number);
      // "capability 41": one that has no name.
      if (name.find(' ') != std::string::npos) break;
      out.push_back(std::move(name));
    }
    return out;
  }();
  return kNames;
}

void read_capabilities(const Value& capabilities, CapabilitySets& out) {
  for (const auto& [name, member] : kCapabilitySets) {
    std::vector<int>& set = out.*member;
    for (const Value& each : capabilities[name.data()].elements()) {
      std::string word;
      if (!each.into(word)) continue;
      const auto number = number_of(word);
      if (!number)
        each.warn("left out: unknown");
      else if (!holds(set, *number))
        set.push_back(*number);
    }
    std::sort(set.begin(), set.end());
  }
  keep_within(capabilities["effective"], out.effective, out.permitted, "permitted");
  keep_within(capabilities["inheritable"], out.inheritable, out.bounding, "bounding");
  keep_within(capabilities["ambient"], out.ambient, out.permitted, "permitted");
  keep_within(capabilities["ambient"], out.ambient, out.inheritable, "inheritable");
}

}  // namespace mydocker::oci
