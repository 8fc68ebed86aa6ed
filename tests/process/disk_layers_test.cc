// What runs write in a sandbox, where it lies on disk: as with kernels before Linux 6.6.
#include "process/disk_layers.h"

#include <gmock/gmock.h>
#include <sched.h>
#include <sys/mount.h>

#include <algorithm>
#include <cerrno>
#include <cstdlib>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <thread>

#include "nbreplay/process/sandbox.h"

#include "process/runner_fixture.h"

namespace nbreplay::test {
namespace {

namespace fs = std::filesystem;
using testing::Contains;
using testing::Field;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::Not;

class DiskLayersTest : public RunnerTest {
 protected:
  DiskLayersTest() : scratch_(folder_.path() / "scratch") {
    fs::create_directories(scratch_);
    fs::create_directories(project_folder_ / "data" / "old");
    write_project_file("data/old/one.txt", "1");
    // Whom root becomes has to get there.
    fs::permissions(folder_.path(), fs::perms(0755));
    if (const char* before = std::getenv("TMPDIR")) before_ = before;
    ::setenv("TMPDIR", scratch_.c_str(), 1);
  }
  ~DiskLayersTest() override {
    if (before_)
      ::setenv("TMPDIR", before_->c_str(), 1);
    else
      ::unsetenv("TMPDIR");
  }

  void SetUp() override {
    facts_ = process::probe_sandbox(settings_.installation, {}, true);
    ASSERT_TRUE(facts_) << facts_.error().message;
    if (!facts_->sandboxed) GTEST_SKIP() << "no sandbox: " << facts_->missing.front().why;
    if (!facts_->layers_on_disk) GTEST_SKIP() << "no file system for layers here";
    settings_.sandbox.emplace();
    settings_.sandbox->layers_on_disk = true;
  }

  void branch_everywhere() {
    settings_.snapshot_memory = gib(2);
    settings_.snapshot_every_cell = true;
  }

  /// Of a trial that raises what it saw last.
  static std::string saw(process::WorkerTrialRunner& runner, Trial made, Origin origin) {
    made.keep_outputs = false;
    made.limits.files_written = mib(64);
    const std::size_t last = made.executions.size() - 1;
    runner.submit(std::move(made), Freshness::kAny, {});
    const auto answer = runner.wait({});
    if (!answer || !*answer) return "no answer";
    EXPECT_EQ((*answer)->origin, origin);
    return crash_of((*answer)->outcome, last).message.value_or("");
  }

  /// What lies in TMPDIR.
  [[nodiscard]] std::vector<Path> left() const {
    return {fs::directory_iterator(scratch_), fs::directory_iterator()};
  }
  [[nodiscard]] std::size_t layers() const {
    std::size_t count = 0;
    for (const Path& folder : left()) {
      const fs::directory_iterator found(folder / "layers");
      count += static_cast<std::size_t>(std::distance(found, fs::directory_iterator()));
    }
    return count;
  }

  Path scratch_;
  std::optional<std::string> before_;
  Result<SandboxFacts> facts_ = SandboxFacts();
};

TEST_F(DiskLayersTest, TheCapIsNamedAsMissing) {
  EXPECT_THAT(facts_->layers, Not(Contains("size and inode limit")));
  EXPECT_THAT(facts_->missing, Contains(Field(&MissingLayer::name, "size and inode limit")));
  EXPECT_THAT(left(), IsEmpty());
}

TEST_F(DiskLayersTest, LieOutsideOfTheProject) {
  const auto inside = process::DiskLayers::create(folder_.path(), false);
  EXPECT_THAT(inside ? inside->path().string() : "", Not(HasSubstr(scratch_.string())));
  const auto outside = process::DiskLayers::create(project_folder_, false);
  ASSERT_TRUE(outside) << outside.error().cause;
  EXPECT_THAT(outside->path().string(), HasSubstr(scratch_.string()));
}

constexpr const char* kRemoveAndMake = R"(
import os, shutil
shutil.rmtree('data')
os.makedirs('data')
open('data/new.txt', 'w').write('2')
)";
constexpr const char* kLook = "raise ValueError(sorted(os.listdir('data')))";

TEST_F(DiskLayersTest, AFolderOfTheProjectCanBeRemovedAndMadeAgain) {
  branch_everywhere();
  const auto one = runner();
  EXPECT_EQ(saw(*one, trial({kRemoveAndMake, kLook}), Origin::kWarm), "['new.txt']");
  const std::string again = std::string(kRemoveAndMake) + "os.mkdir('data/more')\n" + kLook;
  EXPECT_EQ(saw(*one, trial({kRemoveAndMake, again}), Origin::kBranched), "['more', 'new.txt']");
  EXPECT_EQ(saw(*one, trial({kRemoveAndMake, std::string(kLook) + " # again"}), Origin::kBranched),
            "['new.txt']");
  EXPECT_TRUE(fs::exists(project_folder_ / "data/old/one.txt"));
}

TEST_F(DiskLayersTest, SiblingsDoNotSeeEachOther) {
  branch_everywhere();
  const auto one = runner();
  const std::string first = "import os\nopen('kept', 'w').write('1')";
  const std::string cell = R"(
seen = [sorted(os.listdir(folder)) for folder in ('.', '/tmp', '/dev/shm', os.path.expanduser('~'))]
for folder in ('.', '/tmp', '/dev/shm', os.path.expanduser('~')):
    open(folder + '/mine', 'w').write('x')
raise ValueError(seen)
)";
  const std::string seen = saw(*one, trial({first, cell}), Origin::kWarm);
  EXPECT_THAT(seen, HasSubstr("['book.ipynb', 'data', 'kept']"));
  EXPECT_THAT(seen, Not(HasSubstr("mine")));
  for (const std::string which : {"# 1", "# 2"})
    EXPECT_EQ(saw(*one, trial({first, cell + which}), Origin::kBranched), seen);
}

