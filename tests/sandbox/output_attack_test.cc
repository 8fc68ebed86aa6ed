// Cases 26 to 29: what a run leaves behind and shows.
#include <gmock/gmock.h>

#include "sandbox/attack_fixture.h"

namespace nbreplay::test {
namespace {

using testing::HasSubstr;

TEST_P(Attack, Case26_LinksAndPipesWhereAFileIsPut) {
  // An experiment puts a file where the notebook has left something else, between two cells.
  for (const std::string& trap :
       {"os.symlink('" + (canary() / "credentials").string() + "', 'data.csv')",
        std::string("os.symlink('kept.txt', 'data.csv')"), std::string("os.mkfifo('data.csv')"),
        std::string("os.link('kept.txt', 'data.csv')"), std::string("os.mkdir('data.csv')")}) {
    ends_may_differ_ = true;
    attack(trap, [](Trial& trial) {
      trial.executions.push_back({2, "", "state = open('kept.txt').read()", false});
      trial.extra_files.push_back({"data.csv", "put", false, 2});
    });
  }
}

TEST_P(Attack, Case26_LinksAndPipesInTheListOfFonts) {
  const Path kept = settings_.cache_folder;
  for (const std::string& trap :
       {"os.symlink('" + (canary() / "credentials").string() + "', list)",
        std::string("os.mkfifo(list)"), std::string("os.mkdir(list)"),
        std::string("open(list, 'w').truncate(1 << 25)"),
        std::string("open(list, 'w').write('{}')  # plotted"),
        "folder = os.environ['MPLCONFIGDIR']\nos.rename(folder, folder + '-gone')\nos.symlink('" +
            canary().string() + "', folder)"})
    attack("list = os.environ['MPLCONFIGDIR'] + '/fontlist-v1.json'\n" + trap);
  if (!std::filesystem::exists(kept)) return;
  for (const auto& entry : std::filesystem::recursive_directory_iterator(kept))
    EXPECT_TRUE(entry.is_directory() && !entry.is_symlink()) << entry.path();
}

/// What a run wrote is copied out. Of a whole run only: branches keep nothing.
auto keep_files_in(const Path& folder) {
  return [folder](Trial& trial) {
    trial.keep_outputs = true;
    trial.keep_files = folder;
  };
}

TEST_P(Attack, Case05_WhatIsKeptIsBounded) {
  attack("for name in 'abc': open(name, 'wb').truncate(40 << 20)",
         keep_files_in(folder_.path() / "kept"));
  std::uintmax_t size = 0;
  for (const auto& entry : std::filesystem::recursive_directory_iterator(folder_.path() / "kept"))
    if (entry.is_regular_file()) size += entry.file_size();
  EXPECT_LE(size, mib(64).count);
  EXPECT_GT(size, 0U);
}

TEST_P(Attack, Case26_LinksAndPipesAmongWhatIsKept) {
  const Path kept = folder_.path() / "kept";
  std::filesystem::create_directories(kept);
  // As an earlier run may have left it, or somebody else.
  std::filesystem::create_symlink(canary() / "credentials", kept / "kept.txt");
  const Answer ended = attack("canary = '" + canary().string() + R"('
os.symlink(canary + '/credentials', 'link')
os.symlink(canary, 'folder-link')
os.symlink('../../canary/credentials', 'folder/upwards')
os.mkfifo('pipe')
socket.socket(socket.AF_UNIX).bind('socket')
os.link('log.txt', 'again')
os.mkdir('closed', 0)
os.remove('book.ipynb')
)",
                              keep_files_in(kept));
  EXPECT_TRUE(ended.outcome.finished) << describe(ended.outcome.termination);
  for (const auto& entry : std::filesystem::recursive_directory_iterator(kept)) {
    if (entry.path() == kept / "kept.txt") continue;
    EXPECT_TRUE(entry.symlink_status().type() == std::filesystem::file_type::regular ||
                entry.symlink_status().type() == std::filesystem::file_type::directory)
        << entry.path();
  }
  EXPECT_TRUE(std::filesystem::exists(kept / "again"));
  EXPECT_TRUE(std::filesystem::exists(kept / "folder" / "deeper"));
  for (const char* refused : {"link (a link)", "folder-link (a link)", "upwards (a link)",
                              "pipe (a FIFO)", "socket (a socket)", "kept.txt (it is there"})
    EXPECT_THAT(ended.outcome.notes, testing::Contains(HasSubstr(refused)));
}

TEST_P(Attack, Case27_NamesThatAreNoTextAmongWhatIsKept) {
  const Path kept = folder_.path() / "kept";
  const Answer ended = attack(R"(
for name in (b'new\nline', b'\x1b[31mred', b'\xff\xfe', b'-rf', b'a' * 255, b'...', b'..\\up'):
    open(name, 'w').close()
    os.mkfifo(name[:100] + b'-pipe')
)",
                              keep_files_in(kept));
  EXPECT_TRUE(ended.outcome.finished) << describe(ended.outcome.termination);
  for (const char* name : {"new\nline", "\x1b[31mred", "\xff\xfe", "-rf", "...", "..\\up"})
    EXPECT_TRUE(std::filesystem::exists(kept / name)) << name;
  EXPECT_THAT(ended.outcome.notes, testing::Contains(HasSubstr("\xEF\xBF\xBD-pipe (a FIFO)")));
}

