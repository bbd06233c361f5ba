// Which images an archive or a folder holds: docker's manifest.json or an OCI layout's index.json,
// followed to each image's configuration and layers. Pure: texts are asked for.
#pragma once

#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "image/config.hpp"

namespace mydocker::image {

// A small file of the archive or folder, and the SHA-256 of its bytes, as digits.
struct Text {
  std::string content, digest;
};

struct LayerFile {
  std::string path;     // in the archive or folder
  std::string digest;   // of the file as it is there; empty: not said
  std::string diff_id;  // of what it unpacks to
  bool operator==(const LayerFile&) const = default;
};

struct Description {
  std::string id;  // the digest of its configuration
  std::vector<std::string> names;
  std::string config_text;
  Config config;
  std::vector<LayerFile> layers;  // bottom first
};

// Gives the small file at a path, or nothing.
using ReadText = std::function<std::optional<Text>(const std::string& path)>;

// The images that `read` knows. A name that says no more than a tag, as in an OCI layout, becomes
// `fallback`:TAG. `architecture` is this machine's, in Go's words ("amd64"). Throws BadImage.
[[nodiscard]] std::vector<Description> describe_images(const ReadText& read,
                                                       std::string_view fallback,
                                                       std::string_view architecture);

// "alpine" as "alpine:latest", without "docker.io/library/" and its like in front. Throws BadImage for
// what is no name.
[[nodiscard]] std::string full_name(std::string_view name);

}  // namespace mydocker::image
