// Profiles in files: docker's and podman's conditions, and what is written is read again.
#include "oci/config/seccomp_file.hpp"

#include <linux/capability.h>

#include "oci/config/load.hpp"
#include "seccomp/allowlist.hpp"
#include "seccomp/rules.hpp"

#if defined(__x86_64__)
namespace mydocker::test {
namespace {

using Names = std::vector<std::string>;
using oci::load_seccomp_profile;
using oci::ProfileReader;

// The names of the rules that remain for this reader.
Names names_for(const ProfileReader& reader, const std::string& rules) {
  const auto profile = load_seccomp_profile(
      R"({"defaultAction": "SCMP_ACT_ERRNO", "syscalls": [)" + rules + "]}", reader);
  Names out;
  for (const auto& rule : profile.rules)
    out.insert(out.end(), rule.names.begin(), rule.names.end());
  return out;
}

std::string rule(const std::string& name, const std::string& conditions) {
  return R"({"names": [")" + name + R"("], "action": "SCMP_ACT_ALLOW", )" + conditions + "}";
}

TEST(SeccompFile, RulesMayBeForCapabilities) {
  const std::string rules = rule("with", R"("includes": {"caps": ["CAP_SYS_PTRACE"]})") + "," +
                            rule("without", R"("excludes": {"caps": ["CAP_SYS_PTRACE"]})") + "," +
                            rule("both", R"("includes": {"caps": ["CAP_SYS_PTRACE", "CAP_BPF"]})");
  EXPECT_EQ(names_for({}, rules), Names{"without"});
  EXPECT_EQ(names_for({{CAP_SYS_PTRACE}}, rules), Names{"with"});
  EXPECT_EQ(names_for({{CAP_SYS_PTRACE, CAP_BPF}}, rules), (Names{"with", "both"}));
}

TEST(SeccompFile, RulesMayBeForMachinesAndKernels) {
  const std::string rules = rule("here", R"("includes": {"arches": ["amd64", "x32"]})") + "," +
                            rule("there", R"("includes": {"arches": ["s390x"]})") + "," +
                            rule("not_here", R"("excludes": {"arches": ["amd64"]})") + "," +
                            rule("new", R"("includes": {"minKernel": "5.10"})") + "," +
                            rule("old", R"("excludes": {"minKernel": "5.10"})") + "," +
                            rule("all", R"("includes": {}, "excludes": null, "args": null)");
  EXPECT_EQ(names_for({{}, 5, 9}, rules), (Names{"here", "old", "all"}));
  EXPECT_EQ(names_for({{}, 5, 10}, rules), (Names{"here", "new", "all"}));
  EXPECT_EQ(names_for({{}, 6, 1}, rules), (Names{"here", "new", "all"}));
}

TEST(SeccompFile, TakesThisMachinesArchitecturesOfTheMap) {
  const auto profile = load_seccomp_profile(R"({"defaultAction": "SCMP_ACT_ALLOW", "archMap": [
      {"architecture": "SCMP_ARCH_AARCH64", "subArchitectures": ["SCMP_ARCH_ARM"]},
      {"architecture": "SCMP_ARCH_X86_64", "subArchitectures": ["SCMP_ARCH_X86", "SCMP_ARCH_X32"]}]})",
                                            {});
  EXPECT_EQ(profile.architectures, (Names{"SCMP_ARCH_X86_64", "SCMP_ARCH_X86", "SCMP_ARCH_X32"}));
}

TEST(SeccompFile, ThatIsWrongSaysWhere) {
  const auto problem = [](const std::string& text) -> std::string {
    try {
      static_cast<void>(load_seccomp_profile(text, {}));
    } catch (const oci::ConfigError& error) {
      return error.what();
    }
    return "it was accepted";
  };
  EXPECT_NE(problem("nonsense").find("line 1"), std::string::npos);
  EXPECT_NE(problem("{}").find("defaultAction"), std::string::npos);
  EXPECT_NE(problem(R"({"defaultAction": "SCMP_ACT_ALLOW", "syscalls": [)" +
                    rule("x", R"("includes": {"minKernel": "new"})") + "]}")
                .find("syscalls[0].includes.minKernel"),
            std::string::npos);
}

TEST(SeccompFile, IsReadAsItWasWritten) {
  for (auto profile : {seccomp::allowlist_profile({}), seccomp::original_profile()}) {
    const auto again = load_seccomp_profile(oci::seccomp_json(profile), {});
    EXPECT_EQ(again, profile);
  }
}

}  // namespace
}  // namespace mydocker::test
#endif
