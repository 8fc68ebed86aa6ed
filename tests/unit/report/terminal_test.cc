#include "nbreplay/report/terminal.h"

#include <gmock/gmock.h>

#include "findings.h"

namespace nbreplay {
namespace {

using test::small_finding;
using testing::HasSubstr;
using testing::Not;

std::string plain(const NotebookFinding& finding) {
  return finding_text(finding, {});
}

TEST(FindingText, ShowsTheWholePicture) {
  EXPECT_EQ(
      plain(small_finding()),
      R"(churn.ipynb   3 code cells, 1 recorded crash                         Python 3.11, .venv (2 packages)

crash       cell 3   KeyError: 'tenure'                                           recorded as In[10]
reproduced  3 of 3 fresh runs, recorded order with its gap In[4] filled by cell 3
top-down    passes: the crash comes from the order of execution
minimal     3 of 4 executions: 1, 3, 3                                1-minimal, verified (7 trials)
statement   cell 3, line 2: df = df.drop(columns=df.columns[0])
cause       NB specific: execution order (confirmed). Cell 3 ran twice.
evidence    cell 3 run once: passes · no earlier failure

churn.diagnosis.json   churn.min.ipynb                            18 trials, 3.1 s (6 known already)
)");
}

TEST(FindingText, SaysWhatIsLeftOfTheData) {
  NotebookFinding finding = small_finding();
  finding.crashes.front().minimal->data = test::reduced_data();
  EXPECT_THAT(plain(finding), HasSubstr(R"(
data        data/train.csv: 1 of 5000 rows, 2 of 12 columns, 14 B of 244.1 KiB
            1-minimal (27 trials)
            left of the original: row 3210
            changed: row 3210, n: "17" is now "0"
            the notebook says the type of zip
data        model.pkl stays: not a table of text
)"));
  InputReduction& input = finding.crashes.front().minimal->data->inputs.front();
  input.in_place = true;
  input.before.columns = input.after.columns = 0;
  input.guarantee = Guarantee::kPartial;
  input.certified = {1, 0, 0, 4};
  input.why_partial = "stopped after 400 trials";
  input.rows = {{1, 3}, {9, 9}};
  input.changed.assign(5, {9, 4, "", "long", ""});
  input.message = "no\ntown";
  EXPECT_THAT(plain(finding), HasSubstr("train.csv: 1 of 5000 rows, 14 B"));
  EXPECT_THAT(plain(finding), HasSubstr(R"(
            partial: stopped after 400 trials; 1 of 4 rows and columns verified
            left of the original: rows 1-3, 9
            changed: row 9, column 4: "long" is now ""
            changed: row 9, column 4: "long" is now ""
            changed: row 9, column 4: "long" is now ""
            changed: 2 more values, in the JSON
            the message now says "no town"
)"));
  EXPECT_THAT(plain(finding),
              HasSubstr("put work/churn.min-data/train.csv in the place of data/train.csv"));
}

TEST(FindingText, OffersToReduceTheDataThatAreRead) {
  NotebookFinding finding = small_finding();
  EXPECT_THAT(plain(finding), Not(HasSubstr("--data")));
  finding.path = "my work/churn.ipynb";
  finding.crashes.front().minimal->tables = {"data/train.csv", "b.csv"};
  EXPECT_THAT(finding_text(finding, {false, 200}),
              HasSubstr("data        data/train.csv, b.csv as they are; to reduce the data, too: "
                        "nbreplay minimize --data 'my work/churn.ipynb'\n"));
  finding.outputs.erase("minimal-3");
  EXPECT_THAT(plain(finding), Not(HasSubstr("--data"))) << "no minimal notebook was written";
}

TEST(FindingText, NothingFromTheNotebookReachesTheTerminalRaw) {
  NotebookFinding finding = small_finding();
  finding.path = "bad\x1b[2J.ipynb";
  CrashFinding& crash = finding.crashes.front();
  crash.recorded->message = "\x1b]0;owned\x07";
  crash.reproduction.order_why = "\x1b[31m";
  crash.cause->explanation = "\x1b[31m";
  crash.evidence = {"\x1b[31m"};
  crash.minimal->statements.front().source = "\x1b[31m";
  crash.minimal->data = test::reduced_data();
  for (InputReduction& input : crash.minimal->data->inputs) {
    input.path = "\x1b[31m";
    input.pinned = {"\x1b[31m"};
    input.why_partial = "\x1b[31m";
    input.changed = {{1, 1, "\x1b[31m", "\x1b[31m", "\x1b[31m"}};
    input.message = "\x1b[31m";
    input.in_place = true;
    if (!input.reduced()) input.not_reduced = "\x1b[31m";
  }
  crash.minimal->tables = {"\x1b[31m"};
  finding.notes = {"\x1b[31m"};
  finding.requirements = {{"pip install \x1b[31m", "x", false}};
  EXPECT_THAT(plain(finding), Not(HasSubstr("\x1b")));
}

TEST(FindingText, ColourIsOnlyAddedAround) {
  const std::string text = finding_text(small_finding(), {true, 100});
  EXPECT_THAT(text, HasSubstr("\x1b[32m"));
}

TEST(FindingText, ColourSpansLines) {
  NotebookFinding finding = small_finding();
  finding.crashes.front().cause->explanation = std::string(40, 'x') + " " + std::string(60, 'y');
  const std::string text = finding_text(finding, {true, 80});
  const std::size_t begin = text.find("\x1b[32mNB specific");
  ASSERT_NE(begin, std::string::npos);
  EXPECT_THAT(text.substr(begin, text.find("\x1b[0m") - begin), HasSubstr("\n"));
}

TEST(FindingText, SaysOnceThatNothingDecided) {
  NotebookFinding finding = small_finding();
  CrashFinding& crash = finding.crashes.front();
  crash.experiments.clear();
  crash.evidence = {"no earlier failure", "every name bound"};
  crash.cause = Cause{};
  crash.cause->explanation = "Ruled out: no earlier failure; every name bound.";
  const std::string text = plain(finding);
  EXPECT_THAT(text, HasSubstr("cause       unknown. Ruled out: no earlier failure;"));
  EXPECT_THAT(text, Not(HasSubstr("evidence")));
  crash.reproduction.verdict = ReproductionVerdict::kBlocked;
  EXPECT_THAT(plain(finding), HasSubstr("unknown: a crash that is not reproduced"));
}

TEST(FindingText, SaysWhyACrashWasNotReproduced) {
  NotebookFinding finding = small_finding();
  CrashFinding& crash = finding.crashes.front();
  crash.reproduction.verdict = ReproductionVerdict::kAbsent;
  crash.reproduction.why = "three runs of the recorded order passed";
  crash.minimal.reset();
  crash.cause.reset();
  EXPECT_THAT(plain(finding), HasSubstr("no: absent. three runs of the recorded order passed"));
  EXPECT_THAT(plain(finding), Not(HasSubstr("minimal")));
}

TEST(FindingText, ACleanNotebookSaysSo) {
  NotebookFinding finding = small_finding();
  finding.crashes.clear();
  finding.ran_clean = true;
  EXPECT_THAT(plain(finding), HasSubstr("no crash: nothing was recorded"));
}

TEST(FindingText, ClaimsTheOrderOnlyWhenItIsConfirmed) {
  NotebookFinding finding = small_finding();
  finding.crashes.front().cause->verdict = Verdict::kAmbiguous;
  EXPECT_THAT(plain(finding), Not(HasSubstr("the crash comes from the order")));
}

TEST(FindingText, SaysThatAMinimumWasNotRunAgain) {
  NotebookFinding finding = small_finding();
  MinimalSequence& minimal = *finding.crashes.front().minimal;
  minimal.confirmations = minimal.confirmed_at_a = minimal.confirmed_at_s = 0;
  EXPECT_THAT(plain(finding), HasSubstr("not run again in fresh processes"));
}

TEST(FindingText, PartialMinimumIsNotCalledMinimal) {
  NotebookFinding finding = small_finding();
  finding.crashes.front().minimal->guarantee = Guarantee::kPartial;
  finding.crashes.front().minimal->certified = {1, 0, 0, 2};
  EXPECT_THAT(plain(finding), Not(HasSubstr("1-minimal")));
  EXPECT_THAT(plain(finding), HasSubstr("1 of 2 verified"));
}

TEST(ErrorText, PutsTheHintBehindABlankLine) {
  EXPECT_EQ(error_text(bad_input("a.ipynb: broken", "line 3", "save it again"), {}),
            "error: a.ipynb: broken\n  line 3\n\nhint: save it again\n");
}

}  // namespace
}  // namespace nbreplay
