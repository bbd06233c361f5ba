// Where bytes come from: a file, a file inside an archive, what a compressed stream unpacks to. Each
// can be hashed on its way.
#pragma once

#include <archive.h>
#include <nettle/sha2.h>

#include <cstdint>
#include <memory>
#include <stdexcept>
#include <string>
#include <string_view>
#include <vector>

namespace mydocker::unpack {

// What is wrong with an archive, in words. The program ends with them.
class Refusal : public std::runtime_error {
 public:
  using std::runtime_error::runtime_error;
};

class Stream {
 public:
  Stream() = default;
  Stream(const Stream&) = delete;
  Stream& operator=(const Stream&) = delete;
  virtual ~Stream() = default;
  // The next bytes, valid until the next call; none at the end. Throws Refusal.
  [[nodiscard]] virtual std::string_view next() = 0;
  // Passes over up to `count` bytes without reading them; gives how many. 0: that cannot be done.
  virtual std::int64_t skip(std::int64_t) { return 0; }
};

// The bytes of a descriptor, from where it stands.
class FileStream final : public Stream {
 public:
  explicit FileStream(int fd) : fd_(fd), buffer_(kChunk) {}
  [[nodiscard]] std::string_view next() override;
  std::int64_t skip(std::int64_t count) override;

 private:
  static constexpr std::size_t kChunk = 256U << 10;
  int fd_;
  std::vector<char> buffer_;
};

// Another stream, with its SHA-256 and its length counted. Throws Refusal beyond `most` bytes.
class HashedStream final : public Stream {
 public:
  HashedStream(Stream& from, std::uint64_t most) : from_(from), most_(most) {
    nettle_sha256_init(&hash_);
  }
  [[nodiscard]] std::string_view next() override;
  // Reads what is left, so that the hash is that of the whole.
  void drain();
  // Hexadecimal digits, of what was read so far; once.
  [[nodiscard]] std::string digest();

 private:
  Stream& from_;
  std::uint64_t most_, count_ = 0;
  sha256_ctx hash_{};
};

// What a hash has come to, as hexadecimal digits; once.
[[nodiscard]] std::string digits_of(sha256_ctx& hash);

// The SHA-256 of bytes, as hexadecimal digits.
[[nodiscard]] std::string digest_of(std::string_view bytes);

struct CloseArchive {
  void operator()(archive* a) const { archive_read_free(a); }
};
using Archive = std::unique_ptr<archive, CloseArchive>;

enum class Format { tar, bytes };
enum class Compression { any, none };

// An archive, or with Format::bytes whatever a compressed stream holds, read from `from`, which
// outlives it. Throws Refusal.
[[nodiscard]] Archive open_archive(Stream& from, Format format, Compression compression);

// The next entry, or null at the end. Throws Refusal.
[[nodiscard]] archive_entry* next_entry(archive* a);

// What the current entry of an archive holds.
class EntryStream final : public Stream {
 public:
  explicit EntryStream(archive* a) : archive_(a) {}
  [[nodiscard]] std::string_view next() override;

 private:
  archive* archive_;
};

}  // namespace mydocker::unpack
