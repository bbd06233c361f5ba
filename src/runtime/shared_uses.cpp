#include "runtime/shared_uses.hpp"

#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstdio>

#include "helpers/text.hpp"
#include "sys/check.hpp"
#include "sys/files.hpp"

namespace mydocker {
namespace {

// Begins with a dot: no container can have that name, and no record is looked for behind it.
std::string file_in(const std::string& folder) {
  struct stat network {};
  sys::check(::stat("/proc/self/ns/net", &network), "stat");
  return folder + "/.network-" + std::to_string(network.st_ino);
}

}  // namespace

SharedUses::SharedUses(const std::string& folder)
    : lock_(sys::check_fd(::open(folder.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC), "open")),
      path_(file_in(folder)),
      fresh_(path_ + ".new") {
  sys::check(::flock(lock_.get(), LOCK_EX), "flock");
  ::unlink(fresh_.c_str());  // of one that was killed while it wrote
  // One that cannot be read is no empty one: it would be written over.
  const std::string content = sys::read_file_if_there(path_).value_or("");
  for (const auto line : text::split(content, '\n')) {
    const auto words = text::words(line);
    if (words.size() < 2) continue;
    uses_.push_back({std::string(words[0]), std::string(words[1]),
                     words.size() > 2 ? std::string(words[2]) : std::string()});
  }
}

std::string SharedUses::words_of(const std::string& what) const {
  const auto found =
      std::find_if(uses_.begin(), uses_.end(), [&](const Use& use) { return use.what == what; });
  return found == uses_.end() ? std::string() : found->words;
}

bool SharedUses::has(const std::string& what, const std::string& id) const {
  return std::any_of(uses_.begin(), uses_.end(),
                     [&](const Use& use) { return use.what == what && use.id == id; });
}

bool SharedUses::is_last(const std::string& what, const std::string& id) const {
  return has(what, id) && std::none_of(uses_.begin(), uses_.end(), [&](const Use& use) {
           return use.what == what && use.id != id;
         });
}

void SharedUses::add(const Use& use) {
  uses_.push_back(use);
  write();
}

void SharedUses::remove(const std::string& what, const std::string& id) {
  const auto removed =
      std::erase_if(uses_, [&](const Use& use) { return use.what == what && use.id == id; });
  if (removed > 0) write();
}

// By another name first: whoever is killed meanwhile leaves the old list or the new one.
void SharedUses::write() const {
  if (uses_.empty()) {
    // A list that stays would count its users for ever.
    if (::unlink(path_.c_str()) < 0 && errno != ENOENT) sys::fail(errno, "unlink");
    return;
  }
  std::string content;
  for (const auto& [what, id, words] : uses_)
    content.append(what).append(" ").append(id).append(" ").append(words).append("\n");
  const UniqueFd file = sys::check_fd(
      ::open(fresh_.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_NOFOLLOW | O_CLOEXEC, 0600), "open");
  sys::write_all(file.get(), content);
  sys::check(::rename(fresh_.c_str(), path_.c_str()), "rename");
}

}  // namespace mydocker
