// What reading a config.json costs: load_config FILE [ROUNDS]. Prints microseconds, the first time and the median of
// all: from JSON to a spec, what would be refused in it, from the spec to a plan with its seccomp filter compiled.
// A start pays the first: each is a process of its own, whose memory is not there yet.
#include <algorithm>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <fstream>
#include <iterator>
#include <vector>

#include "mydocker/plan.hpp"
#include "oci/config/load.hpp"

using namespace mydocker;

namespace {

class Times {
 public:
  template <class Work>
  auto of(Work work) {
    const auto start = std::chrono::steady_clock::now();
    auto out = work();
    all_.push_back(std::chrono::duration<double, std::micro>(std::chrono::steady_clock::now() - start).count());
    return out;
  }
  void print(const char* what) {
    const double first = all_.front();
    std::nth_element(all_.begin(), all_.begin() + static_cast<std::ptrdiff_t>(all_.size() / 2), all_.end());
    std::printf("%s %.1f %.1f\n", what, first, all_[all_.size() / 2]);
  }

 private:
  std::vector<double> all_;
};

}  // namespace

int main(int argc, char** argv) {
  if (argc < 2) return 2;
  std::ifstream file(argv[1]);
  const std::string text{std::istreambuf_iterator<char>(file), {}};
  Times load, check, plan;
  for (int rounds = argc > 2 ? std::atoi(argv[2]) : 1; rounds > 0; --rounds) {
    const auto config = load.of([&] { return oci::load_config(text, {.id = "bench", .bundle = "/bench"}); });
    (void)check.of([&] { return problems_of(config.spec); });
    const HostFacts facts = read_host_facts(config.spec);
    (void)plan.of([&] { return make_plan(stages(), config.spec, facts); });
  }
  load.print("load");
  check.print("check");
  plan.print("plan");
  return 0;
}
