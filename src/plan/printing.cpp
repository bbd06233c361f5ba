#include "plan/printing.hpp"

#include "helpers/names.hpp"
#include "helpers/text.hpp"

namespace mydocker {
namespace {

constexpr std::string_view kCloneWhy =
    "a fork into new namespaces; the child waits until the host has done its part";

std::string_view name_of(Place place) { return place == Place::host ? "host" : "child"; }

std::string padded(std::string_view text, std::size_t width) {
  std::string out(text);
  if (out.size() < width) out.append(width - out.size(), ' ');
  return out + ' ';
}

// Control characters of a user's words must not reach the terminal, whichever request they are in.
std::string printable(const std::string& text) {
  const std::string out = text::quoted(text);
  return out.substr(1, out.size() - 2);
}

std::string line(std::string_view place, std::string_view stage, const std::string& text,
                 std::string_view why, std::string_view calls, bool reasons) {
  constexpr std::size_t kPlaceWidth = 5, kStageWidth = 12;
  std::string out =
      padded(place, kPlaceWidth) + padded(stage, kStageWidth) + printable(text) + "\n";
  if (reasons) {
    const std::string indent(kPlaceWidth + kStageWidth + 4, ' ');
    out +=
        indent + "why: " + std::string(why) + "\n" + indent + "calls: " + std::string(calls) + "\n";
  }
  return out;
}

std::string object(std::string_view place, std::string_view stage, const std::string& text,
                   std::string_view why, std::string_view calls) {
  return "{\"where\": " + text::json_string(place) + ", \"stage\": " + text::json_string(stage) +
         ", \"request\": " + text::json_string(text) + ", \"why\": " + text::json_string(why) +
         ", \"calls\": " + text::json_string(calls) + "}";
}

std::string clone_request(const Plan& plan) {
  std::string out = "clone3 with " + names::clone_flags(plan.clone_flags);
  if (!plan.born_in.empty()) out += "|CLONE_INTO_CGROUP " + plan.born_in;
  return out;
}

// Where the child waits for the host's last steps.
bool is_ready(const Step& step) { return std::holds_alternative<Rendezvous>(step.action); }

}  // namespace

std::string step_text(const Step& step, Place place, bool reasons) {
  return line(name_of(place), step.stage, describe(step.action), step.why,
              system_calls(step.action), reasons);
}

std::string step_json(const Step& step, Place place) {
  return object(name_of(place), step.stage, describe(step.action), step.why,
                system_calls(step.action));
}

std::string clone_text(const Plan& plan, bool reasons) {
  return line("host", "runtime", clone_request(plan), kCloneWhy, "clone3", reasons);
}

std::string clone_json(const Plan& plan) {
  return object("host", "runtime", clone_request(plan), kCloneWhy, "clone3");
}

std::string plan_text(const Plan& plan, bool reasons) {
  std::string out;
  for (const auto& step : plan.prepare) out += step_text(step, Place::host, reasons);
  out += clone_text(plan, reasons);
  for (const auto& step : plan.attach) out += step_text(step, Place::host, reasons);
  for (const auto& step : plan.meanwhile) out += step_text(step, Place::host, reasons);
  for (const auto& step : plan.enter) {
    out += step_text(step, Place::child, reasons);
    if (!is_ready(step)) continue;
    for (const auto& last : plan.finish) out += step_text(last, Place::host, reasons);
  }
  return out;
}

std::string plan_json(const Plan& plan) {
  std::string out = "[";
  const auto add = [&](const std::string& json) { out += (out.size() > 1 ? ",\n " : "") + json; };
  for (const auto& step : plan.prepare) add(step_json(step, Place::host));
  add(clone_json(plan));
  for (const auto& step : plan.attach) add(step_json(step, Place::host));
  for (const auto& step : plan.meanwhile) add(step_json(step, Place::host));
  for (const auto& step : plan.enter) {
    add(step_json(step, Place::child));
    if (!is_ready(step)) continue;
    for (const auto& last : plan.finish) add(step_json(last, Place::host));
  }
  return out + "]\n";
}

}  // namespace mydocker
