#include "sys/disks.hpp"

#include <fcntl.h>
#include <linux/loop.h>
#include <sys/ioctl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstring>
#include <system_error>

#include "sys/check.hpp"
#include "sys/mounts.hpp"

namespace mydocker::sys {
namespace {

struct Magic {
  const char* type;
  off_t at;
  std::array<unsigned char, 4> bytes;
};
// struct squashfs_super_block, struct erofs_super_block.
constexpr std::array<Magic, 2> kMagic{
    {{"squashfs", 0, {'h', 's', 'q', 's'}}, {"erofs", 1024, {0xe2, 0xe1, 0xf5, 0xe0}}}};

UniqueFd mount_of(const std::string& type, const std::string& source, MountFlags flags) {
  flags.read_only = true;
  return make_mount(type, flags, {{"source", source}, {"ro", ""}});
}

// A loop device that shows the file until the last mount of it goes.
UniqueFd attach_to_loop(const std::string& file, std::string& device) {
  const UniqueFd backing = check_fd(::open(file.c_str(), O_RDONLY | O_CLOEXEC), "open");
  const UniqueFd control = check_fd(::open("/dev/loop-control", O_RDWR | O_CLOEXEC), "open");
  loop_config config{};
  config.fd = static_cast<unsigned>(backing.get());
  config.info.lo_flags = LO_FLAGS_READ_ONLY | LO_FLAGS_AUTOCLEAR;
  for (;;) {
    const auto number = check(::ioctl(control.get(), LOOP_CTL_GET_FREE), "LOOP_CTL_GET_FREE");
    device = "/dev/loop" + std::to_string(number);
    UniqueFd loop = check_fd(::open(device.c_str(), O_RDONLY | O_CLOEXEC), "open");
    if (::ioctl(loop.get(), LOOP_CONFIGURE, &config) == 0) return loop;
    if (errno != EBUSY) fail(errno, "LOOP_CONFIGURE");  // somebody else was faster
  }
}

}  // namespace

std::optional<Disk> disk_at(const std::string& path) {
  const UniqueFd file(::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY));
  struct stat info {};
  if (!file || ::fstat(file.get(), &info) < 0 || !S_ISREG(info.st_mode)) return std::nullopt;
  for (const auto& magic : kMagic) {
    std::array<unsigned char, 4> found{};
    if (::pread(file.get(), found.data(), found.size(), magic.at) > 0 && found == magic.bytes)
      return Disk{path, magic.type};
  }
  return std::nullopt;
}

UniqueFd mount_disk(const Disk& disk, const MountFlags& flags) {
  if (disk.type == "erofs") {
    // Linux 6.12 and later read the file themselves.
    try {
      return mount_of(disk.type, disk.file, flags);
    } catch (const std::system_error& error) {
      if (error.code().value() != ENOTBLK) throw;
    }
  }
  std::string device;
  const UniqueFd loop = attach_to_loop(disk.file, device);
  return mount_of(disk.type, device, flags);
}

}  // namespace mydocker::sys
