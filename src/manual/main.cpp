// generate_manual zsh|fish: prints the completion; bash SCRIPT: its tables, and the script behind them;
// man PAGE: the man page, with its tables filled in. Runs while MyDocker is built.
#include <cstdio>
#include <exception>
#include <stdexcept>
#include <string>
#include <string_view>

#include "manual/command_line.hpp"
#include "sys/files.hpp"

namespace {

std::string text_of(std::string_view kind, const std::string& file) {
  namespace manual = mydocker::manual;
  const manual::CommandLine line = manual::command_line();
  if (kind == "zsh") return manual::zsh_completion(line);
  if (kind == "fish") return manual::fish_completion(line);
  const std::string text = mydocker::sys::read_file(file);
  if (kind == "bash") return manual::bash_tables(line) + text;
  if (kind == "man") return manual::man_page(text, line);
  throw std::runtime_error("unknown kind of text");
}

}  // namespace

int main(int argc, char** argv) {
  try {
    const std::string text = text_of(argc > 1 ? argv[1] : "", argc > 2 ? argv[2] : "");
    return std::fwrite(text.data(), 1, text.size(), stdout) == text.size() ? 0 : 1;
  } catch (const std::exception& error) {
    std::fprintf(stderr, "generate_manual: %s\n", error.what());
    return 1;
  }
}
