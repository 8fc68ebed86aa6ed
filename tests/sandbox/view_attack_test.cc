// Cases 7, 39, 42 and 43: what one branch does to its files stays in it.
#include <fmt/format.h>
#include <gmock/gmock.h>

#include <fstream>

#include "nbreplay/process/project.h"

#include "process/processes.h"
#include "sandbox/attack_fixture.h"

namespace nbreplay::test {
namespace {

using testing::HasSubstr;

TEST_P(Attack, Case07_RemovingAll) {
  EXPECT_EQ(saw(R"(
subprocess.run(['rm', '-rf', '--no-preserve-root', '/etc', '/usr/bin', '/home', '/tmp', '/dev', '/opt',
                os.getcwd(), sys.prefix + '/bin', sys.base_prefix + '/bin'], capture_output=True)
saw = [tried(os.remove, '/usr/bin/env'), tried(open, '/usr/new', 'w'), tried(open, '/etc/passwd', 'w'),
       tried(os.mkdir, '/new'), tried(os.rename, '/usr', '/gone'), os.path.exists('/usr/bin/env'),
       os.path.exists('kept.txt'), os.path.exists(os.path.expanduser('~/note'))]
)"),
            "['EROFS', 'EROFS', 'EROFS', 'EROFS', 'EROFS', True, False, False]");
}

TEST_P(Attack, Case07_ChangingTheEnvironment) {
  EXPECT_EQ(saw(R"(
import site
saw = {tried(open, folder + '/planted.py', 'w') for folder in
       (sys.prefix, sys.base_prefix, os.path.dirname(os.__file__), os.path.dirname(sys.executable))}
)"),
            "{'EROFS'}");
}

TEST_P(Attack, Case39_ModulesInPlaceOfOthers) {
  const std::string plant = R"(
import site
code = "raise SystemExit('planted')\n"
folders = ['.', site.getusersitepackages(), os.path.expanduser('~')]
for folder in folders:
    os.makedirs(folder, exist_ok=True)
    for name in ('random', 'json', 'socket', 'os', 'sitecustomize', 'usercustomize', 'nbreplay_worker', 'IPython'):
        open(os.path.join(folder, name + '.py'), 'w').write(code)
open('planted.so', 'wb').write(b'none')
os.environ.update(LD_PRELOAD=os.path.abspath('planted.so'), PYTHONPATH=os.getcwd(), PYTHONHOME='/nowhere',
                  LD_LIBRARY_PATH=os.getcwd(), PYTHONSTARTUP=os.path.abspath('random.py'))
)";
  EXPECT_EQ(saw(plant + "saw = 'planted'"), "planted");
  const Answer ended = attack(plant + "1 / 0");
  EXPECT_EQ(crash_of(ended.outcome, 1).type, "ZeroDivisionError");
}

TEST_P(Attack, Case42_ObjectsOfNoProcess) {
  const std::string cell = R"(
import ctypes
libc = ctypes.CDLL(None)
create = 0o1600
found = [libc.shmget(42, 4096, 0), libc.msgget(42, 0), libc.semget(42, 1, 0)]
made = [libc.shmget(42, 4096, create), libc.msgget(42, create), libc.semget(42, 1, create)]
saw = [found, min(made) >= 0]
)";
  EXPECT_EQ(saw(cell), "[[-1, -1, -1], True]");
  EXPECT_EQ(saw(cell + "# once more"), "[[-1, -1, -1], True]");
}

TEST_P(Attack, Case42_FilesAndDescriptorsOfTheSnapshot) {
  EXPECT_EQ(saw(R"(
log.write('changed')
log.flush()
os.write(log.fileno(), b'more')
os.ftruncate(log.fileno(), 3)
for name in ('kept.txt', os.path.expanduser('~/note'), '/tmp/scratch', '/dev/shm/block'):
    open(name, 'w').write('changed')
    os.chmod(name, 0o400)
import shutil
shutil.move('folder', 'moved')
os.symlink('/etc/passwd', 'folder')
state['numbers'].clear()
saw = open('log.txt').read()
)"),
            "one");
}

TEST_P(Attack, Case42_MemoryThatIsShared) {
  // A branch gets a copy of such a map, or it would show its parent what it writes.
  prefix_.emplace_back("import mmap\nshared = mmap.mmap(-1, 4096)\nshared[:3] = b'one'");
  for (int i = 0; i < 2; ++i) {
    const Answer ended =
        attack("before = bytes(shared[:3])\nshared[:3] = b'two'\nraise ValueError(" +
               std::to_string(i) + ", before, bytes(shared[:3]))");
    EXPECT_EQ(crash_of(ended.outcome, 2).message, "(" + std::to_string(i) + ", b'one', b'two')");
  }
}

TEST_P(Attack, Case42_AMapOfAFile) {
  prefix_.emplace_back(
      "import mmap\nopen('map', 'wb').write(b'one' + bytes(4093))\nfile = open('map', 'r+b')\n"
      "shared = mmap.mmap(file.fileno(), 4096)");
  EXPECT_EQ(crash_of(attack("shared[:3] = b'two'\nshared.flush()\n"
                            "raise ValueError(open('map', 'rb').read(3))")
                         .outcome,
                     2)
                .message,
            "b'two'");
  EXPECT_EQ(crash_of(attack("raise ValueError(open('map', 'rb').read(3))").outcome, 2).message,
            "b'one'");
}

