#include "sys/executables.hpp"

#include <elf.h>
#include <fcntl.h>
#include <linux/openat2.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <cstring>
#include <optional>

#include "helpers/text.hpp"
#include "sys/check.hpp"

namespace mydocker::sys {
namespace {

// ENOENT, EISDIR, EACCES, ELOOP, or 0. Without the magic links of /proc: at /proc/self/exe there is
// MyDocker's own file, on the host, and a container that runs it can get hold of it.
int why_not_executable(const std::string& file) {
  open_how how{};
  how.flags = O_PATH | O_CLOEXEC;
  how.resolve = RESOLVE_NO_MAGICLINKS;
  const UniqueFd fd(
      static_cast<int>(::syscall(SYS_openat2, AT_FDCWD, file.c_str(), &how, sizeof how)));
  struct stat info {};
  if (!fd || ::fstat(fd.get(), &info) < 0) return errno;
  if (S_ISDIR(info.st_mode)) return EISDIR;
  if (!S_ISREG(info.st_mode)) return EACCES;
  return ::faccessat(AT_FDCWD, file.c_str(), X_OK, AT_EACCESS) < 0 ? errno : 0;
}

std::string interpreter_of_script(std::string_view head) {
  const auto line = text::words(head.substr(2, head.find('\n') - 2));
  return line.empty() ? std::string() : std::string(line.front());
}

template <class Type>
std::optional<Type> at(std::string_view head, std::size_t offset) {
  if (offset > head.size() || head.size() - offset < sizeof(Type)) return std::nullopt;
  Type out;
  std::memcpy(&out, head.data() + offset, sizeof out);
  return out;
}

#if defined(__x86_64__)
constexpr Elf64_Half kMachine = EM_X86_64;
bool is_smaller(Elf64_Half machine) { return machine == EM_386 || machine == EM_X86_64; }
#elif defined(__aarch64__)
constexpr Elf64_Half kMachine = EM_AARCH64;
bool is_smaller(Elf64_Half machine) { return machine == EM_ARM; }
#else
#error "the machine's number of elf(5) is not known here"
#endif

// The loader that an ELF program asks for, empty if it needs none.
template <class Header, class Part>
std::string interpreter_of(std::string_view head) {
  const auto header = at<Header>(head, 0);
  if (!header) fail(ENOEXEC, "execve");
  for (std::size_t i = 0; i < header->e_phnum; ++i) {
    const auto part = at<Part>(head, header->e_phoff + i * sizeof(Part));
    if (!part || part->p_type != PT_INTERP || part->p_filesz == 0) continue;
    if (part->p_offset >= head.size()) return {};
    return std::string(head.substr(part->p_offset, part->p_filesz - 1));
  }
  return {};
}

struct Format {
  std::string interpreter;
  bool is_32_bit = false, is_script = false;
};

// Throws for a program of another machine, and for what is no program.
Format format_of(std::string_view head) {
  if (head.starts_with("#!")) return {interpreter_of_script(head), false, true};
  // Both classes begin alike, up to the machine.
  const auto header = at<Elf32_Ehdr>(head, 0);
  if (!head.starts_with("\177ELF") || !header) fail(ENOEXEC, "execve");
  const auto bits = header->e_ident[EI_CLASS];
  if (bits == ELFCLASS64 && header->e_machine == kMachine)
    return {interpreter_of<Elf64_Ehdr, Elf64_Phdr>(head)};
  if (bits == ELFCLASS32 && is_smaller(header->e_machine))
    return {interpreter_of<Elf32_Ehdr, Elf32_Phdr>(head), true};
  fail(ENOEXEC, "execve");
}

// Nothing for a file that is executable without being readable: execve will tell.
std::optional<Format> try_read_format(const std::string& file) {
  const UniqueFd fd(::open(file.c_str(), O_RDONLY | O_CLOEXEC | O_NOCTTY | O_NONBLOCK));
  if (!fd) return std::nullopt;
  char buffer[4096];
  const auto got = ::read(fd.get(), buffer, sizeof buffer);
  return format_of({buffer, got > 0 ? static_cast<std::size_t>(got) : 0});
}

// Whether the file is of 32 bits, or a script for what is. Throws for what cannot be executed; a
// script's interpreter may be a script that leads to /proc/self/exe itself.
bool is_32_bit(const std::string& file, int depth = 0) {
  constexpr int kDeepest = 5;  // the kernel follows no more scripts of scripts
  if (depth > kDeepest) fail(ELOOP, "execve");
  const auto format = try_read_format(file);
  if (!format || format->interpreter.empty()) return format && format->is_32_bit;
  if (why_not_executable(format->interpreter) != 0) fail(ELIBBAD, "execve");
  return format->is_script ? is_32_bit(format->interpreter, depth + 1) : format->is_32_bit;
}

Executable checked(std::string file) {
  const bool small = is_32_bit(file);
  return {std::move(file), small};
}

}  // namespace

Executable find_executable(std::string_view name, std::string_view path) {
  if (name.find('/') != std::string_view::npos) {
    std::string file(name);
    if (const int error = why_not_executable(file)) fail(error, "openat2");
    return checked(std::move(file));
  }
  int seen = ENOENT;
  for (const auto folder : text::split(path, ':')) {
    if (folder.empty() || name.empty())
      continue;  // an empty entry would mean the working directory
    std::string file = std::string(folder) + "/" + std::string(name);
    const int error = why_not_executable(file);
    if (error == 0) return checked(std::move(file));
    if (error != ENOENT && error != ENOTDIR) seen = error;
  }
  fail(seen, "openat2");
}

}  // namespace mydocker::sys
