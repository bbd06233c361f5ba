#include "cli/image.hpp"

#include <unistd.h>

#include <optional>
#include <string_view>
#include <vector>

#include "helpers/numbers.hpp"
#include "helpers/text.hpp"
#include "image/load.hpp"
#include "image/printing.hpp"
#include "mydocker/error.hpp"
#include "sys/files.hpp"

namespace mydocker::cli {
namespace {

constexpr const char* kUsage =
    "Usage: MyDocker image load [--max-size SIZE] [--max-files NUMBER] FILE|DIR|docker://NAME...\n"
    "       MyDocker image list [--json]\n"
    "       MyDocker image inspect NAME\n"
    "       MyDocker image remove NAME...\n"
    "and with each: --store DIR, where images lie unpacked (default /var/lib/mydocker,\n"
    "for an ordinary user ~/.local/share/mydocker)\n";

struct Words {
  std::optional<std::string> store;
  image::Limits limits;
  bool json = false, help = false;
  std::vector<std::string> rest;
};

void set_limit(const std::string& option, const std::string& value, image::Limits& limits) {
  const auto number = numbers::parse_size(value);
  if (!number || number->count == 0)
    throw UsageError(option + " " + text::quoted(value) +
                     ": allowed are numbers from 1 on, with k, m or g");
  (option == "--max-size" ? limits.bytes : limits.inodes) = number->count;
}

Words parse(std::span<const char* const> words) {
  Words out;
  for (std::size_t i = 0; i < words.size(); ++i) {
    std::string word = words[i];
    if (!word.starts_with('-')) {
      out.rest.push_back(std::move(word));
    } else if (word == "--json") {
      out.json = true;
    } else if (word == "-h" || word == "--help") {
      out.help = true;
    } else if (word == "--store" || word == "--max-size" || word == "--max-files") {
      if (++i == words.size()) throw UsageError("image " + word + ": its value is missing");
      if (word == "--store")
        out.store = words[i];
      else
        set_limit(word, words[i], out.limits);
    } else {
      throw UsageError("image " + text::quoted(word) + ": no such option: 'MyDocker image --help'");
    }
  }
  return out;
}

void print(const std::string& text) { sys::write_all(STDOUT_FILENO, text); }

image::Image wanted(const image::Store& store, const std::string& name) {
  auto found = store.find(name);
  if (!found)
    throw SetupError("image", "find the image " + text::quoted(name), ENOENT,
                     "'MyDocker image list' shows those that are loaded");
  return std::move(*found);
}

void require(bool holds, const char* what) {
  if (!holds) throw UsageError(std::string("image: ") + what + ": 'MyDocker image --help'");
}

int load(image::Store& store, const Words& words) {
  require(words.rest.size() > 1, "load wants a file or a folder");
  for (std::size_t i = 1; i < words.rest.size(); ++i) {
    for (const auto& image : image::load(store, words.rest[i], words.limits, say_of_image))
      print(image.id + (image.names.empty() ? "" : " " + image.names.front()) + "\n");
  }
  return 0;
}

int remove(image::Store& store, const Words& words) {
  require(words.rest.size() > 1, "remove wants a name");
  const UniqueFd lock = store.lock();
  for (std::size_t i = 1; i < words.rest.size(); ++i) store.remove(wanted(store, words.rest[i]));
  return 0;
}

}  // namespace

void say_of_image(const std::string& line) {
  try {
    sys::write_all(STDERR_FILENO, "MyDocker: " + line + "\n");
  } catch (const std::system_error&) {
    // Nobody reads standard error.
  }
}

int run_image(std::span<const char* const> all) {
  const Words words = parse(all);
  if (words.help) {
    print(kUsage);
    return 0;
  }
  const std::string verb = words.rest.empty() ? "" : words.rest.front();
  image::Store store(image::store_folder(words.store));
  if (verb == "load") return load(store, words);
  if (verb == "remove") return remove(store, words);
  if (verb == "list") {
    require(words.rest.size() == 1, "list wants no words");
    print(words.json ? image::list_json(store.all()) : image::list_text(store.all()));
    return 0;
  }
  require(verb == "inspect", "its words are load, list, inspect, remove");
  require(words.rest.size() == 2, "inspect wants one name");
  const image::Image image = wanted(store, words.rest[1]);
  print(image::inspect_json(store, image));
  return 0;
}

}  // namespace mydocker::cli
