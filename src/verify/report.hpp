// What the probe prints.
#pragma once

#include "verify/row.hpp"

namespace mydocker::verify {

class Report {
 public:
  explicit Report(bool as_json) : as_json_(as_json) {}
  void add(const Row& row, const Answer& answer);
  void end();
  // Whether something that was promised is open, or could not be tried.
  [[nodiscard]] bool is_broken() const { return broken_ > 0 || untried_ > 0; }

 private:
  void add_text(const Row& row, const Answer& answer, bool is_promised);
  void add_json(const Row& row, const Answer& answer, bool is_promised);
  bool as_json_;
  long count_ = 0, blocked_ = 0, absent_ = 0, untried_ = 0, by_design_ = 0, open_ = 0, broken_ = 0;
};

// All rows, untried.
void print_list(bool as_json);

// Whether its answer can be found out without a container: it is made of system calls.
[[nodiscard]] bool is_surveyed(const Row& row);

// SIGALRM ends this process then.
void itimer_after(long seconds);

}  // namespace mydocker::verify
