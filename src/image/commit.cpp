#include "image/commit.hpp"

#include <fcntl.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstring>

#include "helpers/numbers.hpp"
#include "helpers/text.hpp"
#include "image/changes.hpp"
#include "image/description.hpp"
#include "image/json.hpp"
#include "image/machine.hpp"
#include "mydocker/error.hpp"
#include "sys/check.hpp"
#include "sys/files.hpp"
#include "sys/unpacker.hpp"

namespace mydocker::image {
namespace {

using json::Json;

constexpr std::size_t kBlock = 512;

UniqueFd open_folder(const std::string& path) {
  return sys::check_fd(::open(path.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC), "open");
}

std::string result_of(sys::Unpacker unpacker) {
  const auto result = unpacker.wait();
  if (result.status != 0) throw BadImage(text::printable(text::trimmed(result.output)));
  return std::string(text::trimmed(result.output));
}

// The header of a file in a tar archive, see tar(5), "ustar".
std::array<char, kBlock> header_of(const std::string& name, std::uint64_t size) {
  std::array<char, kBlock> out{};
  const auto put = [&](std::size_t at, std::string_view text) {
    std::copy(text.begin(), text.end(), out.begin() + static_cast<std::ptrdiff_t>(at));
  };
  const auto octal = [](std::uint64_t value, std::size_t digits) {
    std::string text(digits, '0');
    for (auto digit = text.rbegin(); digit != text.rend(); ++digit, value >>= 3)
      *digit = static_cast<char>('0' + (value & 7));
    return text;
  };
  put(0, name);
  put(100, "0000644");
  put(108, "0000000");
  put(116, "0000000");
  put(124, octal(size, 11));
  put(136, "00000000000");
  put(148, "        ");
  put(156, "0");
  put(257, std::string_view("ustar\0"
                            "00",
                            8));
  unsigned sum = 0;
  for (const char byte : out) sum += static_cast<unsigned char>(byte);
  put(148, octal(sum, 6) + std::string("\0 ", 2));
  return out;
}

// The archive as it grows. The header of a file comes when its content is there: only then are its
// name and size known.
class Layout {
 public:
  explicit Layout(int fd) : fd_(fd) {}

  // Gives the digest of the layer.
  std::string add_layer(const std::string& folder, uid_t uid, gid_t gid) {
    const off_t start = reserve();
    const UniqueFd from = open_folder(folder), nothing = memory("");
    const std::string digest =
        result_of({{"pack", std::to_string(uid), std::to_string(gid), "layer"},
                   nothing.get(),
                   from.get(),
                   fd_});
    finish(start, "blobs/sha256/" + digest);
    return digest;
  }

  Json add_blob(const std::string& content, const char* type) {
    const UniqueFd file = memory(content);
    const std::string digest = result_of({{"digest"}, file.get(), -1});
    add("blobs/sha256/" + digest, content);
    return described(digest, content.size(), type);
  }

  void add(const std::string& name, const std::string& content) {
    const off_t start = reserve();
    sys::write_all(fd_, content);
    finish(start, name);
  }

  [[nodiscard]] std::uint64_t size_of_last() const { return size_; }

  void end() { sys::write_all(fd_, std::string(2 * kBlock, '\0')); }

  static Json described(const std::string& digest, std::uint64_t size, const char* type) {
    return {{"mediaType", std::string("application/vnd.oci.image.") + type},
            {"digest", "sha256:" + digest},
            {"size", size}};
  }

 private:
  static UniqueFd memory(const std::string& content) {
    UniqueFd out = sys::check_fd(::memfd_create("text", MFD_CLOEXEC), "memfd_create");
    sys::write_all(out.get(), content);
    sys::check(::lseek(out.get(), 0, SEEK_SET), "lseek");
    return out;
  }

  off_t reserve() {
    const off_t start = sys::check(::lseek(fd_, 0, SEEK_END), "lseek");
    sys::write_all(fd_, std::string(kBlock, '\0'));
    return start;
  }

  void finish(off_t start, const std::string& name) {
    const off_t end = sys::check(::lseek(fd_, 0, SEEK_END), "lseek");
    size_ = static_cast<std::uint64_t>(end - start) - kBlock;
    constexpr std::uint64_t kLargest = (1ULL << 33) - 1;  // eleven octal digits
    if (size_ > kLargest) throw BadImage("a layer of 8 GiB or more");
    const auto header = header_of(name, size_);
    sys::check(::pwrite(fd_, header.data(), header.size(), start), "pwrite");
    sys::write_all(fd_, std::string((kBlock - size_ % kBlock) % kBlock, '\0'));
  }

