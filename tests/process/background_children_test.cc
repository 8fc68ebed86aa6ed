#include "nbreplay/process/background_children.h"

#include <gtest/gtest.h>
#include <signal.h>

#include <chrono>
#include <thread>

#include "nbreplay/base/file.h"

#include "support/temporary_folder.h"

namespace nbreplay::process {
namespace {

/// Waits for `true`, at most for ten seconds.
template <class Condition>
bool comes_true(Condition condition) {
  const auto end = std::chrono::steady_clock::now() + std::chrono::seconds(10);
  while (!condition()) {
    if (std::chrono::steady_clock::now() > end) return false;
    std::this_thread::sleep_for(std::chrono::milliseconds(5));
  }
  return true;
}

ChildCommand shell(const std::string& script, const Path& folder, const std::string& input = {}) {
  ChildCommand command;
  command.argv = {"/bin/sh", "-c", script};
  command.variables = {{"PATH", "/usr/bin:/bin"}};
  command.working_directory = folder;
  command.input = input;
  return command;
}

TEST(BackgroundChildren, RunWithTheirInput) {
  const test::TemporaryFolder folder;
  BackgroundChildren children;
  children.start(
      shell("cat > got.new && mv got.new got", folder.path(), std::string(200'000, 'x')));
  ASSERT_TRUE(comes_true([&] { return std::filesystem::exists(folder.path() / "got"); }));
  EXPECT_EQ(std::filesystem::file_size(folder.path() / "got"), 200'000U);
}

TEST(BackgroundChildren, EndWithTheirOwnerTogetherWithWhatTheyStarted) {
  const test::TemporaryFolder folder;
  {
    BackgroundChildren children;
    children.start(
        shell("sleep 1000 & echo $! > child.new; mv child.new child; wait", folder.path()));
    ASSERT_TRUE(comes_true([&] { return std::filesystem::exists(folder.path() / "child"); }));
  }
  const auto text = read_file(folder.path() / "child", kib(1));
  ASSERT_TRUE(text);
  const pid_t sleeper = std::stoi(*text);
  // Its parent is gone: whoever adopts it collects it soon.
  EXPECT_TRUE(comes_true([&] {
    const auto state = read_file("/proc/" + std::to_string(sleeper) + "/stat", kib(4));
    return ::kill(sleeper, 0) != 0 || (state && state->find(") Z") != std::string::npos);
  }));
}

TEST(BackgroundChildren, KeepOnlyTheLastOneWaiting) {
  const test::TemporaryFolder folder;
  BackgroundChildren children;
  for (const char* name : {"first", "second"})
    children.start(shell("touch " + std::string(name) +
                             "; until [ -e go ]; do sleep 0.01; done; "
                             "touch done-" +
                             name,
                         folder.path()));
  children.start(shell("touch third", folder.path()));
  children.start(shell("touch fourth", folder.path()));
  ASSERT_TRUE(comes_true([&] { return std::filesystem::exists(folder.path() / "second"); }));
  EXPECT_FALSE(std::filesystem::exists(folder.path() / "fourth"));
  ASSERT_TRUE(write_file(folder.path() / "go", ""));
  ASSERT_TRUE(comes_true([&] {
    return std::filesystem::exists(folder.path() / "done-second") &&
           std::filesystem::exists(folder.path() / "done-first");
  }));
  ASSERT_TRUE(comes_true([&] {
    children.start(shell("touch fifth", folder.path()));
    return std::filesystem::exists(folder.path() / "fifth");
  }));
  EXPECT_FALSE(std::filesystem::exists(folder.path() / "third"));
}

TEST(BackgroundChildren, LeaveOutWhatCannotBeStarted) {
  const test::TemporaryFolder folder;
  BackgroundChildren children;
  ChildCommand missing;
  missing.argv = {(folder.path() / "missing").string()};
  children.start(missing);
  children.start(shell("touch after", folder.path()));
  EXPECT_TRUE(comes_true([&] { return std::filesystem::exists(folder.path() / "after"); }));
}

}  // namespace
}  // namespace nbreplay::process
