#include "nbreplay/notebook/parameters.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "unit/notebook/notebook_texts.h"

namespace nbreplay {
namespace {

using testing::ElementsAre;

std::string typed(std::string_view value) {
  return typed_parameter("x", value).value().literal;
}

TEST(Parameters, BecomeWhatPapermillMakesOfThem) {
  EXPECT_EQ(typed("True"), "True");
  EXPECT_EQ(typed("None"), "None");
  EXPECT_EQ(typed("true"), "\"true\"");
  EXPECT_EQ(typed("12"), "12");
  EXPECT_EQ(typed(" -1_000 "), "-1000");
  EXPECT_EQ(typed("+007"), "7");
  EXPECT_EQ(typed("000"), "0");
  EXPECT_EQ(typed("1__0"), "\"1__0\"");
  EXPECT_EQ(typed("_1"), "\"_1\"");
  EXPECT_EQ(typed("1_"), "\"1_\"");
  EXPECT_EQ(typed("1e-4"), "1e-4");
  EXPECT_EQ(typed("-.5"), "-.5");
  EXPECT_EQ(typed("5."), "5.");
  EXPECT_EQ(typed("."), "\".\"");
  EXPECT_EQ(typed("1e"), "\"1e\"");
  EXPECT_EQ(typed("nan"), "float('nan')");
  EXPECT_EQ(typed("-Infinity"), "float('-inf')");
  EXPECT_EQ(typed("0x10"), "\"0x10\"");
  EXPECT_EQ(typed(""), "\"\"");
}

TEST(Parameters, QuoteStringsAsPythonSource) {
  EXPECT_EQ(typed("a \"b\" \\ c\n\td'"), "\"a \\\"b\\\" \\\\ c\\n\\x09d'\"");
  EXPECT_EQ(typed("é"), "\"é\"");
  EXPECT_EQ(raw_parameter("x", "12").value().literal, "\"12\"");
}

TEST(Parameters, MustBePythonNames) {
  for (const char* name : {"", "1x", "a b", "a-b", "class", "x=1;y", "None"}) {
    const auto result = typed_parameter(name, "1");
    ASSERT_FALSE(result.has_value()) << name;
    EXPECT_EQ(result.error().code, ErrorCode::kUsage);
    EXPECT_FALSE(raw_parameter(name, "1").has_value());
  }
  EXPECT_TRUE(typed_parameter("größe_2", "1").has_value());
}

TEST(Parameters, AreOneAssignmentEach) {
  EXPECT_EQ(parameters_source({{"a", "1"}, {"b", "2"}, {"a", "3"}}),
            "# Parameters\na = 3\nb = 2\n");
}

std::vector<std::string> sources(const Notebook& nb) {
  std::vector<std::string> result;
  for (const Cell& cell : nb.cells()) result.push_back(cell.source);
  return result;
}

TEST(InjectParameters, GoesAfterTheDefaultsAndReplacesItself) {
  Notebook nb = test::parsed(test::compact(test::code("\"import x\"", "a", "1") + "," +
                                           test::code("\"n = 1\"", "b", "2", R"(["parameters"])") +
                                           "," + test::code("\"run(n)\"", "c", "3")));
  const Injection first = inject_parameters(nb, {{"n", "2"}});
  EXPECT_EQ(first.index, 2U);
  EXPECT_EQ(first.place, Injection::Place::kAfterDefaults);
  EXPECT_THAT(sources(nb), ElementsAre("import x", "n = 1", "# Parameters\nn = 2\n", "run(n)"));
  EXPECT_THAT(nb.cells()[2].tags, ElementsAre("injected-parameters"));
  const Injection second = inject_parameters(nb, {{"n", "3"}});
  EXPECT_EQ(second.index, 2U);
  EXPECT_EQ(second.place, Injection::Place::kReplaced);
  EXPECT_THAT(sources(nb), ElementsAre("import x", "n = 1", "# Parameters\nn = 3\n", "run(n)"));
}

TEST(InjectParameters, GoesToTheTopWithoutDefaults) {
  Notebook nb = test::parsed(test::compact(test::code("\"run(n)\"", "c", "3")));
  const Injection injection = inject_parameters(nb, {{"n", "2"}});
  EXPECT_EQ(injection.index, 0U);
  EXPECT_EQ(injection.place, Injection::Place::kTop);
  EXPECT_THAT(sources(nb), ElementsAre("# Parameters\nn = 2\n", "run(n)"));
}

}  // namespace
}  // namespace nbreplay
