// Where control groups can be made, told from made-up files of the kernel's.
#include "process/control_group.h"

#include <gmock/gmock.h>
#include <unistd.h>

#include <fstream>
#include <sstream>

#include "support/temporary_folder.h"

namespace nbreplay::process {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;

class ControlGroupTest : public testing::Test {
 protected:
  ControlGroupTest() { std::filesystem::create_directories(self()); }

  [[nodiscard]] Path self() const { return folder_.path() / "self"; }
  [[nodiscard]] Path top(const std::string& name) const { return folder_.path() / name; }

  static void write(const Path& file, const std::string& text) {
    std::filesystem::create_directories(file.parent_path());
    std::ofstream(file) << text;
  }
  static std::string read(const Path& file) {
    std::ostringstream text;
    text << std::ifstream(file).rdbuf();
    return text.str();
  }

  /// One hierarchy of version 1, mounted whole, and this process's group in it.
  Path old_hierarchy(const std::string& controller, const std::string& group) {
    mounts_ += "30 20 0:30 / " + top(controller).string() +
               " rw,relatime shared:9 - cgroup cgroup rw," + controller + "\n";
    groups_ += "4:" + controller + ":" + group + "\n";
    write(self() / "mountinfo", mounts_);
    write(self() / "cgroup", groups_ + "0::/\n");
    const Path own = group == "/" ? top(controller) : top(controller) / group.substr(1);
    write(own / "cgroup.procs", "");
    return own;
  }

  Path new_hierarchy(const std::string& root, const std::string& group, const std::string& below) {
    write(self() / "mountinfo",
          "31 20 0:31 " + root + " " + top("unified").string() + " rw - cgroup2 cgroup2 rw\n");
    write(self() / "cgroup", "0::" + group + "\n");
    const Path own = below.empty() ? top("unified") : top("unified") / below;
    write(own / "cgroup.type", "domain\n");
    write(own / "cgroup.controllers", "cpuset cpu io memory pids\n");
    write(own / "cgroup.subtree_control", "");
    write(own / "cgroup.procs", std::to_string(::getpid()) + "\n");
    return own;
  }

