#include "nbreplay/report/orders.h"

#include <gmock/gmock.h>

#include <nlohmann/json.hpp>
#include <sstream>

#include "findings.h"

namespace nbreplay {
namespace {

using testing::HasSubstr;
using testing::Not;

Crash crash_of(std::string type, std::string message) {
  Crash crash;
  crash.type = std::move(type);
  crash.message = std::move(message);
  return crash;
}

OrderOutcome passes(Origin origin) {
  OrderOutcome outcome;
  outcome.end = OrderEnd::kPasses;
  outcome.origin = origin;
  return outcome;
}

OrderOutcome crashes(std::size_t cell, std::string type, Origin origin) {
  OrderOutcome outcome;
  outcome.end = OrderEnd::kCrashes;
  outcome.position = 1;
  outcome.cell = cell;
  outcome.crash = crash_of(std::move(type), "'age'");
  outcome.origin = origin;
  return outcome;
}

MapEntry entry(OrderChange change, std::size_t position, OrderOutcome outcome) {
  MapEntry result;
  result.change = change;
  result.position = position;
  result.cell = 2 * position;
  result.order = {0};
  result.outcome = std::move(outcome);
  return result;
}

OrdersFinding small_map() {
  OrdersFinding finding;
  finding.notebook.path = "pay.ipynb";
  finding.notebook.code_cells = 2;
  finding.notebook.ordinals = {{0, 1}, {2, 2}};
  finding.notebook.environment = test::small_environment();
  finding.notebook.trials.total = 7;
  finding.notebook.wall = std::chrono::seconds(2);
  finding.base = {0, 2};
  finding.base_from = "top-to-bottom";
  finding.base_outcome = passes(Origin::kFresh);
  finding.measured = true;
  finding.conflicts = {{0, 2, {"df"}}};
  finding.entries = {entry(OrderChange::kSkip, 0, crashes(2, "NameError", Origin::kBranched)),
                     entry(OrderChange::kRepeat, 0, passes(Origin::kBranched)),
                     entry(OrderChange::kSwap, 0, {}),
                     entry(OrderChange::kSkip, 1, passes(Origin::kBranched)),
                     entry(OrderChange::kRepeat, 1, crashes(2, "KeyError", Origin::kBranched)),
                     entry(OrderChange::kSwap, 1, crashes(2, "NameError", Origin::kBranched))};
  finding.entries.back().before = 0;
  finding.orders = {{"top-to-bottom", "", {0, 2}, finding.base_outcome}};
  finding.safety = RerunSafety::kUnsafe;
  finding.unsafe_cell = 2;
  finding.unsafe_run = TriedOrder{"repeat", "", {0, 2, 2}, crashes(2, "KeyError", Origin::kFresh)};
  finding.cost.base = std::chrono::seconds(1);
  finding.cost.base_runs = 3.25;
  finding.cost.base_runs_from_top = 5.5;
  return finding;
}

std::string plain(const OrdersFinding& finding) {
  return orders_text(finding, {});
}

TEST(OrdersText, ShowsAnswerAndMatrix) {
  EXPECT_EQ(
      plain(small_map()),
      R"(pay.ipynb   2 code cells                                             Python 3.11, .venv (2 packages)

re-run      not safe: cell 2 run twice crashes in cell 2: KeyError: 'age' (fresh)
base        top to bottom: passes (fresh)
conflicts   1 pair of cells, measured while the base order ran

cell  skipped                run twice              run before a predecessor
   1  NameError in 2         ok                     -
   2  ok                     KeyError in 2          1: NameError in 2

read        ok: as without the change. NameError in 2: cell 2 raises it then. 1: …: run before cell
            1. -: nothing to try. Entries: 5 branched.

3.2 base runs executed (5.5 had every trial run from the top)                        7 trials, 2.0 s
)");
}

TEST(OrdersText, ASafeNotebookSaysWhatThatRestsOn) {
  OrdersFinding finding = small_map();
  finding.safety = RerunSafety::kSafe;
  finding.entries[4].outcome = passes(Origin::kCached);
  EXPECT_THAT(plain(finding), HasSubstr("when it runs twice (1 branched, 1 cached)"));
}

TEST(OrdersText, CountsTheOtherCellsThatAreNotSafe) {
  OrdersFinding finding = small_map();
  EXPECT_THAT(plain(finding), Not(HasSubstr("more cell")));
  finding.entries[1].outcome = crashes(2, "ValueError", Origin::kBranched);
  EXPECT_THAT(orders_text(finding, {false, 200}),
              HasSubstr("'age' (fresh); 1 more cell makes something crash when run twice (1 "
                        "branched)\n"));
}

TEST(OrdersText, ExplainsOnlyWhatStandsInTheMap) {
  OrdersFinding finding = small_map();
  finding.base = {0};
  finding.entries = {entry(OrderChange::kSkip, 0, passes(Origin::kBranched)),
                     entry(OrderChange::kRepeat, 0, passes(Origin::kBranched)),
                     entry(OrderChange::kSwap, 0, passes(Origin::kBranched))};
  finding.entries.back().before = 2;
  EXPECT_THAT(plain(finding), HasSubstr("read        ok: as without the change. 2: …: run before "
                                        "cell 2. Entries: 3 branched.\n"));
  for (MapEntry& one : finding.entries) {
    one.outcome.end = OrderEnd::kNotRun;
    one.outcome.origin.reset();
  }
  finding.entries.back().before.reset();
  const std::string text = plain(finding);
  EXPECT_THAT(text, HasSubstr("read        -: nothing to try.\n"));
  EXPECT_THAT(text, Not(HasSubstr("Entries")));
  finding.entries[0].outcome.end = OrderEnd::kUnresolved;
  EXPECT_THAT(plain(finding), HasSubstr("read        ?: came to no end. -: nothing to try.\n"));
}

TEST(OrdersText, DeniedEntriesAreMarkedAndCounted) {
  OrdersFinding finding = small_map();
  finding.entries[4].outcome = passes(Origin::kFresh);
  finding.entries[4].denied = true;
  finding.notebook.trials.dropped = 1;
  EXPECT_THAT(plain(finding), HasSubstr("ok (!)"));
  EXPECT_THAT(plain(finding), HasSubstr("1 denied by a fresh run"));
  EXPECT_THAT(plain(finding), HasSubstr("(!): a crash that a fresh run denied."));
}

TEST(OrdersText, RowsFitInto80ColumnsWhateverExceptionsAreCalled) {
  OrdersFinding finding = small_map();
  const std::string odd = "Un\u00efon\u00e9Fehler\x1b[31mDerSehrLangBenannteFehlerIstDas";
  for (MapEntry& one : finding.entries)
    if (one.outcome.crashes()) one.outcome.crash->type = odd;
  const std::string text = plain(finding);
  EXPECT_EQ(text.find('\x1b'), std::string::npos);
  std::istringstream lines(text.substr(text.find("cell  skipped"), 400));
  for (std::string line; std::getline(lines, line) && !line.empty();) EXPECT_LE(line.size(), 84U);
}

TEST(OrdersText, SaysWhichPairDecides) {
  OrdersFinding finding = small_map();
  OrderComparison comparison;
  comparison.passing = {0, 2};
  comparison.failing = {2, 0};
  comparison.passing_outcome = passes(Origin::kFresh);
  comparison.failing_outcome = crashes(2, "NameError", Origin::kFresh);
  comparison.verdict = Verdict::kConfirmed;
  comparison.edit = DecidingEdit{"move", {0, 2}, {{0, 2}}};
  comparison.with_edit = {"passing", "", {2, 0}, comparison.failing_outcome};
  comparison.without_edit = {"failing", "", {0, 2}, comparison.passing_outcome};
  comparison.pairs = 1;
  comparison.tests = 2;
  finding.comparison = comparison;
  const std::string text = plain(finding);
  EXPECT_THAT(text, HasSubstr("edit        cell 2 runs before cell 1 (confirmed)\n"));
  EXPECT_THAT(text, HasSubstr("with it     2,1: crashes in cell 2: NameError: 'age' (fresh)\n"));
  EXPECT_THAT(text, HasSubstr("tested      2 orders, for 1 conflicting pair"));
}

TEST(OrdersText, ShowsAFailingOrderAsItWasGiven) {
  OrdersFinding finding = small_map();
  OrderComparison comparison;
  comparison.passing = {0, 2, 2};
  comparison.failing = {2, 2, 0, 0};
  comparison.passing_outcome = passes(Origin::kFresh);
  comparison.failing_outcome = crashes(2, "NameError", Origin::kFresh);
  finding.comparison = comparison;
  EXPECT_THAT(plain(finding), HasSubstr("failing     2,2,1,1: crashes in cell 2: NameError: 'age' "
                                        "(fresh); 2 executions behind it not"));
}

TEST(OrdersJson, HoldsTheMap) {
  const auto document = nlohmann::json::parse(orders_json({small_map()}, false));
  const auto& notebook = document.at("notebooks").at(0);
  EXPECT_EQ(document.at("command"), "orders");
  EXPECT_EQ(notebook.at("safety").at("answer"), "unsafe");
  EXPECT_EQ(notebook.at("safety").at("run").at("outcome").at("origin"), "fresh");
  EXPECT_EQ(notebook.at("map").size(), 6U);
  EXPECT_EQ(notebook.at("map").at(0).at("outcome").at("observed").at("ename"), "NameError");
  EXPECT_TRUE(notebook.at("map").at(2).at("outcome").at("origin").is_null());
  EXPECT_EQ(notebook.at("cost").at("base_runs"), 3.25);
}

}  // namespace
}  // namespace nbreplay
