#include "nbreplay/report/notebooks.h"

#include <gmock/gmock.h>

#include "findings.h"

namespace nbreplay {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;

/// Cells 0, 2 and 4 are code, with ids c0 to c4.
Notebook small_notebook() {
  std::string cells;
  for (int i = 0; i < 5; ++i) {
    const std::string id = "\"id\": \"c" + std::to_string(i) + "\", \"metadata\": {}";
    cells += i == 0 ? "" : ",";
    cells += i % 2 == 1
                 ? "{\"cell_type\": \"markdown\", " + id + ", \"source\": []}"
                 : "{\"cell_type\": \"code\", " + id +
                       ", \"execution_count\": 7, \"source\": [\"x = " + std::to_string(i) +
                       "\"], \"outputs\": [{\"output_type\": \"stream\", \"name\": \"stdout\", "
                       "\"text\": [\"old\"]}]}";
  }
  auto notebook = parse_notebook(
      "{\"cells\": [" + cells + "], \"metadata\": {}, \"nbformat\": 4, \"nbformat_minor\": 5}",
      "small.ipynb");
  EXPECT_TRUE(notebook);
  return *notebook;
}

std::vector<std::string> sources(const Notebook& notebook) {
  std::vector<std::string> result;
  for (const Cell& cell : notebook.cells())
    if (cell.type == CellType::kCode) result.push_back(cell.source);
  return result;
}

TEST(MinimalNotebook, RunsTopToBottomWithWhatIsNeeded) {
  const NotebookFinding finding = test::small_finding();
  const Notebook minimal = minimal_notebook(small_notebook(), finding.crashes.front(), finding);
  EXPECT_EQ(minimal.cells().front().type, CellType::kMarkdown);
  EXPECT_THAT(minimal.cells().front().source, HasSubstr("small.ipynb"));
  EXPECT_THAT(sources(minimal),
              ElementsAre("x = 0", "df = df.drop(columns=df.columns[0])", "x = 4"));
  for (const std::size_t cell : minimal.code_cells()) EXPECT_TRUE(minimal.outputs(cell).empty());
  EXPECT_TRUE(minimal.notebook_metadata("nbreplay").has_value());
  EXPECT_TRUE(parse_notebook(minimal.to_json(), "again.ipynb").has_value());
}

TEST(MinimalNotebook, ReadsTheReducedDataAndSaysSo) {
  NotebookFinding finding = test::small_finding();
  MinimalSequence& sequence = *finding.crashes.front().minimal;
  sequence.data = test::reduced_data();
  sequence.data->sources = {"read_csv('churn.min-data/train.csv')", "x", "y"};
  sequence.data->crash.emplace();
  sequence.data->crash->type = "TypeError";
  sequence.data->crash->message = "Could not convert string 'n/k' to numeric";
  const Notebook minimal = minimal_notebook(small_notebook(), finding.crashes.front(), finding);
  EXPECT_THAT(sources(minimal), ElementsAre("read_csv('churn.min-data/train.csv')", "x", "y"));
  EXPECT_THAT(minimal.cells().front().source,
              HasSubstr("`churn.min-data/train.csv` holds 1 of 5000 rows and 2 of 12 columns of "
                        "`data/train.csv`; 1 value is simpler. `dtype=` gives"));
  EXPECT_THAT(minimal.cells().front().source, HasSubstr("Could not convert string 'n/k'"));
}

TEST(MinimalNotebook, CellsMeantToFailSayIt) {
  NotebookFinding finding = test::small_finding();
  finding.crashes.front().minimal->may_fail = {true, false, false};
  const Notebook minimal = minimal_notebook(small_notebook(), finding.crashes.front(), finding);
  EXPECT_THAT(minimal.to_json(), HasSubstr("raises-exception"));
}

TEST(MinimalNotebook, LeavesOutCellsWithNothingLeft) {
  NotebookFinding finding = test::small_finding();
  finding.crashes.front().minimal->statements = {{0, 0, 1, 1, " \n"}, {2, 4, 1, 1, ""}};
  const Notebook minimal = minimal_notebook(small_notebook(), finding.crashes.front(), finding);
  EXPECT_THAT(sources(minimal), ElementsAre("x = 4", "")) << "only the crashed cell always stays";
  EXPECT_THAT(minimal.cells().front().source, HasSubstr("1 of these had nothing left to do"));
}

TEST(MinimalNotebook, RunsEveryCellAndLetsTheLastFail) {
  Notebook notebook = small_notebook();
  notebook.add_tag(0, kTagSkipExecution);
  notebook.add_tag(0, "keep");
  notebook.add_tag(4, kTagRaisesException);
  NotebookFinding finding = test::small_finding();
  finding.crashes.front().minimal->may_fail = {false, true, false};
  const Notebook minimal = minimal_notebook(notebook, finding.crashes.front(), finding);
  ASSERT_EQ(minimal.cells().size(), 4U);
  EXPECT_THAT(minimal.cells()[1].tags, ElementsAre("keep"));
  EXPECT_TRUE(minimal.cells()[2].may_raise());
  EXPECT_FALSE(minimal.cells()[3].may_raise());
}

TEST(MinimalNotebook, SaysWhatWasNotConfirmedAndWhatItTakes) {
  NotebookFinding finding = test::small_finding();
  finding.crashes.front().minimal->confirmations = 0;
  finding.crashes.front().minimal->confirmed_at_a = 0;
  finding.crashes.front().minimal->guarantee = Guarantee::kPartial;
  finding.crashes.front().reproduction.stubs = {"torch"};
  const Notebook minimal = minimal_notebook(small_notebook(), finding.crashes.front(), finding);
  EXPECT_THAT(minimal.cells().front().source, HasSubstr("not confirmed"));
  EXPECT_THAT(minimal.cells().front().source, HasSubstr("not seen to crash every time"));
  EXPECT_THAT(minimal.cells().front().source, HasSubstr("placeholders"));
  EXPECT_THAT(minimal.cells().front().source, HasSubstr("torch"));
}

TEST(ExecutedNotebook, HasOutputsOfTheLastExecutionAndDropsOldOnes) {
  const Notebook notebook = small_notebook();
  Trial trial;
  trial.executions = {{0, "c0", "x = 0", false}, {0, "c0", "x = 0", false}};
  Outcome outcome;
  outcome.cells.resize(2);
  for (std::size_t i = 0; i < 2; ++i) {
    outcome.cells[i].position = i;
    outcome.cells[i].cell = 0;
    outcome.cells[i].end = Completed{};
    outcome.cells[i].execution_count = static_cast<int>(i + 1);
    outcome.cells[i].outputs = {R"({"output_type": "stream", "name": "stdout", "text": "run )" +
                                std::to_string(i + 1) + "\"}"};
  }
  const auto executed = executed_notebook(notebook, trial, outcome);
  ASSERT_TRUE(executed);
  EXPECT_EQ(executed->cells()[0].execution_count, 2);
  ASSERT_EQ(executed->outputs(0).size(), 1U);
  EXPECT_THAT(std::string(executed->outputs(0).front()), HasSubstr("run 2"));
  EXPECT_TRUE(executed->outputs(2).empty());
  EXPECT_EQ(executed->cells()[2].execution_count, std::nullopt);
  EXPECT_TRUE(executed->notebook_metadata("nbreplay").has_value());
}

}  // namespace
}  // namespace nbreplay
