#include "thread_owners.h"

#include <dlfcn.h>
#include <gtest/gtest.h>
#include <limits.h>

#include <array>
#include <string>
#include <thread>

#include "fork_safety.h"
#include "in_child.h"
#include "thread_maker.h"

namespace nbreplay::worker {
namespace {

using Kind = WaitingThread::Kind;

class ThreadOwners : public ::testing::TestWithParam<Kind> {
 protected:
  void SetUp() override {
    if (::dlsym(RTLD_DEFAULT, "nbreplay_thread_owner") == nullptr)
      GTEST_SKIP() << "built with a sanitizer, which is pthread_create itself";
  }
};

std::string owner_of(pid_t tid) {
  for (const ThreadFacts& thread : other_threads())
    if (thread.tid == tid) return thread.owner;
  return "no such thread";
}

std::string known_owner(pid_t tid) {
  auto look = reinterpret_cast<ThreadOwnerFunction>(::dlsym(RTLD_DEFAULT, "nbreplay_thread_owner"));
  std::array<char, PATH_MAX> path{};
  return {path.data(), look(tid, path.data(), path.size())};
}

TEST_P(ThreadOwners, AreTheLibraryThatMadeTheThread) {
  const WaitingThread thread(GetParam());
  EXPECT_NE(owner_of(thread.tid()).find("libthread_maker.so"), std::string::npos)
      << owner_of(thread.tid());
}

TEST_P(ThreadOwners, AreForgottenWhenTheThreadEnds) {
  WaitingThread thread(GetParam());
  const pid_t tid = thread.tid();
  ASSERT_NE(known_owner(tid), "");
  thread.end();
  EXPECT_EQ(known_owner(tid), "");
}

TEST_P(ThreadOwners, AreForgottenInAForkedChild) {
  const WaitingThread thread(GetParam());
  EXPECT_TRUE(test::in_child([&] { return known_owner(thread.tid()).empty(); }));
  EXPECT_NE(known_owner(thread.tid()), "");
}

TEST_P(ThreadOwners, AreCutToTheSpaceThereIs) {
  const WaitingThread thread(GetParam());
  std::array<char, 4> path{'x', 'x', 'x', 'x'};
  auto look = reinterpret_cast<ThreadOwnerFunction>(::dlsym(RTLD_DEFAULT, "nbreplay_thread_owner"));
  EXPECT_EQ(look(thread.tid(), path.data(), path.size()), 3U);
  EXPECT_EQ(path[3], '\0');
  EXPECT_EQ(look(thread.tid(), path.data(), 0), 0U);
}

INSTANTIATE_TEST_SUITE_P(Kinds, ThreadOwners, ::testing::Values(Kind::kPosix, Kind::kStandard),
                         [](const auto& kind) {
                           return kind.param == Kind::kPosix ? "Posix" : "Standard";
                         });

TEST(OtherThreads, LeaveOutTheCallingOne) {
  EXPECT_TRUE(other_threads().empty());
  const WaitingThread thread(Kind::kPosix);
  ASSERT_EQ(other_threads().size(), 1U);
  EXPECT_EQ(other_threads().front().tid, thread.tid());
  EXPECT_FALSE(other_threads().front().name.empty());
}

}  // namespace
}  // namespace nbreplay::worker
