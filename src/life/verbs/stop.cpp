// stop: asks a container to end, and ends it if it does not.
#include <csignal>

#include "helpers/numbers.hpp"
#include "helpers/text.hpp"
#include "life/ending.hpp"
#include "life/verbs.hpp"
#include "mydocker/error.hpp"

namespace mydocker::life {
namespace {

constexpr oci::Flag kFlags[] = {{"time", 't', true, "SECONDS: until it is killed (default 10)"}};

std::chrono::milliseconds patience(const Call& call) {
  const std::string text = call.arguments.value_or("time", "10");
  constexpr std::int64_t kMost = 86400000;
  const auto out = numbers::parse_milliseconds(text);
  if (!out || *out > kMost)
    throw UsageError("-t " + text::quoted(text) + ": allowed are seconds from 0 to 86400");
  return std::chrono::milliseconds(*out);
}

void stop_one(const Call& call, const std::string& id) {
  const Container container = find_begun(call.places, id);
  const int signal = container.about ? container.about->stop_signal : SIGTERM;
  stop(call.places, container, signal, patience(call));
  print(id + "\n");
}

int run(const Call& call) {
  (void)patience(call);
  return for_each(call, stop_one);
}

}  // namespace

const Verb stop_verb{"stop",  "Sends containers their stop signal, and KILL if they do not end.",
                     kFlags,  oci::Rest::flags_too,
                     1,       kAny,
                     "ID...", run};

}  // namespace mydocker::life
