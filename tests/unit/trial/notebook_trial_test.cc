#include "nbreplay/trial/notebook_trial.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "support/small_notebook.h"

namespace nbreplay {
namespace {

using test::small_notebook;
using testing::ElementsAre;

std::vector<bool> may_fail(const std::vector<Execution>& executions) {
  std::vector<bool> result;
  for (const Execution& execution : executions) result.push_back(execution.may_fail);
  return result;
}

TEST(TopToBottom, RunsCodeThatIsNotSkipped) {
  const Notebook notebook =
      small_notebook({{"a = 1"}, {"  \n  "}, {"b = 1", {}, "", "skip-execution"}, {"c = 1"}});
  EXPECT_THAT(top_to_bottom(notebook), ElementsAre(0, 3));
}

TEST(TopToBottom, EndsWithTheLastCellWhateverItIs) {
  const Notebook notebook =
      small_notebook({{"a = 1"}, {"b = 1", {}, "", "skip-execution"}, {"c = 1"}});
  EXPECT_THAT(top_to_bottom(notebook, 1), ElementsAre(0, 1));
  EXPECT_THAT(top_to_bottom(notebook, 0), ElementsAre(0));
}

TEST(ExecutionsOf, KeepOrderAndSources) {
  const Notebook notebook = small_notebook({{"a = 1"}, {"b = 2"}});
  const auto executions = executions_of(notebook, {1, 0, 1}, ErrorPolicy::kStop);
  ASSERT_EQ(executions.size(), 3U);
  EXPECT_EQ(executions[0].cell, 1U);
  EXPECT_EQ(executions[0].source, "b = 2");
  EXPECT_EQ(executions[1].source, "a = 1");
  EXPECT_EQ(executions[2].source, "b = 2");
}

TEST(ExecutionsOf, FollowTheErrorPolicy) {
  const Notebook notebook =
      small_notebook({{"a = 1"}, {"b", 2, "NameError: b"}, {"c", 3, "", "raises-exception"}});
  const ExecutionOrder all = {0, 1, 2};
  EXPECT_THAT(may_fail(executions_of(notebook, all, ErrorPolicy::kStop)),
              ElementsAre(false, false, true));
  EXPECT_THAT(may_fail(executions_of(notebook, all, ErrorPolicy::kAsRecorded)),
              ElementsAre(false, true, true));
  EXPECT_THAT(may_fail(executions_of(notebook, all, ErrorPolicy::kContinue)),
              ElementsAre(true, true, true));
}

TEST(HasCode, IsFalseOfBlankAndOfOtherCells) {
  EXPECT_FALSE(has_code(small_notebook({{" \n"}}).cells()[0]));
  EXPECT_TRUE(has_code(small_notebook({{"# note"}}).cells()[0]));
  Cell markdown;
  markdown.type = CellType::kMarkdown;
  markdown.source = "text";
  EXPECT_FALSE(has_code(markdown));
}

}  // namespace
}  // namespace nbreplay
