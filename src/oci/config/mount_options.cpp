#include "oci/config/mount_options.hpp"

#include <algorithm>

#include "oci/config/words.hpp"

namespace mydocker::oci {
namespace {

// Attributes of a mount, and the words that set and clear them. With an r in front: of the mounts
// below as well.
struct Attribute {
  std::string_view sets, clears;
  bool MountFlags::*flag;
};
constexpr Attribute kAttributes[] = {
    {"ro", "rw", &MountFlags::read_only},
    {"nosuid", "suid", &MountFlags::nosuid},
    {"nodev", "dev", &MountFlags::nodev},
    {"noexec", "exec", &MountFlags::noexec},
    {"noatime", "atime", &MountFlags::noatime},
    {"relatime", "norelatime", &MountFlags::relatime},
    {"strictatime", "nostrictatime", &MountFlags::strictatime},
    {"nodiratime", "diratime", &MountFlags::nodiratime},
    {"nosymfollow", "symfollow", &MountFlags::nosymfollow},
};

// Of these a mount has one: mount_setattr(2) refuses two.
constexpr bool MountFlags::*kAccessTimes[] = {&MountFlags::noatime, &MountFlags::relatime,
                                              &MountFlags::strictatime};

// "bind,remount" is mount(2)'s way to change a mount and leave its file system alone.
void bind(Mount& mount) {
  if (mount.kind != MountKind::change) mount.kind = MountKind::bind;
}

constexpr Word<void (*)(Mount&)> kSwitches[] = {
    {"bind", [](Mount& mount) { bind(mount); }},
    {"rbind",
     [](Mount& mount) {
       bind(mount);
       mount.recursive = true;
     }},
    {"remount", [](Mount& mount) { mount.kind = MountKind::change; }},
    {"tmpcopyup", [](Mount& mount) { mount.copy_up = true; }},
    {"idmap", [](Mount& mount) { mount.id_map.emplace(); }},
    {"ridmap", [](Mount& mount) { mount.id_map.emplace().recursive = true; }},
};

// Of the superblock, not of a mount: fsconfig(2) takes them like options of the file system's own.
constexpr std::string_view kSuperblock[] = {"dirsync", "lazytime", "mand", "sync"};

// What a new superblock is anyway; and how much the kernel logs.
constexpr std::string_view kAnyway[] = {"async",      "defaults", "loud",  "noiversion",
                                        "nolazytime", "nomand",   "silent"};

// Only mount(2) can ask for it, and we make mounts with fsopen(2). The file systems that have it set it themselves since Linux 6.0.
constexpr std::string_view kVersions = "iversion";

template <std::size_t N>
bool is_one_of(std::string_view word, const std::string_view (&words)[N]) {
  return std::find(std::begin(words), std::end(words), word) != std::end(words);
}

void apply(bool MountFlags::*flag, bool value, MountFlags& set, MountFlags& clear) {
  if (value && std::count(std::begin(kAccessTimes), std::end(kAccessTimes), flag) != 0) {
    for (const auto other : kAccessTimes) set.*other = false;
  }
  set.*flag = value;
  clear.*flag = !value;
}

bool apply_attribute(std::string_view word, Mount& mount) {
  const bool is_recursive = word.starts_with('r');
  const std::string_view rest = word.substr(is_recursive ? 1 : 0);
  for (const auto& [sets, clears, flag] : kAttributes) {
    // Before the r: "ro" and "relatime" begin with one of their own.
    if (word == sets || word == clears) {
      apply(flag, word == sets, mount.set, mount.clear);
      return true;
    }
    if (is_recursive && (rest == sets || rest == clears)) {
      apply(flag, rest == sets, mount.set_below, mount.clear_below);
      return true;
    }
  }
  return false;
}

// False: it is not ours.
bool apply_word(std::string_view word, Mount& mount) {
  if (apply_attribute(word, mount)) return true;
  if (const auto propagation = propagation_of(word)) {
    mount.propagation = propagation;
    return true;
  }
  for (const auto& [name, change] : kSwitches) {
    if (name != word) continue;
    change(mount);
    return true;
  }
  return is_one_of(word, kAnyway);
}

std::pair<std::string, std::string> key_and_value(const std::string& option) {
  const auto equals = option.find('=');
  if (equals == std::string::npos) return {option, ""};
  return {option.substr(0, equals), option.substr(equals + 1)};
}

}  // namespace

std::optional<MountPropagation> propagation_of(std::string_view word) {
  for (const auto& [name, kind] : kPropagations) {
    if (word == name) return MountPropagation{kind, false};
    if (word.starts_with('r') && word.substr(1) == name) return MountPropagation{kind, true};
  }
  return std::nullopt;
}

void read_mount_options(const Value& options, Mount& mount) {
  std::vector<std::pair<Value, const std::string*>> own;
  for (const Value& option : options.elements()) {
    const std::string* const word = option.text();
    if (word == nullptr || apply_word(*word, mount)) continue;
    if (word->empty() || word->front() == '=')
      option.refuse("an option has a name");
    else if (*word == kVersions)
      option.warn("without effect: file systems that count versions do so by themselves");
    else
      own.emplace_back(option, word);
  }
  for (const auto& [option, word] : own) {
    if (mount.kind == MountKind::bind)
      option.warn("without effect: the file system of a bind mount has been mounted before");
    else if (mount.kind == MountKind::change)
      option.warn("without effect: the file system stays as it was mounted");
    else
      mount.options.push_back(key_and_value(*word));
  }
}

std::vector<std::string> mount_option_names() {
  std::vector<std::string> out{std::string(kVersions)};
  for (const auto& [sets, clears, flag] : kAttributes) {
    for (const std::string_view word : {sets, clears}) {
      out.emplace_back(word);
      out.push_back("r" + out.back());
    }
  }
  for (const auto& [word, kind] : kPropagations) {
    out.emplace_back(word);
    out.push_back("r" + out.back());
  }
  for (const auto& [word, change] : kSwitches) out.emplace_back(word);
  out.insert(out.end(), std::begin(kSuperblock), std::end(kSuperblock));
  out.insert(out.end(), std::begin(kAnyway), std::end(kAnyway));
  std::sort(out.begin(), out.end());
  return out;
}

}  // namespace mydocker::oci
