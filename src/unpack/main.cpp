// mydocker-unpack: what strangers wrote is read here alone, in a process that can do little else.
//   mydocker-unpack contents                                   what is in the archive on standard input
//   mydocker-unpack digest                                     the SHA-256 of the text there
//   mydocker-unpack whole                                      the SHA-256 of all that is there
//   mydocker-unpack layer BYTES INODES OWNERS [NAME]           unpacks into the folder of descriptor 3
//   mydocker-unpack pack UID GID layer|root                    the folder of descriptor 3, as an archive
//                                                              on standard output; its SHA-256 on
//                                                              standard error. UID and GID are 0 in it
// The layer is standard input, or the entry NAME of the archive there. OWNERS is `owners` or `mine`.
// Afterwards it prints "DIGEST DIFF-ID DEVICES ATTRIBUTES BYTES INODES": the SHA-256 of what it read
// and of the archive unpacked, how much of it was left out, and what it takes. On failure: what is
// wrong, and status 1.
#include <unistd.h>

#include <exception>
#include <string>
#include <string_view>
#include <vector>

#include "helpers/numbers.hpp"
#include "helpers/text.hpp"
#include "sys/files.hpp"
#include "unpack/confine.hpp"
#include "unpack/contents.hpp"
#include "unpack/layer.hpp"
#include "unpack/pack.hpp"
#include "unpack/streams.hpp"

namespace mydocker::unpack {
namespace {

constexpr int kTarget = 3;

// Padding, headers and names come on top of what the files hold.
std::uint64_t most_of_archive(const Limits& limits) {
  constexpr std::uint64_t kPerEntry = 16384;
  return limits.bytes + (limits.inodes + 1) * kPerEntry;
}

void unpack_layer(Stream& from, const Limits& limits, bool sets_owners) {
  HashedStream whole(from, UINT64_MAX);
  const Archive plain = open_archive(whole, Format::bytes, Compression::any);
  if (next_entry(plain.get()) == nullptr) throw Refusal("it is empty");
  EntryStream unpacked(plain.get());
  HashedStream hashed(unpacked, most_of_archive(limits));
  const Archive tar = open_archive(hashed, Format::tar, Compression::none);
  Layer layer(kTarget, limits, sets_owners);
  while (archive_entry* const entry = next_entry(tar.get())) layer.add(tar.get(), entry);
  layer.finish();
  hashed.drain();
  whole.drain();
  const auto number = [](std::uint64_t value) { return " " + std::to_string(value); };
  const auto [devices, attributes] = layer.left_out();
  const auto [bytes, inodes] = layer.taken();
  sys::write_all(STDOUT_FILENO, whole.digest() + " " + hashed.digest() + number(devices) +
                                    number(attributes) + number(bytes) + number(inodes) + "\n");
}

void unpack_entry(Stream& from, const std::string& name, const Limits& limits, bool sets_owners) {
  const Archive outer = open_archive(from, Format::tar, Compression::any);
  while (archive_entry* const entry = next_entry(outer.get())) {
    const char* const path = archive_entry_pathname(entry);
    if (path == nullptr || archive_entry_filetype(entry) != AE_IFREG || plain_name(path) != name)
      continue;
    EntryStream layer(outer.get());
    unpack_layer(layer, limits, sets_owners);
    return;
  }
  throw Refusal("the archive has no " + text::quoted(name));
}

void write_whole(Stream& from) {
  HashedStream whole(from, UINT64_MAX);
  whole.drain();
  sys::write_all(STDOUT_FILENO, whole.digest() + "\n");
}

int pack_folder(const std::vector<std::string>& words) {
  const auto uid = numbers::parse(words[1], UINT32_MAX), gid = numbers::parse(words[2], UINT32_MAX);
  if (!uid || !gid) throw Refusal("the ids are no numbers");
  confine(kTarget, UINT64_MAX);
  const Packing packing{static_cast<uid_t>(*uid), static_cast<gid_t>(*gid), words[3] == "layer"};
  sys::write_all(STDERR_FILENO, pack(kTarget, STDOUT_FILENO, packing) + "\n");
  return 0;
}

int run(const std::vector<std::string>& words) {
  FileStream input(STDIN_FILENO);
  const std::string what = words.empty() ? "" : words[0];
  if (what == "contents" || what == "digest" || what == "whole") {
    confine(-1, 0);
    (what == "contents" ? write_contents : what == "digest" ? write_digest : write_whole)(input);
    return 0;
  }
  if (what == "pack" && words.size() == 4) return pack_folder(words);
  if (words.size() < 4 || what != "layer")
    throw Refusal("contents, digest, whole, or layer BYTES INODES OWNERS [NAME]");
  const auto bytes = numbers::parse(words[1]), inodes = numbers::parse(words[2]);
  if (!bytes || !inodes) throw Refusal("the limits are no numbers");
  const Limits limits{*bytes, *inodes};
  const bool sets_owners = words[3] == "owners";
  confine(kTarget, *bytes);
  if (words.size() > 4)
    unpack_entry(input, words[4], limits, sets_owners);
  else
    unpack_layer(input, limits, sets_owners);
  return 0;
}

}  // namespace
}  // namespace mydocker::unpack

int main(int argc, char** argv) {
  try {
    return mydocker::unpack::run({argv + 1, argv + (argc > 0 ? argc : 1)});
  } catch (const std::exception& error) {
    mydocker::sys::write_all(STDERR_FILENO, std::string(error.what()) + "\n");
    return 1;
  }
}
