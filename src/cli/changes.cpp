#include "cli/changes.hpp"

#include <unistd.h>

#include <cerrno>
#include <string>
#include <string_view>

#include "helpers/text.hpp"
#include "image/changes.hpp"
#include "image/commit.hpp"
#include "image/description.hpp"
#include "mydocker/error.hpp"
#include "mydocker/host_facts.hpp"
#include "mydocker/spec.hpp"
#include "runtime/records.hpp"
#include "sys/files.hpp"

namespace mydocker::cli {
namespace {

constexpr const char* kUsage =
    "Usage: MyDocker diff ID|DIR                           what was added (A), changed (C), "
    "deleted (D)\n"
    "       MyDocker commit ID|DIR -o FILE [--name NAME]   the image with that on top, an OCI "
    "layout\n"
    "       MyDocker export ID -o FILE                     the whole root of a container, a tar\n"
    "ID is a running container's, DIR a folder of --overlay-dir\n";

struct Words {
  std::string verb, what, file, name;
  bool help = false;
};

std::string image_name(const std::string& name) {
  try {
    return image::full_name(name);
  } catch (const image::BadImage& error) {
    throw UsageError(std::string("--name: ") + error.what());
  }
}

Words parse(std::span<const char* const> words) {
  Words out{words[0], "", "", "committed:latest"};
  for (std::size_t i = 1; i < words.size(); ++i) {
    const std::string word = words[i];
    if (word == "-h" || word == "--help") {
      out.help = true;
    } else if ((word == "-o" && out.verb != "diff") || (word == "--name" && out.verb == "commit")) {
      if (++i == words.size()) throw UsageError(out.verb + " " + word + ": its value is missing");
      if (word == "-o")
        out.file = words[i];
      else
        out.name = image_name(words[i]);
    } else if (word.starts_with('-') || !out.what.empty()) {
      throw UsageError(out.verb + " " + text::quoted(word) + ": 'MyDocker " + out.verb +
                       " --help' says what is allowed");
    } else {
      out.what = word;
    }
  }
  const bool wants_file = out.verb != "diff";
  if (!out.help && (out.what.empty() || (wants_file && out.file.empty())))
    throw UsageError(out.verb + ": a container" + (wants_file ? ", and -o FILE, are" : " is") +
                     " missing: 'MyDocker " + out.verb + " --help'");
  return out;
}

[[noreturn]] void not_running(const std::string& id) {
  throw SetupError("image", "find the container " + text::quoted(id), ENOENT,
                   "it has to be running, from an image or with --overlay; or name a folder of "
                   "--overlay-dir");
}

// A folder that is there, or what the container of that id writes to.
std::string writable_of(const std::string& what) {
  if (sys::exists(what + "/upper")) return what;
  const auto container = valid_id(what) ? recorded_container(record_folder(), what) : std::nullopt;
  if (!container || container->folder.empty()) not_running(what);
  return container->folder;
}

int diff(const std::string& what) {
  std::string out;
  for (const auto& [kind, path] : image::changes_in(writable_of(what)))
    out += std::string(1, kind) + " " + text::printable(path) + "\n";
  sys::write_all(STDOUT_FILENO, out);
  return 0;
}

int export_of(const Words& words) {
  const auto container =
      valid_id(words.what) ? recorded_container(record_folder(), words.what) : std::nullopt;
  if (!container) not_running(words.what);
  image::export_root(container->pid, words.file);
  return 0;
}

}  // namespace

std::optional<int> run_changes(std::span<const char* const> all) {
  const std::string_view first = all.empty() ? "" : all.front();
  if (first != "diff" && first != "commit" && first != "export") return std::nullopt;
  const Words words = parse(all);
  if (words.help) {
    sys::write_all(STDOUT_FILENO, kUsage);
    return 0;
  }
  if (first == "diff") return diff(words.what);
  if (first == "export") return export_of(words);
  const std::string id = image::commit(writable_of(words.what), words.file, words.name);
  sys::write_all(STDOUT_FILENO, id + " " + words.name + "\n");
  return 0;
}

}  // namespace mydocker::cli
