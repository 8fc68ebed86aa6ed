// Runs see a copy of the project, one another not at all, and end when they are told to.
#include <gmock/gmock.h>
#include <sys/resource.h>

#include <fstream>
#include <iterator>

#include "nbreplay/process/project.h"

#include "process/processes.h"
#include "process/runner_fixture.h"

namespace nbreplay::test {
namespace {

using IsolationTest = RunnerTest;

std::string content_of(const Path& path) {
  std::ifstream file(path);
  return {std::istreambuf_iterator<char>(file), std::istreambuf_iterator<char>()};
}

TEST_F(IsolationTest, WritesDoNotReachTheProjectNorTheNextRun) {
  write_project_file("data.csv", "original");
  const std::string cell =
      "import os\nprint(open('data.csv').read(), os.path.exists('new'))\n"
      "open('data.csv', 'w').write('changed')\nopen('new', 'w').close()\n"
      "open(os.path.expanduser('~/left'), "
      "'w').close()\nprint(len(os.listdir(os.path.expanduser('~'))))";
  const auto one = runner();
  for (int i = 0; i < 2; ++i) {
    one->submit(trial({cell}), Freshness::kFresh, {});
    const auto answer = one->wait({});
    ASSERT_TRUE(answer && *answer);
    EXPECT_THAT(outputs((*answer)->outcome, 0), testing::HasSubstr("original False"));
  }
  EXPECT_EQ(content_of(project_folder_ / "data.csv"), "original");
  EXPECT_FALSE(std::filesystem::exists(project_folder_ / "new"));
}

TEST_F(IsolationTest, TheWorkingDirectoryIsTheNotebooksFolderInTheCopy) {
  write_project_file("pyproject.toml", "");
  write_project_file("shared.txt", "above");
  std::filesystem::create_directories(project_folder_ / "notebooks");
  Trial made = trial({"print(open('../shared.txt').read())"});
  process::ProjectRequest request;
  request.notebook = project_folder_ / "notebooks/book.ipynb";
  auto project = process::make_project(request);
  ASSERT_TRUE(project) << project.error().message;
  made.project = *project;
  EXPECT_THAT(outputs(run(std::move(made)), 0), testing::HasSubstr("above"));
}

TEST_F(IsolationTest, WhatARunPutInPlaceOfItsFoldersIsNotCleanedUp) {
  const Path victim = folder_.path() / "victim";
  std::filesystem::create_directories(victim / "home");
  std::ofstream(victim / "home" / "letter") << "kept";
  const Path told = folder_.path() / "told";
  for (const std::string replaced : {"/project", ""}) {
    const Path moved = folder_.path() / ("moved" + replaced);
    std::filesystem::create_directories(moved.parent_path());
    const auto one = runner();
    for (int i = 0; i < 2; ++i) {
      one->submit(trial({"import os\ntop = os.path.dirname(os.environ['HOME']) + '" + replaced +
                         "'\nif not os.path.lexists('" + moved.string() + "'):\n    open('" +
                         told.string() + "', 'w').write(top)\n    os.rename(top, '" +
                         moved.string() + "')\n    os.symlink('" + victim.string() + "', top)"}),
                  Freshness::kFresh, {});
      const auto answer = one->wait({});
      ASSERT_TRUE(answer && *answer);
      EXPECT_TRUE((*answer)->outcome.finished) << describe((*answer)->outcome.termination);
    }
    EXPECT_EQ(content_of(victim / "home" / "letter"), "kept") << replaced;
    ASSERT_NE(content_of(told), "");
    std::filesystem::remove(content_of(told));
    std::filesystem::remove_all(folder_.path() / "moved");
  }
}

TEST_F(IsolationTest, FoldersThatAreTooDeepToNameAreRemoved) {
  rlimit before{};
  ASSERT_EQ(::getrlimit(RLIMIT_NOFILE, &before), 0);
  const rlimit few{256, before.rlim_max};
  ASSERT_EQ(::setrlimit(RLIMIT_NOFILE, &few), 0);
  const Path told = folder_.path() / "told";
  const Outcome outcome = run_cells(
      {"import os\nopen('" + told.string() + "', 'w').write(os.path.dirname(os.environ['HOME']))",
       "for i in range(600):\n    os.mkdir('a' * 20); os.mkdir('b'); open('f', 'w').close()\n"
       "    os.chdir('a' * 20)\n    os.chmod('..', 0)"});
  ::setrlimit(RLIMIT_NOFILE, &before);
  EXPECT_TRUE(outcome.finished) << describe(outcome.termination) << outputs(outcome, 1);
  ASSERT_NE(content_of(told), "");
  EXPECT_FALSE(std::filesystem::exists(content_of(told)));
}

TEST_F(IsolationTest, NothingOfMatplotlibsFolderIsHandedOn) {
  const std::string cell =
      "import os\nfolder = os.environ['MPLCONFIGDIR']\nprint(sorted(os.listdir(folder)))\n"
      "for name in ('fontlist-v1.json', 'matplotlibrc'):\n"
      "    open(os.path.join(folder, name), 'w').write('{}')";
  EXPECT_THAT(outputs(run_cells({cell}), 0), testing::HasSubstr("[]"));
  EXPECT_THAT(outputs(run_cells({cell}), 0), testing::HasSubstr("[]"));
}

TEST_F(IsolationTest, TheListOfFontsIsMadeWithoutTheNotebook) {
  // Stands for Matplotlib; says who made the list.
  const Path packages = folder_.path() / "packages";
  std::filesystem::create_directories(packages / "matplotlib");
  std::ofstream(packages / "matplotlib" / "__init__.py") << "";
  std::ofstream(packages / "matplotlib" / "font_manager.py")
      << "import os\nfolder = os.environ['MPLCONFIGDIR']\n"
         "open(folder + '/matplotlibrc', 'w').write('no list')\n"
         "open(folder + '/fontlist-v9.json', 'w').write(repr(os.listdir('.')))\n";
  auto environment = std::make_shared<Environment>(*environment_);
  environment->hash += " with fonts";
  environment->packages.push_back({"matplotlib", "1.0"});
  environment->append_path.push_back(packages);
  environment_ = environment;
  write_project_file("data.csv", "a notebook's");
  const std::string look =
      "import os\nfolder = os.environ['MPLCONFIGDIR']\nprint(sorted(os.listdir(folder)))\n";
  EXPECT_THAT(outputs(run_cells({look}), 0), testing::HasSubstr("[]")) << "it draws nothing";
  const std::string plot = look +
                           "print(open(folder + '/fontlist-v9.json').read())\n"
                           "open(folder + '/fontlist-v9.json', 'w').write('plotted')";
  for (int run = 0; run < 2; ++run)
    EXPECT_THAT(outputs(run_cells({plot}), 0), testing::HasSubstr("['fontlist-v9.json']\\n[]"));
}

TEST_F(IsolationTest, SharedMemoryThatANotebookForgotIsGone) {
  const Path told = folder_.path() / "told";
  const Outcome outcome =
      run_cells({"from multiprocessing.shared_memory import SharedMemory\n"
                 "memory = SharedMemory(create=True, size=4096)\nopen('" +
                 told.string() + "', 'w').write(memory.name)"});
  EXPECT_TRUE(outcome.finished) << describe(outcome.termination);
  ASSERT_NE(content_of(told), "");
  EXPECT_FALSE(std::filesystem::exists("/dev/shm/" + content_of(told)));
}

TEST_F(IsolationTest, PoolsThatANotebookLeftOpenEndWithIt) {
  const std::string cell =
      "from concurrent.futures import ProcessPoolExecutor\nimport multiprocessing\n"
      "pool = ProcessPoolExecutor(1, mp_context=multiprocessing.get_context('fork'))\n"
      "print(pool.submit(abs, -3).result())";
  const Outcome outcome = run_cells({cell});
  EXPECT_TRUE(outcome.finished) << describe(outcome.termination);
  EXPECT_THAT(outcome.notes, testing::IsEmpty());
}

TEST_F(IsolationTest, SharedMemoryOfAPoolIsGoneAfterADeath) {
  const Path told = folder_.path() / "told";
  const Outcome outcome =
      run_cells({"import os, subprocess, sys\n"
                 "from multiprocessing import resource_tracker\n"
                 "from multiprocessing.shared_memory import SharedMemory\n"
                 "memory = SharedMemory(create=True, size=4096)\nopen('" +
                 told.string() +
                 "', 'w').write(memory.name)\n"
                 "# A process that keeps the tracker waiting, as one of a pool does.\n"
                 "subprocess.Popen(['sleep', '600'], pass_fds=[resource_tracker.getfd()])\n"
                 "os.kill(os.getpid(), 11)"});
  EXPECT_TRUE(std::holds_alternative<Signaled>(outcome.termination));
  ASSERT_NE(content_of(told), "");
  EXPECT_FALSE(std::filesystem::exists("/dev/shm/" + content_of(told)));
}

TEST_F(IsolationTest, InputsMayLieInEachOtherButNotAroundTheProject) {
  std::filesystem::create_directories(project_folder_ / "large" / "part");
  write_project_file("large/part/data.bin", "abc");
  process::ProjectRequest request;
  request.notebook = project_folder_ / "book.ipynb";
  request.inputs = {project_folder_ / "large" / "part", project_folder_ / "large"};
  auto project = process::make_project(request);
  ASSERT_TRUE(project) << project.error().message;
  Trial made = trial({"print(open('large/part/data.bin').read())"});
  made.project = *project;
  EXPECT_THAT(outputs(run(std::move(made)), 0), testing::HasSubstr("abc"));

  request.inputs = {folder_.path()};
  project = process::make_project(request);
  ASSERT_FALSE(project);
  EXPECT_EQ(project.error().code, ErrorCode::kUsage);
  EXPECT_THAT(project.error().message, testing::HasSubstr("holds the project"));
}

TEST_F(IsolationTest, AFolderTaggedAsACacheIsNotVisible) {
  std::filesystem::create_directories(project_folder_ / "build");
  write_project_file("build/CACHEDIR.TAG", "Signature: 8a477f597d28d172789f06886806bc55");
  write_project_file("build/object.o", "made anew");
  write_project_file("data.csv", "kept");
  const Outcome outcome = run_cells({"import os; print(sorted(os.listdir('.')))"});
  EXPECT_THAT(outputs(outcome, 0), testing::HasSubstr("['book.ipynb', 'data.csv']"));
}

TEST_F(IsolationTest, AProjectBeyondTheCapIsAnErrorThatNamesTheWayOut) {
  std::filesystem::create_directories(project_folder_ / "large");
  write_project_file("large/data.bin", std::string(1 << 20, 'x'));
  process::ProjectRequest request;
  request.notebook = project_folder_ / "book.ipynb";
  request.copy_cap = kib(64);
  auto refused = process::make_project(request);
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().code, ErrorCode::kUsage);
  EXPECT_THAT(refused.error().hint, testing::HasSubstr("--input"));

