// netsetgo: connects a process, whoever started it, to the host by a bridge.
#include <unistd.h>

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "connection.hpp"
#include "helpers/addresses.hpp"
#include "helpers/numbers.hpp"
#include "helpers/text.hpp"
#include "mydocker/error.hpp"
#include "sys/files.hpp"

namespace {

using mydocker::UsageError;
namespace text = mydocker::text;

constexpr const char* kHelp =
    "Usage: netsetgo -pid PID [--delete]\n"
    "\n"
    "Connects the network of a process with this host: the bridge brg0, 10.10.10.1/24, and a pair "
    "of\n"
    "links from it into the process's network, which gets 10.10.10.2/24, or the next that is "
    "free,\n"
    "and a default route to the bridge.\n"
    "\n"
    "  -pid PID   the process; it has to have a network namespace of its own\n"
    "  --delete   takes the pair away, and the bridge with the last one\n"
    "  -h         this text\n";

struct Request {
  pid_t process = 0;
  bool is_removal = false;
};

pid_t process_in(std::string_view word) {
  constexpr std::uint64_t kMost = 4194304;  // no kernel has a larger one
  const auto number = mydocker::numbers::parse(word, kMost);
  if (!number || *number == 0)
    throw UsageError("-pid " + text::quoted(std::string(word)) +
                     ": allowed are the numbers of processes, 1 to 4194304");
  return static_cast<pid_t>(*number);
}

// Nothing if the help was asked for.
std::optional<Request> parse(std::span<char* const> words) {
  Request out;
  for (std::size_t i = 0; i < words.size(); ++i) {
    const std::string_view word = words[i];
    if (word == "-h" || word == "--help") return std::nullopt;
    if (word == "--delete") {
      out.is_removal = true;
    } else if (word == "-pid" || word == "--pid") {
      if (++i == words.size()) throw UsageError("-pid: needs the number of a process");
      out.process = process_in(words[i]);
    } else {
      throw UsageError(text::quoted(std::string(word)) + ": unknown; see netsetgo -h");
    }
  }
  if (out.process == 0) throw UsageError("needs -pid PID; see netsetgo -h");
  return out;
}

int run(std::span<char* const> words) {
  const auto request = parse(words);
  if (!request) {
    mydocker::sys::write_all(STDOUT_FILENO, kHelp);
  } else if (request->is_removal) {
    mydocker::netsetgo::disconnect(request->process);
  } else {
    const auto address = mydocker::netsetgo::connect(request->process);
    mydocker::sys::write_all(STDOUT_FILENO, mydocker::addresses::text(address) + "\n");
  }
  return 0;
}

int fail(const std::string& what, int status) {
  (void)!::write(STDERR_FILENO, what.data(), what.size());
  return status;
}

}  // namespace

int main(int argc, char** argv) {
  constexpr int kFailure = 1;
  try {
    return run({argv + 1, static_cast<std::size_t>(argc > 0 ? argc - 1 : 0)});
  } catch (const UsageError& error) {
    return fail(std::string("netsetgo: ") + error.what() + "\n", mydocker::exit_status::kUsage);
  } catch (const std::system_error& error) {
    const auto told = mydocker::as_setup_error(error);
    const std::string code =
        told.code().value() == 0 ? std::string() : ": " + mydocker::errno_text(told.code().value());
    const std::string hint = told.hint().empty() ? "" : "\n  hint: " + told.hint();
    return fail("netsetgo: " + told.doing() + code + hint + "\n", kFailure);
  }
}
