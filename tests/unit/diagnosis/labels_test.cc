#include "nbreplay/diagnosis/labels.h"

#include <gtest/gtest.h>

#include <set>

namespace nbreplay {
namespace {

CrashFinding finding(const std::string& label, const std::string& sublabel, Verdict verdict) {
  CrashFinding result;
  result.reproduction.verdict = ReproductionVerdict::kReproduced;
  result.recorded = Crash{};
  result.cause = Cause{};
  result.cause->label = label;
  result.cause->sublabel = sublabel;
  result.cause->verdict = verdict;
  result.cause->explanation = "because";
  return result;
}

Verdict judged(const std::string& label, const std::string& sublabel, const CrashFinding& result) {
  return judge_label({label, sublabel}, result).verdict;
}

TEST(Taxonomy, HasEachSublabelOnce) {
  std::set<std::string_view> sublabels;
  for (const TaxonomyEntry& entry : taxonomy())
    EXPECT_TRUE(sublabels.insert(entry.sublabel).second) << entry.sublabel;
  EXPECT_EQ(sublabels.size(), 22U);
}

TEST(ParseLabel, TakesCaseAndWhiteSpaceLightly) {
  const auto label = parse_label(" nb_Specific ", "Execution  Order");
  ASSERT_TRUE(label);
  EXPECT_EQ(label->label, "NB specific");
  EXPECT_EQ(label->sublabel, "execution order");
}

TEST(ParseLabel, TakesPunctuationLightly) {
  const auto label = parse_label("environment setting", "settings (permission,environment)");
  ASSERT_TRUE(label);
  EXPECT_EQ(label->sublabel, "settings(permission, environment)");
}

TEST(ParseLabel, TakesABareLabelOrSublabel) {
  EXPECT_EQ(parse_label("API misuse", "")->sublabel, "");
  const auto bare = parse_label("typo", "");
  ASSERT_TRUE(bare);
  EXPECT_EQ(bare->label, "implementation error");
  EXPECT_EQ(bare->sublabel, "typo");
  EXPECT_EQ(parse_label("unknown", "")->label, "unknown");
}

TEST(ParseLabel, RefusesWhatIsNotInTheTaxonomy) {
  EXPECT_FALSE(parse_label("bad luck", ""));
  EXPECT_FALSE(parse_label("NB specific", "typo"));
  EXPECT_FALSE(parse_label("", ""));
}

TEST(JudgeLabel, ConfirmsWhatTheExperimentsConfirm) {
  const auto result = finding("NB specific", "execution order", Verdict::kConfirmed);
  EXPECT_EQ(judged("NB specific", "execution order", result), Verdict::kConfirmed);
  EXPECT_EQ(judged("NB specific", "", result), Verdict::kConfirmed);
}

TEST(JudgeLabel, RefutesWhenAnotherCauseIsConfirmed) {
  const auto result = finding("NB specific", "execution order", Verdict::kConfirmed);
  EXPECT_EQ(judged("NB specific", "previous cell error", result), Verdict::kRefuted);
  EXPECT_EQ(judged("data confusion", "", result), Verdict::kRefuted);
}

TEST(JudgeLabel, SaysUnknownOfWhatNoExperimentDecided) {
  auto result = finding("unknown", "", Verdict::kUnknown);
  EXPECT_EQ(judged("data confusion", "", result), Verdict::kUnknown);
}

TEST(JudgeLabel, RefutesByAnExperimentOfTheLabelItself) {
  auto result = finding("unknown", "", Verdict::kUnknown);
  result.labels = {{"NB specific", "execution order", Verdict::kRefuted, "same"}};
  EXPECT_EQ(judged("NB specific", "execution order", result), Verdict::kRefuted);
  EXPECT_EQ(judged("NB specific", "", result), Verdict::kUnknown) << "two sublabels are open";
}

TEST(JudgeLabel, RefutesALabelWhenAllItsSublabelsAre) {
  auto result = finding("unknown", "", Verdict::kUnknown);
  for (const char* sublabel :
       {"execution order", "previous cell error", "need execute future cells"})
    result.labels.push_back({"NB specific", sublabel, Verdict::kRefuted, "no"});
  EXPECT_EQ(judged("NB specific", "", result), Verdict::kRefuted);
}

TEST(JudgeLabel, KeepsAnAmbiguousCauseAmbiguous) {
  auto result = finding("implementation error", "undefined variable", Verdict::kAmbiguous);
  result.labels = {{"implementation error", "undefined variable", Verdict::kAmbiguous, "gap"}};
  EXPECT_EQ(judged("implementation error", "undefined variable", result), Verdict::kAmbiguous);
}

TEST(JudgeLabel, SaysUnknownWhereTheCellRecordsNoCrash) {
  auto result = finding("NB specific", "execution order", Verdict::kConfirmed);
  result.recorded.reset();
  EXPECT_EQ(judged("NB specific", "execution order", result), Verdict::kUnknown);
  EXPECT_EQ(judged("data confusion", "", result), Verdict::kUnknown);
}

TEST(JudgeLabel, CountsASublabelRefutedTwiceOnce) {
  auto result = finding("unknown", "", Verdict::kUnknown);
  for (const char* sublabel : {"execution order", "execution order", "previous cell error"})
    result.labels.push_back({"NB specific", sublabel, Verdict::kRefuted, "no"});
  EXPECT_EQ(judged("NB specific", "", result), Verdict::kUnknown);
}

TEST(JudgeLabel, IsBlockedOrUnknownWithoutAReproduction) {
  auto result = finding("unknown", "", Verdict::kUnknown);
  result.reproduction.verdict = ReproductionVerdict::kBlocked;
  EXPECT_EQ(judged("data confusion", "", result), Verdict::kBlocked);
  result.reproduction.verdict = ReproductionVerdict::kAbsent;
  EXPECT_EQ(judged("data confusion", "", result), Verdict::kUnknown);
}

}  // namespace
}  // namespace nbreplay
