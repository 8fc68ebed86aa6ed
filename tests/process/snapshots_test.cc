// A trial from a snapshot ends as a fresh one does, or is run fresh.
#include <gmock/gmock.h>
#include <signal.h>

#include <algorithm>
#include <cstdlib>
#include <fstream>
#include <random>

#include "nbreplay/trial/ending.h"

#include "process/process_tree.h"
#include "process/processes.h"
#include "process/runner_fixture.h"

namespace nbreplay::test {
namespace {

using std::chrono::milliseconds;
using testing::HasSubstr;

class SnapshotsTest : public RunnerTest {
 protected:
  SnapshotsTest() {
    settings_.snapshot_memory = gib(2);
    settings_.snapshot_every_cell = true;
  }

  /// Of one trial, by a runner that all trials of the test share.
  Answer answer(Trial asked, Freshness freshness = Freshness::kAny) {
    if (!shared_) shared_ = runner();
    asked.keep_outputs = false;
    shared_->submit(std::move(asked), freshness, {});
    auto answer = shared_->wait({});
    if (answer && *answer) return std::move(**answer);
    ADD_FAILURE() << (answer ? "no answer" : answer.error().message);
    return {};
  }
  Answer answer_to(const std::vector<std::string>& sources) { return answer(trial(sources)); }

  /// What the last cell raised: the way for a test to see what a cell saw.
  static std::string message(const Answer& answer) {
    return crash_of(answer.outcome, answer.outcome.cells.size() - 1).message.value_or("");
  }
  std::string seen(const std::vector<std::string>& sources) { return message(answer_to(sources)); }
  std::string seen_fresh(const std::vector<std::string>& sources) {
    return message(answer(trial(sources), Freshness::kFresh));
  }

