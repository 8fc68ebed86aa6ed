#include "process/scratch_folder.h"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <sys/file.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>

#include "support/temporary_folder.h"

namespace nbreplay::process {
namespace {

namespace fs = std::filesystem;

class ScratchFolders : public testing::Test {
 protected:
  ScratchFolders() { ::setenv("TMPDIR", temporary_.path().c_str(), 1); }
  ~ScratchFolders() override { ::unsetenv("TMPDIR"); }

  /// As an owner leaves it who is killed: its lock is there, and free.
  Path left_over(const std::string& name) {
    const Path folder = temporary_.path() / name;
    fs::create_directories(folder / "home");
    std::ofstream(folder / "lock");
    return folder;
  }

  test::TemporaryFolder temporary_;
};

TEST_F(ScratchFolders, GoWithTheirOwner) {
  auto scratch = ScratchFolder::create();
  ASSERT_TRUE(scratch);
  const Path path = (*scratch)->path();
  std::ofstream(path / "kept.txt") << "1";
  EXPECT_TRUE((*scratch)->in_place());
  scratch->reset();
  EXPECT_FALSE(fs::exists(path));
}

TEST_F(ScratchFolders, OfOwnersThatWereKilledAreRemoved) {
  const Path killed = left_over("nbreplay-AbCdEf");
  const Path other = left_over("other-AbCdEf");
  const Path unfinished = temporary_.path() / "nbreplay-NoLock";
  fs::create_directory(unfinished);
  auto owned = ScratchFolder::create();
  ASSERT_TRUE(owned);
  ScratchFolder::remove_stale();
  EXPECT_FALSE(fs::exists(killed));
  EXPECT_TRUE(fs::exists(other));
  EXPECT_TRUE(fs::exists(unfinished));
  EXPECT_TRUE((*owned)->in_place());
}

TEST_F(ScratchFolders, LeaveAloneWhatWasPutInTheirPlace) {
  auto scratch = ScratchFolder::create();
  ASSERT_TRUE(scratch);
  const Path path = (*scratch)->path();
  const Path treasure = temporary_.path() / "treasure";
  fs::create_directory(treasure);
  fs::rename(path, temporary_.path() / "moved");
  fs::create_directory_symlink(treasure, path);
  EXPECT_FALSE((*scratch)->in_place());
  scratch->reset();
  EXPECT_TRUE(fs::exists(treasure));
}

}  // namespace
}  // namespace nbreplay::process
