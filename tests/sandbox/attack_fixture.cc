#include "sandbox/attack_fixture.h"

#include <gmock/gmock.h>
#include <sched.h>
#include <sys/mount.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <cstdlib>
#include <map>
#include <thread>

#include "nbreplay/base/file.h"
#include "nbreplay/process/sandbox.h"
#include "nbreplay/trial/ending.h"

#include "process/process_tree.h"
#include "process/processes.h"
#include "sandbox/host_canary.h"

namespace nbreplay::test {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;

/// State that must survive, and what attacks are written with.
constexpr const char* kPrologue = R"(
import ctypes, errno, glob, os, signal, socket, stat, subprocess, sys, threading, time
libc = ctypes.CDLL(None, use_errno=True)
libc.syscall.restype = ctypes.c_long

def name_of(number):
    return errno.errorcode.get(number, str(number))

def kernel(number, *arguments):
    if libc.syscall(ctypes.c_long(number), *map(ctypes.c_long, arguments)) >= 0:
        return 'allowed'
    return name_of(ctypes.get_errno())

def tried(call, *arguments, **named):
    try:
        call(*arguments, **named)
    except OSError as problem:
        return name_of(problem.errno)
    except BaseException as problem:
        return type(problem).__name__
    return 'allowed'

def others():
    mine = os.getpid()
    return [int(name) for name in os.listdir('/proc') if name.isdigit() and int(name) != mine]

state = {'numbers': list(range(100)), 'words': ['one', 'two']}
for kept in ('kept.txt', os.path.expanduser('~/note'), '/tmp/scratch', '/dev/shm/block'):
    with open(kept, 'w') as file:
        file.write('kept')
os.makedirs('folder/deeper')
log = open('log.txt', 'w')
log.write('one')
log.flush()
)";

/// Says all that the prologue made; imports anew what an attack may have replaced.
constexpr const char* kLook = R"(
import os, random, resource, sys
seen = []
home = os.path.expanduser('~')
for top in ('.', home, '/tmp', '/dev/shm'):
    for folder, folders, files in os.walk(top):
        # Programs and the project may lie below it.
        folders[:] = sorted(folders) if top != '/tmp' else []
        for name in sorted(files):
            path = os.path.join(folder, name)
            content = open(path, 'rb').read(20) if os.path.isfile(path) else None
            seen.append((path.replace(home, '~'), content, oct(os.lstat(path).st_mode)))
log.write('two')
log.flush()
seen.append((open('log.txt').read(), log.tell(), state, os.path.basename(os.getcwd())))
seen.append((random.__file__.startswith(os.getcwd()), 'LD_PRELOAD' in os.environ))
seen.append((sorted(os.sched_getaffinity(0)), resource.getrlimit(resource.RLIMIT_AS)))
raise ValueError(seen)
)";

std::string message(const Answer& answer) {
  if (answer.outcome.cells.empty()) return "";
  return crash_of(answer.outcome, answer.outcome.cells.size() - 1).message.value_or("");
}

/// "died by SIGSEGV", without what is measured.
std::string kind_of_end(const Outcome& outcome) {
  const std::string words = describe_end(outcome);
  return words.substr(0, words.find(':'));
}

/// The second backend, when its program is named: the same suite holds for it.
Path bubblewrap() {
  const char* program = std::getenv("NBREPLAY_TEST_BUBBLEWRAP");
  return program == nullptr ? Path() : Path(program);
}

/// In a table of mounts that nobody else changes, when this is root. It is shared with those made
/// from it, as on most hosts: what the launcher failed to keep to itself is seen.
void enter_own_mounts() {
  static const bool entered = ::unshare(CLONE_NEWNS) == 0 &&
                              ::mount(nullptr, "/", nullptr, MS_REC | MS_PRIVATE, nullptr) == 0 &&
                              ::mount(nullptr, "/", nullptr, MS_REC | MS_SHARED, nullptr) == 0;
  static_cast<void>(entered);
}

/// What older kernels need: the same suite holds for it.
bool layers_on_disk() {
  return std::getenv("NBREPLAY_TEST_LAYERS_ON_DISK") != nullptr ||
         !process::memory_has_attributes();
}

const Result<SandboxFacts>& sandbox_facts() {
  static const auto facts =
      process::probe_sandbox(test_installation(), bubblewrap(), layers_on_disk());
  return facts;
}

bool is_running(pid_t process) {
  const auto facts = process::process_facts(process);
  return facts && !facts->zombie;
}

/// The workers below this process, frozen ones too: where nothing runs, those that runs are forked
/// from.
std::vector<pid_t> workers() {
  auto all = process::processes_below(::getpid());
  std::erase_if(all, [](pid_t process) {
    return !name_of(process).starts_with("nbreplay-worke") || !is_running(process);
  });
  std::ranges::sort(all);
  return all;
}

