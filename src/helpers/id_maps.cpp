#include "helpers/id_maps.hpp"

namespace mydocker {

std::string id_map_text(const std::vector<IdRange>& ranges) {
  std::string out;
  for (const auto& range : ranges) {
    out += std::to_string(range.inside) + " " + std::to_string(range.outside) + " " +
           std::to_string(range.count) + "\n";
  }
  return out;
}

}  // namespace mydocker
