#include "nbreplay/store/sqlite_trial_cache.h"

#include <gmock/gmock.h>

#include <fstream>

#include "support/temporary_folder.h"

namespace nbreplay {
namespace {

using test::TemporaryFolder;

Outcome crashed() {
  Crash crash;
  crash.type = "KeyError";
  crash.message = "'a\xed\xa0\x80'";  // a lone surrogate, as Python may have in a message
  crash.cell = 4;
  Frame frame;
  frame.in_notebook = true;
  frame.cell = 4;
  frame.line = 2;
  frame.function = "<module>";
  crash.frames = {frame};
  Outcome outcome;
  outcome.cells.resize(2);
  outcome.cells[0].end = Completed{};
  outcome.cells[1].position = 1;
  outcome.cells[1].cell = 4;
  outcome.cells[1].end = Raised{crash, false};
  outcome.termination = Exited{0};
  outcome.notes = {"a note"};
  outcome.wall = std::chrono::milliseconds(12);
  return outcome;
}

TEST(SqliteTrialCache, GivesBackWhatWasStoredAlsoToALaterProcess) {
  TemporaryFolder folder;
  {
    auto cache = SqliteTrialCache::open(folder.path() / "new");
    ASSERT_TRUE(cache);
    (*cache)->store("key", crashed(), Origin::kFresh);
    EXPECT_TRUE((*cache)->find("key"));
    EXPECT_FALSE((*cache)->find("other"));
  }
  auto cache = SqliteTrialCache::open(folder.path() / "new");
  ASSERT_TRUE(cache);
  const auto found = (*cache)->find("key");
  ASSERT_TRUE(found);
  ASSERT_EQ(found->cells.size(), 2U);
  const auto* raised = std::get_if<Raised>(&found->cells[1].end);
  ASSERT_NE(raised, nullptr);
  EXPECT_EQ(raised->crash.type, "KeyError");
  ASSERT_EQ(raised->crash.frames.size(), 1U);
  EXPECT_EQ(raised->crash.frames[0].cell, 4U);
  EXPECT_EQ(found->notes, crashed().notes);
  EXPECT_EQ(found->wall, crashed().wall);
  ASSERT_TRUE(std::holds_alternative<Exited>(found->termination));
}

TEST(SqliteTrialCache, ForgetsWhatItIsToldTo) {
  TemporaryFolder folder;
  auto cache = SqliteTrialCache::open(folder.path());
  ASSERT_TRUE(cache);
  (*cache)->store("key", crashed(), Origin::kFresh);
  (*cache)->store("other", crashed(), Origin::kFresh);
  (*cache)->forget("key");
  (*cache)->forget("never stored");
  EXPECT_FALSE((*cache)->find("key"));
  EXPECT_TRUE((*cache)->find("other"));
}

TEST(SqliteTrialCache, TwoProcessesShareOneFile) {
  TemporaryFolder folder;
  auto first = SqliteTrialCache::open(folder.path());
  auto second = SqliteTrialCache::open(folder.path());
  ASSERT_TRUE(first && second);
  (*first)->store("a", crashed(), Origin::kFresh);
  (*second)->store("b", crashed(), Origin::kFresh);
  EXPECT_TRUE((*first)->find("b"));
  EXPECT_TRUE((*second)->find("a"));
}

TEST(SqliteTrialCache, AFileThatIsNoDatabaseIsAnErrorOrEmpty) {
  TemporaryFolder folder;
  std::ofstream(folder.path() / "trials.sqlite") << std::string(4096, 'x');
  auto cache = SqliteTrialCache::open(folder.path());
  if (cache)
    EXPECT_FALSE((*cache)->find("key"));
  else
    EXPECT_THAT(cache.error().message, testing::HasSubstr("trials.sqlite"));
}

TEST(SqliteTrialCache, AFolderThatCannotBeMadeIsAnError) {
  TemporaryFolder folder;
  std::ofstream(folder.path() / "file") << "x";
  EXPECT_FALSE(SqliteTrialCache::open(folder.path() / "file" / "cache"));
}

}  // namespace
}  // namespace nbreplay
