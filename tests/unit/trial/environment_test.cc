#include "nbreplay/trial/environment.h"

#include <gtest/gtest.h>

#include "nbreplay/base/file.h"

#include "support/temporary_folder.h"

namespace nbreplay {
namespace {

class EnvironmentStateTest : public testing::Test {
 protected:
  EnvironmentStateTest() { environment.site_packages = {folder.path()}; }

  void write(const Path& name, const std::string& text) const {
    std::filesystem::create_directories((folder.path() / name).parent_path());
    ASSERT_TRUE(write_file(folder.path() / name, text));
  }
  [[nodiscard]] std::string change_since(const EnvironmentState& before) const {
    return describe_change(before, environment_state(environment));
  }

  test::TemporaryFolder folder;
  Environment environment;
};

TEST_F(EnvironmentStateTest, IsTheSameWhenNothingChanges) {
  write("numpy-1.26.4.dist-info/METADATA", "x");
  const EnvironmentState before = environment_state(environment);
  EXPECT_EQ(before, environment_state(environment));
  EXPECT_EQ(change_since(before), "");
}

TEST_F(EnvironmentStateTest, NamesWhatWasInstalledAndRemoved) {
  write("numpy-1.26.4.dist-info/METADATA", "x");
  write("numpy/__init__.py", "x");
  const EnvironmentState before = environment_state(environment);
  std::filesystem::remove_all(folder.path() / "numpy-1.26.4.dist-info");
  write("numpy-2.0.0.dist-info/METADATA", "x");
  write("loose.py", "x");
  EXPECT_NE(before, environment_state(environment));
  EXPECT_EQ(change_since(before), "numpy 1.26.4 removed, numpy 2.0.0 added");
}

TEST_F(EnvironmentStateTest, NamesLooseModulesWhenNoPackageChanged) {
  write("tool.py", "x");
  const EnvironmentState before = environment_state(environment);
  write("tool.py", "longer");
  write("other.py", "x");
  EXPECT_EQ(change_since(before), "other.py added, tool.py changed");
}

TEST_F(EnvironmentStateTest, DoesNotChangeByImporting) {
  write("numpy/__init__.py", "x");
  const EnvironmentState before = environment_state(environment);
  write("numpy/__pycache__/__init__.cpython-311.pyc", "x");
  write("__pycache__/tool.cpython-311.pyc", "x");
  EXPECT_EQ(before, environment_state(environment));
}

TEST_F(EnvironmentStateTest, ReadsTheNamesOfOldEggs) {
  const EnvironmentState before = environment_state(environment);
  write("networkx-2.3-py3.7.egg-info", "x");
  EXPECT_EQ(change_since(before), "networkx 2.3 added");
}

TEST_F(EnvironmentStateTest, NamesTheFirstOfManyChanges) {
  const EnvironmentState before = environment_state(environment);
  for (char c = 'a'; c <= 'k'; ++c) write(std::string(1, c) + "-1.0.dist-info/METADATA", "x");
  const std::string change = change_since(before);
  EXPECT_EQ(change.find("a 1.0 added, b 1.0 added"), 0U) << change;
  EXPECT_NE(change.find(" and 3 more"), std::string::npos) << change;
}

TEST_F(EnvironmentStateTest, NoticesThatTheFolderIsGone) {
  const EnvironmentState before = environment_state(environment);
  environment.site_packages.push_back(folder.path() / "nowhere");
  EXPECT_NE(before, environment_state(environment));
}

}  // namespace
}  // namespace nbreplay
