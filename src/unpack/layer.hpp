// One layer: the entries of a tar archive, made as files below a folder.
#pragma once

#include <archive_entry.h>
#include <sys/types.h>

#include <cstdint>
#include <ctime>
#include <map>
#include <string>
#include <string_view>

#include "mydocker/unique_fd.hpp"
#include "unpack/streams.hpp"

namespace mydocker::unpack {

struct Limits {
  std::uint64_t bytes = 0;   // of all files together, holes included
  std::uint64_t inodes = 0;  // files, folders, links, deletions
};

// What of a layer was not taken over: policy, see README.md.
struct LeftOut {
  std::uint64_t devices = 0, attributes = 0;
};

class Layer {
 public:
  // `root` stays the caller's. `sets_owners`: files get the owners that the archive names.
  Layer(int root, const Limits& limits, bool sets_owners)
      : root_(root), limits_(limits), sets_owners_(sets_owners) {}

  // Makes one entry; what it holds is read from `a`. Throws Refusal and std::system_error.
  void add(archive* a, archive_entry* entry);

  // Modes and times of folders, which come last: what is made in a folder changes them.
  void finish();

  [[nodiscard]] const LeftOut& left_out() const { return left_out_; }
  // What it takes, in the terms of the limits.
  [[nodiscard]] Limits taken() const { return {bytes_, inodes_}; }

 private:
  struct Folder {
    mode_t mode = 0;
    timespec time{};
  };

  void count(archive_entry* entry);
  void make(archive* a, archive_entry* entry, const std::string& path);
  void folder(archive_entry* entry, const std::string& path);
  void file(archive* a, archive_entry* entry);
  void hard_link(archive_entry* entry);
  void set_owner(archive_entry* entry) const;
  void set_attributes(int fd, archive_entry* entry);
  bool whiteout(std::string_view name);
  void make_opaque(int fd) const;
  // Opens the folder that holds `path`, with those above it made where they are missing; the last one
  // stays open, since an archive's entries stand together. Sets name_.
  void enter(const std::string& path);
  [[nodiscard]] UniqueFd folder_at(const std::string& path);
  bool remove_what_is_there();

  int root_;
  Limits limits_;
  bool sets_owners_;
  LeftOut left_out_;
  std::uint64_t bytes_ = 0, inodes_ = 0;
  std::string parent_path_ = "\n";  // nobody's
  UniqueFd parent_;
  std::string name_;  // in parent_
  std::map<std::string, Folder> folders_;
};

// The path of an entry inside the root, without "." and slashes at both ends; empty: the root itself.
// Throws Refusal if a part is "..".
[[nodiscard]] std::string plain_name(std::string_view path);

}  // namespace mydocker::unpack
