// What an image says of itself: the unpacker's list of contents, and the texts in it.
#include <string>
#include <string_view>

#include "fuzz/fuzz.hpp"
#include "image/contents.hpp"
#include "image/description.hpp"

using namespace mydocker;

int LLVMFuzzerTestOneInput(const std::uint8_t* bytes, std::size_t size) {
  const std::string_view said = fuzz::text_of(bytes, size);
  try {
    const image::Contents contents(said);
    const auto images = image::describe_images(
        [&](const std::string& path) { return contents.text(path); }, "fuzz", "amd64");
    for (const auto& each : images) {
      fuzz::require(!each.layers.empty() && each.layers.size() == each.config.diff_ids.size());
      for (const auto& name : each.names) fuzz::require(image::full_name(name) == name);
      for (const auto& layer : each.layers) {
        fuzz::require(layer.diff_id.size() == 64);
        // Whatever the manifest says, it is a path in the archive.
        const std::string file = contents.file(layer.path);
        fuzz::require(!file.starts_with('/') &&
                      ("/" + file + "/").find("/../") == std::string::npos);
      }
    }
  } catch (const image::BadImage& error) {
    fuzz::require(error.what()[0] != '\0');
  }
  try {
    (void)image::parse_config(said);
  } catch (const image::BadImage& error) {
    fuzz::require(error.what()[0] != '\0');
  }
  return 0;
}
