// What -h says, and what somebody is told who has mistyped a word.
#include <gtest/gtest.h>

#include "cli/help.hpp"
#include "cli/options.hpp"
#include "cli/verbs.hpp"
#include "helpers/columns.hpp"
#include "helpers/suggestion.hpp"
#include "helpers/text.hpp"
#include "mydocker/error.hpp"
#include "oci/verbs.hpp"

namespace mydocker::test {
namespace {

TEST(Suggestion, CountsLettersPutInTakenOutChangedAndExchanged) {
  EXPECT_EQ(suggestion::distance("doctor", "doctor"), 0U);
  EXPECT_EQ(suggestion::distance("docter", "doctor"), 1U);
  EXPECT_EQ(suggestion::distance("dcotor", "doctor"), 1U);
  EXPECT_EQ(suggestion::distance("doctr", "doctor"), 1U);
  EXPECT_EQ(suggestion::distance("doctoor", "doctor"), 1U);
  EXPECT_EQ(suggestion::distance("", "abc"), 3U);
  EXPECT_EQ(suggestion::distance("abc", ""), 3U);
}

TEST(Suggestion, IsMadeForWhatIsNearAlone) {
  const std::vector<std::string> known{"--hostname", "--rootfs"};
  EXPECT_EQ(suggestion::for_word("--hostnam", known), ": did you mean '--hostname'?");
  EXPECT_EQ(suggestion::for_word("--root", known), "");
  EXPECT_EQ(suggestion::for_word("--elsewhere", known), "");
  EXPECT_EQ(suggestion::for_word("--", known), "");
  EXPECT_EQ(suggestion::for_word(std::string(100000, 'x'), known), "");
}

TEST(Suggestion, TakesTheNearest) {
  EXPECT_EQ(suggestion::for_word("verfy", {"very", "verify", "vary"}), ": did you mean 'very'?");
  EXPECT_EQ(suggestion::for_word("verifyy", {"very", "verify"}), ": did you mean 'verify'?");
}

TEST(Columns, BreakTheRightOneAtBlanks) {
  EXPECT_EQ(columns::row("-a", "one two three", 6, 14), "-a    one two\n      three\n");
  EXPECT_EQ(columns::row("--long-one", "text", 6, 14), "--long-one\n      text\n");
  EXPECT_EQ(columns::row("-a", "", 6, 14), "-a\n");
  EXPECT_EQ(columns::row("-a", "unbreakable-word x", 6, 14), "-a    unbreakable-word\n      x\n");
}

TEST(Help, FitsAWindow) {
  constexpr std::size_t kWidth = 100;
  const std::string help = cli::help_text();
  for (const auto line : text::split(help, '\n')) EXPECT_LE(line.size(), kWidth) << line;
}

TEST(Help, NamesEachOptionAndVerb) {
  const std::string help = cli::help_text();
  for (const auto& option : cli::option_texts())
    EXPECT_NE(help.find(option.names.back()), std::string::npos) << option.names.back();
  for (const auto* const verb : cli::verbs())
    EXPECT_NE(help.find("\n  " + std::string(verb->name)), std::string::npos) << verb->name;
}

TEST(Help, OfAFlagBeginsWithItsValue) {
  const auto value = [](std::string_view help) {
    return std::string(oci::words_of({"flag", 0, true, help}).value);
  };
  EXPECT_EQ(value("FILE: where to write it"), "FILE");
  EXPECT_EQ(value("table|json"), "table|json");
  EXPECT_EQ(value("BYTES, or with k, m, g"), "BYTES");
  EXPECT_EQ(value("UID[:GID]"), "UID[:GID]");
  EXPECT_EQ(value("refused: change the group"), "VALUE");
  EXPECT_EQ(oci::words_of({"flag", 0, true, "FILE: where to write it"}).text, "where to write it");
  EXPECT_EQ(oci::words_of({"flag", 0, false, "Again: nothing"}).value, "");
}

std::string refusal_of(std::vector<const char*> words) {
  try {
    static_cast<void>(cli::run_verb(words));
  } catch (const UsageError& error) {
    return error.what();
  }
  return "it was accepted";
}

TEST(Verb, RefusesWhatItDoesNotKnow) {
  EXPECT_EQ(refusal_of({"doctor", "--jsn"}),
            "doctor: unknown flag '--jsn': did you mean '--json'?: 'MyDocker doctor --help'");
  EXPECT_EQ(refusal_of({"diff"}), "diff: it is used so: MyDocker diff [flags] ID|DIR");
  EXPECT_EQ(refusal_of({"image"}),
            "image: one of these has to follow: load, list, inspect, remove");
  EXPECT_EQ(refusal_of({"image", "lod"}),
            "image 'lod': allowed are load, list, inspect, remove: did you mean 'load'?");
}

TEST(Verb, IsOneOnlyAsTheFirstWord) {
  const std::vector<const char*> behind_an_option{"-a", "doctor"}, path{"./doctor"};
  EXPECT_EQ(cli::run_verb(behind_an_option), std::nullopt);
  EXPECT_EQ(cli::run_verb(path), std::nullopt);
  EXPECT_EQ(cli::run_verb({}), std::nullopt);
  EXPECT_EQ(cli::nearest_verb("docter"), ": did you mean 'doctor'?");
  EXPECT_EQ(cli::nearest_verb("delet"), ": did you mean 'delete'?");
  EXPECT_EQ(cli::nearest_verb("/bin/bash"), "");
}

}  // namespace
}  // namespace mydocker::test
