// Stands in for libFuzzer: gives each file of the folders named on the command line to the target,
// and then, for as many seconds as --seconds=N says, files that it has spoiled. What is spoiled how
// depends on nothing but the number of the round, so that what was found is found again.
#include <chrono>
#include <csignal>
#include <cstdio>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <random>
#include <sstream>
#include <string>
#include <vector>

#include <fcntl.h>
#include <unistd.h>

#include "fuzz/fuzz.hpp"

namespace {

std::string now;  // what the target is given, for whoever has to look at it after a crash

void show_and_die(int signal) {
  constexpr const char* kFile = "spoiled-input";
  const int file = ::creat(kFile, 0644);
  (void)!::write(file, now.data(), now.size());
  constexpr std::string_view kSaid = "the input is in the file spoiled-input\n";
  (void)!::write(STDERR_FILENO, kSaid.data(), kSaid.size());
  ::signal(signal, SIG_DFL);
  ::raise(signal);
}

void give(std::string bytes) {
  now = std::move(bytes);
  LLVMFuzzerTestOneInput(reinterpret_cast<const std::uint8_t*>(now.data()), now.size());
}

class Spoiler {
 public:
  explicit Spoiler(std::vector<std::string> corpus) : corpus_(std::move(corpus)) {}

  std::string next() {
    std::string out = pick(corpus_);
    for (std::size_t changes = 1 + below(4); changes > 0; --changes) change(out);
    constexpr std::size_t kLongest = 1U << 16;
    return out.substr(0, kLongest);
  }

 private:
  std::size_t below(std::size_t end) { return end == 0 ? 0 : random_() % end; }
  const std::string& pick(const std::vector<std::string>& from) { return from[below(from.size())]; }

  void change(std::string& text) {
    static const std::vector<std::string> kWords = {
        "0",    "-1",   "4294967295", "4294967296", "18446744073709551616",
        "1e9",  "\"",   "{",          "}",          "[",
        "]",    ":",    ",",          "/",          "..",
        "\n",   "\\",   "\\u0000",    "\x1b[",      "\xC2\x9B",
        "\xFF", "null", "true",       " "};
    const std::size_t at = below(text.size() + 1),
                      length = below(std::min<std::size_t>(text.size() - at, 16) + 1);
    switch (below(6)) {
      case 0:
        if (at < text.size()) text[at] = static_cast<char>(text[at] ^ (1 << below(8)));
        return;
      case 1:
        text.insert(at, 1, static_cast<char>(below(256)));
        return;
      case 2:
        text.insert(at, pick(kWords));
        return;
      case 3:
        text.erase(at, length);
        return;
      case 4:
        text.insert(at, text.substr(below(text.size()), below(64)));
        return;
      default:  // the end of another file
        const std::string& other = pick(corpus_);
        text.replace(at, std::string::npos, other, below(other.size()), std::string::npos);
    }
  }

  std::vector<std::string> corpus_;
  std::minstd_rand random_{1};
};

}  // namespace

int main(int argc, char** argv) {
  std::vector<std::string> corpus;
  long seconds = 0;
  constexpr std::string_view kSeconds = "--seconds=";
  for (int i = 1; i < argc; ++i) {
    const std::string word = argv[i];
    if (word.starts_with(kSeconds)) {
      seconds = std::stol(word.substr(kSeconds.size()));
      continue;
    }
    for (const auto& entry : std::filesystem::directory_iterator(word)) {
      std::ostringstream content;
      content << std::ifstream(entry.path(), std::ios::binary).rdbuf();
      std::printf("%s\n", entry.path().c_str());
      std::fflush(stdout);
      corpus.push_back(content.str());
      give(corpus.back());
    }
  }
  if (corpus.empty()) return 1;
  for (const int signal : {SIGABRT, SIGSEGV, SIGFPE, SIGBUS}) ::signal(signal, show_and_die);
  Spoiler spoiler(corpus);
  const auto end = std::chrono::steady_clock::now() + std::chrono::seconds(seconds);
  long rounds = 0;
  for (; std::chrono::steady_clock::now() < end; ++rounds) give(spoiler.next());
  std::printf("%ld spoiled files\n", rounds);
  return 0;
}
