#include "nbreplay/crash/signature.h"

#include <gtest/gtest.h>

namespace nbreplay {
namespace {

Frame in_cell(std::size_t cell, std::string function, int line) {
  Frame frame;
  frame.cell = cell;
  frame.in_notebook = true;
  frame.function = std::move(function);
  frame.line = line;
  return frame;
}

Frame in_library(std::string module, std::string function) {
  Frame frame;
  frame.file = "/e/site-packages/x.py";
  frame.module = std::move(module);
  frame.function = std::move(function);
  return frame;
}

/// A crash as a trial observes it: everything known.
Crash observed() {
  Crash crash;
  crash.type = "KeyError";
  crash.qualified_type = "builtins.KeyError";
  crash.base_types = {"KeyError", "LookupError", "Exception"};
  crash.message = "'tenure'";
  crash.frames = {in_cell(9, "<module>", 2), in_library("pandas.core.frame", "DataFrame.drop"),
                  in_library("pandas.core.base", "Index.drop")};
  crash.chain_known = true;
  crash.cell = 9;
  crash.line = 2;
  crash.statement = "df = df.drop('tenure')";
  return crash;
}

/// The same as an old kernel recorded it.
Crash recorded() {
  Crash crash = observed();
  crash.qualified_type.clear();
  crash.base_types.clear();
  crash.frames[1].function = crash.frames[2].function = "drop";
  return crash;
}

Level level_of(const Crash& reference, const Crash& other) {
  return compare(reference, other, Level::kD).level;
}

TEST(Compare, FindsACrashEqualToItselfInEverything) {
  const Agreement agreement = compare(observed(), observed(), Level::kS);
  EXPECT_TRUE(agreement.same);
  EXPECT_EQ(agreement.level, Level::kS);
  EXPECT_EQ(agreement.why, "");
}

TEST(Compare, FindsARecordEqualToWhatIsObserved) {
  EXPECT_EQ(level_of(recorded(), observed()), Level::kS);
}

TEST(Compare, SkipsWhatARecordLost) {
  Crash record = recorded();
  record.frames.clear();
  record.chain_known = false;
  record.statement.reset();
  record.line.reset();
  EXPECT_EQ(level_of(record, observed()), Level::kA);
  record.message.reset();
  EXPECT_EQ(level_of(record, observed()), Level::kB) << "type and cell make no signature";
}

TEST(Compare, TakesOneLineOfALongStatementFromARecordOnly) {
  Crash record = recorded();
  record.statement = "df = df.drop(";
  EXPECT_EQ(level_of(record, observed()), Level::kS);
  Crash other = observed();
  other.statement = "df = df.drop(";
  EXPECT_EQ(level_of(other, observed()), Level::kB);
}

struct Change {
  std::string name;
  void (*apply)(Crash&);
  Level expected;
};

class Changed : public testing::TestWithParam<Change> {};

TEST_P(Changed, ReachesItsLevel) {
  Crash other = observed();
  GetParam().apply(other);
  const Agreement agreement = compare(observed(), other, Level::kA);
  EXPECT_EQ(agreement.level, GetParam().expected) << agreement.why;
  EXPECT_EQ(agreement.same, GetParam().expected <= Level::kA);
  EXPECT_EQ(agreement.why.empty(), GetParam().expected == Level::kS);
}

INSTANTIATE_TEST_SUITE_P(
    Field, Changed,
    testing::ValuesIn(std::vector<Change>{
        {"Line", [](Crash& c) { c.line = c.frames[0].line = 12; }, Level::kS},
        {"Chain",
         [](Crash& c) {
           c.chain.push_back({"OSError", "x", false});
         },
         Level::kA},
        {"MiddleFrame", [](Crash& c) { c.frames[1].function = "pop"; }, Level::kA},
        {"InnermostFrame", [](Crash& c) { c.frames[2].function = "pop"; }, Level::kB},
        {"Statement", [](Crash& c) { c.statement = "df['tenure']"; }, Level::kB},
        {"RelativeType", [](Crash& c) { c.type = "LookupError"; }, Level::kB},
        {"QuotedName", [](Crash& c) { c.message = "'tenures'"; }, Level::kC},
        {"Type",
         [](Crash& c) {
           c.type = "TypeError";
           c.base_types = {"TypeError"};
         },
         Level::kD},
        {"Cell", [](Crash& c) { c.cell = 8; }, Level::kD},
    }),
    [](const auto& test) { return test.param.name; });

Crash value_error(std::string message) {
  Crash crash = observed();
  crash.type = "ValueError";
  crash.qualified_type = "builtins.ValueError";
  crash.base_types = {"ValueError", "Exception"};
  crash.message = std::move(message);
  return crash;
}

TEST(Compare, TakesARewordedMessageOfTheSameCallAcrossVersions) {
  const Crash old = value_error("Input contains NaN, infinity or a value too large.");
  Crash now = value_error("Input X contains NaN. Remove rows or a value too large.");
  now.frames.back().function = "_assert_finite";
  EXPECT_EQ(level_of(old, now), Level::kB);
}

TEST(Compare, DoesNotTakeTwoComplaintsOfOneInputCheckForOne) {
  Crash nan = value_error("Input contains NaN");
  nan.frames.push_back(in_library("sklearn.utils.validation", "_assert_all_finite"));
  Crash text = value_error("could not convert string to float: 'Male'");
  text.frames.push_back(in_library("sklearn.utils._array_api", "_asarray"));
  EXPECT_EQ(level_of(nan, text), Level::kC);
}

TEST(Compare, TakesTwoMessagesRaisedByTheSameFunctionAcrossVersions) {
  EXPECT_EQ(level_of(value_error("first wording"), value_error("zzz")), Level::kB);
}

TEST(Compare, DoesNotTakeOneMissingNameForAnother) {
  Crash one = observed();
  one.type = "NameError";
  one.base_types.clear();
  one.message = "name 'frame_of_a_long_name_one' is not defined";
  Crash other = one;
  other.message = "name 'frame_of_a_long_name_two' is not defined";
  EXPECT_EQ(level_of(one, other), Level::kC);
}

TEST(Compare, TakesASyntaxErrorInOtherWordsForTheSame) {
  Crash one;
  one.type = "SyntaxError";
  one.cell = 3;
  one.message = "invalid syntax (a.py, line 2)";
  Crash other = one;
  other.message = "'(' was never closed (b.py, line 1)";
  EXPECT_EQ(level_of(one, other), Level::kB);
}

TEST(Compare, KnowsRelativesOfPythonsOwnTypesWithoutAnObservation) {
  Crash old;
  old.type = "ImportError";
  old.cell = 1;
  old.message = "No module named 'x'";
  Crash now = old;
  now.type = "ModuleNotFoundError";
  EXPECT_EQ(level_of(old, now), Level::kB);
  now.type = "Exception";
  EXPECT_EQ(level_of(old, now), Level::kD);
}

TEST(SignatureDigest, DiffersExactlyWhereTheLevelLooks) {
  Crash other = observed();
  other.statement = "df['tenure']";
  EXPECT_EQ(signature_digest(observed(), Level::kB), signature_digest(other, Level::kB));
  EXPECT_NE(signature_digest(observed(), Level::kA), signature_digest(other, Level::kA));
  other.message = "'age'";
  EXPECT_EQ(signature_digest(observed(), Level::kC), signature_digest(other, Level::kC));
  EXPECT_NE(signature_digest(observed(), Level::kB), signature_digest(other, Level::kB));
  other.cell = 1;
  EXPECT_NE(signature_digest(observed(), Level::kC), signature_digest(other, Level::kC));
  EXPECT_EQ(signature_digest(observed(), Level::kD), signature_digest(other, Level::kD));
}

}  // namespace
}  // namespace nbreplay
