// kill: a signal for a container's first process.
#include <csignal>

#include "helpers/names.hpp"
#include "helpers/text.hpp"
#include "life/ending.hpp"
#include "life/freezing.hpp"
#include "life/verbs.hpp"
#include "mydocker/error.hpp"
#include "oci/verbs.hpp"

namespace mydocker::life {
namespace {

constexpr oci::Flag kFlags[] = {{"signal", 's', true, "SIGNAL: as TERM, SIGHUP, 9 (default KILL)"}};

int signal_of(const std::string& word) {
  const auto signal = names::parse_signal(word);
  if (!signal)
    throw UsageError("kill -s " + text::quoted(word) +
                     ": allowed are names as TERM and SIGINT, and 1 to 64");
  return *signal;
}

void kill_one(const Call& call, const std::string& id) {
  const Container container = find_begun(call.places, id);
  const std::string word = call.arguments.value_or("signal", "KILL");
  if (container.kind == Kind::oci) return have_oci_do(call, {"kill", id, word});
  const int signal = signal_of(word);
  if (!send(call.places, container, signal))
    throw UsageError("kill " + text::quoted(id) + ": it does not run");
  if (signal == SIGKILL) thaw(container);  // on version 1 it dies only then
}

int run(const Call& call) {
  (void)signal_of(call.arguments.value_or("signal", "KILL"));
  // As the OCI verb has it: 'kill ID SIGNAL'.
  const auto& words = call.ids();
  const bool names_signal = words.size() == 2 && !call.arguments.value("signal") &&
                            !try_find(call.places, words[1]) && names::parse_signal(words[1]);
  if (!names_signal) return for_each(call, kill_one);
  const std::string flag = "--signal=" + words[1];
  const char* const again[] = {flag.c_str(), words[0].c_str()};
  Call one = call;
  one.arguments = oci::parse(again, kFlags, oci::Rest::flags_too);
  return for_each(one, kill_one);
}

}  // namespace

const Verb kill_verb{
    "kill", "Sends containers a signal.", kFlags, oci::Rest::flags_too, 1, kAny, "ID...", run};

}  // namespace mydocker::life
