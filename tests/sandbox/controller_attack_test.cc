// Case 44: the controller dies in the middle of a run.
#include <gmock/gmock.h>
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>

#include "process/process_tree.h"
#include "process/processes.h"
#include "sandbox/attack_fixture.h"

namespace nbreplay::test {
namespace {

TEST_P(Attack, Case44_TheControllerIsKilled) {
  const std::string mark = unique_mark();
  std::array<int, 2> started{};
  ASSERT_EQ(::pipe(started.data()), 0);
  const pid_t controller = ::fork();
  if (controller == 0) {
    TrialEvents events;
    events.cell_started = [&](std::size_t position) {
      if (position == 2) [[maybe_unused]]
        const ssize_t told = ::write(started[1], "s", 1);
    };
    Trial made = trial({"import subprocess",
                        "subprocess.Popen(['setsid', 'sh', '-c', 'trap \"\" "
                        "TERM; sleep 600; : " +
                            mark + "'])",
                        "import time\ntime.sleep(600)"});
    made.keep_outputs = !branched();
    const auto own = runner();
    own->submit(std::move(made), freshness(), std::move(events));
    [[maybe_unused]] const auto never = own->wait({});
    ::_exit(0);
  }
  ::close(started[1]);
  char byte = 0;
  EXPECT_EQ(::read(started[0], &byte, 1), 1) << "the run did not start";
  ::close(started[0]);
  // While one program takes the place of another, a process has no words to be found by.
  wait_until([&] { return processes_with(mark) > 0; }, std::chrono::seconds(15));
  EXPECT_GT(processes_with(mark), 0);
  ::kill(controller, SIGKILL);
  EXPECT_EQ(::waitpid(controller, nullptr, 0), controller);
  // What it left hangs below this process now, and goes by itself.
  const auto alone = [] {
    while (::waitpid(-1, nullptr, WNOHANG) > 0) {
    }
    return process::processes_below(::getpid()).size() <= 1;
  };
  wait_until(alone, std::chrono::seconds(15));
  EXPECT_THAT(process::processes_below(::getpid()), testing::ElementsAre(::getpid()));
  EXPECT_EQ(processes_with(mark), 0);
}

}  // namespace
}  // namespace nbreplay::test