  std::unique_ptr<process::WorkerTrialRunner> shared_;
};

TEST_F(SnapshotsTest, ATrialGoesOnFromTheLongestPrefixThatWasRun) {
  const Answer first = answer_to({"x = 1", "x += 1", "raise ValueError(x)"});
  EXPECT_EQ(first.origin, Origin::kWarm);
  EXPECT_EQ(message(first), "2");
  const Answer second = answer_to({"x = 1", "x += 1", "raise ValueError(x * 10)"});
  EXPECT_EQ(second.origin, Origin::kBranched);
  EXPECT_EQ(message(second), "20");
  EXPECT_EQ(ends(second.outcome), "completed completed raised");
  EXPECT_EQ(crash_of(second.outcome, 2).frames.size(), crash_of(first.outcome, 2).frames.size());
  EXPECT_EQ(second.outcome.cells[2].execution_count, 3);
}

TEST_F(SnapshotsTest, FromSnapshotsOfSnapshots) {
  std::vector<std::string> sources = {"x = 0"};
  for (int depth = 1; depth <= 8; ++depth) {
    sources.emplace_back("x += 1");
    std::vector<std::string> asked = sources;
    asked.emplace_back("raise ValueError(x)");
    EXPECT_EQ(seen(asked), std::to_string(depth));
  }
}

TEST_F(SnapshotsTest, WhatWasRunWholeIsRemembered) {
  const std::vector<std::string> sources = {"x = 1", "raise KeyError('a')", "x = 2"};
  const Answer first = answer_to(sources);
  const Answer second = answer_to(sources);
  EXPECT_EQ(second.origin, Origin::kBranched);
  EXPECT_EQ(ends(second.outcome), "completed raised not-reached");
  EXPECT_EQ(ends(second.outcome), ends(first.outcome));
  EXPECT_EQ(crash_of(second.outcome, 1).message, crash_of(first.outcome, 1).message);
}

TEST_F(SnapshotsTest, AFailureThatIsAllowedIsGoneOnFrom) {
  Trial allowed = trial({"x = []", "x.append(1)\n1 / 0", "raise ValueError(len(x))"});
  allowed.executions[1].may_fail = true;
  EXPECT_EQ(message(answer(allowed)), "1");
  allowed.executions[2].source = "raise ValueError(len(x) + 1)";
  const Answer second = answer(allowed);
  EXPECT_EQ(second.origin, Origin::kBranched);
  EXPECT_EQ(message(second), "2");
  EXPECT_EQ(ends(answer_to({"x = []", "x.append(1)\n1 / 0", "pass"}).outcome),
            "completed raised not-reached");
}

TEST_F(SnapshotsTest, SiblingsDoNotSeeEachOthersMemory) {
  EXPECT_EQ(seen({"x = []", "x.append(1)", "raise ValueError(len(x))"}), "1");
  EXPECT_EQ(seen({"x = []", "raise ValueError(len(x))"}), "0");
}

TEST_F(SnapshotsTest, SiblingsDoNotSeeEachOthersFiles) {
  write_project_file("data.csv", "original");
  write_project_file("gone.csv", "there");
  const std::string prefix =
      "import os, tempfile\nopen('data.csv', 'w').write('changed')\nos.remove('gone.csv')\n"
      "os.mkdir('new')\nopen('new/one', 'w').write('1')\nos.symlink('new/one', 'link')\n"
      "open(os.path.expanduser('~/left'), 'w').write('h')\nt = tempfile.mkdtemp()";
  const std::string look =
      "raise ValueError([open('data.csv').read(), os.path.exists('gone.csv'), "
      "sorted(os.listdir('new')), open('link').read(), open(os.path.expanduser('~/left')).read(), "
      "os.path.isdir(t)])";
  const std::string expected = "['changed', False, ['one'], '1', 'h', True]";
  EXPECT_EQ(seen({prefix, look}), expected);
  answer_to({prefix,
             "import shutil\nshutil.rmtree('new')\nopen('data.csv', 'w').close()\n"
             "os.rmdir(t)\nos.remove(os.path.expanduser('~/left'))"});
  EXPECT_EQ(seen({prefix, "pass", look}), expected);
  EXPECT_EQ(
      seen({"import os", "raise ValueError([open('data.csv').read(), os.path.exists('new')])"}),
      "['original', False]");
}

TEST_F(SnapshotsTest, AFolderWhosePermissionsChangedKeepsWhatIsInIt) {
  write_project_file("data.csv", "original");
  const std::string prefix =
      "import os\nos.chmod('.', 0o777)\nos.mkdir('closed')\nopen('closed/one', 'w').write('1')\n"
      "os.chmod('closed', 0o555)";
  const std::string look =
      "raise ValueError([open('data.csv').read(), open('closed/one').read(), "
      "oct(os.stat('.').st_mode)[-3:], oct(os.stat('closed').st_mode)[-3:]])";
  const std::string expected = "['original', '1', '777', '555']";
  EXPECT_EQ(seen({prefix, look}), expected);
  const Answer again = answer_to({prefix, "pass", look});
  EXPECT_EQ(again.origin, Origin::kBranched);
  EXPECT_EQ(message(again), expected);
}

TEST_F(SnapshotsTest, AStoppedLauncherDoesNotHangTheRun) {
  const std::string stop =
      "import os, signal\npid = os.getpid()\n"
      "while 'nbreplay-launch' not in open('/proc/%d/comm' % pid).read():\n"
      "    pid = int(open('/proc/%d/stat' % pid).read().rpartition(') ')[2].split()[1])\n"
      "os.kill(pid, signal.SIGSTOP)\nraise ValueError('stopped')";
  EXPECT_EQ(seen({"x = 1", stop}), "stopped");
  EXPECT_EQ(seen({"x = 1", "raise ValueError(x)"}), "1");
}

TEST_F(SnapshotsTest, AnOpenFileIsTheBranchsOwn) {
  const std::string prefix = "f = open('log', 'w')\nf.write('1')\nf.flush()";
  const std::string more = "f.write('2')\nf.flush()\nraise ValueError(open('log').read())";
  EXPECT_EQ(seen({prefix, more}), "12");
  EXPECT_EQ(seen({prefix, "pass", more}), "12");
  EXPECT_EQ(seen({prefix, "f.write('3')", more}), "132");
}

TEST_F(SnapshotsTest, ASeededBranchEqualsAFreshRun) {
  const std::vector<std::string> seeded = {"import random\nrandom.seed(42)", "x = random.random()",
                                           "raise ValueError([x, random.random()])"};
  const std::string fresh = seen_fresh(seeded);
  EXPECT_EQ(seen(seeded), fresh);
  const Answer again = answer_to({seeded[0], seeded[1], "y = 1", seeded[2]});
  EXPECT_EQ(again.origin, Origin::kBranched);
  EXPECT_EQ(message(again), fresh);
  Trial by_option = trial({"import random", "raise ValueError(random.random())"});
  by_option.random_seed = 3;
  EXPECT_EQ(message(answer(by_option)), message(answer(by_option, Freshness::kFresh)));
}

TEST_F(SnapshotsTest, UnseededRunsDiffer) {
  const std::vector<std::string> sources = {"import random\nraise ValueError(random.random())"};
  Trial warm = trial(sources);
  EXPECT_NE(message(answer(warm, Freshness::kWarm)), message(answer(warm, Freshness::kWarm)));
}

TEST_F(SnapshotsTest, TheEventLoopGoesOnInEveryBranch) {
  const std::string prefix =
      "import asyncio\nawait asyncio.sleep(0.001)\nloop = asyncio.get_event_loop()";
  const std::string more =
      "await asyncio.gather(asyncio.sleep(0.001), asyncio.sleep(0.002))\n"
      "raise ValueError(loop is asyncio.get_running_loop())";
  EXPECT_EQ(seen({prefix, more}), "True");
  const Answer second = answer_to({prefix, "await asyncio.sleep(0)", more});
  EXPECT_EQ(second.origin, Origin::kBranched);
  EXPECT_EQ(message(second), "True");
}

TEST_F(SnapshotsTest, FolderAndVariablesAreThoseOfThePrefix) {
  const std::string prefix =
      "import os\nos.mkdir('sub')\nos.chdir('sub')\nos.environ['MARK'] = 'set'";
  const std::string more =
      "raise ValueError([os.path.basename(os.getcwd()), os.environ['MARK'], "
      "os.path.isdir(os.environ['HOME']), os.path.isdir(get_ipython().profile_dir.location)])";
  EXPECT_EQ(seen({prefix, more}), "['sub', 'set', True, True]");
  EXPECT_EQ(seen({prefix, "pass", more}), "['sub', 'set', True, True]");
}

TEST_F(SnapshotsTest, AThreadTaintsAndIsReplayed) {
  const std::string prefix =
      "import threading\nevent = threading.Event()\nx = []\n"
      "t = threading.Thread(target=lambda: (event.wait(), x.append(1)))\n"
      "t.start()";
  const std::string more = "event.set()\nt.join()\nraise ValueError(x)";
  const Answer first = answer_to({"a = 1", prefix, more});
  EXPECT_EQ(message(first), "[1]");
  ASSERT_EQ(first.outcome.taints.size(), 1U);
  EXPECT_EQ(first.outcome.taints[0].position, 1U);
  EXPECT_THAT(first.outcome.taints[0].hazard, HasSubstr("thread"));
  const Answer second = answer_to({"a = 1", prefix, "pass", more});
  EXPECT_EQ(second.origin, Origin::kBranched) << "from the snapshot before the thread";
  EXPECT_EQ(message(second), "[1]");
}

TEST_F(SnapshotsTest, ADeathBySignalIsSeenInAFreshProcess) {
  const Answer died = answer_to({"import os, signal", "os.kill(os.getpid(), signal.SIGABRT)"});
  EXPECT_EQ(died.origin, Origin::kFresh);
  ASSERT_TRUE(std::holds_alternative<Signaled>(died.outcome.termination));
  EXPECT_EQ(std::get<Signaled>(died.outcome.termination).signal, SIGABRT);
  ASSERT_FALSE(died.outcome.taints.empty());
  EXPECT_THAT(died.outcome.taints[0].hazard, HasSubstr("SIGABRT"));
}

TEST_F(SnapshotsTest, ATimeOutIsSeenInAFreshProcess) {
  Trial slow = trial({"import time", "time.sleep(600)"});
  slow.limits.cell_timeout = milliseconds(300);
  const Answer late = answer(slow);
  EXPECT_EQ(late.origin, Origin::kFresh);
  EXPECT_TRUE(std::holds_alternative<TimedOut>(late.outcome.termination));
}

TEST_F(SnapshotsTest, WhatABranchLeavesBehindIsKilled) {
  const std::string mark = unique_mark();
  answer_to({"import subprocess",
             "subprocess.Popen(['setsid', 'sh', '-c', 'sleep 600; : " + mark + "'])\nx = 1"});
  EXPECT_EQ(processes_with(mark), 0);
  EXPECT_EQ(answer_to({"import subprocess", "x = 2"}).origin, Origin::kBranched);
}

TEST_F(SnapshotsTest, ABranchThatLiesIsReplayedAndCalledHostile) {
  const Answer lied =
      answer_to({"x = 1", "import os, time\nos.write(3, b'\\xff' * 4096)\ntime.sleep(600)"});
  EXPECT_EQ(lied.origin, Origin::kFresh);
  EXPECT_EQ(describe_end(lied.outcome), "protocol violation");
  ASSERT_FALSE(lied.outcome.taints.empty());
  EXPECT_EQ(lied.outcome.taints[0].hazard,
            "hostile: replayed: a forked process ended so: protocol violation");
}

TEST_F(SnapshotsTest, ABranchThatKillsWhatItCameFromIsReplayedAndCalledHostile) {
  const Answer killed = answer_to({"x = 1",
                                   "import os, signal, time\n"
                                   "os.kill(os.getppid(), signal.SIGKILL)\ntime.sleep(600)"});
  EXPECT_EQ(killed.origin, Origin::kFresh);
  ASSERT_FALSE(killed.outcome.taints.empty());
  EXPECT_THAT(killed.outcome.taints[0].hazard, testing::StartsWith("hostile: replayed: "));
}

TEST_F(SnapshotsTest, AFileCanComeBetweenTwoExecutions) {
  write_project_file("data.csv", "whole");
  const auto read = [&](const std::string& content) {
    Trial reading = trial({"x = 1", "raise ValueError(open('data.csv').read())"});
    reading.extra_files.push_back({"data.csv", content, false, 1});
    return answer(reading);
  };
  EXPECT_EQ(message(read("half")), "half");
  const Answer second = read("quarter");
  EXPECT_EQ(second.origin, Origin::kBranched);
  EXPECT_EQ(message(second), "quarter");
  EXPECT_EQ(seen({"x = 1", "raise ValueError(open('data.csv').read())"}), "whole");
}

TEST_F(SnapshotsTest, ThePlainShellBranchesToo) {
  Trial plain = trial({"x = 1", "raise ValueError(x)"});
  plain.shell = Shell::kPlain;
  EXPECT_EQ(message(answer(plain)), "1");
  plain.executions[1].source = "raise ValueError(x + 1)";
  const Answer second = answer(plain);
  EXPECT_EQ(second.origin, Origin::kBranched);
  EXPECT_EQ(message(second), "2");
}

TEST_F(SnapshotsTest, AFreshTrialIsNeverForked) {
  answer_to({"x = 1", "pass"});
  const Answer fresh = answer(trial({"x = 1", "raise ValueError(x)"}), Freshness::kFresh);
  EXPECT_EQ(fresh.origin, Origin::kFresh);
  EXPECT_EQ(message(fresh), "1");
}

/// Sizes of the long test: a small one every time, the full one when it is asked for.
struct Stress {
  int chain = 12;
  int branches = 40;
};

Stress stress() {
  return std::getenv("NBREPLAY_STRESS") != nullptr ? Stress{100, 500} : Stress{};
}

/// Cells that build a list; branch `length` asks for it after as many of them.
class SnapshotsStressTest : public SnapshotsTest {
 protected:
  void expect_branches(const std::function<void()>& between) {
    std::vector<std::string> chain = {"x = [bytearray(300_000)]"};
    for (int i = 1; i < stress().chain; ++i)
      chain.push_back("x.append(bytearray(300_000)); x[0][" + std::to_string(i) + "] = 1");
    std::mt19937 random(7);  // NOLINT: the same branches every time
    for (int i = 0; i < stress().branches; ++i) {
      const auto length = 1 + random() % chain.size();
      std::vector<std::string> asked(chain.begin(),
                                     chain.begin() + static_cast<std::ptrdiff_t>(length));
      asked.push_back("raise ValueError([len(x), sum(x[0])])");
      EXPECT_EQ(seen(asked),
                "[" + std::to_string(length) + ", " + std::to_string(length - 1) + "]");
      between();
    }
  }
};

TEST_F(SnapshotsStressTest, ABudgetThatIsTooSmallCostsTimeOnly) {
  settings_.snapshot_memory = mib(8);
  expect_branches([] {});
}

TEST_F(SnapshotsStressTest, AKilledSnapshotCostsTimeOnly) {
  std::mt19937 random(11);  // NOLINT
  expect_branches([&] {
    std::vector<pid_t> all = process::processes_below(::getpid());
    std::erase_if(all, [](pid_t pid) { return !is_worker(pid); });
    if (!all.empty() && random() % 3 == 0) ::kill(all[random() % all.size()], SIGKILL);
  });
}

}  // namespace
}  // namespace nbreplay::test
