#include <unistd.h>

#include <cerrno>
#include <functional>
#include <string>

#include "cli/verbs.hpp"
#include "helpers/text.hpp"
#include "image/changes.hpp"
#include "image/commit.hpp"
#include "image/description.hpp"
#include "mydocker/error.hpp"
#include "mydocker/host_facts.hpp"
#include "mydocker/spec.hpp"
#include "runtime/own_root.hpp"
#include "runtime/records.hpp"
#include "sys/files.hpp"

namespace mydocker::cli {
namespace {

constexpr oci::Flag kOutput{"output", 'o', true, "FILE: where to write it"};
constexpr oci::Flag kExportFlags[] = {kOutput};
constexpr oci::Flag kCommitFlags[] = {
    kOutput, {"name", 0, true, "NAME: of the new image (default committed:latest)"}};

std::string file_of(const char* verb, const oci::Arguments& arguments) {
  const auto file = arguments.value("output");
  if (!file || file->empty()) throw UsageError(std::string(verb) + ": -o FILE is missing");
  return *file;
}

std::string image_name(const std::string& name) {
  try {
    return image::full_name(name);
  } catch (const image::BadImage& error) {
    throw UsageError(std::string("--name: ") + error.what());
  }
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

// Whatever modes a container has set, they keep nobody out who is root of a user namespace.
int as_root_of_files(const std::function<void()>& work) {
  return as_own_root(
      [&] {
        work();
        return 0;
      },
      OneId::becomes_root);
}

int diff(const oci::Arguments& arguments) {
  const std::string writable = writable_of(arguments.words.front());
  return as_root_of_files([&] {
    std::string out;
    for (const auto& [kind, path] : image::changes_in(writable))
      out += std::string(1, kind) + " " + text::printable(path) + "\n";
    sys::write_all(STDOUT_FILENO, out);
  });
}

int commit(const oci::Arguments& arguments) {
  const std::string file = file_of("commit", arguments);
  const std::string name = image_name(arguments.value_or("name", "committed:latest"));
  const std::string writable = writable_of(arguments.words.front());
  return as_root_of_files([&] {
    const std::string id = image::commit(writable, file, name);
    sys::write_all(STDOUT_FILENO, id + " " + name + "\n");
  });
}

int export_root(const oci::Arguments& arguments) {
  const std::string file = file_of("export", arguments);
  const std::string& id = arguments.words.front();
  const auto container = valid_id(id) ? recorded_container(record_folder(), id) : std::nullopt;
  if (!container) not_running(id);
  // Opened by the user himself: the namespace that he is root of has no say over the container's.
  const UniqueFd root = image::open_root(container->pid, file);
  return as_root_of_files([&] { image::export_root(container->pid, root.get(), file); });
}

}  // namespace

const Verb diff_verb{
    "diff",
    "ID|DIR",
    "Lists what a container, or a folder of --overlay-dir, has added (A), changed (C) "
    "and deleted (D).",
    {},
    1,
    1,
    diff};
const Verb commit_verb{
    "commit",
    "ID|DIR",
    "Writes an OCI layout: the image that it runs from, with that as one more layer.",
    kCommitFlags,
    1,
    1,
    commit};
const Verb export_verb{"export",     "ID", "Writes the whole root of a container as a tar archive.",
                       kExportFlags, 1,    1,
                       export_root};

}  // namespace mydocker::cli