/// What ended is ours to collect once its parent has ended, too, which may take a moment.
/// Bubblewrap's first process in the sandbox is told of its parent's end by a signal, and may still
/// be running.
void collect_orphans() {
  const bool may_run = !bubblewrap().empty();
  for (int tries = 0; tries < 200; ++tries) {
    while (::waitpid(-1, nullptr, WNOHANG) > 0) {
    }
    const auto left = process::processes_below(::getpid());
    if (left.size() <= 1 || (!may_run && std::ranges::count_if(left, is_running) > 1)) return;
    std::this_thread::sleep_for(milliseconds(10));
  }
}

}  // namespace

void expect_limit(const Answer& answer, Resource resource) {
  const auto* limit = std::get_if<LimitExceeded>(&answer.outcome.termination);
  ASSERT_NE(limit, nullptr) << describe(answer.outcome.termination);
  EXPECT_EQ(limit->resource, resource);
}

void expect_time_out(const Answer& answer) {
  const auto* late = std::get_if<TimedOut>(&answer.outcome.termination);
  ASSERT_NE(late, nullptr) << describe(answer.outcome.termination);
  EXPECT_EQ(late->limit, TimeLimit::kCell);
}

void expect_signal(const Answer& answer, int signal) {
  const auto* died = std::get_if<Signaled>(&answer.outcome.termination);
  ASSERT_NE(died, nullptr) << describe(answer.outcome.termination);
  EXPECT_EQ(died->signal, signal);
}

std::optional<std::string> no_sandbox_because() {
  const auto& facts = sandbox_facts();
  if (!facts) return facts.error().message;
  if (facts->sandboxed) return std::nullopt;
  return facts->missing.empty() ? "no sandbox" : facts->missing.front().why;
}

bool has_layer(const std::string& name) {
  const auto& facts = sandbox_facts();
  return facts &&
         std::find(facts->layers.begin(), facts->layers.end(), name) != facts->layers.end();
}

long landlock_version() {
  return std::max(0L, ::syscall(SYS_landlock_create_ruleset, nullptr, 0, 1U));
}

Attack::Attack() : prefix_{kPrologue} {
  // Whatever gets away from its launcher becomes a child of this process, and is found.
  ::prctl(PR_SET_CHILD_SUBREAPER, 1);
  ::setenv("NBREPLAY_TEST_SECRET", kSecret, 1);
  enter_own_mounts();
  plant_canary(canary());
  settings_.sandbox.emplace();
  settings_.sandbox->bubblewrap = bubblewrap();
  settings_.sandbox->layers_on_disk = layers_on_disk();
  settings_.confined = true;
  settings_.interrupt_grace = milliseconds(200);
  settings_.finish_timeout = milliseconds(500);
  if (forked()) settings_.snapshot_memory = gib(2);
  settings_.snapshot_every_cell = branched();
}

Freshness Attack::freshness() const {
  if (warm()) return Freshness::kWarm;
  return branched() ? Freshness::kAny : Freshness::kFresh;
}

void Attack::SetUp() {
  if (const auto why = no_sandbox_because()) GTEST_SKIP() << "no sandbox here: " << *why;
  digest_ = tree_digest(canary()) + tree_digest(project_folder_);
  mounts_ = mounts();
  shared_ = runner();
}

Answer Attack::answer(Trial asked) {
  shared_->submit(std::move(asked), freshness(), {});
  auto answer = shared_->wait({});
  if (answer && *answer) return std::move(**answer);
  ADD_FAILURE() << (answer ? "no answer" : answer.error().message);
  return {};
}

/// All trials of a test have the same sandbox, so that they can share snapshots.
Trial Attack::limited(const std::vector<std::string>& cells) {
  Trial made = trial(cells);
  made.keep_outputs = !branched();
  made.limits.cell_timeout = seconds(10);
  made.limits.memory = memory_;
  made.limits.files_written = files_written_;
  made.limits.files = 1000;
  made.limits.processes = 60;
  return made;
}

std::string Attack::look(const std::string& which) {
  std::vector<std::string> cells = prefix_;
  cells.push_back(kLook + ("# " + which));
  Trial looking = limited(cells);
  looking.keep_outputs = false;
  const Answer seen = answer(std::move(looking));
  if (warm()) {
    EXPECT_EQ(seen.origin, Origin::kWarm);
  } else if (branched() && which == "after" && !seen_before_.empty() && !snapshots_may_be_lost_) {
    EXPECT_EQ(seen.origin, Origin::kBranched) << "the snapshot did not survive the attack";
  }
  return message(seen);
}

