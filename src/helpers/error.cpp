#include "mydocker/error.hpp"

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

std::string message_of(const SetupError& error) {
  std::string out = "MyDocker: ";
  out.append(error.stage()).append(": ").append(error.doing());
  if (error.code().value() != 0) out.append(": ").append(errno_text(error.code().value()));
  if (!error.hint().empty()) out.append("\n  hint: ").append(error.hint());
  return out;
}

}  // namespace mydocker
