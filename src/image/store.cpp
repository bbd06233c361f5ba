#include "image/store.hpp"

#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstdlib>
#include <set>

#include "helpers/text.hpp"
#include "image/description.hpp"
#include "image/json.hpp"
#include "mydocker/error.hpp"
#include "sys/check.hpp"
#include "sys/files.hpp"
#include "sys/removing.hpp"

namespace mydocker::image {
namespace {

constexpr const char* kFolders[] = {"",         "/layers",   "/images", "/names",
                                    "/sources", "/writable", "/tmp"};

// Nobody else may enter: an image may hold set-user-ID programs.
void make_folder(const std::string& path) {
  if (::mkdir(path.c_str(), 0700) < 0 && errno != EEXIST) sys::fail(errno, "mkdir");
  struct stat info {};
  sys::check(::lstat(path.c_str(), &info), "lstat");
  if (!S_ISDIR(info.st_mode) || info.st_uid != ::geteuid()) sys::fail(EPERM, "lstat");
  if ((info.st_mode & 07777) != 0700) sys::check(::chmod(path.c_str(), 0700), "chmod");
}

void make_folders_above(const std::string& path) {
  for (auto slash = path.find('/', 1); slash != std::string::npos;
       slash = path.find('/', slash + 1))
    (void)::mkdir(path.substr(0, slash).c_str(), 0755);
}

void take_lock(int file) {
  while (::flock(file, LOCK_EX) < 0) {
    if (errno != EINTR) sys::fail(errno, "flock");
  }
}

UniqueFd open_folder(const std::string& path) {
  return UniqueFd(::open(path.c_str(), O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC));
}

// Whole or not at all: written beside it, then renamed.
void replace_file(const std::string& path, const std::string& content) {
  const std::string fresh = path + "~";
  const UniqueFd file =
      sys::check_fd(::open(fresh.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600), "open");
  sys::write_all(file.get(), content);
  sys::check(::rename(fresh.c_str(), path.c_str()), "rename");
}

std::string file_of(std::string_view name) { return text::replaced(std::string(name), "/", "%"); }

json::Json to_json(const Image& image) {
  const Config& config = image.config;
  return {{"id", image.id},
          {"names", image.names},
          {"layers", image.layers},
          {"entrypoint", config.entrypoint},
          {"command", config.command},
          {"environment", config.environment},
          {"user", config.user},
          {"workdir", config.workdir},
          {"stop_signal", config.stop_signal},
          {"ports", config.ports},
          {"os", config.os},
          {"architecture", config.architecture}};
}

Image from_json(const json::Json& all) {
  Image out;
  out.id = json::text_of(all, "id");
  out.names = json::texts_of(all, "names");
  out.layers = json::texts_of(all, "layers");
  out.config.entrypoint = json::texts_of(all, "entrypoint");
  out.config.command = json::texts_of(all, "command");
  out.config.environment = json::texts_of(all, "environment");
  out.config.user = json::text_of(all, "user");
  out.config.workdir = json::text_of(all, "workdir");
  out.config.stop_signal = json::text_of(all, "stop_signal");
  out.config.ports = json::texts_of(all, "ports");
  out.config.os = json::text_of(all, "os");
  out.config.architecture = json::text_of(all, "architecture");
  out.config.diff_ids = out.layers;
  return out;
}

}  // namespace

std::string Store::image_folder(const std::string& id) const { return folder_ + "/images/" + id; }

std::string Store::layer_folder(const std::string& diff_id) const {
  return folder_ + "/layers/" + diff_id;
}

std::string Store::writable_folder(const std::string& container) const {
  return folder_ + "/writable/" + container;
}

std::optional<Image> Store::read(const std::string& id) const {
  const auto text = sys::try_read_file(image_folder(id) + "/image.json");
  if (!text) return std::nullopt;
  try {
    return from_json(json::parse(*text, "image.json"));
  } catch (const BadImage&) {
    return std::nullopt;
  }
}

std::optional<Image> Store::find(std::string_view name) const {
  try {
    const auto id = sys::try_read_file(folder_ + "/names/" + file_of(full_name(name)));
    if (id) return read(*id);
  } catch (const BadImage&) {
    return std::nullopt;
  }
  constexpr std::size_t kLeast = 4;
  if (name.size() < kLeast) return std::nullopt;
  std::optional<std::string> found;
  for (const auto& id : sys::names_in(folder_ + "/images")) {
    if (!id.starts_with(name)) continue;
    if (found) return std::nullopt;
    found = id;
  }
  return found ? read(*found) : std::nullopt;
}

std::optional<Image> Store::find_source(const std::string& key) const {
  const auto id = sys::try_read_file(folder_ + "/sources/" + key);
  return id ? read(*id) : std::nullopt;
}

std::vector<Image> Store::all() const {
  std::vector<Image> out;
  for (const auto& id : sys::names_in(folder_ + "/images")) {
    if (auto image = read(id)) out.push_back(std::move(*image));
  }
  std::sort(out.begin(), out.end(), [](const Image& a, const Image& b) {
    return a.names == b.names ? a.id < b.id : a.names < b.names;
  });
  return out;
}

bool Store::has_layer(const std::string& diff_id) const {
  return sys::exists(layer_folder(diff_id));
}

std::string Store::config_text(const Image& image) const {
  return sys::read_file(image_folder(image.id) + "/config.json");
}

UniqueFd Store::lock() {
  try {
    make_folders_above(folder_);
    for (const char* const each : kFolders) make_folder(folder_ + each);
    UniqueFd out = sys::check_fd(
        ::open((folder_ + "/lock").c_str(), O_RDWR | O_CREAT | O_NOFOLLOW | O_CLOEXEC, 0600),
        "open");
    take_lock(out.get());
    // Nobody unpacks but who holds the lock, or an unpacker that was his and is about to end.
    remove_temporaries();
    return out;
  } catch (const std::system_error& error) {
    throw SetupError("image", "use the store " + text::quoted(folder_), error.code().value(),
                     "it has to be a folder of your own: --store DIR, or MYDOCKER_STORE");
  }
}

void Store::remove_temporaries() const {
  for (const auto& left : sys::names_in(folder_ + "/tmp")) {
    const std::string path = folder_ + "/tmp/" + left;
    if (const UniqueFd folder = open_folder(path)) take_lock(folder.get());
    sys::remove_tree(path);
  }
}

Temporary Store::make_temporary() {
  std::string path;
  int made = 0;
  do {  // what could not be removed is there still
    path = folder_ + "/tmp/" + std::to_string(++temporaries_);
    made = ::mkdir(path.c_str(), 0755);
  } while (made < 0 && errno == EEXIST);
  sys::check(made, "mkdir");
  UniqueFd folder = sys::check_fd(open_folder(path).release(), "open");
  sys::check(::fchmod(folder.get(), 0755), "fchmod");  // whatever the umask is
  take_lock(folder.get());
  return {std::move(path), std::move(folder)};
}

void Store::keep_layer(const std::string& temporary, const std::string& diff_id) {
  sys::check(::rename(temporary.c_str(), layer_folder(diff_id).c_str()), "rename");
}

void Store::keep_image(const Image& image, const std::string& config_text, const std::string& key) {
  Image kept = image;
  if (const auto before = read(image.id)) {
    for (const auto& name : before->names) {
      if (std::find(kept.names.begin(), kept.names.end(), name) == kept.names.end())
        kept.names.push_back(name);
    }
  }
  // A name is one image's: the one that had it before has it no more.
  for (auto& other : all()) {
    if (other.id == kept.id) continue;
    const auto lost = std::remove_if(other.names.begin(), other.names.end(), [&](const auto& name) {
      return std::find(kept.names.begin(), kept.names.end(), name) != kept.names.end();
    });
    if (lost == other.names.end()) continue;
    other.names.erase(lost, other.names.end());
    replace_file(image_folder(other.id) + "/image.json", to_json(other).dump());
  }
  const std::string folder = image_folder(kept.id);
  if (::mkdir(folder.c_str(), 0700) < 0 && errno != EEXIST) sys::fail(errno, "mkdir");
  replace_file(folder + "/config.json", config_text);
  replace_file(folder + "/image.json", to_json(kept).dump());
  for (const auto& name : kept.names) replace_file(folder_ + "/names/" + file_of(name), kept.id);
  if (!key.empty()) replace_file(folder_ + "/sources/" + key, kept.id);
}

void Store::remove(const Image& image) {
  const std::string folder = image_folder(image.id);
  const UniqueFd held(::open(folder.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  if (!held || ::flock(held.get(), LOCK_EX | LOCK_NB) < 0)
    throw SetupError("image", "remove the image " + image.id, errno,
                     errno == EWOULDBLOCK ? "a container runs from it: end that first" : "");
  for (const char* const index : {"/names", "/sources"}) {
    for (const auto& name : sys::names_in(folder_ + index)) {
      const std::string path = folder_ + index + "/" + name;
      if (sys::try_read_file(path) == image.id) ::unlink(path.c_str());
    }
  }
  sys::remove_tree(folder);
  std::set<std::string> used;
  for (const auto& other : all()) used.insert(other.layers.begin(), other.layers.end());
  for (const auto& layer : sys::names_in(folder_ + "/layers")) {
    if (!used.contains(layer)) remove_layer(layer);
  }
}

// Whole or gone, whatever comes in between: half a layer would be taken for one that is there.
void Store::remove_layer(const std::string& diff_id) {
  const Temporary leaving = make_temporary();
  (void)::chmod(layer_folder(diff_id).c_str(), 0700);  // who is not root may not move it else
  sys::check(::rename(layer_folder(diff_id).c_str(), leaving.path.c_str()), "rename");
  sys::remove_tree(leaving.path);
}

std::string store_folder(const std::optional<std::string>& asked) {
  const auto absolute = [](const char* what, const std::string& path) {
    if (!path.starts_with('/'))
      throw UsageError(std::string(what) + " " + text::quoted(path) +
                       ": has to be an absolute path");
    return text::plain_path(path);
  };
  if (asked) return absolute("--store", *asked);
  if (const char* const named = std::getenv("MYDOCKER_STORE"); named != nullptr && *named != 0)
    return absolute("MYDOCKER_STORE", named);
  if (::geteuid() == 0) return "/var/lib/mydocker";
  if (const char* const data = std::getenv("XDG_DATA_HOME"); data != nullptr && data[0] == '/')
    return std::string(data) + "/mydocker";
  const char* const home = std::getenv("HOME");
  if (home == nullptr || home[0] != '/')
    throw UsageError("no place for images: HOME is not set; name one by --store DIR");
  return std::string(home) + "/.local/share/mydocker";
}

std::string source_key(const std::string& path) {
  struct stat info {};
  if (::stat(path.c_str(), &info) < 0)
    throw SetupError("image", "find the image " + text::quoted(path), errno,
                     "no file or folder and no loaded image has this name: 'MyDocker image list'");
  const auto time = [](const timespec& at) {
    return std::to_string(at.tv_sec) + "." + std::to_string(at.tv_nsec);
  };
  return std::to_string(info.st_dev) + "-" + std::to_string(info.st_ino) + "-" +
         std::to_string(info.st_size) + "-" + time(info.st_mtim) + "-" + time(info.st_ctim);
}

}  // namespace mydocker::image
