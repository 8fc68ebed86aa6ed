#include "process/trie.h"

#include <gtest/gtest.h>

namespace nbreplay::process {
namespace {

using std::chrono::milliseconds;

class TrieTest : public testing::Test {
 protected:
  Trial trial(const std::vector<std::string>& sources) {
    Trial made;
    made.project = project_;
    for (const std::string& source : sources)
      made.executions.push_back({made.executions.size(), "", source, false});
    return made;
  }

  /// As if it had been run, each execution in 100 ms.
  Prefix& add(const Trial& run, std::optional<std::size_t> raises = {}) {
    Prefix* at = trie_.known(run).front();
    for (std::size_t position = 0; position < run.executions.size(); ++position) {
      at = &trie_.extend(*at, run, position);
      CellOutcome cell;
      cell.position = position;
      cell.wall = milliseconds(100);
      cell.end = Completed{};
      if (raises == position) cell.end = Raised{};
      at->record = Prefix::Record{cell, {}, {}};
      if (raises == position) break;
    }
    return *at;
  }
  std::size_t known(const Trial& asked) { return trie_.known(asked).size() - 1; }

  std::shared_ptr<const Project> project_ = std::make_shared<const Project>();
  Trie trie_;
};

TEST_F(TrieTest, KnowsTheLongestPrefixThatWasRun) {
  EXPECT_EQ(known(trial({"a", "b"})), 0U);
  add(trial({"a", "b", "c"}));
  EXPECT_EQ(known(trial({"a", "b", "d"})), 2U);
  EXPECT_EQ(known(trial({"a", "b", "c", "d"})), 3U);
  EXPECT_EQ(known(trial({"b"})), 0U);
}

TEST_F(TrieTest, GoesOnlyAsFarAsARunMayGoOn) {
  Trial run = trial({"a", "b", "c"});
  run.executions[1].may_fail = true;
  add(run, 1);
  run.executions.push_back(run.executions[0]);
  EXPECT_EQ(known(run), 2U);
  run.executions[1].may_fail = false;
  EXPECT_EQ(known(run), 2U) << "the failure itself is known";
}

TEST_F(TrieTest, TellsCellsFilesAndObservingApart) {
  const Trial run = trial({"a", "b"});
  add(run);
  Trial other = run;
  other.executions[1].cell = 7;
  EXPECT_EQ(known(other), 1U);
  other = run;
  other.extra_files.push_back({"data.csv", "1", false, 1});
  EXPECT_EQ(known(other), 1U) << "the file comes before the second";
  other = run;
  other.observe = true;
  EXPECT_EQ(known(other), 0U);
}

TEST_F(TrieTest, RebuildingCostsWhatNoSnapshotSaves) {
  Prefix& last = add(trial({"a", "b", "c"}));
  EXPECT_EQ(rebuild_cost(last), milliseconds(300));
}

TEST_F(TrieTest, WithoutASnapshotNothingMayGo) {
  add(trial({"a"}));
  EXPECT_EQ(least_valuable(trie_, 1, nullptr), nullptr);
}

}  // namespace
}  // namespace nbreplay::process
