#include "nbreplay/base/utf8.h"

#include <gtest/gtest.h>

namespace nbreplay {
namespace {

TEST(FindInvalidUtf8, PointsAtTheFirstBadByte) {
  EXPECT_EQ(find_invalid_utf8("gr\xc3\xbc\xc3\x9f"), std::string_view::npos);
  EXPECT_EQ(find_invalid_utf8("ab\xff"), 2U);
  EXPECT_EQ(find_invalid_utf8("\xc0\x80"), 0U) << "overlong";
  EXPECT_EQ(find_invalid_utf8("\xe2\x82"), 0U) << "cut off";
  EXPECT_EQ(find_invalid_utf8("\xf4\x90\x80\x80"), 0U) << "past U+10FFFF";
}

TEST(FindInvalidUtf8, TakesSurrogatesOnlyWhenAsked) {
  EXPECT_EQ(find_invalid_utf8("\xed\xa0\x80"), 0U);
  EXPECT_EQ(find_invalid_utf8("\xed\xa0\x80", true), std::string_view::npos);
}

TEST(ToValidUtf8, ReplacesARunOfBadBytesOnce) {
  EXPECT_EQ(to_valid_utf8("a\xff\xfe\xfd"
                          "b"),
            "a\xef\xbf\xbd"
            "b");
}

TEST(EscapeControl, LeavesNothingThatCouldDriveATerminal) {
  EXPECT_EQ(escape_control("a\x1b[2J\r\n\tb\x7f"), "a\\x1b[2J\\x0d\n\tb\\x7f");
  EXPECT_EQ(escape_control("\xc2\x9b"
                           "31m"),
            "\\x9b"
            "31m")
      << "C1 CSI";
}

TEST(StripAnsi, RemovesColoursAndHyperlinks) {
  EXPECT_EQ(strip_ansi("\x1b[0;31mKeyError\x1b[0m: 'a'"), "KeyError: 'a'");
  EXPECT_EQ(strip_ansi("\x1b]8;;file:///x\x1b\\x\x1b]8;;\x1b\\"), "x");
  EXPECT_EQ(strip_ansi("\x1b"), "\x1b") << "a lone ESC at the end is no sequence";
}

}  // namespace
}  // namespace nbreplay
