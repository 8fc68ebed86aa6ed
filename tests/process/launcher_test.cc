// nbreplay-launcher with ordinary programs in the worker's place.
#include "process/launcher.h"

#include <gmock/gmock.h>
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include <boost/asio/io_context.hpp>

#include "nbreplay/process/installation.h"
#include "nbreplay/protocol/codec.h"

#include "process/processes.h"
#include "process/test_python.h"
#include "support/temporary_folder.h"

namespace nbreplay::test {
namespace {

using process::GroupLauncher;
using process::Launched;
using process::LaunchEvents;
using process::LaunchRequest;

class LauncherTest : public ::testing::Test {
 protected:
  /// Launches; the events fill the members below.
  void launch(LaunchRequest request) {
    LaunchEvents events;
    events.started = [this](pid_t pid) { worker_ = pid; };
    events.failed = [this](const Error& error) { failure_ = error; };
    events.ended = [this](int status) { status_ = status; };
    events.cleared = [this] { cleared_ = true; };
    auto launched = launcher_.launch(io_, request, std::move(events));
    ASSERT_TRUE(launched) << launched.error().message;
    launched_.emplace(std::move(*launched));
  }
  void launch_shell(const std::string& script) {
    LaunchRequest request;
    request.argv = {"/bin/sh", "-c", script};
    request.working_directory = folder_.path();
    request.variables = {{"PATH", "/usr/bin:/bin"}, {"GIVEN", "value"}};
    launch(std::move(request));
  }
  template <class Condition>
  void run_until(Condition condition) {
    const auto deadline = std::chrono::steady_clock::now() + std::chrono::seconds(60);
    while (!condition() && std::chrono::steady_clock::now() < deadline) {
      io_.restart();
      io_.run_one_for(std::chrono::milliseconds(50));
    }
    ASSERT_TRUE(condition());
  }
  void run_until_over() {
    run_until([this] { return cleared_ || failure_; });
  }
  std::string read_all(const process::Descriptor& from) {
    std::string all;
    process::ReadEnd end = process::ReadEnd::kMore;
    while (end == process::ReadEnd::kMore) end = process::read_available(from.get(), all, 65536);
    return all;
  }

