#include "fork_safety.h"

#include <gmock/gmock.h>
#include <sys/time.h>
#include <sys/wait.h>
#include <unistd.h>

#include <csignal>

namespace nbreplay::worker {
namespace {

using ::testing::Contains;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

/// A child that waits to be killed, or that has ended and is not collected.
class Child {
 public:
  explicit Child(bool ends) : pid_(::fork()) {
    if (pid_ == 0) {
      if (!ends) ::pause();
      ::_exit(0);
    }
    siginfo_t info{};
    if (ends) ::waitid(P_PID, static_cast<id_t>(pid_), &info, WEXITED | WNOWAIT);
  }
  ~Child() {
    ::kill(pid_, SIGKILL);
    ::waitpid(pid_, nullptr, 0);
  }
  Child(const Child&) = delete;
  Child& operator=(const Child&) = delete;
  [[nodiscard]] pid_t pid() const { return pid_; }

 private:
  const pid_t pid_;
};

TEST(ChildHazards, AreNoneWithoutChildren) {
  EXPECT_THAT(child_hazards({}), IsEmpty());
}

TEST(ChildHazards, NameALivingChild) {
  const Child child(false);
  EXPECT_THAT(child_hazards({}),
              ElementsAre(HasSubstr("child process " + std::to_string(child.pid()))));
}

TEST(ChildHazards, NameAChildThatWasNotCollected) {
  const Child child(true);
  EXPECT_THAT(child_hazards({}), ::testing::SizeIs(1));
}

TEST(ChildHazards, LeaveOutOwnChildren) {
  const Child ours(false);
  const Child other(false);
  EXPECT_THAT(child_hazards({ours.pid()}), ElementsAre(HasSubstr(std::to_string(other.pid()))));
  EXPECT_THAT(child_hazards({ours.pid(), other.pid()}), IsEmpty());
}

TEST(TimerHazards, NameARunningTimer) {
  EXPECT_THAT(timer_hazards(), IsEmpty());
  itimerval hour{};
  hour.it_value.tv_sec = 3600;
  ::setitimer(ITIMER_REAL, &hour, nullptr);
  EXPECT_THAT(timer_hazards(), ElementsAre("running interval timer"));
  hour.it_value.tv_sec = 0;
  ::setitimer(ITIMER_REAL, &hour, nullptr);
  EXPECT_THAT(timer_hazards(), IsEmpty());
}

TEST(MappedLibraries, HoldWhatThisProgramIsLinkedTo) {
  EXPECT_THAT(mapped_libraries(), Contains(HasSubstr("libthread_maker.so")));
}

TEST(PauseOpenmp, SaysThatThereIsNothingToPause) {
  EXPECT_EQ(pause_openmp(), 0);
}

}  // namespace
}  // namespace nbreplay::worker
