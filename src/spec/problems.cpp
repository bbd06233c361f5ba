// What is wrong with a spec: every problem, not the first.
#include <linux/capability.h>

#include <algorithm>

#include "helpers/text.hpp"
#include "mydocker/spec.hpp"

namespace mydocker {
namespace {

constexpr std::size_t kLongestHostname = 64, kLongestId = 128;

bool is_letter_or_digit(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
}

bool has_control(std::string_view text) {
  return std::any_of(text.begin(), text.end(), [](char c) {
    const auto byte = static_cast<unsigned char>(c);
    return byte < 0x20 || byte == 0x7F;
  });
}

bool is_below(std::string_view path, std::string_view folder) {
  return path.starts_with(folder) && (path.size() == folder.size() || path[folder.size()] == '/');
}

// With ".." it is nothing that we take.
std::string why_no_target(std::string_view target) {
  if (!target.starts_with('/')) return "has to be an absolute path";
  for (const auto part : text::split(target, '/')) {
    if (part == "..") return "may not contain '..'";
  }
  const std::string plain = text::plain_path(target);
  if (plain == "/") return "may not be the root itself; use --rootfs";
  if (is_below(plain, "/proc") || is_below(plain, "/sys") || plain == "/dev") {
    return "may not cover " + plain + ", whose content protects the host";
  }
  return has_control(target) ? "holds control characters" : "";
}

// Whether `id` exists inside; a user namespace that is joined has maps that nobody here knows.
bool is_mapped(const ContainerSpec& spec, const std::vector<IdRange>& map, std::uint32_t id) {
  if (!spec.namespaces.user.is_new()) return true;
  return std::any_of(map.begin(), map.end(), [id](const IdRange& range) {
    return id >= range.inside && id - range.inside < range.count;
  });
}

class Problems {
 public:
  explicit Problems(const ContainerSpec& spec) : spec_(spec) {}

  std::vector<std::string> find() {
    names();
    process();
    user();
    mounts();
    file_access();
    cgroup();
    network();
    return std::move(found_);
  }

 private:
  void add(std::string problem) { found_.push_back(std::move(problem)); }

  void names() {
    if (!valid_id(spec_.id)) {
      add("name " + text::quoted(spec_.id) +
          ": allowed are 1 to 128 letters, digits, '_', '.', '-', '+', the first a letter or "
          "digit");
    }
    const std::string& host = spec_.hostname;
    if (host.empty() && spec_.lifetime == Lifetime::its_own) return;
    const bool good = !host.empty() && host.size() <= kLongestHostname && host.front() != '-' &&
                      std::all_of(host.begin(), host.end(), [](char c) {
                        return is_letter_or_digit(c) || c == '-' || c == '.' || c == '_';
                      });
    if (!good)
      add("hostname " + text::quoted(host) +
          ": allowed are 1 to 64 letters, digits, '-', '.', '_'");
  }

  void process() {
    const Process& process = spec_.process;
    if (process.argv.empty())
      add("no entrypoint: the program to run comes after the options, as in '-a /bin/bash'");
    else if (process.argv.front().empty())
      add("the entrypoint is an empty word");
    if (!process.workdir.starts_with('/')) {
      add("workdir " + text::quoted(process.workdir) +
          ": has to be an absolute path inside the container");
    }
    for (const auto& variable : process.environment) {
      if (variable.find('=') == std::string::npos || variable.front() == '=') {
        add("environment " + text::quoted(variable) + ": has to be NAME=VALUE");
      }
    }
  }

  void user() {
    const User& user = spec_.process.user;
    const auto check = [&](const char* what, const std::vector<IdRange>& map, std::uint32_t id) {
      if (id == UINT32_MAX || !is_mapped(spec_, map, id)) {
        add(std::string("user: ") + what + " " + std::to_string(id) +
            " does not exist in the container's user namespace");
      }
    };
    check("uid", spec_.uid_map, user.uid);
    check("gid", spec_.gid_map, user.gid);
    for (const gid_t group : user.groups) check("group", spec_.gid_map, group);
  }

  void file_access() {
    if (!spec_.file_access) return;
    for (const auto* const paths :
         {&spec_.file_access->read_only, &spec_.file_access->read_write}) {
      for (const auto& path : *paths) {
        if (!path.starts_with('/') || has_control(path))
          add("landlock path " + text::quoted(path) +
              ": has to be an absolute path inside the container");
      }
    }
  }

  void mounts() {
    if (spec_.root.path.empty()) add("rootfs: the path is empty");
    for (const auto& mount : spec_.mounts) {
      if (!mount.guarded) continue;
      const char* const option = mount.kind == MountKind::bind ? "volume" : "tmpfs";
      if (mount.kind == MountKind::bind && mount.source.empty()) add("volume: the source is empty");
      const std::string why = why_no_target(mount.target);
      if (!why.empty())
        add(std::string(option) + " target " + text::quoted(mount.target) + ": " + why);
    }
  }

  void cgroup() {
    if (!spec_.cgroup || spec_.cgroup->join_existing) return;
    const std::string& path = spec_.cgroup->path;
    const auto parts = text::split(path, '/');
    const bool is_top = std::all_of(parts.begin(), parts.end(), [](std::string_view part) {
      return part.empty() || part == ".";
    });
    if (is_top || has_control(path) || std::find(parts.begin(), parts.end(), "..") != parts.end())
      add("cgroup " + text::quoted(path) + ": has to be a path below the top, without '..'");
  }

  void network() {
    if (spec_.network.cni && spec_.id.find('+') != std::string::npos)
      add("name " + text::quoted(spec_.id) + ": CNI plugins take no '+' in it");
    if (!spec_.network.egress) return;
    const auto& kept = spec_.process.capabilities.bounding;
    if (std::find(kept.begin(), kept.end(), CAP_NET_ADMIN) != kept.end())
      add("egress: with the capability NET_ADMIN the container could change what it may reach");
  }

  const ContainerSpec& spec_;
  std::vector<std::string> found_;
};

}  // namespace

std::vector<std::string> problems_of(const ContainerSpec& spec) { return Problems(spec).find(); }

bool valid_id(std::string_view id) {
  return !id.empty() && id.size() <= kLongestId && is_letter_or_digit(id.front()) &&
         std::all_of(id.begin(), id.end(), [](char c) {
           return is_letter_or_digit(c) || c == '_' || c == '.' || c == '-' || c == '+';
         });
}

}  // namespace mydocker
