// Which front end, the one catch, the exit status.
#include <unistd.h>

#include <cerrno>
#include <new>
#include <span>
#include <string>
#include <string_view>

#include "cli/classic.hpp"
#include "cli/verbs.hpp"
#include "helpers/colours.hpp"
#include "life/run_verb.hpp"
#include "mydocker/error.hpp"
#include "oci/run_verb.hpp"
#include "sys/capabilities.hpp"
#include "sys/files.hpp"
#include "sys/terminal.hpp"

namespace {

void say(const std::string& text) {
  try {
    constexpr std::string_view kName = "MyDocker:";
    const bool in_red = text.starts_with(kName) && mydocker::sys::takes_colours(STDERR_FILENO);
    const std::string name = in_red ? mydocker::in_colour(mydocker::Colour::red, kName) : "";
    mydocker::sys::write_all(STDERR_FILENO, name + text.substr(in_red ? kName.size() : 0) + "\n");
  } catch (const std::system_error&) {
    // Standard error is closed; the exit status still tells.
  }
}

}  // namespace

int main(int argc, char** argv) {
  const std::span<const char* const> words(argv + (argc > 0 ? 1 : 0),
                                           static_cast<std::size_t>(argc > 0 ? argc - 1 : 0));
  try {
    if (mydocker::sys::has_power_of_file()) {
      throw mydocker::SetupError(
          "main", "start as a set-user-ID program, or one with file capabilities", EPERM,
          "whoever may run it would be root: take that from the file (chmod 0755, setcap -r), and "
          "use sudo");
    }
    mydocker::sys::open_standard_descriptors();
    if (const auto status = mydocker::life::run(words)) return *status;
    if (const auto status = mydocker::oci::run(words)) return *status;
    if (const auto status = mydocker::cli::run_verb(words)) return *status;
    return mydocker::cli::run_classic(words);
  } catch (const mydocker::UsageError& error) {
    say(std::string("MyDocker: ") + error.what());
    return mydocker::exit_status::kUsage;
  } catch (const std::system_error& error) {
    const mydocker::SetupError told = mydocker::as_setup_error(error);
    say(mydocker::message_of(told));
    return told.status();
  } catch (const std::bad_alloc&) {
    say("MyDocker: " + mydocker::errno_text(ENOMEM));
    return mydocker::exit_status::kFailure;
  } catch (const std::exception& error) {
    say(std::string("MyDocker: ") + error.what());
    return mydocker::exit_status::kFailure;
  }
}
