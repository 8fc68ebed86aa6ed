#include "nbreplay/report/json.h"

#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

#include "findings.h"

namespace nbreplay {
namespace {

using nlohmann::json;
using test::small_finding;

RunResult failed_run() {
  RunResult run;
  run.path = "a.ipynb";
  run.order = {0, 2};
  run.failed_cell = 2;
  run.failed_ordinal = 2;
  run.summary = "ValueError: no";
  Outcome outcome;
  outcome.cells.resize(2);
  outcome.cells[0].end = Completed{};
  outcome.cells[1].position = 1;
  outcome.cells[1].cell = 2;
  Crash crash;
  crash.type = "ValueError";
  crash.message = "no";
  outcome.cells[1].end = Raised{crash, false};
  outcome.termination = Exited{0};
  run.outcome = outcome;
  return run;
}

TEST(FindingsJson, FollowsTheDocumentedShape) {
  const json document = json::parse(findings_json("diagnose", {small_finding()}, true));
  EXPECT_EQ(document["schema_version"], kSchemaVersion);
  EXPECT_EQ(document["tool"]["name"], "nbreplay");
  EXPECT_EQ(document["command"], "diagnose");
  const json& notebook = document["notebooks"][0];
  EXPECT_EQ(notebook["notebook"]["code_cell_indices"], json({0, 2, 4}));
  EXPECT_EQ(notebook["environment"]["packages"][1]["name"], "pandas");
  EXPECT_EQ(notebook["environment"]["ipython_from"], "environment");
  EXPECT_EQ(notebook["trials"]["cached"], 6);
  EXPECT_EQ(notebook["stopped_by"], "done");
  const json& crash = notebook["crashes"][0];
  EXPECT_EQ(crash["cell"], json({{"index", 4}, {"ordinal", 3}, {"id", "abc"}}));
  EXPECT_EQ(crash["recorded"]["execution_count"], 10);
  EXPECT_EQ(crash["reproduction"]["order_from"], "gap-filled");
  EXPECT_EQ(crash["reproduction"]["level"], "A");
  EXPECT_EQ(crash["top_to_bottom"]["outcome"], "passes");
  EXPECT_EQ(crash["minimal"]["guarantee"], "1-minimal");
  EXPECT_EQ(crash["minimal"]["statements"][0]["lines"], json({2, 2}));
  EXPECT_EQ(crash["minimal"]["notebook"], "work/churn.min.ipynb");
  EXPECT_TRUE(crash["minimal"]["data"].is_null());
  EXPECT_EQ(crash["cause"]["edit"], json({{"kind", "repeat"}, {"cells", {4}}}));
  EXPECT_EQ(crash["experiments"][0]["wall_s"], 0.2);
  EXPECT_TRUE(crash["versions"].is_null());
}

TEST(FindingsJson, SaysWhatIsLeftOfTheDataAndWhy) {
  NotebookFinding finding = small_finding();
  finding.crashes.front().minimal->data = test::reduced_data();
  const json document = json::parse(findings_json("minimize", {finding}, true));
  const json data = document["notebooks"][0]["crashes"][0]["minimal"]["data"];
  EXPECT_EQ(data[0]["after"], json({{"rows", 1}, {"columns", 2}, {"bytes", 14}}));
  EXPECT_EQ(data[0]["file"], "work/churn.min-data/train.csv");
  EXPECT_EQ(data[0]["not_reduced"], json());
  EXPECT_EQ(data[0]["rows"], json::parse("[[3210, 3210]]"));
  EXPECT_EQ(data[0]["changed"], json::parse(R"([{"row": 3210, "column": 2, "name": "n",
                                                 "before": "17", "after": "0"}])"));
  EXPECT_EQ(data[0]["why_partial"], json());
  EXPECT_EQ(data[0]["message"], json());
  EXPECT_EQ(data[1]["not_reduced"], "not a table of text");
  EXPECT_EQ(data[1]["file"], json());
}

TEST(FindingsJson, TextThatIsNoUtf8IsReplaced) {
  NotebookFinding finding = small_finding();
  finding.crashes.front().recorded->message = "\xff\xed\xa0\x80";
  const json document = json::parse(findings_json("diagnose", {finding}, false));
  EXPECT_TRUE(document["notebooks"][0]["crashes"][0]["recorded"]["evalue"].is_string());
}

TEST(RunsJson, NamesTheCrashThatWasSeen) {
  const json document = json::parse(runs_json({failed_run()}, false));
  const json& run = document["notebooks"][0];
  EXPECT_EQ(run["passed"], false);
  EXPECT_EQ(run["trials"]["fresh"], 1);
  EXPECT_EQ(run["crashes"][0]["cell"], json({{"index", 2}, {"ordinal", 2}}));
  EXPECT_EQ(run["crashes"][0]["observed"], json({{"ename", "ValueError"}, {"evalue", "no"}}));
  EXPECT_EQ(run["cells"][1]["end"], "raised");
  EXPECT_EQ(run["termination"]["kind"], "exited");
}

TEST(RunsJson, ARunThatCouldNotStartHasOnlyItsProblem) {
  RunResult run;
  run.path = "a.ipynb";
  run.problem = bad_input("a.ipynb: broken");
  const json document = json::parse(runs_json({run}, false));
  EXPECT_EQ(document["notebooks"][0]["trials"]["total"], 0);
  EXPECT_EQ(document["notebooks"][0]["problem"]["message"], "a.ipynb: broken");
  EXPECT_TRUE(document["notebooks"][0]["crashes"].empty());
}

TEST(TestsJson, CountsAndStatusAgree) {
  TestResult passed;
  passed.notebook = "a.ipynb";
  passed.status = TestStatus::kPassed;
  passed.trials = 1;
  TestResult failed = passed;
  failed.status = TestStatus::kFailed;
  failed.failed_cell = 3;
  failed.ended_by_budget = true;
  const json document = json::parse(tests_json({passed, failed}, {}, false));
  EXPECT_EQ(document["totals"],
            json({{"passed", 1}, {"failed", 1}, {"errors", 0}, {"skipped", 0}}));
  EXPECT_TRUE(document["notebooks"][0]["crashes"].empty());
  EXPECT_EQ(document["notebooks"][1]["crashes"][0]["cell"]["index"], 3);
  EXPECT_EQ(document["notebooks"][1]["stopped_by"], "budget");
}

TEST(VerifyJson, ListsEveryVerdict) {
  const json document =
      json::parse(verify_json({{"confirmed", 2}}, 3, 1, "a.csv", "a.jsonl", false));
  EXPECT_EQ(document["verify"]["verdicts"]["confirmed"], 2);
  EXPECT_EQ(document["verify"]["verdicts"]["not-judged"], 0);
  EXPECT_EQ(document["verify"]["resumed"], 1);
}

}  // namespace
}  // namespace nbreplay
