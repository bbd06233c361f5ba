#include <unistd.h>

#include <algorithm>

#include "cli/surroundings.hpp"
#include "cli/verbs.hpp"
#include "doctor/examine.hpp"
#include "sys/files.hpp"
#include "sys/terminal.hpp"

namespace mydocker::cli {
namespace {

constexpr oci::Flag kFlags[] = {{"json", 0, false, "for programs"}};

int doctor(const oci::Arguments& arguments) {
  const auto findings = doctor::examine(surroundings().default_root);
  sys::write_all(STDOUT_FILENO, arguments.is_on("json")
                                    ? doctor::as_json(findings)
                                    : doctor::as_text(findings, sys::takes_colours(STDOUT_FILENO)));
  const bool fails = std::any_of(findings.begin(), findings.end(), [](const doctor::Finding& f) {
    return f.state == doctor::State::failing;
  });
  return fails ? 1 : 0;
}

}  // namespace

const Verb doctor_verb{
    "doctor", "",    "Says what this host offers, and what to do about what it lacks.", kFlags, 0,
    0,        doctor};

}  // namespace mydocker::cli
