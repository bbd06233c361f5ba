#include "unpack/streams.hpp"

#include <archive_entry.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>

namespace mydocker::unpack {
namespace {

[[noreturn]] void refuse(archive* a) {
  const char* const why = archive_error_string(a);
  throw Refusal(why != nullptr ? why : "cannot be read");
}

// libarchive is C: an exception must not cross it.
template <class Call>
la_ssize_t caught(archive* a, const Call& call) {
  try {
    return call();
  } catch (const std::exception& error) {
    archive_set_error(a, EIO, "%s", error.what());
    return -1;
  }
}

la_ssize_t read_callback(archive* a, void* data, const void** buffer) {
  return caught(a, [&] {
    const std::string_view bytes = static_cast<Stream*>(data)->next();
    *buffer = bytes.data();
    return static_cast<la_ssize_t>(bytes.size());
  });
}

la_int64_t skip_callback(archive* a, void* data, la_int64_t count) {
  return caught(a,
                [&] { return static_cast<la_ssize_t>(static_cast<Stream*>(data)->skip(count)); });
}

}  // namespace

std::string_view FileStream::next() {
  for (;;) {
    const ssize_t count = ::read(fd_, buffer_.data(), buffer_.size());
    if (count >= 0) return {buffer_.data(), static_cast<std::size_t>(count)};
    if (errno != EINTR) throw Refusal(std::string("read: ") + std::strerror(errno));
  }
}

std::int64_t FileStream::skip(std::int64_t count) {
  const off_t here = ::lseek(fd_, 0, SEEK_CUR);
  const off_t end = here < 0 ? -1 : ::lseek(fd_, 0, SEEK_END);
  if (end < 0) return 0;  // a pipe is read
  const off_t there = end - here < count ? end : here + count;
  ::lseek(fd_, there, SEEK_SET);
  return there - here;
}

std::string_view HashedStream::next() {
  const std::string_view bytes = from_.next();
  count_ += bytes.size();
  if (count_ > most_) throw Refusal("unpacks to more than " + std::to_string(most_) + " bytes");
  nettle_sha256_update(&hash_, bytes.size(), reinterpret_cast<const std::uint8_t*>(bytes.data()));
  return bytes;
}

void HashedStream::drain() {
  while (!next().empty()) {
  }
}

std::string HashedStream::digest() { return digits_of(hash_); }

std::string digits_of(sha256_ctx& hash) {
  std::uint8_t bytes[SHA256_DIGEST_SIZE];
  nettle_sha256_digest(&hash, sizeof bytes, bytes);
  std::string out;
  for (const std::uint8_t byte : bytes) {
    out += "0123456789abcdef"[byte >> 4];
    out += "0123456789abcdef"[byte & 15];
  }
  return out;
}

std::string digest_of(std::string_view bytes) {
  sha256_ctx hash{};
  nettle_sha256_init(&hash);
  nettle_sha256_update(&hash, bytes.size(), reinterpret_cast<const std::uint8_t*>(bytes.data()));
  return digits_of(hash);
}

Archive open_archive(Stream& from, Format format, Compression compression) {
  Archive out(archive_read_new());
  archive* const a = out.get();
  if (compression == Compression::any) {
    archive_read_support_filter_gzip(a);
    archive_read_support_filter_zstd(a);
    archive_read_support_filter_xz(a);
    archive_read_support_filter_bzip2(a);
    archive_read_support_filter_lz4(a);
    archive_read_support_filter_lzma(a);
    archive_read_support_filter_lzip(a);
    archive_read_support_filter_compress(a);
  }
  if (format == Format::tar)
    archive_read_support_format_tar(a);
  else
    archive_read_support_format_raw(a);
  archive_read_support_format_empty(a);
  archive_read_set_read_callback(a, read_callback);
  archive_read_set_skip_callback(a, skip_callback);
  archive_read_set_callback_data(a, &from);
  if (archive_read_open1(a) != ARCHIVE_OK) refuse(a);
  return out;
}

archive_entry* next_entry(archive* a) {
  archive_entry* entry = nullptr;
  const int result = archive_read_next_header(a, &entry);
  if (result == ARCHIVE_EOF) return nullptr;
  // A warning is of names that this locale cannot show: they are bytes to us.
  if (result != ARCHIVE_OK && result != ARCHIVE_WARN) refuse(a);
  return entry;
}

std::string_view EntryStream::next() {
  const void* block = nullptr;
  std::size_t size = 0;
  la_int64_t offset = 0;
  int result = ARCHIVE_OK;
  // A block may be empty before the end.
  while (size == 0 && result == ARCHIVE_OK)
    result = archive_read_data_block(archive_, &block, &size, &offset);
  if (result == ARCHIVE_EOF) return {};
  if (result != ARCHIVE_OK && result != ARCHIVE_WARN) refuse(archive_);
  return {static_cast<const char*>(block), size};
}

}  // namespace mydocker::unpack
