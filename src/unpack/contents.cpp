#include "unpack/contents.hpp"

#include <archive_entry.h>
#include <unistd.h>

#include <algorithm>
#include <string_view>
#include <unordered_set>

#include "helpers/text.hpp"
#include "sys/files.hpp"
#include "unpack/layer.hpp"

namespace mydocker::unpack {
namespace {

constexpr std::int64_t kLargestText = 4 << 20;
constexpr std::size_t kMostEntries = 20000, kMostText = 32U << 20;

bool is_digest(std::string_view name) {
  constexpr std::size_t kDigits = 64;
  return name.size() == kDigits && std::all_of(name.begin(), name.end(), [](char c) {
           return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f');
         });
}

// What docker, podman, skopeo and umoci write: DIGEST.json, DIGEST.tar, DIGEST/layer.tar,
// blobs/sha256/DIGEST, and some fixed names.
bool is_of_an_image(std::string_view path) {
  const auto parts = text::split(path, '/');
  if (parts.front() == "blobs") return true;
  if (parts.size() > 1) return is_digest(parts.front());
  return path == "manifest.json" || path == "index.json" || path == "oci-layout" ||
         path == "repositories" || is_digest(path.substr(0, path.find('.')));
}

// All of a stream, if its first byte is `wanted`.
template <class Predicate>
std::string small_text(Stream& from, Predicate wanted) {
  std::string out;
  for (auto bytes = from.next(); !bytes.empty(); bytes = from.next()) {
    out += bytes;
    if (!wanted(out.front())) break;
    if (out.size() > static_cast<std::size_t>(kLargestText))
      throw Refusal("a text of too many bytes");
  }
  return out;
}

class Contents {
 public:
  void add(archive* a, archive_entry* entry) {
    const char* const named = archive_entry_pathname(entry);
    if (named == nullptr) throw Refusal("an entry without a name");
    const std::string path = plain_name(named);
    if (path.empty()) return;  // "./", of an archive of a folder
    if (!is_of_an_image(path)) {
      is_root_ = true;
      return;
    }
    if (!names_.insert(path).second && archive_entry_filetype(entry) != AE_IFDIR)
      throw Refusal("two entries of the name " + text::quoted(path));
    if (names_.size() > kMostEntries) throw Refusal("an image of too many parts");
    const char* const link = archive_entry_hardlink(entry) != nullptr
                                 ? archive_entry_hardlink(entry)
                                 : archive_entry_symlink(entry);
    if (link != nullptr) {
      write("link", path, link);
    } else if (archive_entry_filetype(entry) == AE_IFREG) {
      file(a, entry, path);
    }
  }

  [[nodiscard]] bool is_root() const { return is_root_ || names_.empty(); }
  [[nodiscard]] const std::string& text() const { return out_; }

 private:
  void write(const std::string& kind, const std::string& path, std::string_view text) {
    out_ += kind + " " + std::to_string(path.size()) + " " + std::to_string(text.size()) + " " +
            (kind == "text" ? digest_of(text) : "-") + "\n" + path;
    out_ += text;
    if (out_.size() > kMostText) throw Refusal("an image of too many texts");
  }

  void file(archive* a, archive_entry* entry, const std::string& path) {
    std::string content;
    EntryStream stream(a);
    // Layers begin with the name of a file, or a magic number.
    if (archive_entry_size(entry) <= kLargestText)
      content = small_text(stream, [](char first) { return first == '{' || first == '['; });
    const bool is_text = !content.empty() && (content.front() == '{' || content.front() == '[');
    write(is_text ? "text" : "data", path, is_text ? content : std::string());
  }

  bool is_root_ = false;
  std::unordered_set<std::string> names_;
  std::string out_;
};

}  // namespace

void write_contents(Stream& from) {
  const Archive opened = open_archive(from, Format::tar, Compression::any);
  Contents contents;
  while (archive_entry* const entry = next_entry(opened.get())) {
    contents.add(opened.get(), entry);
    if (contents.is_root()) break;
  }
  sys::write_all(STDOUT_FILENO, contents.is_root() ? "root 0 0 -\n" : contents.text());
}

void write_digest(Stream& from) {
  sys::write_all(STDOUT_FILENO, digest_of(small_text(from, [](char) { return true; })) + "\n");
}

}  // namespace mydocker::unpack