  TemporaryFolder folder_;
  boost::asio::io_context io_;
  GroupLauncher launcher_{test_installation().launcher};
  std::optional<Launched> launched_;
  pid_t worker_ = 0;
  std::optional<int> status_;
  std::optional<Error> failure_;
  bool cleared_ = false;
};

TEST_F(LauncherTest, AWorkerKnowsAControllerOfAnotherVersion) {
  protocol::Configure other;
  other.version = protocol::kProtocolVersion + 1;
  for (const std::string& said :
       {protocol::encode(protocol::Request(other)), std::string("\1\0\0\0\xee\0", 6)}) {
    LaunchRequest request;
    auto command = process::worker_command(test_installation(), test_environment());
    ASSERT_TRUE(command) << command.error().message;
    request.argv = *command;
    request.working_directory = folder_.path();
    cleared_ = false;
    launch(std::move(request));
    ASSERT_EQ(::write(launched_->control.get(), said.data(), said.size()),
              static_cast<ssize_t>(said.size()));
    run_until_over();
    protocol::Decoder decoder;
    decoder.feed(read_all(launched_->control));
    const auto answer = decoder.next_message();
    ASSERT_TRUE(answer && *answer);
    const auto* failed = std::get_if<protocol::SetupFailed>(&**answer);
    ASSERT_NE(failed, nullptr);
    EXPECT_THAT(failed->message, testing::HasSubstr("another version of nbreplay"));
  }
}

TEST_F(LauncherTest, StartsWithTheGivenFolderVariablesAndDescriptors) {
  launch_shell("pwd; env; ls /proc/self/fd | tr '\\n' ' ' >&2; cat; exit 3");
  run_until_over();
  EXPECT_EQ(WEXITSTATUS(status_.value_or(0)), 3);
  const std::string output = read_all(launched_->output);
  EXPECT_THAT(output, testing::HasSubstr(folder_.path().string()));
  EXPECT_THAT(output, testing::HasSubstr("GIVEN=value"));
  EXPECT_THAT(output, testing::Not(testing::HasSubstr("HOME=")));
  // The fifth is ls's own, of /proc/self/fd.
  EXPECT_EQ(read_all(launched_->errors), "0 1 2 3 4 5 ");
}

TEST_F(LauncherTest, ReportsTheSignalThatEndedTheWorker) {
  launch_shell("kill -SEGV $$");
  run_until_over();
  ASSERT_TRUE(status_);
  EXPECT_TRUE(WIFSIGNALED(*status_));
  EXPECT_EQ(WTERMSIG(*status_), SIGSEGV);
}

TEST_F(LauncherTest, ClearsWhatTheWorkerLeftBehind) {
  const std::string mark = unique_mark();
  launch_shell("setsid sh -c 'sleep 600; : " + mark +
               "' & (trap '' TERM INT HUP; sh -c 'sleep 600; : " + mark + "') & exit 0");
  run_until_over();
  EXPECT_EQ(WEXITSTATUS(status_.value_or(1)), 0);
  EXPECT_EQ(processes_with(mark), 0);
}

TEST_F(LauncherTest, InterruptsTheWholeGroup) {
  launch_shell("trap 'exit 9' INT; echo ready; while :; do sleep 0.05; done");
  run_until([this] { return process::bytes_waiting(launched_->output.get()) > 0; });
  launched_->worker->interrupt();
  run_until_over();
  EXPECT_EQ(WEXITSTATUS(status_.value_or(0)), 9);
}

TEST_F(LauncherTest, KillsEverything) {
  const std::string mark = unique_mark();
  launch_shell("trap '' INT TERM; setsid sh -c 'sleep 600; : " + mark +
               "' & echo ready; sleep 600; : " + mark);
  run_until([this] { return process::bytes_waiting(launched_->output.get()) > 0; });
  launched_->worker->kill();
  run_until_over();
  EXPECT_EQ(WTERMSIG(status_.value_or(0)), SIGKILL);
  EXPECT_EQ(processes_with(mark), 0);
}

TEST_F(LauncherTest, ClearsWhenNobodyListensAnyMore) {
  const std::string mark = unique_mark();
  launch_shell("echo ready; sleep 600; : " + mark);
  run_until([this] { return process::bytes_waiting(launched_->output.get()) > 0; });
  // A child that the shell has forked carries the mark too until it executes `sleep`.
  run_until([&] { return processes_with(mark) == 1; });
  launched_.reset();
  run_until([&] { return processes_with(mark) == 0; });
}

TEST_F(LauncherTest, TheWorkerDiesWithItsLauncher) {
  const std::string mark = unique_mark();
  launch_shell("echo ready; sleep 600; : " + mark);
  run_until([this] { return process::bytes_waiting(launched_->output.get()) > 0; });
  ::kill(launched_->worker->processes().front(), SIGKILL);
  run_until_over();
  EXPECT_FALSE(status_);
  run_until([&] { return processes_with(mark) == 0; });
}

TEST_F(LauncherTest, NamesTheStepThatFailed) {
  LaunchRequest request;
  request.argv = {"/nonexistent/program"};
  request.working_directory = folder_.path();
  launch(request);
  run_until_over();
  ASSERT_TRUE(failure_);
  EXPECT_THAT(failure_->message, testing::HasSubstr("executing the worker"));
}

TEST_F(LauncherTest, NamesAFolderThatIsGone) {
  LaunchRequest request;
  request.argv = {"/bin/true"};
  request.working_directory = folder_.path() / "gone";
  launch(request);
  run_until_over();
  ASSERT_TRUE(failure_);
  EXPECT_THAT(failure_->message, testing::HasSubstr("working directory"));
}

TEST_F(LauncherTest, LimitsTheSizeOfFilesAndOfTheAddressSpace) {
  if (kAddressSanitizer)
    GTEST_SKIP() << "AddressSanitizer reserves more address space than any limit allows";
  LaunchRequest request;
  request.argv = {"/bin/sh", "-c", "ulimit -v; ulimit -c; ulimit -f"};
  request.working_directory = folder_.path();
  request.file_size = mib(1);
  request.address_space = gib(1);
  launch(request);
  run_until_over();
  // In kibibytes; cores are off; file sizes in blocks of 512 bytes.
  EXPECT_EQ(read_all(launched_->output), "1048576\n0\n2048\n");
}

}  // namespace
}  // namespace nbreplay::test
