#include "runtime/cni_plugins.hpp"

#include <fcntl.h>
#include <linux/magic.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/vfs.h>
#include <unistd.h>

#include <algorithm>

#include "helpers/text.hpp"
#include "mydocker/error.hpp"
#include "sys/asked_program.hpp"
#include "sys/check.hpp"
#include "sys/files.hpp"

namespace mydocker {
namespace {

constexpr const char* kLink = "eth0";
constexpr const char* kPath = "PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin";

// Names that begin with a dot: no container can have them.
std::string netns_file(const SharedUse& use) { return use.folder + "/.netns-" + use.id; }

std::string own_network() {
  struct stat network {};
  sys::check(::stat("/proc/self/ns/net", &network), "stat");
  return std::to_string(network.st_ino);
}

std::string fresh_file(const std::string& path) { return path + ".new"; }

// By another name first: whoever is killed meanwhile leaves the old text or the new one.
void write_down(const std::string& path, const cni::Attachment& attachment) {
  const std::string fresh = fresh_file(path);
  const UniqueFd file = sys::check_fd(
      ::open(fresh.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_NOFOLLOW | O_CLOEXEC, 0600), "open");
  sys::write_all(file.get(), cni::to_text(attachment));
  sys::check(::rename(fresh.c_str(), path.c_str()), "rename");
}

// Whether the path leads to the network still: whoever was killed may not have come so far.
bool is_network(const std::string& path) {
  struct statfs where {};
  return ::statfs(path.c_str(), &where) == 0 && where.f_type == NSFS_MAGIC;
}

void remove(const std::string& path) {
  if (::unlink(path.c_str()) < 0 && errno != ENOENT) sys::fail(errno, "unlink");
}

// EINVAL: nothing was mounted on it yet.
void remove_network(const std::string& path) {
  if (::umount2(path.c_str(), MNT_DETACH | UMOUNT_NOFOLLOW) < 0 && errno != ENOENT &&
      errno != EINVAL)
    sys::fail(errno, "umount2");
  remove(path);
}

// What went wrong: in a plugin's own words, if it has some.
std::string words_of(const sys::Answer& answer) {
  const std::string error = cni::error_in(answer.output);
  if (!error.empty()) return error;
  for (const auto* const said : {&answer.errors, &answer.output}) {
    const std::string words = text::trimmed(*said);
    if (!words.empty()) return words.substr(words.rfind('\n') + 1);
  }
  return "status " + std::to_string(answer.status);
}

// What it answers.
std::string run(const CniPlugin& plugin, const char* command, const cni::Attachment& attachment,
                const std::string& previous, int lock = -1) {
  const std::string netns = is_network(attachment.netns) ? attachment.netns : "";
  const sys::Answer answer =
      sys::ask_program(plugin.file,
                       {std::string("CNI_COMMAND=") + command, "CNI_CONTAINERID=" + attachment.id,
                        "CNI_NETNS=" + netns, std::string("CNI_IFNAME=") + kLink,
                        "CNI_PATH=" + attachment.network.path, kPath},
                       cni::with_result(plugin.config, previous), lock);
  if (answer.status == 0) return answer.output;
  throw SetupError(
      "network",
      "CNI plugin " + text::quoted(plugin.type) + " " + command + ": " + words_of(answer), 0, "");
}

}  // namespace

std::string cni_file(const SharedUse& use) { return use.folder + "/.cni-" + use.id; }

cni::Attachment open_cni(const SharedUse& use, const CniNetwork& network, pid_t child) {
  cni::Attachment out{network, own_network(), use.id, netns_file(use), {}};
  write_down(cni_file(use), out);
  // It outlives the container's processes, so that plugins find in it what they have to undo.
  const UniqueFd place = sys::check_fd(
      ::open(out.netns.c_str(), O_RDONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600), "open");
  const std::string path = "/proc/" + std::to_string(child) + "/ns/net";
  sys::check(::mount(path.c_str(), out.netns.c_str(), nullptr, MS_BIND, nullptr), "mount");
  return out;
}

cni::Result add_by_plugin(const CniPlugin& plugin, const std::string& folder,
                          cni::Attachment& attachment, int record) {
  const std::string answer = run(plugin, "ADD", attachment, attachment.result, record);
  try {
    cni::Result result = cni::read_result(answer);
    attachment.result = answer;
    write_down(cni_file({folder, attachment.id}), attachment);
    return result;
  } catch (const cni::ConfigError& error) {
    throw SetupError(
        "network", "CNI plugin " + text::quoted(plugin.type) + " ADD: its result: " + error.what(),
        0, "");
  }
}

void check_cni(const cni::Attachment& attachment) {
  for (const auto& plugin : attachment.network.plugins)
    (void)run(plugin, "CHECK", attachment, attachment.result);
}

void close_cni(const SharedUse& use, int record) {
  const std::string file = cni_file(use);
  remove(fresh_file(file));
  const auto text = sys::read_file_if_there(file);
  if (!text) return;
  const cni::Attachment attachment = cni::attachment_in(*text);
  if (attachment.host != own_network()) {
    throw SetupError("network", "take " + use.id + " out of a CNI network", EXDEV,
                     "it was added from another network namespace of this host");
  }
  auto plugins = attachment.network.plugins;
  std::reverse(plugins.begin(), plugins.end());
  // Before 0.4.0 a plugin did not have to know the word.
  const bool is_older = attachment.network.version.starts_with("0.3");
  for (const auto& plugin : plugins)
    (void)run(plugin, "DEL", attachment, is_older ? "" : attachment.result, record);
  remove_network(netns_file(use));
  remove(file);
}

}  // namespace mydocker
