// Requests performed for real that need no privilege, each in a thread of its own: what they change
// belongs to the thread.
#include <sys/resource.h>
#include <unistd.h>

#include <thread>

#include "runtime/linux_executor.hpp"

namespace mydocker {
namespace {

template <class Look>
void perform_and(const Action& action, const Look& look) {
  std::thread([&] {
    Context context;
    LinuxExecutor(context).perform({action, "a test", {}, "test"});
    look();
  }).join();
}

TEST(Performed, SetSchedulerSetsTheNiceValueToo) {
  perform_and(SetScheduler{{.policy = 0, .nice = 7}},
              [] { EXPECT_EQ(::getpriority(PRIO_PROCESS, static_cast<id_t>(::gettid())), 7); });
}

TEST(Performed, SetAffinityTakesAList) {
  cpu_set_t before;
  ASSERT_EQ(::sched_getaffinity(0, sizeof before, &before), 0);
  unsigned first = 0;
  while (!CPU_ISSET(first, &before)) ++first;
  perform_and(SetAffinity{std::to_string(first)}, [first] {
    cpu_set_t now;
    ASSERT_EQ(::sched_getaffinity(0, sizeof now, &now), 0);
    EXPECT_EQ(CPU_COUNT(&now), 1);
    EXPECT_TRUE(CPU_ISSET(first, &now));
  });
  for (const char* const wrong : {"", "x", "1-0"}) {
    Context context;
    EXPECT_THROW(LinuxExecutor(context).perform({SetAffinity{wrong}, "a test", {}, "test"}),
                 SetupError)
        << wrong;
  }
}

}  // namespace
}  // namespace mydocker
