#include "cli/doctor.hpp"

#include <unistd.h>

#include <algorithm>
#include <string>
#include <string_view>

#include "cli/surroundings.hpp"
#include "doctor/examine.hpp"
#include "helpers/text.hpp"
#include "mydocker/error.hpp"
#include "sys/files.hpp"

namespace mydocker::cli {

int run_doctor(std::span<const char* const> words) {
  bool json = false;
  for (const std::string_view word : words) {
    if (word != "--json")
      throw UsageError("doctor " + text::quoted(word) + ": the only option is --json");
    json = true;
  }
  const auto findings = doctor::examine(surroundings().default_root);
  sys::write_all(STDOUT_FILENO, json ? doctor::as_json(findings) : doctor::as_text(findings));
  const bool fails = std::any_of(findings.begin(), findings.end(), [](const doctor::Finding& f) {
    return f.state == doctor::State::failing;
  });
  return fails ? 1 : 0;
}

}  // namespace mydocker::cli
