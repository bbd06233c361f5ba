// The command line, a word a line, down to the printed plan.
#include <algorithm>

#include "fuzz/fuzz.hpp"
#include "helpers/text.hpp"
#include "plan/printing.hpp"
#include "unit/samples.hpp"

using namespace mydocker;

int LLVMFuzzerTestOneInput(const std::uint8_t* bytes, std::size_t size) {
  test::Words words;
  for (const auto line : text::split(fuzz::text_of(bytes, size), '\n'))
    words.emplace_back(line.substr(0, line.find('\0')));
  try {
    const ContainerSpec spec = test::spec_of(words);
    fuzz::require(problems_of(spec).empty());
    const std::string plan = plan_text(make_plan(stages(), spec, test::v2_host()), true);
    fuzz::require(std::none_of(plan.begin(), plan.end(), [](char c) {
      const auto byte = static_cast<unsigned char>(c);
      return (byte < 0x20 && c != '\n') || byte == 0x7F;
    }));
  } catch (const UsageError& error) {
    fuzz::require(error.what()[0] != '\0');
  }
  return 0;
}
