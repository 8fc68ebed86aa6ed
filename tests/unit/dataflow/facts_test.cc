#include "nbreplay/dataflow/facts.h"

#include <gtest/gtest.h>

namespace nbreplay {
namespace {

Statement statement(int parent, const std::string& source, const std::string& text, int first_line,
                    int last_line) {
  Statement result;
  result.parent = parent;
  result.begin = source.find(text);
  result.end = result.begin + text.size();
  result.first_line = first_line;
  result.last_line = last_line;
  return result;
}

TEST(CellFacts, DefinesWhatIsBoundWheneverItCompletes) {
  CellFacts facts;
  facts.definitions = {{"x", 1}};
  facts.possible_definitions = {{"y", 2}};
  facts.imports = {{"numpy", "", "np", 3}};
  EXPECT_TRUE(facts.defines("x"));
  EXPECT_FALSE(facts.defines("y"));
  EXPECT_TRUE(facts.may_define("x"));
  EXPECT_TRUE(facts.may_define("y"));
  EXPECT_TRUE(facts.may_define("np"));
  EXPECT_FALSE(facts.may_define("numpy"));
}

TEST(CellFacts, UsesWhatItsFunctionsRead) {
  CellFacts facts;
  facts.uses = {{"x", 1}};
  facts.deferred_uses = {{"y", 2}};
  EXPECT_TRUE(facts.uses_name("x"));
  EXPECT_TRUE(facts.uses_name("y"));
  EXPECT_FALSE(facts.uses_name("z"));
}

TEST(StatementAt, FindsTheInnermostAndFoldsItsWhiteSpace) {
  const std::string source = "if a:\n    b = f(1,\n          2)\nc = 3";
  CellFacts facts;
  facts.statements = {statement(-1, source, "if a:\n    b = f(1,\n          2)", 1, 3),
                      statement(-1, source, "c = 3", 4, 4),
                      statement(0, source, "b = f(1,\n          2)", 2, 3)};
  EXPECT_EQ(statement_at(facts, source, 1), "if a:");
  EXPECT_EQ(statement_at(facts, source, 2), "b = f(1, 2)");
  EXPECT_EQ(statement_at(facts, source, 3), "b = f(1, 2)");
  EXPECT_EQ(statement_at(facts, source, 4), "c = 3");
}

TEST(StatementAt, TakesTheFirstOfTwoOnALine) {
  const std::string source = "a = 1; b = 2";
  CellFacts facts;
  facts.statements = {statement(-1, source, "a = 1", 1, 1), statement(-1, source, "b = 2", 1, 1)};
  EXPECT_EQ(statement_at(facts, source, 1), "a = 1");
}

TEST(StatementAt, IsEmptyWhereThereIsNone) {
  const std::string source = "\na = 1";
  CellFacts facts;
  facts.statements = {statement(-1, source, "a = 1", 2, 2)};
  EXPECT_EQ(statement_at(facts, source, 1), "");
  EXPECT_EQ(statement_at(facts, source, 3), "");
  EXPECT_EQ(statement_at({}, source, 2), "");
}

TEST(StatementAt, RefusesOffsetsOutsideOfTheSource) {
  CellFacts facts;
  facts.statements.resize(1);
  facts.statements[0].first_line = facts.statements[0].last_line = 1;
  facts.statements[0].end = 100;
  EXPECT_EQ(statement_at(facts, "a = 1", 1), "");
  facts.statements[0].begin = 4;
  facts.statements[0].end = 2;
  EXPECT_EQ(statement_at(facts, "a = 1", 1), "");
}

}  // namespace
}  // namespace nbreplay
