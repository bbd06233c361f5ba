#include "helpers/text.hpp"

namespace mydocker::text {
namespace {

using Pieces = std::vector<std::string_view>;

TEST(Text, WritesAPathPlainly) {
  EXPECT_EQ(plain_path("/a/./b//c/"), "/a/b/c");
  EXPECT_EQ(plain_path("dev/"), "/dev");
  EXPECT_EQ(plain_path("/a/../b"), "/a/../b");
  EXPECT_EQ(plain_path("/"), "/");
  EXPECT_EQ(plain_path(""), "/");
}

TEST(Text, JoinsWithSeparatorsBetweenOnly) {
  EXPECT_EQ(join({}, ", "), "");
  EXPECT_EQ(join({"a"}, ", "), "a");
  EXPECT_EQ(join({"a", "b", "c"}, ", "), "a, b, c");
}

TEST(Text, SplitsAndKeepsEmptyPieces) {
  EXPECT_EQ(split("", ':'), (Pieces{""}));
  EXPECT_EQ(split("a", ':'), (Pieces{"a"}));
  EXPECT_EQ(split(":a::b:", ':'), (Pieces{"", "a", "", "b", ""}));
}

TEST(Text, TakesWordsBetweenAnyBlanks) {
  EXPECT_EQ(words(""), Pieces{});
  EXPECT_EQ(words(" \t\n"), Pieces{});
  EXPECT_EQ(words("  cpu\tio \n pids"), (Pieces{"cpu", "io", "pids"}));
}

TEST(Text, TrimsBothEndsAndNothingBetween) {
  EXPECT_EQ(trimmed(""), "");
  EXPECT_EQ(trimmed(" \t\n"), "");
  EXPECT_EQ(trimmed("a"), "a");
  EXPECT_EQ(trimmed("\n 0-3\t5 \n"), "0-3\t5");
}

TEST(Text, ReplacesEachOccurrenceOnce) {
  EXPECT_EQ(replaced("/proc/<child>/<child>", "<child>", "42"), "/proc/42/42");
  EXPECT_EQ(replaced("aa", "a", "aa"), "aaaa");
  EXPECT_EQ(replaced("none", "x", "y"), "none");
}

TEST(Quoted, ShowsControlCharactersInsteadOfSendingThem) {
  EXPECT_EQ(quoted(""), "''");
  EXPECT_EQ(quoted("plain text"), "'plain text'");
  EXPECT_EQ(quoted("\x1b[2J\r\n\x7f"), "'\\x1b[2J\\x0d\\x0a\\x7f'");
  EXPECT_EQ(quoted(std::string_view("a\0b", 3)), "'a\\x00b'");
  // U+009B stands for an escape and a bracket, in UTF-8 and alone.
  EXPECT_EQ(quoted("\xC2\x9B"
                   "2J\x9B"),
            "'\\xc2\\x9b2J\\x9b'");
}

TEST(Quoted, LeavesUtf8Alone) { EXPECT_EQ(quoted("Grüße €"), "'Grüße €'"); }

TEST(Json, EscapesWhatWouldEndOrBreakAString) {
  EXPECT_EQ(json_string(""), "\"\"");
  EXPECT_EQ(json_string("a\"b\\c"), "\"a\\\"b\\\\c\"");
  EXPECT_EQ(json_string("line\nnext"), "\"line\\nnext\"");
  EXPECT_EQ(json_string("\t\x1b\x7f"), "\"\\u0009\\u001b\\u007f\"");
  EXPECT_EQ(json_string("\xC2\x9B\xC2\x80"), "\"\\u009b\\u0080\"");
  EXPECT_EQ(json_escaped(std::string_view("\0", 1)), "\\u0000");
}

TEST(Json, KeepsValidUtf8OfEachLength) {
  // One sequence of 2, 3 and 4 bytes, and the edges of each length.
  for (const char* const text :
       {"ü", "€", "\xF0\x9F\x98\x80", "\xC2\xA0", "\xDF\xBF", "\xE0\xA0\x80", "\xED\x9F\xBF",
        "\xEE\x80\x80", "\xEF\xBF\xBF", "\xF0\x90\x80\x80", "\xF4\x8F\xBF\xBF"}) {
    EXPECT_EQ(json_escaped(text), text);
  }
}

TEST(Json, ReplacesEachByteThatIsNoUtf8) {
  EXPECT_EQ(json_escaped("\x80"), "\\ufffd");  // a continuation alone
  EXPECT_EQ(json_escaped("\xC3"), "\\ufffd");  // cut off at the end
  EXPECT_EQ(json_escaped("\xE2\x82"), "\\ufffd\\ufffd");
  EXPECT_EQ(json_escaped("\xC3(ok"), "\\ufffd(ok");       // cut off by another character
  EXPECT_EQ(json_escaped("\xC0\xAF"), "\\ufffd\\ufffd");  // '/' written too long
  EXPECT_EQ(json_escaped("\xE0\x80\xAF"), "\\ufffd\\ufffd\\ufffd");
  EXPECT_EQ(json_escaped("\xF0\x80\x80\xAF"), "\\ufffd\\ufffd\\ufffd\\ufffd");
  EXPECT_EQ(json_escaped("\xED\xA0\x80"), "\\ufffd\\ufffd\\ufffd");  // half of a surrogate pair
  EXPECT_EQ(json_escaped("\xF4\x90\x80\x80"), "\\ufffd\\ufffd\\ufffd\\ufffd");  // beyond U+10FFFF
  EXPECT_EQ(json_escaped("\xFF"), "\\ufffd");
}

}  // namespace
}  // namespace mydocker::text
