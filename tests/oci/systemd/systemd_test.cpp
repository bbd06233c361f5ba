// What the engine does with mydocker-systemd: run from memory, its errors as exceptions, as actions
// of a plan; and users' buses.
#include "sys/systemd.hpp"

#include <unistd.h>

#include <cstdlib>

#include "helpers/bus_status.hpp"
#include "mydocker/error.hpp"
#include "private_bus.hpp"
#include "runtime/context.hpp"
#include "runtime/linux_executor.hpp"

namespace mydocker::test {
namespace {

constexpr const char* kSystemBus = "DBUS_SYSTEM_BUS_ADDRESS";

class SystemdOnABus : public testing::Test {
 protected:
  void SetUp() override {
    if (!has_dbus_daemon()) GTEST_SKIP() << "dbus-daemon is not installed";
    bus_.emplace();
    ::setenv(kSystemBus, bus_->address().c_str(), 1);
  }
  void TearDown() override { ::unsetenv(kSystemBus); }

  std::optional<PrivateBus> bus_;
};

const sys::NewUnit kUnit{
    "mydocker-one.scope", "system.slice", "container one", {{"TasksMax", "5"}}};

template <class Call>
sys::SystemdError error_of(Call call) {
  try {
    call();
  } catch (const sys::SystemdError& error) {
    return error;
  }
  ADD_FAILURE() << "no error";
  return {"", ""};
}

TEST_F(SystemdOnABus, StartsChangesAndStopsAUnit) {
  bus_->start_systemd();
  sys::start_unit(Systemd::of_system, kUnit, ::getpid());
  sys::set_unit_properties(Systemd::of_system, kUnit.name, {{"TasksMax", "infinity"}});
  sys::stop_unit(Systemd::of_system, kUnit.name);
  sys::stop_unit(Systemd::of_system, kUnit.name);
  EXPECT_EQ(sys::systemd_root(Systemd::of_system), "/user.slice/fake.service");
  const std::string heard = bus_->end_systemd();
  EXPECT_NE(heard.find("au:[u:" + std::to_string(::getpid()) + "]"), std::string::npos) << heard;
  EXPECT_NE(heard.find("s:'TasksMax' t:5"), std::string::npos) << heard;
  EXPECT_NE(heard.find("a(sv):[s:'TasksMax' t:18446744073709551615]\nStopUnit "), std::string::npos)
      << heard;
}

TEST_F(SystemdOnABus, ErrorsHaveItsOwnWords) {
  bus_->start_systemd({"--result", "failed"});
  const auto error = error_of([] { sys::start_unit(Systemd::of_system, kUnit, ::getpid()); });
  EXPECT_STREQ(error.what(), "StartTransientUnit: the job of mydocker-one.scope ended: failed");
  EXPECT_EQ(error.hint(), "");
}

TEST_F(SystemdOnABus, ItsPatienceHasAnEnd) {
  bus_->start_systemd({"--silent"});
  const auto error = error_of([] {
    sys::start_unit(Systemd::of_system, kUnit, ::getpid(), std::chrono::milliseconds(200));
  });
  EXPECT_NE(std::string(error.what()).find("no answer in time"), std::string::npos);
  EXPECT_NE(error.hint().find("systemctl list-jobs"), std::string::npos);
}

TEST_F(SystemdOnABus, AnActionStartsItAndItsUndoStopsIt) {
  bus_->start_systemd();
  Context context;
  context.child = ::getpid();
  LinuxExecutor executor(context);
  const StopUnit stop{Systemd::of_system, kUnit.name};
  // Another's unit of that name is not ours to stop.
  EXPECT_TRUE(executor.undo(stop));
  executor.perform(
      {StartUnit{Systemd::of_system, kUnit.name, kUnit.slice, kUnit.description, kUnit.properties},
       "",
       {},
       "cgroup"});
  EXPECT_TRUE(executor.undo(stop));
  const std::string heard = bus_->end_systemd();
  EXPECT_EQ(heard.find("StartTransientUnit s:'mydocker-one.scope'"), 0) << heard;
  EXPECT_NE(heard.find("\nStopUnit s:'mydocker-one.scope'"), std::string::npos) << heard;
}

TEST_F(SystemdOnABus, AnActionThatFailsSaysWhatWasAskedAndWhatToDo) {
  Context context;
  LinuxExecutor executor(context);
  try {
    executor.perform({StartUnit{Systemd::of_system, "a.scope", "b.slice", "c", {{"TasksMax", "1"}}},
                      "",
                      {},
                      "cgroup"});
    FAIL() << "there is no systemd on this bus";
  } catch (const SetupError& error) {
    const std::string message = message_of(error);
    EXPECT_EQ(message.find("MyDocker: cgroup: have systemd start a.scope in b.slice and move the "
                           "child into it with TasksMax=1: no systemd on this bus ("),
              0)
        << message;
    if (!sys::is_systemd_running()) {
      EXPECT_NE(message.find("\n  hint: the systemd driver needs systemd as init: "
                             "/run/systemd/system does not exist; use --cgroup-manager cgroupfs"),
                std::string::npos)
          << message;
    }
  }
}

TEST(SystemdOfRoot, IsNotThatOfWhoIsRootInAUserNamespaceAlone) {
  if (::geteuid() != 0) GTEST_SKIP() << "needs root, to give a folder away";
  const TemporaryFolder mark;
  EXPECT_EQ(sys::own_systemd(mark.path()), Systemd::of_system);
  ASSERT_EQ(::chown(mark.path().c_str(), 1, 1), 0);
  EXPECT_EQ(sys::own_systemd(mark.path()), Systemd::of_user);
}

// By an ordinary user, who in a user namespace of their own may be root.
Result ask_as_user(const std::string& address, std::vector<std::string> before) {
  for (const std::string& word :
       {std::string("env"), std::string("-i"), "DBUS_SESSION_BUS_ADDRESS=" + address,
        std::string(MYDOCKER_SYSTEMD), std::string("--user"), std::string("root")})
    before.push_back(word);
  return run(before);
}

// The user "daemon", who is everywhere: dbus-daemon wants to find its user in /etc/passwd.
const std::vector<std::string> kOrdinary{"setpriv", "--reuid=1", "--regid=1", "--clear-groups"};

class SystemdOfAUser : public testing::Test {
 protected:
  void SetUp() override {
    if (!has_dbus_daemon()) GTEST_SKIP() << "dbus-daemon is not installed";
    if (::geteuid() != 0) GTEST_SKIP() << "needs root, to be two users";
  }
};

TEST_F(SystemdOfAUser, IsReachedFromAUserNamespaceToo) {
  PrivateBus bus(kOrdinary);
  bus.start_systemd();
  auto inside = kOrdinary;
  for (const char* const word : {"unshare", "--user", "--map-root-user"}) inside.emplace_back(word);
  for (const auto& before : {kOrdinary, inside}) {
    const Result result = ask_as_user(bus.address(), before);
    EXPECT_EQ(result.status, bus_status::kDone) << result.err;
    EXPECT_EQ(result.out, "/user.slice/fake.service\n");
  }
}

TEST_F(SystemdOfAUser, IsNotAnothers) {
  PrivateBus bus(kOrdinary);
  bus.start_systemd();
  const Result result = ask_as_user(bus.address(), {});
  EXPECT_EQ(result.status, bus_status::kRefused);
  EXPECT_EQ(result.err, "the bus of the user is that of user 1, not of 0\n");
}

}  // namespace
}  // namespace mydocker::test
