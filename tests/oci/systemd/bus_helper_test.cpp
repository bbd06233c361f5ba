// mydocker-systemd from outside: what it asks of systemd, in which types, and what it makes of the
// answers.
#include <sys/socket.h>
#include <sys/un.h>

#include "helpers/bus_status.hpp"
#include "mydocker/unique_fd.hpp"
#include "private_bus.hpp"

namespace mydocker::test {
namespace {

using Words = std::vector<std::string>;

const Words kStart{"start", "mydocker-one.scope", "system.slice", "1234", "container one"};
// What every scope is told.
const std::string kScope =
    "s:'Description' s:'container one' s:'DefaultDependencies' b:0 s:'Slice' s:'system.slice' "
    "s:'PIDs' au:[u:1234] s:'Delegate' b:1 ";
const std::string kAccounting =
    "s:'MemoryAccounting' b:1 s:'CPUAccounting' b:1 s:'TasksAccounting' b:1 s:'IOAccounting' b:1 "
    "s:'CollectMode' s:'inactive-or-failed'";

std::string start_call(const std::string& properties) {
  return "StartTransientUnit s:'mydocker-one.scope' s:'fail' a(sv):[" + properties +
         "] a(sa(sv)):[]\n";
}

Words with(Words words, const Words& more) {
  words.insert(words.end(), more.begin(), more.end());
  return words;
}

class BusHelper : public testing::Test {
 protected:
  void SetUp() override {
    if (!has_dbus_daemon()) GTEST_SKIP() << "dbus-daemon is not installed";
    bus_.emplace();
  }
  [[nodiscard]] Result ask(const Words& words) const { return ask_systemd(bus_->address(), words); }