TEST_P(Attack, Case43_AHundredCells) {
  for (int depth = 1; depth <= 100; ++depth)
    prefix_.push_back(fmt::format("state['depth'] = {0}\nopen('depth', 'w').write('{0}')", depth));
  const Answer ended = attack("raise ValueError([state['depth'], open('depth').read()])");
  EXPECT_EQ(crash_of(ended.outcome, 101).message, "[100, '100']");
  if (branched()) {
    EXPECT_EQ(ended.origin, Origin::kBranched);
  }
}

TEST_P(Attack, Case43_SixtyThousandHiddenEntries) {
  write_project_file("last", "shown");
  const auto hide = [&](std::size_t more) {
    return [this, more](Trial& trial) {
      process::ProjectRequest request;
      request.notebook = trial.project->notebook;
      for (std::size_t i = 0; i < 60'000; ++i)
        request.hidden.push_back(project_folder_ / "hidden" / std::to_string(i));
      if (more > 0) request.hidden.push_back(project_folder_ / "last");
      auto project = process::make_project(request);
      ASSERT_TRUE(project) << project.error().message;
      trial.project = *project;
    };
  };
  std::filesystem::create_directory(project_folder_ / "hidden");
  write_project_file("hidden/59999", "not shown");
  SetUp();
  attack_first_ = true;
  // The second set of names differs by one from the first, and is shown by the same sandbox.
  for (const std::size_t more : {0U, 1U, 0U}) {
    const Answer ended =
        attack("raise ValueError(os.path.exists('last'), os.listdir('hidden'))", hide(more));
    EXPECT_EQ(crash_of(ended.outcome, 1).message, more > 0 ? "(False, [])" : "(True, [])");
    EXPECT_THAT(ended.outcome.taints, testing::IsEmpty());
  }
  // In what was the sandbox of a run that had them hidden.
  EXPECT_EQ(saw("saw = os.path.exists('last'), os.listdir('hidden')"), "(True, ['59999'])");
}

/// Of all tmpfs of this machine, and of the folder of temporary files: what layers are made of.
std::uintmax_t used_by_layers(const Path& scratch) {
  std::uintmax_t kilobytes = 0;
  std::ifstream facts("/proc/meminfo");
  for (std::string word; facts >> word;)
    if (word == "Shmem:") facts >> kilobytes;
  const auto disk = std::filesystem::space(scratch);
  return (kilobytes << 10) + disk.capacity - disk.free;
}

TEST_P(Attack, Case43_RewritingALargeInputWithinTheLimit) {
  constexpr std::uintmax_t kSize = 1U << 30;
  memory_ = gib(3);
  files_written_ = gib(2);
  const Path large = project_folder_ / "gigabyte";
  std::ofstream(large) << "old";
  std::filesystem::resize_file(large, kSize);  // the host's takes no room
  SetUp();
  const std::uintmax_t used_before = used_by_layers(folder_.path());
  const std::string ours = saw(R"(
new = b'new!' * (1 << 18)
with open('gigabyte', 'r+b', buffering=0) as file:
    before = file.read(4)
    file.seek(0)
    for _ in range(1 << 10):
        file.write(new)
facts = os.stat('gigabyte')
saw = before, open('gigabyte', 'rb').read(4), facts.st_size >> 20, facts.st_blocks >> 11
)");
  EXPECT_EQ(ours, "(b'old\\x00', b'new!', 1024, 1024)");
  EXPECT_EQ(
      saw("with open('gigabyte', 'rb') as file:\n    saw = file.read(4), file.seek(0, 2) >> 20"),
      "(b'old\\x00', 1024)");
  // Nobody needs the layer any more, although the next run may come.
  const std::uintmax_t most = used_before + kSize / 2;
  wait_until([&] { return used_by_layers(folder_.path()) < most; }, std::chrono::seconds(10));
  EXPECT_LT(used_by_layers(folder_.path()), most);
}

TEST_P(Attack, Case43_RewritingALargeInput) {
  const std::string block(1 << 20, 'x');
  std::ofstream input(project_folder_ / "large");
  for (int count = 0; count < 80; ++count) input << block;
  input.close();
  SetUp();
  // Appending copies the whole file into the layer first.
  const Answer ended = attack("open('large', 'ab').write(b'y')");
  // It may be seen to be full before the notebook is told.
  if (std::holds_alternative<LimitExceeded>(ended.outcome.termination))
    return expect_limit(ended, Resource::kDisk);
  EXPECT_EQ(crash_of(ended.outcome, 1).type, "OSError");
  // A layer on disk has no cap, but no file in it may be larger than all together.
  const std::string told = has_layer("size and inode limit") ? "[Errno 28]" : "[Errno 27]";
  EXPECT_THAT(crash_of(ended.outcome, 1).message.value_or(""), HasSubstr(told));
  EXPECT_TRUE(std::get<Raised>(ended.outcome.cells[1].end).caused_by_limit);
}

}  // namespace
}  // namespace nbreplay::test
