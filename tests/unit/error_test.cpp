#include "mydocker/error.hpp"

#include <cerrno>

#include "mydocker/action.hpp"
#include "runtime/hints.hpp"

namespace mydocker {
namespace {

TEST(Errors, AreToldInTwoLinesWithAHint) {
  const SetupError error("mount", "mount proc at /proc", EPERM, "unmask /proc");
  EXPECT_EQ(message_of(error),
            "MyDocker: mount: mount proc at /proc: operation not permitted (EPERM)\n"
            "  hint: unmask /proc");
}

TEST(Errors, AreToldInOneLineWithoutAHint) {
  EXPECT_EQ(message_of(SetupError("uts", "set the hostname", EINVAL, "")),
            "MyDocker: uts: set the hostname: invalid argument (EINVAL)");
}

TEST(Errors, WithoutAnErrnoTellNone) {
  EXPECT_EQ(message_of(SetupError("runtime", "start the container", 0, "")),
            "MyDocker: runtime: start the container");
}

TEST(Errors, CarryWhereWhatAndTheStatus) {
  const SetupError error("gate", "find 'x'", ENOENT, "look", exit_status::kNotFound);
  EXPECT_EQ(error.stage(), "gate");
  EXPECT_EQ(error.doing(), "find 'x'");
  EXPECT_EQ(error.hint(), "look");
  EXPECT_EQ(error.code(), std::errc::no_such_file_or_directory);
  EXPECT_EQ(error.status(), 127);
  EXPECT_EQ(SetupError("gate", "x", EPERM, "").status(), exit_status::kFailure);
}

TEST(ErrnoTexts, KeepAcronymsAndNameTheNumber) {
  EXPECT_EQ(errno_text(ENOENT), "no such file or directory (ENOENT)");
  EXPECT_EQ(errno_text(EIO), "input/output error (EIO)");
  EXPECT_EQ(errno_text(9999), "unknown error (9999)");
}

TEST(Statuses, TellAMissingEntrypointFromOneThatCannotRun) {
  const Action find = FindExecutable{"bash", "/bin"};
  EXPECT_EQ(status_for(find, ENOENT), 127);
  EXPECT_EQ(status_for(find, ENOTDIR), 127);
  for (const int error : {EACCES, EISDIR, ENOEXEC, ELIBBAD})
    EXPECT_EQ(status_for(find, error), 126) << error;
  EXPECT_EQ(status_for(PivotRoot{}, ENOENT), 125);
}

TEST(Hints, SaySomethingUsefulAboutCommonFailures) {
  EXPECT_NE(hint_for(CreateRecord{"/run/mydocker/x"}, EEXIST).find("--name"), std::string::npos);
  EXPECT_NE(hint_for(OpenTree{kRootTree, "/no"}, ENOENT).find("--rootfs"), std::string::npos);
  EXPECT_NE(hint_for(WriteFile{"/sys/fs/cgroup/memory.swap.max", "0"}, ENOENT).find("swap"),
            std::string::npos);
  EXPECT_NE(hint_for(FindExecutable{"bash", "/bin"}, ELIBBAD).find("interpreter"),
            std::string::npos);
  EXPECT_EQ(hint_for(SetUmask{}, EINVAL), "");
  EXPECT_NE(hint_for(RaiseLoopback{}, EMFILE).find("ulimit"), std::string::npos)
      << "what an errno means whatever was asked";
}

TEST(Errors, OfACallThatNoRequestStandsForNameItAndTheErrno) {
  const std::system_error error(ENFILE, std::generic_category(), "signalfd");
  EXPECT_EQ(message_of(as_setup_error(error)).substr(0, 44),
            "MyDocker: runtime: signalfd: too many open f");
  EXPECT_NE(message_of(as_setup_error(error)).find("\n  hint: "), std::string::npos);
}

TEST(Errors, ThatSayWhatFailedStayAsTheyAre) {
  const SetupError error("mount", "attach", EIO, "look", exit_status::kNotFound);
  const SetupError same = as_setup_error(error);
  EXPECT_EQ(message_of(same), message_of(error));
  EXPECT_EQ(same.status(), exit_status::kNotFound);
}

}  // namespace
}  // namespace mydocker
