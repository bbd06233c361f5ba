#include "cli/image.hpp"

#include <unistd.h>

#include "cli/verbs.hpp"
#include "helpers/numbers.hpp"
#include "helpers/progress.hpp"
#include "helpers/text.hpp"
#include "image/load.hpp"
#include "image/printing.hpp"
#include "mydocker/error.hpp"
#include "runtime/own_root.hpp"
#include "sys/files.hpp"
#include "sys/terminal.hpp"

namespace mydocker::cli {
namespace {

constexpr oci::Flag kStore{
    "store", 0, true,
    "DIR: where images lie unpacked (default /var/lib/mydocker, for an ordinary user "
    "~/.local/share/mydocker)"};
constexpr oci::Flag kStoreAlone[] = {kStore};
constexpr oci::Flag kLoadFlags[] = {
    {"max-size", 0, true, "SIZE: refuse an image that is larger, unpacked (default 32g)"},
    {"max-files", 0, true, "NUMBER: refuse one of more files (default 2000000)"},
    kStore};
constexpr oci::Flag kListFlags[] = {{"json", 0, false, "for programs"}, kStore};

void set_limit(const oci::Arguments& arguments, const char* flag, std::uint64_t& limit) {
  const auto value = arguments.value(flag);
  if (!value) return;
  const auto number = numbers::parse_size(*value);
  if (!number || number->count == 0)
    throw UsageError("--" + std::string(flag) + " " + text::quoted(*value) +
                     ": allowed are numbers from 1 on, with k, m or g");
  limit = number->count;
}

image::Store store_of(const oci::Arguments& arguments) {
  return image::Store(image::store_folder(arguments.value("store")));
}

void print(const std::string& text) { sys::write_all(STDOUT_FILENO, text); }

image::Image wanted(const image::Store& store, const std::string& name) {
  auto found = store.find(name);
  if (!found)
    throw SetupError("image", "find the image " + text::quoted(name), ENOENT,
                     "'MyDocker image list' shows those that are loaded");
  return std::move(*found);
}

int load(const oci::Arguments& arguments) {
  image::Limits limits;
  set_limit(arguments, "max-size", limits.bytes);
  set_limit(arguments, "max-files", limits.inodes);
  image::Store store = store_of(arguments);
  return as_own_root([&] {
    for (const auto& file : arguments.words) {
      for (const auto& image : image::load(store, file, limits, listener_of_images(file)))
        print(image.id + (image.names.empty() ? "" : " " + image.names.front()) + "\n");
    }
    return 0;
  });
}

int remove(const oci::Arguments& arguments) {
  image::Store store = store_of(arguments);
  return as_own_root([&] {
    const UniqueFd lock = store.lock();
    for (const auto& name : arguments.words) store.remove(wanted(store, name));
    return 0;
  });
}

int list(const oci::Arguments& arguments) {
  const auto images = store_of(arguments).all();
  print(arguments.is_on("json") ? image::list_json(images) : image::list_text(images));
  return 0;
}

int inspect(const oci::Arguments& arguments) {
  const image::Store store = store_of(arguments);
  print(image::inspect_json(store, wanted(store, arguments.words.front())));
  return 0;
}

// A line about an image on standard error.
void say_of_image(const std::string& line) {
  try {
    sys::write_all(STDERR_FILENO, "MyDocker: " + line + "\n");
  } catch (const std::system_error&) {
    // Nobody reads standard error.
  }
}

}  // namespace

image::Listener listener_of_images(const std::string& image) {
  image::Listener out{say_of_image, {}};
  const auto size = ::isatty(STDERR_FILENO) == 1 ? sys::size_of(STDERR_FILENO) : std::nullopt;
  if (!size) return out;
  out.progress = [columns = size->columns, what = "unpacking " + text::printable(image)](
                     std::uint64_t done, std::uint64_t all) {
    const std::string line = all == 0 ? "" : progress_line(what, done, all, columns);
    (void)!::write(STDERR_FILENO, ("\r" + line + "\x1b[K").c_str(), line.size() + 4);
  };
  return out;
}

const Verb image_load_verb{"image load",
                           "FILE|DIR|docker://NAME...",
                           "Unpacks images, so that a start from them is as fast as from a folder.",
                           kLoadFlags,
                           1,
                           kAnyNumber,
                           load};
const Verb image_list_verb{"image list", "", "Lists the images that are loaded.", kListFlags, 0, 0,
                           list};
const Verb image_inspect_verb{
    "image inspect", "IMAGE", "Says what an image says of itself, as JSON.", kStoreAlone, 1, 1,
    inspect};
const Verb image_remove_verb{
    "image remove", "IMAGE...", "Removes images, and layers that no other has.", kStoreAlone, 1,
    kAnyNumber,     remove};

}  // namespace mydocker::cli
