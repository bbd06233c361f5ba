// Whether an entrypoint can be executed, on files made for the purpose.
#include "sys/executables.hpp"

#include <elf.h>
#include <sys/stat.h>

#include <cerrno>
#include <cstring>
#include <system_error>

#include "unit/fake_tree.hpp"

namespace mydocker::test {
namespace {

#if defined(__x86_64__)
constexpr Elf64_Half kThisMachine = EM_X86_64, kOtherMachine = EM_AARCH64, kSmallMachine = EM_386;
#else
constexpr Elf64_Half kThisMachine = EM_AARCH64, kOtherMachine = EM_X86_64, kSmallMachine = EM_ARM;
#endif

// An ELF program that asks for `loader`, or for none: headers alone, nobody runs it.
template <class Header, class Part>
std::string elf_of(unsigned char bits, Elf64_Half machine, const std::string& loader) {
  Header header{};
  std::memcpy(header.e_ident, ELFMAG, SELFMAG);
  header.e_ident[EI_CLASS] = bits;
  header.e_type = ET_EXEC;
  header.e_machine = machine;
  header.e_phoff = sizeof header;
  header.e_phentsize = sizeof(Part);
  header.e_phnum = loader.empty() ? 0 : 1;
  std::string out(reinterpret_cast<const char*>(&header), sizeof header);
  if (loader.empty()) return out;
  Part part{};
  part.p_type = PT_INTERP;
  part.p_offset = sizeof header + sizeof part;
  part.p_filesz = static_cast<decltype(part.p_filesz)>(loader.size() + 1);
  return out + std::string(reinterpret_cast<const char*>(&part), sizeof part) + loader + '\0';
}

std::string elf(Elf64_Half machine, const std::string& loader, unsigned char bits = ELFCLASS64) {
  return elf_of<Elf64_Ehdr, Elf64_Phdr>(bits, machine, loader);
}

std::string small_elf(Elf64_Half machine, const std::string& loader) {
  return elf_of<Elf32_Ehdr, Elf32_Phdr>(ELFCLASS32, machine, loader);
}

class Executables : public ::testing::Test {
 protected:
  std::string make(const std::string& name, const std::string& content, mode_t mode = 0755) {
    tree_.write(name, content);
    const std::string path = tree_.path() + name;
    ::chmod(path.c_str(), mode);
    return path;
  }

  std::string good(const std::string& name) { return make(name, elf(kThisMachine, "")); }

  // 0, or the errno of the refusal.
  static int why_not(const std::string& name, const std::string& path = "") {
    try {
      static_cast<void>(sys::find_executable(name, path));
      return 0;
    } catch (const std::system_error& error) {
      return error.code().value();
    }
  }

