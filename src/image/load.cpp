#include "image/load.hpp"

#include <fcntl.h>
#include <linux/openat2.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <memory>

#include "helpers/numbers.hpp"
#include "helpers/text.hpp"
#include "image/contents.hpp"
#include "image/description.hpp"
#include "image/disk.hpp"
#include "image/machine.hpp"
#include "image/pull.hpp"
#include "mydocker/error.hpp"
#include "sys/check.hpp"
#include "sys/disks.hpp"
#include "sys/files.hpp"
#include "sys/removing.hpp"
#include "sys/unpacker.hpp"

namespace mydocker::image {
namespace {

// "FOLDER:TAG", or a path that is there as it stands, or a folder that was fetched into from where
// `elsewhere` says.
struct Place {
  std::string path, tag;
  bool is_folder = false;
  std::string elsewhere;
};

std::optional<Place> try_place(const std::string& text) {
  struct stat info {};
  if (::stat(text.c_str(), &info) == 0) return Place{text, "", S_ISDIR(info.st_mode), ""};
  const auto colon = text.rfind(':');
  if (colon == std::string::npos || text.find('/', colon) != std::string::npos) return std::nullopt;
  const std::string folder = text.substr(0, colon);
  if (::stat((folder + "/index.json").c_str(), &info) < 0) return std::nullopt;
  return Place{folder, text.substr(colon + 1), true, ""};
}

std::string key_of(const Place& place) {
  if (!place.elsewhere.empty()) return elsewhere_key(place.elsewhere);
  if (!place.is_folder) return source_key(place.path);
  return source_key(place.path + "/index.json") +
         (place.tag.empty() ? "" : "-" + text::replaced(place.tag, "/", "%"));
}

// "dir/alpine.tar.gz" as "alpine".
std::string short_name(const std::string& path) {
  std::string_view name = path;
  while (name.ends_with('/')) name.remove_suffix(1);
  name = name.substr(name.rfind('/') + 1);
  for (const std::string_view end :
       {".gz", ".xz", ".zst", ".bz2", ".lz4", ".lzma", ".lz", ".Z", ".tgz", ".tar", ".oci",
        ".squashfs", ".sqfs", ".erofs", ".img"}) {
    if (name.ends_with(end) && name.size() > end.size()) name.remove_suffix(end.size());
  }
  return std::string(name);
}

std::string name_or_none(const std::string& path) {
  try {
    return full_name(short_name(path));
  } catch (const BadImage&) {
    return {};  // it is known by its id then
  }
}

class Loading {
 public:
  Loading(Store& store, Place place, const Limits& limits, const Listener& listener)
      : store_(store),
        place_(std::move(place)),
        limits_(limits),
        left_(limits),
        listener_(listener) {}

  std::vector<Image> load() {
    try {
      if (place_.is_folder) return of_folder();
      file_ = open(place_.path);
      if (const auto disk = sys::disk_at(place_.path)) return {of_disk(*disk)};
      const Contents contents(run({"contents"}, file_.get()));
      return contents.is_root() ? std::vector{of_root()} : of_archive(contents);
    } catch (const BadImage& error) {
      throw SetupError("image", "read " + text::quoted(place_.path) + ": " + error.what(), 0, "");
    } catch (const std::system_error& error) {
      if (dynamic_cast<const SetupError*>(&error) != nullptr) throw;
      const int number = error.code().value();
      throw SetupError("image", "unpack " + text::quoted(place_.path), number,
                       number == ENOSYS ? "MyDocker was built without libarchive, nettle or one of "
                                          "their libraries: install them, and build it again"
                                        : advice_for(number));
    }
  }

 private:
  static UniqueFd open(const std::string& path) {
    // A pipe would have to be read twice, and may never end.
    UniqueFd out(::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NOCTTY | O_NONBLOCK));
    struct stat info {};
    if (!out || ::fstat(out.get(), &info) < 0)
      throw SetupError("image", "open " + text::quoted(path), errno, "");
    if (!S_ISREG(info.st_mode)) throw BadImage("it is no file and no OCI layout");
    return out;
  }

  // None if there is none. The image names it, and nobody vouches for that: what is elsewhere on the
  // host is none of its own, and a device is not even opened.
  static UniqueFd try_open_below(int folder, const std::string& path) {
    open_how how{};
    how.flags = O_PATH | O_NOFOLLOW | O_CLOEXEC;
    how.resolve = RESOLVE_BENEATH | RESOLVE_NO_MAGICLINKS;
    const UniqueFd found(
        static_cast<int>(::syscall(SYS_openat2, folder, path.c_str(), &how, sizeof how)));
    if (!found && errno == EXDEV) throw BadImage(text::quoted(path) + " leads out of the folder");
    struct stat info {};
    if (!found || ::fstat(found.get(), &info) < 0) return {};
    if (!S_ISREG(info.st_mode)) throw BadImage(text::quoted(path) + " is no file");
    return open("/proc/self/fd/" + std::to_string(found.get()));
  }

