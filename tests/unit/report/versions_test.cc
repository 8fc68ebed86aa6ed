#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <nlohmann/json.hpp>
#include <sstream>

#include "nbreplay/report/json.h"
#include "nbreplay/report/terminal.h"

#include "findings.h"

namespace nbreplay {
namespace {

using nlohmann::json;
using testing::HasSubstr;
using testing::Not;

NotebookFinding with(VersionsFinding versions) {
  NotebookFinding finding = test::small_finding();
  finding.crashes.front().versions = std::move(versions);
  return finding;
}

json document(const VersionsFinding& versions) {
  const json whole = json::parse(findings_json("bisect", {with(versions)}, false));
  return whole["notebooks"][0]["crashes"][0]["versions"];
}

/// The line that holds these words.
std::string line_with(const std::string& text, const std::string& words) {
  std::istringstream lines(text);
  for (std::string line; std::getline(lines, line);)
    if (line.find(words) != std::string::npos) return line;
  return {};
}

TEST(VersionsText, EveryReleaseHasARowAndTheBoundaryIsMarked) {
  const std::string text = finding_text(with(test::compared_releases()), {});
  EXPECT_THAT(text, HasSubstr("4 of 60 releases of pandas; 2 more only as source"));
  EXPECT_THAT(line_with(text, "last good"), HasSubstr("1.5.3  passes"));
  EXPECT_THAT(line_with(text, "first bad"), HasSubstr("2.0.0  AttributeError: 'DataFrame'"));
  EXPECT_THAT(line_with(text, "2.0.1 "), HasSubstr("says nothing: ImportError"));
  EXPECT_THAT(line_with(text, "2.0.2 "), HasSubstr("skipped, broken: its digest is wrong"));
  EXPECT_THAT(line_with(text, "versions "), HasSubstr("confirmed: With pandas 1.5.3 it passes"));
  EXPECT_THAT(text, HasSubstr("nothing is known of 2.0.0rc1"));
  EXPECT_THAT(text, HasSubstr("it crashes with 2.1.0, too"));
  EXPECT_THAT(line_with(text, "held"), HasSubstr("pandas 2.0.1 wants numpy<2, and 2.0.0 is there"));
  EXPECT_THAT(line_with(text, "requires"), HasSubstr("pandas<2.0.0"));
}

TEST(VersionsText, ARequirementThatNothingSatisfiesIsSaid) {
  VersionsFinding found = test::compared_releases();
  found.held = {{{"pandas", "2.0.1"}, "numpy", "", ""}};
  EXPECT_THAT(finding_text(with(std::move(found)), {}),
              HasSubstr("pandas 2.0.1 wants numpy, which is not there"));
}

TEST(VersionsText, LongMessagesStayInTheirRow) {
  VersionsFinding found = test::compared_releases();
  for (VersionTest& one : found.tested)
    if (one.crash) one.crash->message = std::string(150, 'x');
  const std::string text = finding_text(with(std::move(found)), {false, 80});
  EXPECT_THAT(line_with(text, "first bad"), HasSubstr("2.0.0"));
  EXPECT_LE(line_with(text, "first bad").size(), 80U);
}

TEST(VersionsText, TwoPackagesHaveFourCorners) {
  const std::string text = finding_text(with(test::compared_environments()), {});
  EXPECT_THAT(text, HasSubstr("pandas 2.0.0, numpy 1.26.4: passes"));
  EXPECT_THAT(text, HasSubstr("pandas 2.0.0, no numpy: AttributeError"));
}

TEST(VersionsText, OfManyTestsTheBoundaryIsKept) {
  VersionsFinding found = test::compared_releases();
  for (int i = 0; i < 60; ++i)
    found.tested.insert(found.tested.begin(),
                        test::version_test("0." + std::to_string(i), VersionEnd::kPasses));
  const std::string text = finding_text(with(std::move(found)), {});
  EXPECT_THAT(text, HasSubstr("last good"));
  EXPECT_THAT(text, HasSubstr("40 more are in the JSON"));
}

TEST(VersionsJson, IsAsTheDocumentationSays) {
  const json found = document(test::compared_releases());
  EXPECT_EQ(found["packages"],
            json::parse(R"([{"name": "pandas", "last_good": "1.5.3", "first_bad": "2.0.0"}])"));
  EXPECT_EQ(found["interval"]["between"], json::array({"2.0.0rc1"}));
  EXPECT_EQ(found["tested"][3]["outcome"], "not-made");
  EXPECT_EQ(found["tested"][3]["trouble"], "broken");
  EXPECT_EQ(found["confirmations"]["bad"]["matching"], 3);
  EXPECT_TRUE(found["corners"].is_null());
  EXPECT_EQ(found["held"], json::parse(R"([{"package": "pandas", "version": "2.0.1",
      "requires": "numpy", "specifier": "<2", "present": "2.0.0"}])"));
  EXPECT_TRUE(found["tested"][0]["conflicts"][0]["present"].is_null());
  EXPECT_EQ(found["tested"][0]["replaced"],
            json::parse(R"([{"name": "numpy", "from": "1.21.0", "to": "1.26.4"},
                            {"name": "old", "from": "1.0", "to": null}])"));
  VersionsFinding exact = test::compared_releases();
  exact.between.clear();
  exact.requirement.clear();
  EXPECT_TRUE(document(exact)["interval"].is_null());
  EXPECT_TRUE(document(exact)["requirement"].is_null());
  EXPECT_EQ(document(test::compared_environments())["corners"]["only_together"], true);
}

TEST(VersionsText, WhatComesFromAnIndexIsEscaped) {
  VersionsFinding found = test::compared_releases();
  found.held = {{{"evil \x1b[31m", "1.0"}, "x", "<2", "\x1b[2J"}};
  found.packages.front().name = "pan\x1b[2Jdas";
  EXPECT_THAT(finding_text(with(std::move(found)), {}), Not(HasSubstr("\x1b")));
}

}  // namespace
}  // namespace nbreplay
