// The probe's main: tries every row, each in a process of its own, and says what came of it.
#include <sys/mman.h>
#include <sys/wait.h>

#include <csignal>

#include "verify/kernel.hpp"
#include "verify/report.hpp"
#include "verify/row.hpp"
#include "verify/start.hpp"

namespace mydocker::verify {
namespace {

enum class Format { text, json };
constexpr int kBroken = 1, kWrongWords = 2, kFailed = 125;

// The answer comes back through memory that the child shares: a child that a filter kills has said
// nothing.
Answer attempt(const Row& row, Answer& shared) {
  shared = untried("it gave no answer");
  const long child = fork_child();
  if (child < 0) return untried(error_name(child));
  if (child == 0) {
    constexpr long kPatience = 30;
    itimer_after(kPatience);
    shared = row.attempt(row);
    leave(0);
  }
  const int status = wait_for(child);
  if (!WIFSIGNALED(status)) return shared;
  if (WTERMSIG(status) == SIGSYS) return blocked("SIGSYS");
  // int 0x80 where the kernel was built, or started, without it.
  if (WTERMSIG(status) == SIGSEGV) return absent("SIGSEGV");
  return untried(Text<32>().add("signal ").add(WTERMSIG(status)).view());
}

// Which rows this kernel lacks, found out without any privilege: for the caller of a probe behind a
// filter.
int survey(Answer& shared) {
  constexpr long kNobody = 65534;
  call(__NR_setgroups, 0, 0);
  call(__NR_setresgid, kNobody, kNobody, kNobody);
  call(__NR_setresuid, kNobody, kNobody, kNobody);
  const char* separator = "";
  for (const Row& row : rows()) {
    if (!is_surveyed(row) || attempt(row, shared).state != Answer::State::absent) continue;
    print(separator);
    print(row.id);
    separator = ",";
  }
  print("\n");
  return 0;
}

int try_all(Format format, Answer& shared) {
  Report report(format == Format::json);
  for (const Row& row : rows()) report.add(row, attempt(row, shared));
  report.end();
  return report.is_broken() ? kBroken : 0;
}

bool take_word(std::string_view word, Format& format, std::string_view& verb) {
  std::string_view value = word;
  const std::string_view name = take(value, '=');
  const long number = number_of(value);
  if (word == "--json") {
    format = Format::json;
  } else if (word == "--list" || word == "--survey") {
    verb = word;
  } else if (name == "--promise") {
    known().promise = value;
  } else if (name == "--absent") {
    known().absent = value;
  } else if (name == "--memory" && number > 0) {
    known().memory = number;
  } else if (name == "--processes" && number > 0) {
    known().processes = number;
  } else if (name == "--port" && number > 0 && number < 65536) {
    known().port = number;
  } else {
    return false;
  }
  return true;
}

}  // namespace

int run(int count, const char* const* words) {
  Format format = Format::text;
  std::string_view verb;
  for (int i = 1; i < count; ++i) {
    if (take_word(words[i], format, verb)) continue;
    print(
        "usage: probe [--json] [--list | --survey] [--promise=LETTERS] [--absent=IDS] "
        "[--memory=BYTES] "
        "[--processes=NUMBER] [--port=NUMBER]\n");
    return kWrongWords;
  }
  if (verb == "--list") {
    print_list(format == Format::json);
    return 0;
  }
  const long memory =
      call(__NR_mmap, 0, sizeof(Answer), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
  if (memory < 0 && memory > -4096) return kFailed;
  auto& shared = *reinterpret_cast<Answer*>(memory);
  return verb == "--survey" ? survey(shared) : try_all(format, shared);
}

}  // namespace mydocker::verify
