// Cases 3 to 6: memory, disk and descriptors.
#include <gmock/gmock.h>

#include "sandbox/attack_fixture.h"

namespace nbreplay::test {
namespace {

/// Writes until it is told not to, says why, and keeps what it has.
std::string fill(const std::string& step) {
  return "try:\n    for count in range(10 ** 9):\n        " + step +
         "\nexcept OSError as problem:\n    print(name_of(problem.errno), flush=True)\n"
         "    time.sleep(600)";
}

/// What an attack says that has filled its layer. Layers on disk have no cap: there the watch ends
/// the run, and the attack meets nothing.
std::string when_full() {
  return has_layer("size and inode limit") ? "ENOSPC" : "";
}

TEST_P(Attack, Case03_OneLargeObject) {
  EXPECT_EQ(saw("saw = tried(bytearray, 1 << 46)"), "MemoryError");
  expect_limit(attack("big = bytearray(1 << 30)\nfor at in range(0, len(big), 4096): big[at] = 1\n"
                      "time.sleep(600)"),
               Resource::kMemory);
}

TEST_P(Attack, Case03_ManySmallObjects) {
  expect_limit(attack("kept = []\nwhile True: kept.append(b'x' * 100_000 + bytes(1))"),
               Resource::kMemory);
}

TEST_P(Attack, Case04_FilesInMemory) {
  for (const std::string place : {"/dev/shm", "/tmp"}) {
    const std::string step =
        "open('" + place + "/f%d' % (count // 16), 'ab').write(bytes(1 << 20))";
    expect_limit(attack_that_says(when_full(), fill(step)), Resource::kDisk);
  }
}

TEST_P(Attack, Case04_OneFileWithoutAName) {
  EXPECT_EQ(saw("def grow():\n    fd = os.memfd_create('big')\n"
                "    while True: os.write(fd, bytes(1 << 20))\nsaw = tried(grow)"),
            "EFBIG");
}

TEST_P(Attack, Case04_MemoryOfNoProcess) {
  // In no process's map, so that no count of those can see it.
  if (!has_layer("memory limit by control group"))
    GTEST_SKIP() << "files without a name and shared memory that nobody has attached are charged "
                    "to control groups only, and there is none to be used";
  if (forked())
    GTEST_SKIP() << "branches of one worker share a control group, whose limit is that of all";
  expect_limit(attack(R"(
files = [os.memfd_create('part') for _ in range(20)]
for fd in files:
    for _ in range(60):
        os.write(fd, bytes(1 << 20))
time.sleep(600)
)"),
               Resource::kMemory);
}

TEST_P(Attack, Case05_DiskFill) {
  const std::string step = "open('f%d' % (count // 16), 'ab').write(bytes(1 << 20))";
  expect_limit(attack_that_says(when_full(), fill(step)), Resource::kDisk);
}

TEST_P(Attack, Case05_InodeFill) {
  expect_limit(attack_that_says(when_full(), fill("open('f%d' % count, 'w').close()")),
               Resource::kDisk);
}

TEST_P(Attack, Case05_SparseFile) {
  EXPECT_EQ(saw(R"(
def grow():
    with open('sparse', 'wb') as file:
        file.truncate(1 << 40)
def leap():
    with open('leap', 'wb', buffering=0) as file:
        file.seek(1 << 40)
        file.write(b'x')
program = subprocess.run(['truncate', '-s', '1T', 'other']).returncode
saw = [tried(grow), tried(leap), program != 0, os.path.getsize('sparse')]
)"),
            "['EFBIG', 'EFBIG', True, 0]");
}

TEST_P(Attack, Case06_DescriptorsRunOut) {
  // That an answer comes at all shows that the control socket is still of use.
  EXPECT_EQ(saw(R"(
import resource
taken = []
try:
    while True:
        taken.append(os.dup(0))
except OSError as problem:
    saw = [name_of(problem.errno), len(taken) < 4096]
soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
saw += [soft == min(hard, 4096), hard <= 65536, tried(resource.setrlimit, resource.RLIMIT_NOFILE, (soft, hard + 1))]
)"),
            "['EMFILE', True, True, True, 'ValueError']");
}

}  // namespace
}  // namespace nbreplay::test