TEST_P(Attack, Case27_NamesThatAreNoText) {
  EXPECT_EQ(saw(R"(
names = [b'new\nline', b'\x1b[31mred', b'\xff\xfe', b'-rf', b'a' * 255, b' ', b'quote\'"$(true)`']
for name in names:
    open(name, 'w').close()
    os.mkdir(name[:100] + b'-folder')
saw = len(os.listdir(b'.'))
)"),
            "18");
  const Answer missing = attack("open(b'\\xff\\xfe\\x1b[31m\\n../missing')");
  EXPECT_EQ(crash_of(missing.outcome, 1).type, "FileNotFoundError");
}

TEST_P(Attack, Case28_OutputWithoutEnd) {
  settings_.flood = mib(32);
  shared_ = runner();
  const Answer ended = attack("while True: os.write(1, bytes(range(256)) * 400)");
  expect_limit(ended, Resource::kOutput);
  EXPECT_TRUE(ended.outcome.cells[1].output_truncated);
  EXPECT_LT(outputs(ended.outcome, 1).size(), mib(8).count);
}

TEST_P(Attack, Case28_MuchOutputWithoutALine) {
  const Answer ended = attack("for _ in range(60): os.write(1, b'x' * (100 << 10))\nprint('end')");
  EXPECT_TRUE(ended.outcome.finished) << describe(ended.outcome.termination);
  if (branched()) return;  // outputs are not kept
  EXPECT_TRUE(ended.outcome.cells[1].output_truncated);
  EXPECT_LT(outputs(ended.outcome, 1).size(), mib(2).count);
}

TEST_P(Attack, Case29_ALargeDisplay) {
  const Answer ended =
      attack("display({'text/plain': 'x' * (80 << 20)}, raw=True)\ndisplay('after')",
             [](Trial& trial) { trial.limits.memory = gib(2); });
  EXPECT_TRUE(ended.outcome.finished) << describe(ended.outcome.termination);
  EXPECT_LT(outputs(ended.outcome, 1).size(), mib(65).count);
}

TEST_P(Attack, Case29_ManyDisplays) {
  settings_.flood = mib(4);
  shared_ = runner();
  expect_limit(attack("while True: display({'text/plain': 'x' * 1000}, raw=True)"),
               Resource::kOutput);
}

TEST_P(Attack, Case29_ADeepDisplay) {
  const Answer ended = attack(
      "deep = []\nfor _ in range(100_000): deep = [deep]\n"
      "try:\n    display({'application/json': deep}, raw=True)\n"
      "except RecursionError:\n    pass\n"
      "import json\ntext = '[' * 900 + ']' * 900\n"
      "display({'application/json': json.loads(text)}, raw=True)\nprint('after')");
  EXPECT_EQ(ends(ended.outcome), "completed completed") << describe(ended.outcome.termination);
  if (!branched()) {
    EXPECT_THAT(outputs(ended.outcome, 1), HasSubstr("after"));
  }
}

}  // namespace
}  // namespace nbreplay::test