  FakeTree tree_;
};

TEST_F(Executables, WithASlashAreNotLookedUp) {
  const std::string path = good("/bin/tool");
  EXPECT_EQ(sys::find_executable(path, "/nowhere").file, path);
  EXPECT_EQ(why_not(tree_.path() + "/bin/other", tree_.path() + "/bin"), ENOENT);
  EXPECT_EQ(why_not("./tool", tree_.path() + "/bin"), ENOENT);
}

TEST_F(Executables, MustBeFilesThatMayBeExecuted) {
  EXPECT_EQ(why_not(make("/plain", "#!/bin/sh\n", 0644)), EACCES);
  EXPECT_EQ(why_not(tree_.path()), EISDIR);
  EXPECT_EQ(why_not(make("/file", "") + "/below"), ENOTDIR);
  ASSERT_EQ(::mkfifo((tree_.path() + "/fifo").c_str(), 0755), 0);
  EXPECT_EQ(why_not(tree_.path() + "/fifo"), EACCES) << "and nobody waits for its other end";
}

TEST_F(Executables, AreProgramsOrScripts) {
  EXPECT_EQ(why_not(make("/empty", "")), ENOEXEC);
  EXPECT_EQ(why_not(make("/text", "echo hello\n")), ENOEXEC);
  EXPECT_EQ(why_not(make("/half", "\177EL")), ENOEXEC);
  EXPECT_EQ(why_not("/bin/sh"), 0);
}

TEST_F(Executables, AreForThisMachine) {
  EXPECT_EQ(why_not(make("/good", elf(kThisMachine, ""))), 0);
  EXPECT_EQ(why_not(make("/other", elf(kOtherMachine, ""))), ENOEXEC);
  EXPECT_EQ(why_not(make("/none", elf(kThisMachine, "", ELFCLASSNONE))), ENOEXEC);
  EXPECT_EQ(why_not(make("/mips", small_elf(EM_MIPS, ""))), ENOEXEC);
  EXPECT_EQ(why_not(make("/short", elf(kThisMachine, "").substr(0, 40))), ENOEXEC);
}

TEST_F(Executables, MayBeOfThirtyTwoBits) {
  const auto is_32_bit = [](const std::string& file) {
    return sys::find_executable(file, "").is_32_bit;
  };
  const std::string small = make("/small", small_elf(kSmallMachine, ""));
  EXPECT_TRUE(is_32_bit(small));
  EXPECT_TRUE(is_32_bit(make("/script", "#!" + small + "\n")));
  EXPECT_TRUE(is_32_bit(make("/linked", small_elf(kSmallMachine, small))));
  EXPECT_EQ(why_not(make("/lost", small_elf(kSmallMachine, "/no/such/ld.so"))), ELIBBAD);
  EXPECT_FALSE(is_32_bit(good("/good")));
}

TEST_F(Executables, NeedTheirLoader) {
  EXPECT_EQ(why_not(make("/linked", elf(kThisMachine, "/no/such/ld.so"))), ELIBBAD);
  EXPECT_EQ(why_not(make("/found", elf(kThisMachine, good("/ld.so")))), 0);
}

TEST_F(Executables, NeedTheirInterpreter) {
  EXPECT_EQ(why_not(make("/script", "#!/no/such/interpreter\n")), ELIBBAD);
  EXPECT_EQ(why_not(make("/words", "#! /no/such/interpreter -x\n")), ELIBBAD);
  const std::string interpreter = good("/interpreter");
  EXPECT_EQ(why_not(make("/found", "#! \t" + interpreter + " -x\nexit\n")), 0);
  EXPECT_EQ(why_not(make("/unfinished", "#!" + interpreter)), 0);
  make("/interpreter", "", 0644);
  EXPECT_EQ(why_not(tree_.path() + "/found"), ELIBBAD) << "an interpreter that cannot be executed";
}

TEST_F(Executables, WithHostileHeadersAreNotReadBesideTheirEnd) {
  std::string program = elf(kThisMachine, "/no/such/ld.so");
  Elf64_Ehdr header{};
  std::memcpy(&header, program.data(), sizeof header);
  for (const std::uint64_t offset :
       {UINT64_MAX, UINT64_MAX - sizeof(Elf64_Phdr), std::uint64_t{4096}}) {
    header.e_phoff = offset;
    header.e_phnum = 0xFFFF;
    std::memcpy(program.data(), &header, sizeof header);
    EXPECT_EQ(why_not(make("/hostile", program)), 0) << "execve will tell";
  }
}

TEST_F(Executables, AreFoundInTheOrderOfThePath) {
  good("/one/tool");
  const std::string second = good("/two/tool");
  const std::string only = good("/two/only");
  const std::string path = tree_.path() + "/none:" + tree_.path() + "/one:" + tree_.path() + "/two";
  EXPECT_EQ(sys::find_executable("tool", path).file, tree_.path() + "/one/tool");
  EXPECT_EQ(sys::find_executable("only", path).file, only);
  EXPECT_EQ(sys::find_executable("tool", tree_.path() + "/two:" + tree_.path() + "/one").file,
            second);
  EXPECT_EQ(why_not("missing", path), ENOENT);
}

TEST_F(Executables, ThatCannotBeExecutedArePassedOverInThePath) {
  make("/one/tool", "#!/bin/sh\n", 0644);
  const std::string second = good("/two/tool");
  EXPECT_EQ(sys::find_executable("tool", tree_.path() + "/one:" + tree_.path() + "/two").file,
            second);
  EXPECT_EQ(why_not("tool", tree_.path() + "/one"), EACCES);
}

TEST_F(Executables, AreNeverLookedUpInTheWorkingDirectory) {
  const std::string name = "mydocker-tool-of-this-test";
  good("/" + name);
  const auto before = std::filesystem::current_path();
  std::filesystem::current_path(tree_.path());
  for (const char* const path : {"", ":", "::", ":/nowhere:"})
    EXPECT_EQ(why_not(name, path), ENOENT) << path;
  std::filesystem::current_path(before);
  EXPECT_EQ(why_not("", tree_.path()), ENOENT);
  EXPECT_EQ(why_not("tmp", ":"), ENOENT) << "nor in the root folder";
}

}  // namespace
}  // namespace mydocker::test
