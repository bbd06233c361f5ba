// The two ends of the channel, both held by one process: a datagram fits into the socket's buffer.
#include "runtime/channel.hpp"

#include <fcntl.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include <cerrno>
#include <thread>

#include "support/host.hpp"

namespace mydocker {
namespace {

TEST(Channel, LetsTheChildGoOn) {
  Channel channel = Channel::make();
  channel.host.send_go();
  EXPECT_TRUE(channel.child.await_go());
  channel.host.send_start();
  EXPECT_TRUE(channel.child.await_start());
}

int inherited_descriptors() {
  int count = 0;
  for (int fd = 0; fd < 256; ++fd) {
    const int flags = ::fcntl(fd, F_GETFD);
    if (flags >= 0 && (flags & FD_CLOEXEC) == 0) ++count;
  }
  return count;
}

TEST(Channel, IsNotInheritedThroughExec) {
  const int before = inherited_descriptors();
  const Channel channel = Channel::make();
  EXPECT_EQ(inherited_descriptors(), before);
}

TEST(Channel, DoesNotTakeOneWordForAnother) {
  Channel channel = Channel::make();
  channel.host.send_start();
  EXPECT_FALSE(channel.child.await_go());
}

TEST(Channel, TellsThatTheChildIsReady) {
  Channel channel = Channel::make();
  channel.child.send_ready();
  EXPECT_TRUE(std::holds_alternative<HostEnd::Ready>(channel.host.receive()));
}

TEST(Channel, HandsADescriptorOverThatExecCloses) {
  Channel channel = Channel::make();
  int pipe[2];
  ASSERT_EQ(::pipe2(pipe, O_CLOEXEC), 0);
  UniqueFd reader(pipe[0]), writer(pipe[1]);
  channel.child.send_console(writer.get());
  auto message = channel.host.receive();
  auto* const console = std::get_if<HostEnd::Console>(&message);
  ASSERT_NE(console, nullptr);
  struct stat sent {
  }, received{};
  ASSERT_EQ(::fstat(writer.get(), &sent), 0);
  ASSERT_EQ(::fstat(console->master.get(), &received), 0);
  EXPECT_EQ(sent.st_ino, received.st_ino);
  EXPECT_NE(console->master.get(), writer.get());
  EXPECT_NE(::fcntl(console->master.get(), F_GETFD) & FD_CLOEXEC, 0);
}

TEST(Channel, CarriesAFailureWhole) {
  Channel channel = Channel::make();
  channel.child.send_failed(
      SetupError("gate", "find 'bash'", ENOENT, "look inside the root", exit_status::kNotFound));
  const auto message = channel.host.receive();
  const auto* const error = std::get_if<SetupError>(&message);
  ASSERT_NE(error, nullptr);
  EXPECT_EQ(error->stage(), "gate");
  EXPECT_EQ(error->doing(), "find 'bash'");
  EXPECT_EQ(error->hint(), "look inside the root");
  EXPECT_EQ(error->code().value(), ENOENT);
  EXPECT_EQ(error->status(), exit_status::kNotFound);
}

TEST(Channel, CutsTextsThatAreTooLong) {
  Channel channel = Channel::make();
  const std::string stage(1000, 's'), doing(100000, 'd'), hint(100000, 'h');
  channel.child.send_failed(SetupError(stage, doing, EPERM, hint));
  const auto message = channel.host.receive();
  const auto* const error = std::get_if<SetupError>(&message);
  ASSERT_NE(error, nullptr);
  for (const auto& [whole, cut] :
       {std::pair(stage, error->stage()), std::pair(doing, error->doing()),
        std::pair(hint, error->hint())}) {
    EXPECT_LT(cut.size(), whole.size());
    EXPECT_GT(cut.size(), 20U);
    EXPECT_EQ(cut, whole.substr(0, cut.size()));
  }
  EXPECT_EQ(error->code().value(), EPERM) << "the numbers arrive whatever the texts are";
}

TEST(Channel, KeepsTheOrderOfMessages) {
  Channel channel = Channel::make();
  channel.child.send_console(STDERR_FILENO);
  channel.child.send_ready();
  channel.child.close();
  EXPECT_TRUE(std::holds_alternative<HostEnd::Console>(channel.host.receive()));
  EXPECT_TRUE(std::holds_alternative<HostEnd::Ready>(channel.host.receive()));
  EXPECT_TRUE(std::holds_alternative<HostEnd::Closed>(channel.host.receive()));
}

TEST(Channel, TellsTheHostThatTheChildIsGone) {
  Channel channel = Channel::make();
  channel.child.close();
  EXPECT_TRUE(std::holds_alternative<HostEnd::Closed>(channel.host.receive()));
}

TEST(Channel, LetsTheHostFindOutByReceivingThatTheChildIsGone) {
  Channel channel = Channel::make();
  channel.child.close();
  EXPECT_NO_THROW(channel.host.send_go());
  EXPECT_NO_THROW(channel.host.send_hooks_done());
  EXPECT_NO_THROW(channel.host.send_start());
  EXPECT_TRUE(std::holds_alternative<HostEnd::Closed>(channel.host.receive()));
}

TEST(Channel, TellsTheChildThatMyDockerIsGone) {
  Channel channel = Channel::make();
  EXPECT_FALSE(channel.child.is_hung_up());
  channel.host.close();
  EXPECT_TRUE(channel.child.is_hung_up());
  EXPECT_FALSE(channel.child.await_go());
  EXPECT_FALSE(channel.child.await_start());
}

TEST(Channel, LetsAFailingChildEndQuietlyWhenMyDockerIsGone) {
  Channel channel = Channel::make();
  channel.host.close();
  EXPECT_NO_THROW(channel.child.send_failed(SetupError("gate", "find", ENOENT, "")));
  EXPECT_THROW(channel.child.send_ready(), std::system_error);
}

TEST(Channel, LetsTheHostRunItsHooksMeanwhile) {
  Channel channel = Channel::make();
  std::thread host([&] {
    EXPECT_TRUE(std::holds_alternative<HostEnd::AtHooks>(channel.host.receive()));
    channel.host.send_hooks_done();
  });
  EXPECT_TRUE(channel.child.await_hooks());
  host.join();
}

TEST(Channel, TellsAChildAtItsHooksThatTheHostGaveUp) {
  Channel channel = Channel::make();
  std::thread host([&] {
    EXPECT_TRUE(std::holds_alternative<HostEnd::AtHooks>(channel.host.receive()));
    channel.host.close();
  });
  EXPECT_FALSE(channel.child.await_hooks());
  host.join();
}

TEST(Channel, TakesNoStartForTheEndOfTheHooks) {
  Channel channel = Channel::make();
  channel.host.send_start();
  EXPECT_FALSE(channel.child.await_hooks());
}

// The socket in the state folder: a child listens, and who connects is the host from then on.
class StartSocket : public ::testing::Test {
 protected:
  StartSocket() {
    address_.sun_family = AF_UNIX;
    const std::string path = folder_.path() + "/start";
    path.copy(address_.sun_path, sizeof address_.sun_path - 1);
    EXPECT_EQ(::bind(listener_.get(), name(), sizeof address_), 0);
    EXPECT_EQ(::listen(listener_.get(), 8), 0);
    EXPECT_EQ(::ftruncate(page_.get(), 77), 0);
  }