void Attack::look_before() {
  if (!forked() || !seen_before_.empty() || attack_first_) return;
  seen_before_ = look("before");
  if (warm()) workers_before_ = workers();
}

Answer Attack::attack(const std::string& cell, const Change& change) {
  look_before();
  attack_first_ = false;
  std::vector<std::string> cells = prefix_;
  cells.push_back(cell);
  Trial attacking = limited(cells);
  if (change) change(attacking);
  const Duration limit = attacking.limits.cell_timeout.value_or(Duration{}) + seconds(15);
  const TimePoint start = std::chrono::steady_clock::now();
  Answer ended = answer(std::move(attacking));
  // A forked process that ended badly is replayed.
  EXPECT_LT(std::chrono::steady_clock::now() - start, limit * (forked() ? 2 : 1));
  if (forked() && ended.origin == Origin::kFresh) {
    const auto& taints = ended.outcome.taints;
    const std::string because = taints.empty() ? "" : taints.back().hazard;
    const std::string same = kind_of_end(ended.outcome);
    // An error that the sandbox itself causes is no end that a forked process may report.
    EXPECT_THAT(because,
                testing::AnyOf(testing::HasSubstr(ends_may_differ_ ? "" : "ended so: " + same),
                               testing::HasSubstr("a limit was met")));
  }
  return ended;
}

Answer Attack::attack_that_says(const std::string& words, const std::string& cell,
                                const Change& change) {
  constexpr int kTries = 4;
  for (int tries = 1;; ++tries) {
    Answer ended = attack(cell + "\n# " + std::to_string(tries), change);
    if (branched() || words.empty()) return ended;  // the first keeps no outputs
    const std::string said = outputs(ended.outcome, 1);
    if (tries < kTries && said.empty()) continue;
    EXPECT_THAT(said, testing::HasSubstr(words));
    return ended;
  }
}

std::string Attack::saw(const std::string& cell, const Change& change) {
  const bool first = attack_first_;
  const Answer answer = attack(cell + "\nraise ValueError(saw)", change);
  if (forked()) {
    EXPECT_EQ(answer.origin, first || warm() ? Origin::kWarm : Origin::kBranched);
  }
  return message(answer);
}

void Attack::hurry(Trial& trial) {
  trial.limits.cell_timeout = milliseconds(700);
}

/// For the table: this result's JSON says that a test was skipped, but not why.
static void record_why_skipped() {
  const auto& result = *::testing::UnitTest::GetInstance()->current_test_info()->result();
  for (int part = 0; part < result.total_part_count(); ++part)
    if (result.GetTestPartResult(part).skipped())
      ::testing::Test::RecordProperty("reason", result.GetTestPartResult(part).message());
}

void Attack::TearDown() {
  record_why_skipped();
  if (!shared_ || IsSkipped()) return;
  // What one fresh process saw, all of them see.
  static std::map<std::vector<std::string>, std::string> untouched;
  if (!snapshots_may_be_lost_) {
    const auto left = workers();
    EXPECT_TRUE(std::ranges::includes(left, workers_before_))
        << "what runs are forked from did not survive the attack";
  }
  const std::string after = look("after");
  if (forked()) {
    EXPECT_EQ(after, seen_before_.empty() ? look("before") : seen_before_);
    const Answer next = answer(limited({"1 + 1"}));
    EXPECT_EQ(ends(next.outcome), "completed");
    EXPECT_TRUE(next.outcome.finished) << describe(next.outcome.termination);
    if (warm()) {
      EXPECT_EQ(next.origin, Origin::kWarm);
    }
  } else {
    std::vector<std::string> of = prefix_;
    for (const auto& entry : std::filesystem::directory_iterator(project_folder_))
      of.push_back(entry.path().filename());
    std::string& expected = untouched[of];
    if (expected.empty()) expected = look("before");
    EXPECT_EQ(after, expected);
  }
  shared_.reset();
  collect_orphans();
  EXPECT_THAT(process::processes_below(::getpid()), testing::ElementsAre(::getpid()));
  EXPECT_EQ(tree_digest(canary()) + tree_digest(project_folder_), digest_);
  EXPECT_EQ(mounts(), mounts_);
}

static std::string mode_of(const ::testing::TestParamInfo<Mode>& test) {
  switch (test.param) {
    case Mode::kFresh:
      return "fresh";
    case Mode::kWarm:
      return "warm";
    case Mode::kBranched:
      return "branched";
  }
  return "";
}

INSTANTIATE_TEST_SUITE_P(Sandbox, Attack,
                         ::testing::Values(Mode::kFresh, Mode::kWarm, Mode::kBranched), mode_of);

}  // namespace nbreplay::test