  test::TemporaryFolder folder_;
  std::string mounts_;
  std::string groups_;
};

TEST_F(ControlGroupTest, OfVersionOneAreMadeBelowTheOwnGroupOfEachHierarchy) {
  const Path memory = old_hierarchy("memory", "/user/one");
  const Path pids = old_hierarchy("pids", "/");
  const auto groups = ControlGroups::find(self());
  ASSERT_TRUE(groups) << groups.error().message;
  EXPECT_THAT((*groups)->places(), ElementsAre(memory, pids));

  const auto group = (*groups)->make({mib(64), 20});
  ASSERT_TRUE(group) << group.error().message;
  const std::string name = "nbreplay-" + std::to_string(::getpid()) + "-";
  for (const auto& [place, file, value] :
       {std::tuple(memory, "memory.limit_in_bytes", "67108864"),
        std::tuple(memory, "memory.memsw.limit_in_bytes", "67108864"),
        std::tuple(pids, "pids.max", "20")}) {
    int found = 0;
    for (const auto& entry : std::filesystem::directory_iterator(place)) {
      if (!entry.path().filename().string().starts_with(name)) continue;
      ++found;
      EXPECT_EQ(read(entry.path() / file), value);
      write(entry.path() / "memory.oom_control", "oom_kill_disable 0\nunder_oom 0\noom_kill 3\n");
      write(entry.path() / "memory.max_usage_in_bytes", "1234\n");
    }
    EXPECT_EQ(found, 1);
  }
  EXPECT_EQ((*group)->memory_kills(), 3);
  EXPECT_EQ((*group)->most_memory(), Bytes{1234});
}

TEST_F(ControlGroupTest, OfVersionOneNeedNoHierarchyOfPids) {
  const Path memory = old_hierarchy("memory", "/");
  const auto groups = ControlGroups::find(self());
  ASSERT_TRUE(groups) << groups.error().message;
  EXPECT_THAT((*groups)->places(), ElementsAre(memory));
}

TEST_F(ControlGroupTest, WhatCannotBeWrittenToIsSaidToBeSo) {
  std::filesystem::remove(old_hierarchy("memory", "/") / "cgroup.procs");
  const auto groups = ControlGroups::find(self());
  ASSERT_FALSE(groups);
  EXPECT_THAT(groups.error().message, HasSubstr("not writable"));
  EXPECT_FALSE(groups.error().cause.empty());
  EXPECT_THAT(groups.error().hint, HasSubstr("as root"));
}

TEST_F(ControlGroupTest, TheOnlyProcessOfAGroupMovesToOneBelowAndDividesIt) {
  // As a container sees it: the mount shows the host's /engine/box as its root.
  const Path own = new_hierarchy("/engine/box", "/engine/box/run", "run");
  const auto groups = ControlGroups::find(self());
  ASSERT_TRUE(groups) << groups.error().message << groups.error().cause;
  EXPECT_THAT((*groups)->places(), ElementsAre(own));
  const std::string self_name = "nbreplay-" + std::to_string(::getpid()) + "-self";
  EXPECT_EQ(read(own / self_name / "cgroup.procs"), std::to_string(::getpid()));
  EXPECT_EQ(read(own / "cgroup.subtree_control"), "+memory +pids");

  const auto group = (*groups)->make({mib(64), 20});
  ASSERT_TRUE(group) << group.error().message;
  EXPECT_EQ((*group)->memory_kills(), 0);

  // The next time it is there already.
  write(self() / "cgroup", "0::/engine/box/run/" + self_name + "\n");
  const auto again = ControlGroups::find(self());
  ASSERT_TRUE(again) << again.error().message;
  EXPECT_THAT((*again)->places(), ElementsAre(own));
}

TEST_F(ControlGroupTest, AGroupWithOtherProcessesIsLeftAlone) {
  const Path own = new_hierarchy("/", "/session", "session");
  write(own / "cgroup.procs",
        std::to_string(::getpid()) + "\n" + std::to_string(::getppid()) + "\n");
  const auto groups = ControlGroups::find(self());
  ASSERT_FALSE(groups);
  EXPECT_THAT(groups.error().message, HasSubstr("other processes"));
  EXPECT_THAT(groups.error().hint, HasSubstr("systemd-run --user --scope"));
  EXPECT_EQ(read(own / "cgroup.subtree_control"), "");
}

TEST_F(ControlGroupTest, AGroupThatIsDividedAlreadyIsUsed) {
  const Path own = new_hierarchy("/", "/session", "session");
  write(own / "cgroup.subtree_control", "cpu memory pids\n");
  const auto groups = ControlGroups::find(self());
  ASSERT_TRUE(groups) << groups.error().message;
  EXPECT_THAT((*groups)->places(), ElementsAre(own));
  EXPECT_EQ(read(own / "cgroup.subtree_control"), "cpu memory pids\n");
}

TEST_F(ControlGroupTest, AMissingControllerIsNamed) {
  const Path own = new_hierarchy("/", "/session", "session");
  write(own / "cgroup.controllers", "cpu pids\n");
  const auto groups = ControlGroups::find(self());
  ASSERT_FALSE(groups);
  EXPECT_THAT(groups.error().message, HasSubstr("do not include memory"));
}

TEST_F(ControlGroupTest, AGroupOutsideOfWhatIsMountedCannotBeUsed) {
  new_hierarchy("/engine/box", "/elsewhere", "");
  EXPECT_FALSE(ControlGroups::find(self()));
}

TEST_F(ControlGroupTest, GroupsThatDeadProcessesLeftAreRemoved) {
  const Path memory = old_hierarchy("memory", "/");
  // Beyond what the kernel gives (PID_MAX_LIMIT).
  const Path dead = memory / "nbreplay-99999999-1";
  const Path living = memory / ("nbreplay-" + std::to_string(::getpid()) + "-77");
  const Path foreign = memory / "nbreplay-other";
  for (const Path& group : {dead, living, foreign}) std::filesystem::create_directory(group);
  ASSERT_TRUE(ControlGroups::find(self()));
  EXPECT_FALSE(std::filesystem::exists(dead));
  EXPECT_TRUE(std::filesystem::exists(living));
  EXPECT_TRUE(std::filesystem::exists(foreign));
}

}  // namespace
}  // namespace nbreplay::process
