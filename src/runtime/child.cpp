#include "runtime/child.hpp"

#include <unistd.h>

#include <cerrno>
#include <new>

namespace mydocker {

void child_main(const Plan& plan, Executor& executor, Context& context,
                ChildEnd& channel) noexcept {
  try {
    context.record.reset();  // the lock is the parent's: it must not outlive it through us
    context.ports.clear();
    context.page->ports_are_free = 1;
    context.channel = &channel;
    context.image = ExecImage(std::get<Exec>(plan.enter.back().action));
    if (!channel.await_go()) ::_exit(exit_status::kFailure);
    for (const auto& step : plan.enter) executor.perform(step);
  } catch (const std::system_error& error) {
    channel.send_failed(as_setup_error(error));
  } catch (const std::bad_alloc&) {
    channel.send_failed(SetupError("runtime", "allocate memory", ENOMEM, advice_for(ENOMEM)));
  } catch (const std::exception& error) {
    channel.send_failed(SetupError("runtime", error.what(), 0, ""));
  }
  ::_exit(exit_status::kFailure);
}

}  // namespace mydocker
