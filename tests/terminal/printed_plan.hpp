// What MyDocker prints, and what strace(1) saw it do.
#pragma once

#include <string>
#include <vector>

namespace mydocker::test {

// One request as --explain prints it.
struct Request {
  std::string place, text;  // "host" or "child"; the whole first line
  std::string why;
  std::vector<std::string> calls;  // "mkdir?": made only if needed
};
[[nodiscard]] std::vector<Request> requests_in(const std::string& printed);

// The first lines alone, of --dry-run or --explain.
[[nodiscard]] std::vector<std::string> request_lines(const std::string& printed);

struct Call {
  std::string name, line;
};
struct Trace {
  std::vector<Call> host, child;  // from the record to Go; from birth to the entrypoint
};
// Reads the output of strace -f -o.
[[nodiscard]] Trace trace_in(const std::string& text);

// Matches the calls with the requests, in order. A request makes all its calls, may repeat all but
// the last one, and may leave out those with a question mark. Says what does not fit, a line each:
// a request without one of its calls, a call that makes containers and that no request names.
[[nodiscard]] std::vector<std::string> mismatches(const std::vector<Request>& requests,
                                                  const std::vector<Call>& calls);

}  // namespace mydocker::test
