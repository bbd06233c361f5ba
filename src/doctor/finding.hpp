// What `MyDocker doctor` says of this host, a line for each thing that a container needs of it.
#pragma once

#include <string>
#include <vector>

namespace mydocker::doctor {

enum class State {
  good,
  lacking,  // something does less than it could: the remedy says what to do
  failing,  // no container can start like this
};

struct Finding {
  std::string topic;
  State state = State::good;
  std::string text;
  std::string remedy;  // one line; empty if all is good
  bool operator==(const Finding&) const = default;
};

[[nodiscard]] std::string as_text(const std::vector<Finding>& findings, bool in_colours = false);
[[nodiscard]] std::string as_json(const std::vector<Finding>& findings);

}  // namespace mydocker::doctor
