#include "image/printing.hpp"

#include <algorithm>

#include "image/json.hpp"

namespace mydocker::image {

std::string list_text(const std::vector<Image>& images) {
  constexpr std::size_t kIdDigits = 12, kGap = 2;
  const std::string kNone = "-";
  std::size_t width = 0;
  for (const auto& image : images) {
    for (const auto& name : image.names) width = std::max(width, name.size());
  }
  std::string out;
  for (const auto& image : images) {
    const auto names = image.names.empty() ? std::vector{kNone} : image.names;
    for (const auto& name : names) {
      out += name + std::string(std::max(width, name.size()) - name.size() + kGap, ' ') +
             image.id.substr(0, kIdDigits) + "  " + std::to_string(image.layers.size()) +
             (image.layers.size() == 1 ? " layer" : " layers") + "\n";
    }
  }
  return out;
}

std::string list_json(const std::vector<Image>& images) {
  json::Json out = json::Json::array();
  for (const auto& image : images)
    out.push_back({{"id", image.id}, {"names", image.names}, {"layers", image.layers}});
  return out.dump(2) + "\n";
}

std::string inspect_json(const Store& store, const Image& image) {
  std::vector<std::string> folders;
  for (const auto& layer : image.layers) folders.push_back(store.layer_folder(layer));
  const json::Json out{{"id", image.id},
                       {"names", image.names},
                       {"layers", image.layers},
                       {"folders", folders},
                       {"config", json::parse(store.config_text(image), "config.json")}};
  return out.dump(2) + "\n";
}

}  // namespace mydocker::image
