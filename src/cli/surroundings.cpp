#include "cli/surroundings.hpp"

#include <fcntl.h>
#include <linux/magic.h>
#include <sys/random.h>
#include <sys/stat.h>
#include <sys/utsname.h>
#include <sys/vfs.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <climits>
#include <cstdint>
#include <cstdio>
#include <cstdlib>

#include "cli/cni_networks.hpp"
#include "cli/image.hpp"
#include "helpers/text.hpp"
#include "image/load.hpp"
#include "image/store.hpp"
#include "mydocker/error.hpp"
#include "mydocker/host_facts.hpp"
#include "oci/config/load.hpp"
#include "oci/config/seccomp_file.hpp"
#include "runtime/own_root.hpp"
#include "runtime/records.hpp"
#include "sys/check.hpp"
#include "sys/disks.hpp"
#include "sys/files.hpp"
#include "sys/mounts.hpp"
#include "sys/terminal.hpp"

namespace mydocker::cli {
namespace {

std::string random_id() {
  std::uint64_t bits = 0;
  sys::check(::getrandom(&bits, sizeof bits, 0), "getrandom");
  std::string out;
  constexpr int kDigits = 12;
  for (int i = 0; i < kDigits; ++i, bits >>= 4) out += "0123456789abcdef"[bits & 15];
  return out;
}

// Of a build: beside its folder, or in it, where CMake leaves a link to the sources' one. Of an
// installed MyDocker: in the folder that only root can enter.
std::string default_root() {
  constexpr const char *kRoot = "/root_fs/root", *kInstalled = "/var/lib/mydocker";
  char self[PATH_MAX];
  const auto length = ::readlink("/proc/self/exe", self, sizeof self);
  const std::string_view exe(self, length > 0 ? static_cast<std::size_t>(length) : 0);
  const std::string folder(exe.substr(0, exe.rfind('/')));
  for (const auto& place : {folder.substr(0, folder.rfind('/')), folder}) {
    if (std::string root = place + kRoot; sys::exists(root)) return root;
  }
  return std::string(kInstalled) + kRoot;
}

// Of the topmost layer that has it, or says that it is deleted.
std::string read_in_layers(const std::vector<std::string>& layers, const char* path) {
  for (const auto& layer : layers) {
    const UniqueFd folder(::open(layer.c_str(), O_PATH | O_DIRECTORY | O_CLOEXEC));
    if (!folder || !sys::try_open_in_root(folder.get(), path, sys::Symlinks::follow)) continue;
    return sys::read_in_root(folder.get(), path);
  }
  return {};
}

UserFiles user_files(const Root& root) {
  std::vector<std::string> layers{root.path};
  UniqueFd disk;
  if (root.layers) {
    layers = root.layers->lower;
    if (root.layers->keeps) layers.insert(layers.begin(), root.layers->writable + "/upper");
    if (root.layers->disk) {
      disk = sys::mount_disk(*root.layers->disk, kInert);
      layers.push_back("/proc/self/fd/" + std::to_string(disk.get()));
    }
  }
  return {read_in_layers(layers, "/etc/passwd"), read_in_layers(layers, "/etc/group")};
}

// Without links; as it stands if it leads nowhere.
std::string full_path(const std::string& path) {
  char resolved[PATH_MAX];
  return ::realpath(path.c_str(), resolved) != nullptr ? resolved : path;
}

// The folder that a file is in, without links.
std::string folder_of(const std::string& file) {
  const std::string path = full_path(file);
  return path.substr(0, path.rfind('/') + 1);
}

image::Store store_of(const Options& options) {
  return image::Store(image::store_folder(options.image.store));
}

ImageRoot image_of(const Options& options) {
  image::Store store = store_of(options);
  const std::string& text = *options.image.image;
  std::optional<image::Image> image = image::find_loaded(store, text);
  // A disk image that lies there is mounted, by whom may do that.
  if (!image && ::geteuid() == 0) {
    if (auto disk = sys::disk_at(text)) {
      disk->file = full_path(disk->file);
      return {{}, {}, "", std::move(disk)};
    }
  }
  if (options.dry_run) {
    if (!image)
      throw SetupError(
          "image", "plan a container from " + text::quoted(text), ENOENT,
          "it is not unpacked yet, and a dry run unpacks nothing: 'MyDocker image load'");
  } else if (!image) {
    as_own_root([&] {
      (void)image::find_or_load(store, text, {}, listener_of_images(text));
      return 0;
    });
    image = image::find_loaded(store, text);
    if (!image)
      throw SetupError("image", "find " + text::quoted(text), ENOENT, "it was removed meanwhile");
  }
  ImageRoot out{image->config, {}, store.image_folder(image->id), {}};
  // The topmost first. One that comes twice says nothing below that it does not say above, and
  // overlayfs takes no folder twice.
  for (auto each = image->layers.rbegin(); each != image->layers.rend(); ++each) {
    std::string folder = store.layer_folder(*each);
    if (std::find(out.lower.begin(), out.lower.end(), folder) == out.lower.end())
      out.lower.push_back(std::move(folder));
  }
  return out;
}

std::string writable_of(const Options& options, const std::string& id) {
  image::Store store = store_of(options);
  std::string out = store.writable_folder(id);
  if (!options.dry_run && !sys::exists(out.substr(0, out.rfind('/')))) (void)store.lock();
  return out;
}

// A folder would be a door to all that is in it, and to what is above.
std::string why_not_kept(unsigned number) {
  constexpr const char* kAllowed = "allowed are files, pipes, sockets and character devices";
  const int fd = static_cast<int>(number);
  struct stat info {};
  const int flags = ::fcntl(fd, F_GETFL);
  if (flags < 0 || ::fstat(fd, &info) < 0) return "that descriptor is not open";
  if ((flags & O_PATH) != 0 || S_ISDIR(info.st_mode) || S_ISBLK(info.st_mode)) return kAllowed;
  struct statfs where {};
  if (::fstatfs(fd, &where) == 0 && where.f_type == NSFS_MAGIC) return kAllowed;
  // What has no type at all: a pidfd, a BPF program, an io_uring.
  return (info.st_mode & S_IFMT) == 0 ? kAllowed : "";
}

std::string network_of(const std::string& id) {
  const auto child = recorded_container(record_folder(), id);
  if (!child)
    throw UsageError("--network " + text::quoted("container:" + id) +
                     ": no container of this name is running");
  return "/proc/" + std::to_string(child->pid) + "/ns/net";
}

std::optional<std::string> variable(const std::string& name) {
  const char* const value = std::getenv(name.c_str());
  return value != nullptr ? std::optional<std::string>(value) : std::nullopt;
}

// From the folder above upwards: the mode of the folder itself is the container's to change.
bool others_can_enter(const std::string& path) {
  constexpr mode_t kOthers = S_IXGRP | S_IXOTH;
  struct stat info {
  }, below{};
  std::string folder = path + "/..";
  int result = ::stat(folder.c_str(), &info);
  if (result < 0 && errno == ENOTDIR) {
    folder = folder_of(path);
    result = ::stat(folder.c_str(), &info);
  }
  while (result == 0) {
    if ((info.st_mode & kOthers) == 0) return false;
    if (info.st_dev == below.st_dev && info.st_ino == below.st_ino) return true;  // above / is /
    below = info;
    folder += "/..";
    result = ::stat(folder.c_str(), &info);
  }
  return false;
}

SeccompProfile read_profile(const std::string& file, const std::vector<int>& capabilities) {
  utsname kernel{};
  ::uname(&kernel);
  oci::ProfileReader reader{capabilities};
  std::sscanf(kernel.release, "%u.%u", &reader.kernel_major, &reader.kernel_minor);
  try {
    return oci::load_seccomp_profile(sys::read_file(file), reader);
  } catch (const oci::ConfigError& error) {
    throw UsageError("--seccomp " + text::quoted(file) + ":\n" + error.what());
  } catch (const std::system_error& error) {
    throw UsageError("--seccomp " + text::quoted(file) + ": " + errno_text(error.code().value()));
  }
}

}  // namespace

Surroundings surroundings() {
  Surroundings out;
  out.environment = variable;
  for (int fd = 0; fd < 3; ++fd) out.is_terminal[static_cast<std::size_t>(fd)] = ::isatty(fd) == 1;
  const auto size = out.is_terminal[0] ? sys::size_of(STDIN_FILENO) : std::nullopt;
  if (size) {
    out.rows = size->rows;
    out.columns = size->columns;
  }
  out.default_root = default_root();
  out.random_id = random_id();
  out.user_files = user_files;
  out.why_not_kept = why_not_kept;
  out.read_profile = read_profile;
  out.is_root = ::geteuid() == 0;
  out.own_ids = sys::own_ids;
  out.others_can_enter = others_can_enter;
  out.network_of = network_of;
  out.cni_network = find_cni_network;
  out.image_of = image_of;
  out.writable_of = writable_of;
  return out;
}

}  // namespace mydocker::cli
