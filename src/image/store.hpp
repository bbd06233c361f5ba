// Where images lie unpacked: a folder that root, or one user, alone can enter.
//
//   layers/DIFF-ID/         a layer's files, once for all images that have it
//   images/ID/              image.json (what a start needs), config.json (as the image brought it)
//   names/NAME              the id of the image that is called so; '/' in a name is '%'
//   sources/FILE            the id of the image that was unpacked from that file
//   writable/CONTAINER/     upper and work folder of a container, while it runs
//   tmp/                    what is being unpacked
//   lock                    held by who changes any of this
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "image/config.hpp"
#include "mydocker/unique_fd.hpp"

namespace mydocker::image {

struct Image {
  std::string id;
  std::vector<std::string> names;
  std::vector<std::string> layers;  // diff ids, bottom first
  Config config;
};

// A new empty folder to unpack into, locked as long as somebody has the descriptor: the unpacker of a
// MyDocker that was killed may live a moment longer.
struct Temporary {
  std::string path;
  UniqueFd folder;
};

class Store {
 public:
  // Nothing is made or looked at before it is needed.
  explicit Store(std::string folder) : folder_(std::move(folder)) {}

  [[nodiscard]] const std::string& folder() const { return folder_; }
  [[nodiscard]] std::string image_folder(const std::string& id) const;
  [[nodiscard]] std::string layer_folder(const std::string& diff_id) const;
  [[nodiscard]] std::string writable_folder(const std::string& container) const;

  // The image of that name, or whose id begins so (four digits at least, and no other's does).
  [[nodiscard]] std::optional<Image> find(std::string_view name) const;
  // The image that was unpacked from a file, by its `source_key`.
  [[nodiscard]] std::optional<Image> find_source(const std::string& key) const;
  [[nodiscard]] std::vector<Image> all() const;
  [[nodiscard]] bool has_layer(const std::string& diff_id) const;
  // The configuration, as the image brought it.
  [[nodiscard]] std::string config_text(const Image& image) const;

  // Makes the folders that are missing and waits until nobody else changes the store. What an
  // unpacking that was killed has left is removed. Throws SetupError.
  [[nodiscard]] UniqueFd lock();

  // With the lock held:
  // Throws std::system_error.
  [[nodiscard]] Temporary make_temporary();
  // Removes what is in tmp, each folder as soon as nobody fills it.
  void remove_temporaries() const;
  // Makes the temporary folder the layer of that id: from now on it is whole.
  void keep_layer(const std::string& temporary, const std::string& diff_id);
  // Makes the image known, under its names, and as what `key` was unpacked to; names move to it.
  void keep_image(const Image& image, const std::string& config_text, const std::string& key);
  // Takes an image away, and each layer that no other has. Throws SetupError if a container uses it,
  // and std::system_error.
  void remove(const Image& image);

 private:
  [[nodiscard]] std::optional<Image> read(const std::string& id) const;
  void remove_layer(const std::string& diff_id);

  std::string folder_;
  unsigned temporaries_ = 0;
};

// The folder of --store; else MYDOCKER_STORE; else /var/lib/mydocker for root and
// ~/.local/share/mydocker for others. Throws UsageError for no absolute path.
[[nodiscard]] std::string store_folder(const std::optional<std::string>& asked);

// What changes when a file does: its device, inode, size and times. Throws SetupError if there is no
// such file.
[[nodiscard]] std::string source_key(const std::string& path);

}  // namespace mydocker::image
