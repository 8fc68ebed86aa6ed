#include "diagnosis/type_pins.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace nbreplay::test {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Pair;

std::string pinned(const std::string& source, const std::string& path = "a.csv") {
  const auto call = find_read_call(source, {path});
  return call ? with_types(source, *call, {{"zip", "object"}}) : "no call";
}

TEST(TypePins, StandBeforeTheClosingBracketOfTheCall) {
  EXPECT_EQ(pinned("df = pd.read_csv('a.csv')"),
            "df = pd.read_csv('a.csv', dtype={\"zip\": \"object\"})");
  EXPECT_EQ(pinned("x = f(pd.read_csv(\n  \"a.csv\", sep=')',\n)).head()"),
            "x = f(pd.read_csv(\n  \"a.csv\", sep=')',\n dtype={\"zip\": \"object\"})).head()");
  EXPECT_EQ(pinned("read_table('a.csv', names=[f(1)] # :)\n)"),
            "read_table('a.csv', names=[f(1)] # :)\n, dtype={\"zip\": \"object\"})");
}

TEST(TypePins, AreSaidOnlyWhereACallCanTakeThem) {
  for (const char* source :
       {"open('a.csv')", "name = 'a.csv'", "pd.read_csv('b.csv')", "pd.read_csv('a.csv'",
        "pd.read_csv('a.csv', dtype=str)", "pd.read_csv('a.csv', converters={0: int})",
        "pd.read_csv(name, 'a.csv')", "pd.read_csv('a.csv']"})
    EXPECT_EQ(pinned(source), "no call") << source;
}

TEST(TypePins, NamesAreLiteralsWhateverTheyHold) {
  const std::string source = "read_csv('a.csv')";
  EXPECT_THAT(with_types(source, *find_read_call(source, {"a.csv"}), {{"a\"b\\\n", "int64"}}),
              HasSubstr(R"({"a\"b\\\x0a": "int64"})"));
}

TEST(TypePins, TheProbePrintsWhatTheCallReturnsAndChangesNoLine) {
  Trial trial;
  trial.executions = {{0, "", "x = 1", false}, {1, "", "df = pd.read_csv('a.csv').head()", false}};
  const auto call = find_read_call(trial.executions[1].source, {"a.csv"});
  const Trial probe = types_probe(trial, 1, *call);
  ASSERT_EQ(probe.executions.size(), 3U);
  EXPECT_EQ(probe.executions[1].cell, kNoCell);
  EXPECT_EQ(probe.executions[2].source, "df = _nbreplay_types(pd.read_csv('a.csv')).head()");
  EXPECT_TRUE(probe.keep_outputs);
}

TEST(TypePins, ReadsTypesAndNothingElse) {
  Outcome outcome;
  outcome.cells.resize(2);
  outcome.cells[1].outputs = {
      "{}", R"({"text": ["nbreplay-types:7a6970=object,6e=int64,74=datetime64[ns],zz=bool,7=str,)"
            R"(78=rm -rf:end\n"]})"};
  EXPECT_THAT(printed_types(outcome), ElementsAre(Pair("zip", "object"), Pair("n", "int64")));
  outcome.cells[1].outputs = {R"("nbreplay-types:7a6970")", "nbreplay-types:=,,=object"};
  EXPECT_THAT(printed_types(outcome), IsEmpty());
}

}  // namespace
}  // namespace nbreplay::test
