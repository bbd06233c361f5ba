#include "verify/report.hpp"

#include <sys/time.h>

#include "verify/attempts.hpp"
#include "verify/kernel.hpp"

namespace mydocker::verify {
namespace {

using Line = Text<1024>;
constexpr std::size_t kStateWidth = 9, kIdWidth = 15, kWhatWidth = 50;

// All letters of the row's promise are true of the container.
bool is_promised(const Row& row) {
  const std::string_view letters(row.promise);
  for (std::size_t i = 0; i < letters.size(); ++i) {
    if (!contains(known().promise, piece(letters, i, 1))) return false;
  }
  return !letters.empty();
}

// What the caller can do about an open row, if an option promises it.
std::string_view remedy(std::string_view promise) {
  if (promise == "U") return "; -U shuts it";
  if (promise == "p") return "; -c with -P shuts it";
  if (promise == "m") return "; -c with -M shuts it";
  return "";
}

std::string_view word_for(Answer::State state, bool is_design) {
  switch (state) {
    case Answer::State::blocked:
      return "blocked";
    case Answer::State::open:
      return is_design ? "open" : "OPEN";
    case Answer::State::absent:
      return "absent";
    case Answer::State::untried:
      break;
  }
  return "UNTRIED";
}

Line& add_string(Line& to, std::string_view name, std::string_view value) {
  to.add("\"").add(name).add("\": \"");
  for (const char c : value) {
    const bool is_special = c == '"' || c == '\\';
    // What names in /proc may hold, and JSON may not.
    to.add(is_special ? "\\" : "").add(c >= ' ' && c < 0x7F ? std::string_view(&c, 1) : "?");
  }
  return to.add("\"");
}

}  // namespace

void Report::add(const Row& row, const Answer& answer) {
  const bool promised = is_promised(row);
  ++count_;
  switch (answer.state) {
    case Answer::State::blocked:
      ++blocked_;
      break;
    case Answer::State::absent:
      ++absent_;
      break;
    case Answer::State::untried:
      ++untried_;
      break;
    case Answer::State::open:
      if (row.by_design != nullptr && !promised)
        ++by_design_;
      else
        ++open_;
      if (promised) ++broken_;
      break;
  }
  as_json_ ? add_json(row, answer, promised) : add_text(row, answer, promised);
}

void Report::add_text(const Row& row, const Answer& answer, bool promised) {
  const bool is_open = answer.state == Answer::State::open;
  const bool is_design = row.by_design != nullptr && !promised;
  Line line;
  line.add(word_for(answer.state, is_design)).pad(kStateWidth);
  line.add(row.id).add(" ").pad(kStateWidth + kIdWidth);
  line.add(row.what).add(" ").pad(kStateWidth + kIdWidth + kWhatWidth);
  for (const char c : answer.how.view())
    line.add(c >= ' ' && c < 0x7F ? std::string_view(&c, 1) : "?");
  if (is_open && promised) line.add("; PROMISED to be blocked");
  if (is_open && !promised) line.add(remedy(row.promise));
  if (is_open && is_design)
    line.add("\n").pad(line.view().size() + kStateWidth).add("by design: ").add(row.by_design);
  print(line.add("\n").view());
}

void Report::add_json(const Row& row, const Answer& answer, bool promised) {
  Line line;
  line.add(count_ == 1 ? "{\"rows\": [\n " : ",\n ").add("{");
  add_string(line, "id", row.id).add(", ");
  add_string(line, "state",
             answer.state == Answer::State::open      ? "open"
             : answer.state == Answer::State::untried ? "untried"
                                                      : word_for(answer.state, false))
      .add(", ");
  add_string(line, "what", row.what).add(", ");
  add_string(line, "how", answer.how.view()).add(", ");
  add_string(line, "cves", row.cves)
      .add(", \"promised\": ")
      .add(promised ? "true" : "false")
      .add(", ");
  add_string(line, "by_design", row.by_design == nullptr ? "" : row.by_design).add("}");
  print(line.view());
}

void Report::end() {
  Line line;
  if (as_json_) {
    line.add("],\n \"blocked\": ").add(blocked_).add(", \"absent\": ").add(absent_);
    line.add(", \"open\": ").add(open_).add(", \"open_by_design\": ").add(by_design_);
    line.add(", \"promised_but_open\": ")
        .add(broken_)
        .add(", \"untried\": ")
        .add(untried_)
        .add("}\n");
  } else {
    line.add("\n").add(count_).add(" rows: ").add(blocked_).add(" blocked, ").add(absent_);
    line.add(" absent on this kernel, ")
        .add(open_)
        .add(" open, ")
        .add(by_design_)
        .add(" open by design");
    if (untried_ > 0) line.add(", ").add(untried_).add(" untried");
    if (broken_ > 0)
      line.add("; of the open ones ").add(broken_).add(" were promised to be blocked");
    line.add("\n");
  }
  print(line.view());
}

void print_list(bool as_json) {
  const char* before = "[";
  for (const Row& row : rows()) {
    Line line;
    if (as_json) {
      line.add(before).add("{");
      add_string(line, "id", row.id).add(", ");
      add_string(line, "what", row.what).add(", ");
      add_string(line, "cves", row.cves).add(", ");
      add_string(line, "promise", row.promise).add(", ");
      add_string(line, "by_design", row.by_design == nullptr ? "" : row.by_design).add("}");
      before = ",\n ";
    } else {
      line.add(row.id).add(" ").pad(kIdWidth).add(row.what).add(" ").pad(kIdWidth + kWhatWidth);
      line.add(row.cves).add("\n");
    }
    print(line.view());
  }
  if (as_json) print("]\n");
}

bool is_surveyed(const Row& row) { return row.attempt == try_calls || row.attempt == try_x32; }

void itimer_after(long seconds) {
  const itimerval timer{{}, {seconds, 0}};
  call(__NR_setitimer, ITIMER_REAL, address(&timer), 0);
}

}  // namespace mydocker::verify