  [[nodiscard]] HostEnd connect() const {
    UniqueFd end(::socket(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0));
    EXPECT_EQ(::connect(end.get(), name(), sizeof address_), 0);
    return HostEnd(std::move(end));
  }

  [[nodiscard]] const sockaddr* name() const {
    return reinterpret_cast<const sockaddr*>(&address_);
  }

  void expect_page_and_start(HostEnd& host) const {
    auto message = host.receive();
    auto* const page = std::get_if<HostEnd::Page>(&message);
    ASSERT_NE(page, nullptr);
    struct stat info {};
    ASSERT_EQ(::fstat(page->memory.get(), &info), 0);
    EXPECT_EQ(info.st_size, 77) << "the very page of the child";
    EXPECT_NE(::fcntl(page->memory.get(), F_GETFD) & FD_CLOEXEC, 0);
    host.send_start();
  }

  const test::TemporaryFolder folder_;
  sockaddr_un address_{};
  UniqueFd listener_{::socket(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0)};
  UniqueFd page_{::memfd_create("page", MFD_CLOEXEC)};
  Channel channel_ = Channel::make();
};

TEST_F(StartSocket, PassesThePageAndTakesTheStart) {
  HostEnd host = connect();
  std::thread starter([&] { expect_page_and_start(host); });
  channel_.child.await_starter(listener_.get(), page_.get());
  starter.join();
  channel_.child.send_failed(SetupError("exec", "run it", ENOENT, ""));
  EXPECT_TRUE(std::holds_alternative<SetupError>(host.receive()))
      << "the starter is the host from now on";
}

TEST_F(StartSocket, OutlivesTheHostThatCreated) {
  channel_.host.close();
  HostEnd host = connect();
  std::thread starter([&] { expect_page_and_start(host); });
  channel_.child.await_starter(listener_.get(), page_.get());
  EXPECT_FALSE(channel_.child.is_hung_up());
  starter.join();
}

TEST_F(StartSocket, WaitsForTheNextIfOneDiesAfterThePage) {
  HostEnd dying = connect(), host = connect();
  std::thread starter([&] {
    EXPECT_TRUE(std::holds_alternative<HostEnd::Page>(dying.receive()));
    dying.close();
    expect_page_and_start(host);
  });
  channel_.child.await_starter(listener_.get(), page_.get());
  starter.join();
}

TEST_F(StartSocket, WaitsForTheNextIfOneDiesBeforeThePage) {
  connect().close();
  HostEnd host = connect();
  std::thread starter([&] { expect_page_and_start(host); });
  EXPECT_NO_THROW(channel_.child.await_starter(listener_.get(), page_.get()));
  listener_.reset();  // who still waits for the child is told
  starter.join();
}

TEST_F(StartSocket, TakesNoOtherWordForAStart) {
  HostEnd wrong = connect(), host = connect();
  wrong.send_go();
  std::thread starter([&] { expect_page_and_start(host); });
  channel_.child.await_starter(listener_.get(), page_.get());
  starter.join();
}

TEST(UniqueFds, CloseWhatTheyHeldWhenAssigned) {
  UniqueFd held(::open("/dev/null", O_RDONLY | O_CLOEXEC)),
      other(::open("/dev/null", O_RDONLY | O_CLOEXEC));
  const int number = held.get(), kept = other.get();
  held = std::move(other);
  EXPECT_EQ(held.get(), kept);
  EXPECT_EQ(::fcntl(number, F_GETFD), -1);
  EXPECT_NE(::fcntl(kept, F_GETFD), -1);
  held.reset();
  EXPECT_EQ(::fcntl(kept, F_GETFD), -1);
}

}  // namespace
}  // namespace mydocker
