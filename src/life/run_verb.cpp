#include "life/run_verb.hpp"

#include <unistd.h>

#include <algorithm>
#include <iterator>
#include <stdexcept>

#include "helpers/text.hpp"
#include "life/verbs.hpp"
#include "mydocker/error.hpp"
#include "oci/run_verb.hpp"
#include "oci/verbs.hpp"
#include "sys/files.hpp"

namespace mydocker::life {
namespace {

// The last line's are OCI verbs, which know containers of the classic command line, too.
const Verb* const kVerbs[] = {
    &ps_verb,   &logs_verb, &exec_verb,  &top_verb,     &stats_verb,
    &stop_verb, &kill_verb, &pause_verb, &unpause_verb, &wait_verb,
    &rm_verb,   &gc_verb,   &state_verb, &resume_verb,  &delete_verb,
};

constexpr oci::Flag kHelp{"help", 'h', false, "this text"};

const Verb* find_named(std::string_view name) {
  const auto* const found = std::find_if(std::begin(kVerbs), std::end(kVerbs),
                                         [&](const Verb* verb) { return verb->name == name; });
  return found == std::end(kVerbs) ? nullptr : *found;
}

// How many words name another folder of states: "--root DIR", "--root=DIR".
std::size_t count_root(std::span<const char* const> words, Places& places) {
  constexpr std::string_view kRoot = "--root";
  const std::string_view first = words.empty() ? "" : words.front();
  if (first == kRoot && words.size() > 1) {
    places.states = words[1];
    return 2;
  }
  if (!first.starts_with("--root=")) return 0;
  places.states = first.substr(kRoot.size() + 1);
  return 1;
}

std::string help_of(const Verb& verb) {
  std::string out = "Usage: MyDocker " + std::string(verb.name) + " [flags] " +
                    std::string(verb.words) + "\n" + std::string(verb.summary) + "\n";
  for (const auto& flag : verb.flags) out += oci::flag_text(flag);
  return out + oci::flag_text(kHelp);
}

std::vector<oci::Flag> flags_of(const Verb& verb) {
  std::vector<oci::Flag> out(verb.flags.begin(), verb.flags.end());
  out.push_back(kHelp);
  return out;
}

// A word that is an OCI verb too is that one's, unless it is about one of our containers, or says what
// that verb does not know.
bool is_for_oci(const Verb& verb, const Call& call) {
  if (oci::find_verb_named(verb.name) == nullptr) return false;
  if (verb.least_words == 0 && call.ids().empty()) return false;  // 'ps' alone
  if (call.ids().empty() || is_classic(call.places, call.ids().front())) return call.ids().empty();
  return !call.arguments.value("signal");
}

// Nothing: the words are not of this grammar, and so the other one's to judge.
std::optional<oci::Arguments> parse(const Verb& verb, std::span<const char* const> words) {
  const bool is_shared = oci::find_verb_named(verb.name) != nullptr;
  try {
    return oci::parse(words, flags_of(verb), verb.rest);
  } catch (const UsageError&) {
    if (is_shared) return std::nullopt;
    throw;
  }
}

}  // namespace

std::span<const Verb* const> verbs() { return kVerbs; }

std::optional<int> run(std::span<const char* const> words) {
  Call call;
  call.places = {};
  call.words = words;
  call.at = count_root(words, call.places);
  const Verb* const verb = call.at < words.size() ? find_named(words[call.at]) : nullptr;
  if (verb == nullptr) return std::nullopt;
  const Places usual = default_places();
  call.places.records = usual.records;
  if (call.at == 0) call.places.states = usual.states;
  auto arguments = parse(*verb, words.subspan(call.at + 1));
  if (!arguments) return std::nullopt;
  call.arguments = std::move(*arguments);
  if (is_for_oci(*verb, call)) return std::nullopt;
  if (call.arguments.is_on("help")) {
    print(help_of(*verb));
    return 0;
  }
  const std::size_t count = call.ids().size();
  if (count < verb->least_words || count > verb->most_words)
    throw UsageError("'MyDocker " + std::string(verb->name) +
                     "' wants the words: " + std::string(verb->words));
  return verb->run(call);
}

void print(std::string_view text) { sys::write_all(STDOUT_FILENO, text); }

int for_each(const Call& call, void (*act)(const Call& call, const std::string& id)) {
  int status = 0;
  const auto tell = [&](const std::string& line, int how) {
    status = how;
    sys::write_all(STDERR_FILENO, line + "\n");
  };
  for (const auto& id : call.ids()) {
    try {
      act(call, id);
    } catch (const UsageError& error) {
      tell(std::string("MyDocker: ") + error.what(), exit_status::kUsage);
    } catch (const std::system_error& error) {
      tell(message_of(as_setup_error(error)), exit_status::kFailure);
    } catch (const std::runtime_error& error) {
      tell(std::string("MyDocker: ") + error.what(), exit_status::kFailure);
    }
  }
  return status;
}

void have_oci_do(const Call& call, std::initializer_list<std::string> words) {
  std::vector<const char*> all{"--root", call.places.states.c_str()};
  for (const auto& word : words) all.push_back(word.c_str());
  // It has told its error itself.
  if (oci::run(all).value_or(1) != 0)
    throw oci::Failure(text::join({words.begin(), words.end()}, " ") + ": it could not be done");
}

}  // namespace mydocker::life
