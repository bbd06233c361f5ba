// 32-bit programs: refused as entrypoints with advice, killed when they come later, run by --abi32.
#include <elf.h>
#include <sys/stat.h>

#include <cstring>
#include <fstream>

#include "support/host.hpp"
#include "support/run.hpp"

namespace mydocker::test {
namespace {

using Words = std::vector<std::string>;

constexpr const char* kModes[] = {"-a", "-aU"};

bool says(const Result& result, const std::string& line) {
  return result.err.find("MyDocker: " + line + "\n") != std::string::npos;
}

#if defined(__x86_64__)
// A program of 32-bit x86 that exits with 7.
std::string small_program() {
  constexpr std::uint32_t kAddress = 0x08048000;
  constexpr char kCode[] = "\xb8\x01\x00\x00\x00\xbb\x07\x00\x00\x00\xcd\x80";
  Elf32_Ehdr header{};
  std::memcpy(header.e_ident, ELFMAG, SELFMAG);
  header.e_ident[EI_CLASS] = ELFCLASS32;
  header.e_ident[EI_DATA] = ELFDATA2LSB;
  header.e_ident[EI_VERSION] = EV_CURRENT;
  header.e_type = ET_EXEC;
  header.e_machine = EM_386;
  header.e_version = EV_CURRENT;
  header.e_entry = kAddress + sizeof(Elf32_Ehdr) + sizeof(Elf32_Phdr);
  header.e_phoff = header.e_ehsize = sizeof header;
  header.e_phentsize = sizeof(Elf32_Phdr);
  header.e_phnum = 1;
  Elf32_Phdr part{};
  part.p_type = PT_LOAD;
  part.p_vaddr = part.p_paddr = kAddress;
  part.p_filesz = part.p_memsz = sizeof header + sizeof part + sizeof kCode - 1;
  part.p_flags = PF_R | PF_X;
  part.p_align = 0x1000;
  return std::string(reinterpret_cast<const char*>(&header), sizeof header) +
         std::string(reinterpret_cast<const char*>(&part), sizeof part) +
         std::string(kCode, sizeof kCode - 1);
}

class Abi32 : public ::testing::Test {
 protected:
  void SetUp() override {
    ::mkdir(shared().c_str(), 0755);
    const std::string file = shared() + "/small";
    std::ofstream(file, std::ios::binary) << small_program();
    ::chmod(file.c_str(), 0755);
    if (run({file}).status != 7) GTEST_SKIP() << "this kernel runs no 32-bit programs";
  }
  [[nodiscard]] Result small(Words options) const {
    options.insert(options.end(), {"--volume", shared() + ":/mnt", "/mnt/small"});
    return mydocker(std::move(options));
  }
  [[nodiscard]] Result in_shell(Words options, const std::string& script) const {
    options.insert(options.end(), {"--volume", shared() + ":/mnt"});
    return in_container(std::move(options), script);
  }

 private:
  // In a folder that nobody else can enter.
  [[nodiscard]] std::string shared() const { return folder_.path() + "/shared"; }

  TemporaryFolder folder_;
};

TEST_F(Abi32, ProgramsAreNoEntrypointsAndAreToldWhy) {
  for (const char* const mode : kModes) {
    for (const Words& list : {Words{}, Words{"--seccomp", "original"}}) {
      Words options{mode};
      options.insert(options.end(), list.begin(), list.end());
      const Result result = small(options);
      EXPECT_EQ(result.status, 126);
      EXPECT_NE(result.err.find("a 32-bit program: add --abi32"), std::string::npos) << result.err;
    }
  }
}

TEST_F(Abi32, ProgramsRunWhereTheyWereAskedFor) {
  for (const char* const mode : kModes) {
    EXPECT_EQ(small({mode, "--abi32"}).status, 7);
    EXPECT_EQ(small({mode, "--seccomp", "unconfined"}).status, 7);
  }
}

TEST_F(Abi32, ProgramsThatComeLaterAreKilledAndNamed) {
  for (const char* const mode : kModes) {
    const Result result = in_shell({mode}, "/mnt/small; exit $?");
    EXPECT_EQ(result.status, 159);
    EXPECT_TRUE(
        says(result, "killed by the seccomp filter (SIGSYS): a 32-bit program; add --abi32"))
        << result.err;
    const Result watched = in_shell({mode, "--seccomp-log"}, "/mnt/small; echo goes on");
    EXPECT_EQ(watched.out, "goes on\n");
    EXPECT_TRUE(says(
        watched, "killed: 'small', a program of another architecture, once; --abi32 lets it run"))
        << watched.err;
  }
}
#endif

}  // namespace
}  // namespace mydocker::test
