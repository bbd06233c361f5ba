// What the unpacker says of an archive (src/unpack/contents.hpp), read back. Pure.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <string_view>

#include "image/description.hpp"

namespace mydocker::image {

class Contents {
 public:
  // Throws BadImage.
  explicit Contents(std::string_view said);

  // The archive is a root file system, not an image.
  [[nodiscard]] bool is_root() const { return is_root_; }
  [[nodiscard]] std::optional<Text> text(const std::string& path) const;
  // The path of the file that `path` is or leads to: older archives link a layer that comes twice.
  // Throws BadImage if there is none.
  [[nodiscard]] std::string file(const std::string& path) const;

 private:
  std::map<std::string, Text> texts_;
  std::map<std::string, std::string> links_;
  std::map<std::string, bool> files_;
  bool is_root_ = false;
};

}  // namespace mydocker::image