  // Each reader starts at the front of its file.
  static std::string run(const std::vector<std::string>& words, int input) {
    ::lseek(input, 0, SEEK_SET);
    sys::Unpacker unpacker(words, input, -1);
    const auto result = unpacker.wait();
    if (result.status != 0) throw BadImage(what_is_wrong(result));
    return result.output;
  }

  static std::string what_is_wrong(const sys::Unpacker::Result& result) {
    constexpr int kSignals = 128;
    if (result.status > kSignals)
      return "the unpacker was ended by signal " + std::to_string(result.status - kSignals);
    return text::printable(text::trimmed(result.output));
  }

  std::vector<Image> of_folder() {
    const UniqueFd folder =
        sys::check_fd(::open(place_.path.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC), "open");
    const ReadText read = [&](const std::string& path) -> std::optional<Text> {
      const UniqueFd file = try_open_below(folder.get(), path);
      if (!file) return std::nullopt;
      constexpr std::size_t kLargest = 4U << 20;
      Text out;
      out.content = sys::read_all(file.get(), kLargest);
      out.digest = std::string(text::trimmed(run({"digest"}, file.get())));
      return out;
    };
    auto found = describe_images(read, fallback(), architecture());
    if (!place_.tag.empty()) choose(found);
    std::vector<Image> out;
    for (auto& each : found) {
      out.push_back(keep(each, found.size() == 1, [&](const LayerFile& layer) {
        UniqueFd file = try_open_below(folder.get(), layer.path);
        if (!file) throw BadImage("it has no layer " + text::quoted(layer.path));
        return Input{std::move(file), ""};
      }));
    }
    return out;
  }

  std::vector<Image> of_archive(const Contents& contents) {
    const ReadText read = [&](const std::string& path) { return contents.text(path); };
    auto found = describe_images(read, fallback(), architecture());
    std::vector<Image> out;
    for (auto& each : found) {
      out.push_back(keep(each, found.size() == 1, [&](const LayerFile& layer) {
        return Input{open(place_.path), contents.file(layer.path)};
      }));
    }
    return out;
  }

  struct Layer {
    std::string folder, digest, diff_id;
    std::string devices, attributes;  // how many were left out
  };

  // The archive that such a layer would be is not made: its name is the SHA-256 of the disk image.
  Image of_disk(const Disk& disk) {
    const std::string digest(text::trimmed(run({"whole"}, file_.get())));
    const Temporary target = store_.make_temporary();
    if (!store_.has_layer(digest)) unpack_disk(disk, target, limits_, listener_.say);
    return keep_root({target.path, digest, digest, "", ""});
  }

  Image of_root() { return keep_root(unpack({open(place_.path), ""}).wait(*this)); }

  // Nothing but files is an image of one layer that says nothing of its command.
  Image keep_root(const Layer& layer) {
    Image image;
    image.id = layer.diff_id;
    image.layers = {layer.diff_id};
    if (const auto name = name_or_none(place_.path); !name.empty()) image.names = {name};
    keep_layer(layer);
    store_.keep_image(image, "{}", key_of(place_));
    return image;
  }

  std::string fallback() const {
    const auto name = name_or_none(place_.path);
    return name.empty() ? "image" : name.substr(0, name.rfind(':'));
  }

  void choose(std::vector<Description>& found) const {
    const std::string wanted = ":" + place_.tag;
    std::erase_if(found, [&](const Description& each) {
      return each.names.empty() || !each.names.front().ends_with(wanted);
    });
    if (found.empty()) throw BadImage("it has no image " + text::quoted(place_.tag));
  }

  struct Input {
    UniqueFd file;
    std::string entry;  // of the archive that the file is; empty: the file itself
  };

  // A layer that is on its way.
  struct Unpacking {
    std::string folder;
    std::unique_ptr<sys::Unpacker> unpacker;
    std::uint64_t size;  // of the file that it reads

    Layer wait(Loading& loading) {
      watch(loading.listener_);
      const auto result = unpacker->wait();
      if (result.status != 0) throw BadImage(what_is_wrong(result));
      const auto words = text::words(result.output);
      constexpr std::size_t kWords = 6;
      if (words.size() != kWords)
        throw BadImage("the unpacker said " + text::quoted(result.output));
      Layer out{folder, std::string(words[0]), std::string(words[1]), std::string(words[2]),
                std::string(words[3])};
      loading.count(words[4], words[5]);
      loading.tell(out);
      return out;
    }

    void watch(const Listener& listener) const {
      if (!listener.progress) return;
      constexpr int kPause = 100;
      bool is_shown = false;
      for (; !unpacker->is_ready_within(kPause); is_shown = true)
        listener.progress(unpacker->has_read(), size);
      if (is_shown) listener.progress(0, 0);
    }
  };

