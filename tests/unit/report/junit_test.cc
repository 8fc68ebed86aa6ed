#include "nbreplay/report/junit.h"

#include <gmock/gmock.h>

namespace nbreplay {
namespace {

using testing::HasSubstr;
using testing::Not;

TestResult result(const Path& path, TestStatus status) {
  TestResult one;
  one.notebook = path;
  one.status = status;
  one.wall = std::chrono::milliseconds(1500);
  return one;
}

TEST(JUnit, IsWhatContinuousIntegrationReads) {
  TestResult failed = result("docs/b.ipynb", TestStatus::kFailed);
  failed.failed_ordinal = 3;
  failed.summary = "KeyError: 'a'";
  failed.traceback = "line 1\nline 2";
  TestResult skipped = result("c.ipynb", TestStatus::kSkipped);
  skipped.summary = "is written in R";
  EXPECT_EQ(junit_xml({result("docs/a.ipynb", TestStatus::kPassed), failed, skipped}),
            R"(<?xml version="1.0" encoding="UTF-8"?>
<testsuites>
  <testsuite name="nbreplay" tests="3" failures="1" errors="0" skipped="1" time="4.500">
  <testcase classname="docs" name="a.ipynb" time="1.500">
  </testcase>
  <testcase classname="docs" name="b.ipynb" time="1.500">
    <failure message="cell 3: KeyError: 'a'">line 1
line 2</failure>
  </testcase>
  <testcase classname="" name="c.ipynb" time="1.500">
    <skipped message="is written in R"/>
  </testcase>
  </testsuite>
</testsuites>
)");
}

TEST(JUnit, NothingFromANotebookBreaksTheDocument) {
  TestResult failed = result("a\"<&.ipynb", TestStatus::kFailed);
  failed.summary = std::string("]]>\"</failure>\n\x00\x1b\xff", 18);
  failed.traceback = "</testcase>\x01";
  const std::string text = junit_xml({failed});
  EXPECT_THAT(text, HasSubstr("name=\"a&quot;&lt;&amp;.ipynb\""));
  EXPECT_THAT(text, HasSubstr("&lt;/testcase&gt;"));
  for (const char c : text)
    EXPECT_TRUE(c == '\n' || static_cast<unsigned char>(c) >= 0x20) << static_cast<int>(c);
  EXPECT_THAT(text, Not(HasSubstr("\xff")));
}

}  // namespace
}  // namespace nbreplay