TEST_F(DiskLayersTest, TooManyBytesOrFilesEndARun) {
  Trial bytes =
      trial({"import time\nfor i in range(8): open(f'f{i}', 'wb').write(bytes(1 << 20))\n"
             "time.sleep(600)"});
  bytes.limits.files_written = mib(4);
  Trial files =
      trial({"import time\nfor i in range(200): open(f'f{i}', 'w').close()\n"
             "time.sleep(600)"});
  files.limits.files = 100;
  for (Trial& made : std::vector<Trial>{bytes, files}) {
    const Outcome outcome = run(std::move(made));
    const auto* limit = std::get_if<LimitExceeded>(&outcome.termination);
    ASSERT_NE(limit, nullptr) << describe(outcome.termination);
    EXPECT_EQ(limit->resource, Resource::kDisk);
  }
  EXPECT_THAT(left(), IsEmpty());
}

TEST_F(DiskLayersTest, AlmostFillingTheDiskUnseenEndsARun) {
  if (!process::memory_has_attributes()) GTEST_SKIP() << "a disk in memory can hold no layers";
  Trial made = trial({R"(
import os, time
files = []
for i in range(6):
    files.append(open('hidden', 'wb'))
    os.remove('hidden')
    time.sleep(0.3)
    files[-1].write(bytes(10 << 20))
    files[-1].flush()
open('more', 'wb').write(bytes(3 << 20))
time.sleep(600)
)"});
  made.limits.files_written = mib(16);
  Outcome outcome;
  int refused = 0;
  // The mount is this thread's, and goes with it.
  std::thread([&] {
    if (::unshare(CLONE_NEWNS) != 0 ||
        ::mount(nullptr, "/", nullptr, MS_REC | MS_PRIVATE, nullptr) != 0 ||
        ::mount("tmpfs", scratch_.c_str(), "tmpfs", 0, "size=64m") != 0)
      refused = errno;
    else
      outcome = run(std::move(made));
  }).join();
  if (refused != 0) GTEST_SKIP() << "no small disk can be made: " << std::strerror(refused);
  const auto* limit = std::get_if<LimitExceeded>(&outcome.termination);
  ASSERT_NE(limit, nullptr) << describe(outcome.termination) << outputs(outcome, 0);
  EXPECT_EQ(limit->resource, Resource::kDisk);
  EXPECT_THAT(limit->detail, HasSubstr("nearly full"));
}

TEST_F(DiskLayersTest, WhatTheCellsBeforeABranchWroteCounts) {
  branch_everywhere();
  const auto one = runner();
  const std::string first = "open('first', 'wb').write(bytes(12 << 20))";
  const std::string more =
      "import time\nopen('more', 'wb').write(bytes(56 << 20))\ntime.sleep(600)";
  EXPECT_EQ(saw(*one, trial({first, "raise ValueError('seen')"}), Origin::kWarm), "seen");
  Trial made = trial({first, more});
  made.keep_outputs = false;
  made.limits.files_written = mib(64);
  one->submit(std::move(made), Freshness::kAny, {});
  const auto answer = one->wait({});
  ASSERT_TRUE(answer && *answer);
  const auto* limit = std::get_if<LimitExceeded>(&(*answer)->outcome.termination);
  ASSERT_NE(limit, nullptr) << describe((*answer)->outcome.termination);
  EXPECT_EQ(limit->resource, Resource::kDisk);
}

TEST_F(DiskLayersTest, AreRemovedWhateverRunsLeftInThem) {
  branch_everywhere();
  {
    const auto one = runner();
    const std::string cell = R"(
import os
for i in range(300):
    os.mkdir('a' * 20)
    open('f', 'w').close()
    os.chdir('a' * 20)
    os.chmod('..', 0)
os.symlink('/', 'link')
os.mkfifo('pipe')
raise ValueError('left')
)";
    for (const std::string which : {"# 1", "# 2", "# 3", "# 4", "# 5", "# 6"})
      EXPECT_EQ(
          saw(*one, trial({"1", cell + which}), which == "# 1" ? Origin::kWarm : Origin::kBranched),
          "left");
    // The snapshots', the one in use, and the one before, which nothing has replaced yet.
    EXPECT_LE(layers(), 4U);
    EXPECT_GE(layers(), 2U);
  }
  EXPECT_THAT(left(), IsEmpty());
}

TEST_F(DiskLayersTest, FilesThatAreKeptComeFromThere) {
  Trial made =
      trial({"import os\nos.remove('data/old/one.txt')\nopen('made.txt', 'w').write('4')"});
  made.keep_files = folder_.path() / "kept";
  const Outcome outcome = run(std::move(made));
  EXPECT_TRUE(outcome.finished) << describe(outcome.termination);
  EXPECT_THAT(outcome.notes, Contains(HasSubstr("1 file kept")));
  std::string content;
  std::ifstream(folder_.path() / "kept" / "made.txt") >> content;
  EXPECT_EQ(content, "4");
  EXPECT_TRUE(fs::exists(project_folder_ / "data/old/one.txt"));
}

}  // namespace
}  // namespace nbreplay::test