  Unpacking unpack(const Input& input) {
    Temporary target = store_.make_temporary();
    std::vector<std::string> words{"layer", std::to_string(left_.bytes),
                                   std::to_string(left_.inodes),
                                   ::geteuid() == 0 ? "owners" : "mine"};
    if (!input.entry.empty()) words.push_back(input.entry);
    struct stat info {};
    sys::check(::fstat(input.file.get(), &info), "fstat");
    auto unpacker =
        std::make_unique<sys::Unpacker>(std::move(words), input.file.get(), target.folder.get());
    return {std::move(target.path), std::move(unpacker), static_cast<std::uint64_t>(info.st_size)};
  }

  // What one layer takes is lacking to the next.
  void count(std::string_view bytes, std::string_view inodes) {
    left_.bytes -= std::min(left_.bytes, numbers::parse(bytes).value_or(UINT64_MAX));
    left_.inodes -= std::min(left_.inodes, numbers::parse(inodes).value_or(UINT64_MAX));
  }

  void tell(const Layer& layer) const {
    if (layer.devices != "0")
      listener_.say("left out " + layer.devices + " device nodes of the image");
    if (layer.attributes != "0")
      listener_.say("left out " + layer.attributes + " extended attributes of the image");
  }

  void keep_layer(const Layer& layer) {
    if (store_.has_layer(layer.diff_id))
      sys::remove_tree(layer.folder);
    else
      store_.keep_layer(layer.folder, layer.diff_id);
  }

  template <class Open>
  Image keep(Description& description, bool is_alone, const Open& open_layer) {
    // Two at a time: one waits for the disk while the other one computes.
    constexpr std::size_t kAtOnce = 2;
    std::vector<std::pair<Unpacking, const LayerFile*>> running;
    const auto finish = [&] {
      auto [unpacking, file] = std::move(running.front());
      running.erase(running.begin());
      const Layer layer = unpacking.wait(*this);
      verify(*file, layer);
      keep_layer(layer);
    };
    std::vector<std::string> started;
    left_ = limits_;
    for (const auto& file : description.layers) {
      const bool is_known =
          store_.has_layer(file.diff_id) ||
          std::find(started.begin(), started.end(), file.diff_id) != started.end();
      if (is_known) continue;
      if (running.size() == kAtOnce) finish();
      running.emplace_back(unpack(open_layer(file)), &file);
      started.push_back(file.diff_id);
    }
    while (!running.empty()) finish();
    Image image{description.id, description.names, description.config.diff_ids, description.config};
    store_.keep_image(image, description.config_text, is_alone ? key_of(place_) : "");
    return image;
  }

  static void verify(const LayerFile& file, const Layer& layer) {
    if (!file.digest.empty() && layer.digest != file.digest)
      throw BadImage("the digest of " + file.path + " is " + layer.digest);
    if (layer.diff_id != file.diff_id)
      throw BadImage("the layer " + file.path + " unpacks to " + layer.diff_id +
                     ", and should to " + file.diff_id);
  }

  Store& store_;
  Place place_;
  const Limits& limits_;
  Limits left_;
  const Listener& listener_;
  UniqueFd file_;
};

Place place_of(const std::string& text) {
  if (auto place = try_place(text)) return *place;
  (void)source_key(text);  // says why not
  throw SetupError("image", "find the image " + text::quoted(text), ENOENT, "");
}

std::vector<Image> load_locked(Store& store, const std::string& text, const Limits& limits,
                               const Listener& listener) {
  try {
    if (!is_elsewhere(text)) return Loading(store, place_of(text), limits, listener).load();
    const Place fetched{pull(store, text), "", true, text};
    auto out = Loading(store, fetched, limits, listener).load();
    sys::remove_tree(fetched.path);
    return out;
  } catch (...) {
    store.remove_temporaries();  // what was on its way
    throw;
  }
}

Image one_of(const std::vector<Image>& images, const std::string& text) {
  if (images.size() == 1) return images.front();
  std::vector<std::string> names;
  for (const auto& each : images)
    names.push_back(each.names.empty() ? each.id : each.names.front());
  throw SetupError("image", "start from " + text::quoted(text) + ", which holds several images", 0,
                   "they are loaded now; name one of them: " + text::join(names, ", "));
}

}  // namespace

std::vector<Image> load(Store& store, const std::string& path, const Limits& limits,
                        const Listener& listener) {
  if (!is_elsewhere(path)) (void)place_of(path);
  const UniqueFd lock = store.lock();
  return load_locked(store, path, limits, listener);
}

std::optional<Image> find_loaded(const Store& store, const std::string& text) {
  if (is_elsewhere(text)) return store.find_source(elsewhere_key(text));
  const auto place = try_place(text);
  return place ? store.find_source(key_of(*place)) : store.find(text);
}

Image find_or_load(Store& store, const std::string& text, const Limits& limits,
                   const Listener& listener) {
  if (auto found = find_loaded(store, text)) return std::move(*found);
  if (!is_elsewhere(text)) (void)place_of(text);
  const UniqueFd lock = store.lock();
  // Somebody else may have unpacked it while we waited.
  if (auto found = find_loaded(store, text)) return std::move(*found);
  return one_of(load_locked(store, text, limits, listener), text);
}

}  // namespace mydocker::image