  int fd_;
  std::uint64_t size_ = 0;
};

// The configuration of the image below, if there is one, with other layers.
std::string config_of(const Base& base, const std::vector<std::string>& diff_ids) {
  Json out = Json::object();
  if (!base.image.empty()) {
    if (const auto text = sys::try_read_file(base.image + "/config.json"))
      out = json::parse(*text, "config.json");
  }
  if (!out.is_object()) out = Json::object();
  if (!out.contains("os")) out["os"] = "linux";
  if (!out.contains("architecture")) out["architecture"] = architecture();
  out.erase("history");  // of layers that are others now
  Json list = Json::array();
  for (const auto& digest : diff_ids) list.push_back("sha256:" + digest);
  out["rootfs"] = {{"type", "layers"}, {"diff_ids", list}};
  return out.dump();
}

std::string write_layout(const std::string& writable, int fd, const std::string& name) {
  const Base base = read_base(writable);
  struct stat owner {};
  sys::check(::stat((writable + "/work").c_str(), &owner), "stat");
  Layout layout(fd);
  layout.add("oci-layout", R"({"imageLayoutVersion":"1.0.0"})");
  std::vector<std::string> diff_ids;
  Json layers = Json::array();
  const auto add = [&](const std::string& folder, uid_t uid, gid_t gid) {
    diff_ids.push_back(layout.add_layer(folder, uid, gid));
    layers.push_back(Layout::described(diff_ids.back(), layout.size_of_last(), "layer.v1.tar"));
  };
  // What lies below belongs to root; what an ordinary user unpacked, to himself.
  for (auto each = base.lower.rbegin(); each != base.lower.rend(); ++each)
    add(*each, ::geteuid(), ::getegid());
  // What was written belongs to the ids that the container's root had outside.
  add(writable + "/upper", owner.st_uid, owner.st_gid);
  const Json config = layout.add_blob(config_of(base, diff_ids), "config.v1+json");
  const Json manifest{{"schemaVersion", 2},
                      {"mediaType", "application/vnd.oci.image.manifest.v1+json"},
                      {"config", config},
                      {"layers", layers}};
  Json listed = layout.add_blob(manifest.dump(), "manifest.v1+json");
  listed["annotations"] = {{"org.opencontainers.image.ref.name", name}};
  const Json index{{"schemaVersion", 2}, {"manifests", Json::array({listed})}};
  layout.add("index.json", index.dump());
  layout.end();
  return digits_of(config["digest"].get<std::string>());
}

// `write` fills a file beside it, which takes its place when it is whole.
template <class Write>
void make_file(const std::string& file, const std::string& doing, const Write& write) {
  const std::string fresh = file + "." + std::to_string(::getpid());  // not a file of the user's
  try {
    {
      const UniqueFd fd = sys::check_fd(
          ::open(fresh.c_str(), O_RDWR | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0600), "open");
      write(fd.get());
    }
    sys::check(::rename(fresh.c_str(), file.c_str()), "rename");
  } catch (const BadImage& error) {
    ::unlink(fresh.c_str());
    throw SetupError("image", doing + ": " + error.what(), 0, "");
  } catch (const std::system_error& error) {
    ::unlink(fresh.c_str());
    if (dynamic_cast<const SetupError*>(&error) != nullptr) throw;
    throw SetupError("image", doing, error.code().value(), advice_for(error.code().value()));
  }
}

std::string writing_root(const std::string& file) {
  return "write the container's root into " + text::quoted(file);
}

// The id outside of the one that the process sees as 0.
std::uint32_t outside_of_root(int pid, const char* map) {
  const auto text = sys::try_read_file("/proc/" + std::to_string(pid) + "/" + map).value_or("");
  for (const auto line : text::split(text, '\n')) {
    const auto words = text::words(line);
    if (words.size() == 3 && words[0] == "0")
      return static_cast<std::uint32_t>(numbers::parse(words[1], UINT32_MAX).value_or(0));
  }
  return 0;
}

}  // namespace

std::string commit(const std::string& writable, const std::string& file, const std::string& name) {
  std::string id;
  make_file(file, "write an image of " + text::quoted(writable) + " into " + text::quoted(file),
            [&](int fd) { id = write_layout(writable, fd, name); });
  return id;
}

UniqueFd open_root(int pid, const std::string& file) {
  try {
    return open_folder("/proc/" + std::to_string(pid) + "/root");
  } catch (const std::system_error& error) {
    throw SetupError("image", writing_root(file), error.code().value(),
                     advice_for(error.code().value()));
  }
}

void export_root(int pid, int root, const std::string& file) {
  make_file(file, writing_root(file), [&](int fd) {
    const UniqueFd nothing = sys::check_fd(::open("/dev/null", O_RDONLY | O_CLOEXEC), "open");
    (void)result_of({{"pack", std::to_string(outside_of_root(pid, "uid_map")),
                      std::to_string(outside_of_root(pid, "gid_map")), "root"},
                     nothing.get(),
                     root,
                     fd});
  });
}

}  // namespace mydocker::image