  std::optional<PrivateBus> bus_;
};

TEST_F(BusHelper, StartsAScopeAndWaitsForIt) {
  for (const Words& how : {Words{}, Words{"--early"}}) {
    bus_->start_systemd(how);
    const Result result = ask(kStart);
    EXPECT_EQ(result.status, bus_status::kDone) << result.err;
    EXPECT_EQ(result.out + result.err, "");
    EXPECT_EQ(bus_->end_systemd(), start_call(kScope + kAccounting));
  }
}

TEST_F(BusHelper, TellsEachPropertyInItsType) {
  struct Row {
    std::string word, told;
  };
  const Row rows[] = {
      {"MemoryMax=1048576", "s:'MemoryMax' t:1048576"},
      {"MemorySwapMax=0", "s:'MemorySwapMax' t:0"},
      {"MemoryLimit=infinity", "s:'MemoryLimit' t:18446744073709551615"},
      {"CPUWeight=100", "s:'CPUWeight' t:100"},
      {"CPUQuotaPerSecUSec=500000", "s:'CPUQuotaPerSecUSec' t:500000"},
      {"TasksMax=64", "s:'TasksMax' t:64"},
      {"IOWeight=10", "s:'IOWeight' t:10"},
      {"AllowedCPUs=0-2,9", "s:'AllowedCPUs' ay:0702"},
      {"AllowedMemoryNodes=0", "s:'AllowedMemoryNodes' ay:01"},
      {"DevicePolicy=strict", "s:'DevicePolicy' s:'strict'"},
      {"DeviceAllow=/dev/char/1:3 rwm,block-* m",
       "s:'DeviceAllow' a(ss):[s:'/dev/char/1:3' s:'rwm' s:'block-*' s:'m']"},
  };
  for (const auto& [word, told] : rows) {
    bus_->start_systemd();
    EXPECT_EQ(ask({"set", "mydocker-one.scope", word}).status, bus_status::kDone) << word;
    EXPECT_EQ(bus_->end_systemd(),
              "SetUnitProperties s:'mydocker-one.scope' b:1 a(sv):[" + told + "]\n");
  }
}

TEST_F(BusHelper, KnowsNoOtherPropertiesAndValues) {
  bus_->start_systemd();
  for (const char* const word :
       {"ExecStart=/bin/sh", "MemoryMax", "MemoryMax=-1", "MemoryMax=1M", "AllowedCPUs=a",
        "DeviceAllow=/dev/null", "Delegate=yes", "=1", "PIDs=0"}) {
    EXPECT_EQ(ask({"set", "mydocker-one.scope", word}).status, bus_status::kUsage) << word;
  }
  EXPECT_EQ(bus_->end_systemd(), "");
}

TEST_F(BusHelper, ASliceIsWantedAndHoldsNoProcess) {
  bus_->start_systemd();
  const Result result = ask({"start", "pods-one.slice", "pods.slice", "1234", "container one"});
  EXPECT_EQ(result.status, bus_status::kDone) << result.err;
  EXPECT_EQ(bus_->end_systemd(),
            "StartTransientUnit s:'pods-one.slice' s:'fail' a(sv):[s:'Description' "
            "s:'container one' s:'DefaultDependencies' b:0 s:'Wants' as:[s:'pods.slice'] " +
                kAccounting + "] a(sa(sv)):[]\n");
}

TEST_F(BusHelper, LeavesOutWhatAnOlderSystemdDoesNotKnow) {
  bus_->start_systemd({"--unknown", "TasksMax"});
  EXPECT_EQ(ask(with(kStart, {"TasksMax=5", "MemoryMax=4096"})).status, bus_status::kDone);
  EXPECT_EQ(ask({"set", "mydocker-one.scope", "TasksMax=5"}).status, bus_status::kDone);
  EXPECT_EQ(bus_->end_systemd(),
            start_call(kScope + kAccounting + " s:'TasksMax' t:5 s:'MemoryMax' t:4096") +
                start_call(kScope + kAccounting + " s:'MemoryMax' t:4096") +
                "SetUnitProperties s:'mydocker-one.scope' b:1 a(sv):[s:'TasksMax' t:5]\n");
}

TEST_F(BusHelper, CannotDoWithoutDelegation) {
  bus_->start_systemd({"--unknown", "Delegate"});
  const Result result = ask(kStart);
  EXPECT_EQ(result.status, bus_status::kRefused);
  EXPECT_EQ(result.err,
            "StartTransientUnit: Cannot set property Delegate, or unknown property. "
            "(org.freedesktop.DBus.Error.PropertyReadOnly)\n");
}

TEST_F(BusHelper, TakesTheNameOfAUnitThatHasFailed) {
  bus_->start_systemd({"--leftover", "mydocker-one.scope"});
  EXPECT_EQ(ask(kStart).status, bus_status::kDone);
  const std::string call = start_call(kScope + kAccounting);
  EXPECT_EQ(bus_->end_systemd(), call + "ResetFailedUnit s:'mydocker-one.scope'\n" + call);
}

TEST_F(BusHelper, LeavesAUnitThatRunsAlone) {
  bus_->start_systemd({"--running", "mydocker-one.scope"});
  const Result result = ask(kStart);
  EXPECT_EQ(result.status, bus_status::kRefused);
  EXPECT_EQ(result.err,
            "StartTransientUnit: Unit mydocker-one.scope was already loaded or has a fragment "
            "file. (org.freedesktop.systemd1.UnitExists)\n");
  EXPECT_EQ(bus_->end_systemd().find("StopUnit"), std::string::npos);
}

TEST_F(BusHelper, TellsOfAJobThatFails) {
  bus_->start_systemd({"--result", "failed"});
  const Result result = ask(kStart);
  EXPECT_EQ(result.status, bus_status::kRefused);
  EXPECT_EQ(result.err, "StartTransientUnit: the job of mydocker-one.scope ended: failed\n");
  EXPECT_TRUE(bus_->hears("ResetFailedUnit s:'mydocker-one.scope'\n"));
}

TEST_F(BusHelper, StopsWhatIsNotReadyInTime) {
  for (const char* const how : {"--silent", "--mute"}) {
    bus_->start_systemd({how});
    const Result result = ask(with({"--timeout", "200"}, kStart));
    EXPECT_EQ(result.status, bus_status::kTimedOut) << how;
    EXPECT_NE(result.err.find(": no answer in time\n"), std::string::npos) << result.err;
    EXPECT_TRUE(bus_->hears("StopUnit s:'mydocker-one.scope' s:'replace'\n")) << how;
    (void)bus_->end_systemd();
  }
}

TEST_F(BusHelper, StopsAUnitAndWaits) {
  bus_->start_systemd({"--running", "mydocker-one.scope"});
  EXPECT_EQ(ask({"stop", "mydocker-one.scope"}).status, bus_status::kDone);
  const Result again = ask({"stop", "mydocker-one.scope"});
  EXPECT_EQ(again.status, bus_status::kDone);
  EXPECT_EQ(again.err, "");
  const std::string call = "StopUnit s:'mydocker-one.scope' s:'replace'\n";
  EXPECT_EQ(bus_->end_systemd(), call + "ResetFailedUnit s:'mydocker-one.scope'\n" + call);
}

TEST_F(BusHelper, ToldTheSlicesRoot) {
  bus_->start_systemd();
  EXPECT_EQ(ask({"root"}).out, "/user.slice/fake.service\n");
}

TEST_F(BusHelper, FindsNoSystemdOnTheBus) {
  for (const Words& words : {kStart, Words{"stop", "a.scope"}, Words{"root"}}) {
    const Result result = ask(words);
    EXPECT_EQ(result.status, bus_status::kNoSystemd) << words[0];
    EXPECT_EQ(result.err.find("no systemd on this bus ("), 0) << result.err;
  }
}

TEST(BusHelperAlone, FindsNoBus) {
  const Result result = ask_systemd("unix:path=/nonexistent/bus", kStart);
  EXPECT_EQ(result.status, bus_status::kNoSystemd);
  EXPECT_EQ(result.err, "cannot reach the bus of the system: No such file or directory\n");
  EXPECT_EQ(run({"env", "-i", MYDOCKER_SYSTEMD, "--user", "root"}).status, bus_status::kNoSystemd);
}

TEST(BusHelperAlone, DoesNotWaitForABusThatSaysNothing) {
  const TemporaryFolder folder;
  sockaddr_un address{AF_UNIX, {}};
  const std::string path = folder.path() + "/bus";
  path.copy(address.sun_path, sizeof address.sun_path - 1);
  const UniqueFd socket(::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0));
  ASSERT_EQ(::bind(socket.get(), reinterpret_cast<const sockaddr*>(&address), sizeof address), 0);
  ASSERT_EQ(::listen(socket.get(), 5), 0);
  const Result result = ask_systemd("unix:path=" + path, with({"--timeout", "200"}, kStart));
  EXPECT_EQ(result.status, bus_status::kTimedOut);
  EXPECT_EQ(result.err, "the bus: no answer in time\n");
}

TEST(BusHelperAlone, KnowsItsWords) {
  for (const Words& words :
       {Words{}, Words{"start", "a.scope"}, Words{"set"}, Words{"restart", "a"},
        Words{"--timeout", "soon", "root"}, Words{"--users", "root"}}) {
    EXPECT_EQ(ask_systemd("unix:path=/nonexistent/bus", words).status, bus_status::kUsage);
  }
}

}  // namespace
}  // namespace mydocker::test