  request.inputs = {project_folder_ / "large"};
  auto project = process::make_project(request);
  ASSERT_TRUE(project) << project.error().message;
  Trial made = trial({"import os\nprint(os.path.getsize('large/data.bin'))"});
  made.project = *project;
  EXPECT_THAT(outputs(run(std::move(made)), 0), testing::HasSubstr("1048576"));
}

TEST_F(IsolationTest, TheControllersVariablesDoNotReachTheNotebook) {
  ::setenv("NBREPLAY_TEST_SECRET", "hunter2", 1);
  Trial made =
      trial({"import os\nprint('NBREPLAY_TEST_SECRET' in os.environ, os.environ['GIVEN'])"});
  made.variables = {{"GIVEN", "yes"}};
  EXPECT_THAT(outputs(run(std::move(made)), 0), testing::HasSubstr("False yes"));
}

TEST_F(IsolationTest, ExtraFilesAreThereForOneRun) {
  Trial made = trial({"print(open('missing.csv').read())"});
  made.extra_files = {{"missing.csv", "a,b", false}};
  EXPECT_THAT(outputs(run(std::move(made)), 0), testing::HasSubstr("a,b"));
  EXPECT_EQ(crash_of(run_cells({"open('missing.csv')"}), 0).type, "FileNotFoundError");
}

TEST_F(IsolationTest, SeveralRunsAtOnceAreAnsweredEachWithItsOwn) {
  settings_.jobs = 2;
  const auto one = runner();
  std::map<TrialId, std::string> expected;
  for (const std::string word : {"w1", "w2", "w3", "w4"})
    expected[one->submit(trial({"print('" + word + "')"}), Freshness::kFresh, {})] = word;
  while (!expected.empty()) {
    const auto answer = one->wait({});
    ASSERT_TRUE(answer && *answer);
    EXPECT_THAT(outputs((*answer)->outcome, 0), testing::HasSubstr(expected[(*answer)->id]));
    expected.erase((*answer)->id);
  }
  const auto none = one->wait({});
  ASSERT_TRUE(none);
  EXPECT_FALSE(*none);
}

TEST_F(IsolationTest, ACancelledRunIsNeverAnsweredAndIsGone) {
  settings_.jobs = 2;
  const std::string mark = unique_mark();
  const auto one = runner();
  bool started = false;
  TrialEvents events;
  events.cell_started = [&](std::size_t position) { started = started || position == 1; };
  const TrialId hanging = one->submit(
      trial({"import subprocess, sys\nsubprocess.Popen([sys.executable, '-c', 'import time; "
             "time.sleep(600)', '" +
                 mark + "'])",
             "import time\ntime.sleep(600)"}),
      Freshness::kFresh, events);
  while (!started)
    ASSERT_TRUE(one->wait(std::chrono::steady_clock::now() + std::chrono::milliseconds(20)));
  one->cancel(hanging);
  const TrialId next = one->submit(trial({"1"}), Freshness::kFresh, {});
  const auto answer = one->wait({});
  ASSERT_TRUE(answer && *answer);
  EXPECT_EQ((*answer)->id, next);
  const auto none = one->wait({});
  ASSERT_TRUE(none);
  EXPECT_FALSE(*none);
}

TEST_F(IsolationTest, AStopEndsEveryRunAsKilled) {
  StopRequest stop;
  settings_.stop = &stop;
  const auto one = runner();
  TrialEvents events;
  events.cell_started = [&](std::size_t position) {
    if (position == 1) stop.request(StopRequest::Reason::kInterrupt);
  };
  one->submit(trial({"print('so far')", "import time\ntime.sleep(600)"}), Freshness::kFresh,
              events);
  one->submit(trial({"1"}), Freshness::kFresh, {});
  for (int i = 0; i < 2; ++i) {
    const auto answer = one->wait({});
    ASSERT_TRUE(answer && *answer);
    EXPECT_TRUE(std::holds_alternative<Killed>((*answer)->outcome.termination));
    if ((*answer)->outcome.cells.size() == 2) {
      EXPECT_THAT(outputs((*answer)->outcome, 0), testing::HasSubstr("so far"));
    }
  }
}

TEST_F(IsolationTest, ARunnerThatIsDestroyedLeavesNothingBehind) {
  const std::string mark = unique_mark();
  bool started = false;
  {
    const auto one = runner();
    TrialEvents events;
    events.cell_started = [&](std::size_t position) { started = started || position == 1; };
    one->submit(trial({"import subprocess, sys\nsubprocess.Popen([sys.executable, '-c', 'import "
                       "time; time.sleep(600)', '" +
                           mark + "'])",
                       "import time\ntime.sleep(600)"}),
                Freshness::kFresh, events);
    while (!started)
      ASSERT_TRUE(one->wait(std::chrono::steady_clock::now() + std::chrono::milliseconds(20)));
    EXPECT_EQ(processes_with(mark), 1);
  }
  EXPECT_EQ(processes_with(mark), 0);
}

}  // namespace
}  // namespace nbreplay::test
