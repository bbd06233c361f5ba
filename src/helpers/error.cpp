#include "mydocker/error.hpp"

#include <cerrno>
#include <cstring>

namespace mydocker {

SetupError::SetupError(std::string stage, std::string doing, int error, std::string hint,
                       int status)
    : std::system_error(error, std::generic_category(), stage + ": " + doing),
      stage_(std::move(stage)),
      doing_(std::move(doing)),
      hint_(std::move(hint)),
      status_(status) {}

std::string errno_text(int error) {
  std::string text = strerrordesc_np(error) != nullptr ? strerrordesc_np(error) : "unknown error";
  const bool is_acronym = text.size() > 1 && text[1] >= 'A' && text[1] <= 'Z';
  if (!is_acronym && text[0] >= 'A' && text[0] <= 'Z')
    text[0] = static_cast<char>(text[0] - 'A' + 'a');
  const char* const name = strerrorname_np(error);
  text += " (";
  text += name != nullptr ? name : std::to_string(error);
  return text + ")";
}

std::string advice_for(int error) {
  switch (error) {
    case EMFILE:
    case ENFILE:
      return "a limit of open files is reached: see 'ulimit -n' and /proc/sys/fs/file-max";
    case ENOMEM:
      return "the host, or the cgroup that MyDocker runs in, has no memory left";
    case ENOSPC:
      return "a file system is full ('df'), or a limit of /proc/sys/user or of a cgroup is reached";
    case EAGAIN:
      return "a limit of processes is reached: see 'ulimit -u' and pids.max of the cgroup";
    case EPERM:
    case EACCES:
      return "not allowed where MyDocker runs: 'MyDocker doctor' says what is missing";
    case ENOSYS:
      return "this kernel is too old, or a filter forbids the call: see 'MyDocker doctor'";
    default:
      return {};
  }
}

SetupError as_setup_error(const std::system_error& error) {
  if (const auto* const known = dynamic_cast<const SetupError*>(&error)) return *known;
  const std::string what = error.what();
  return {"runtime", what.substr(0, what.find(':')), error.code().value(),
          advice_for(error.code().value())};
}

std::string message_of(const SetupError& error) {
  std::string out = "MyDocker: ";
  out.append(error.stage()).append(": ").append(error.doing());
  if (error.code().value() != 0) out.append(": ").append(errno_text(error.code().value()));
  if (!error.hint().empty()) out.append("\n  hint: ").append(error.hint());
  return out;
}

}  // namespace mydocker
