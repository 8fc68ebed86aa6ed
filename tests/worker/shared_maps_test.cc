#include "shared_maps.h"

#include <fcntl.h>
#include <gmock/gmock.h>
#include <semaphore.h>
#include <sys/mman.h>
#include <sys/shm.h>
#include <unistd.h>

#include <string>

#include "in_child.h"
#include "support/temporary_folder.h"

namespace nbreplay::worker {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

class Mapped {
 public:
  Mapped(int file, std::size_t size, int kind = MAP_SHARED)
      : size_(size),
        bytes_(static_cast<char*>(::mmap(nullptr, size, PROT_READ | PROT_WRITE, kind, file, 0))) {}
  ~Mapped() { ::munmap(bytes_, size_); }
  Mapped(const Mapped&) = delete;
  Mapped& operator=(const Mapped&) = delete;
  [[nodiscard]] char* bytes() const { return bytes_; }

 private:
  std::size_t size_;
  char* bytes_;
};

constexpr int kNameless = MAP_SHARED | MAP_ANONYMOUS;

TEST(SharedMaps, ThatArePrivateAreNoHazard) {
  const Mapped map(-1, 4096, MAP_PRIVATE | MAP_ANONYMOUS);
  EXPECT_THAT(map_hazards(), IsEmpty());
  EXPECT_THAT(own_shared_maps(), IsEmpty());
}

TEST(SharedMaps, OfAFileWithANameAreHazards) {
  const test::TemporaryFolder folder;
  const int file = ::open((folder.path() / "data").c_str(), O_RDWR | O_CREAT, 0600);
  ASSERT_EQ(::ftruncate(file, 4096), 0);
  const Mapped map(file, 4096);
  ::close(file);
  EXPECT_THAT(map_hazards(), ElementsAre(HasSubstr("/data)")));
}

TEST(SharedMaps, WithoutANameAreCopied) {
  const Mapped map(-1, 4096, kNameless);
  map.bytes()[7] = 'p';
  EXPECT_THAT(map_hazards(), IsEmpty());
  const auto maps = own_shared_maps();
  ASSERT_EQ(maps.size(), 1U);
  map.bytes()[7] = 'q';  // after the copy was taken
  EXPECT_TRUE(test::in_child([&] {
    if (!renew_maps(maps).empty() || map.bytes()[7] != 'p') return false;
    map.bytes()[7] = 'c';
    // Still shared with the child's own children.
    return test::in_child([&] { return (map.bytes()[7] = 'g') == 'g'; }) && map.bytes()[7] == 'g';
  }));
  EXPECT_EQ(map.bytes()[7], 'q');
}

TEST(SharedMaps, ThatAreLargeAreHazards) {
  const Mapped map(-1, std::size_t{2} << 20, kNameless);
  EXPECT_THAT(map_hazards(), ElementsAre(HasSubstr("shared memory")));
  EXPECT_THAT(own_shared_maps(), IsEmpty());
}

TEST(SharedMaps, OfOneFileTwiceAreHazards) {
  const int file = ::memfd_create("twice", MFD_CLOEXEC);
  ASSERT_EQ(::ftruncate(file, 4096), 0);
  const Mapped first(file, 4096);
  const Mapped second(file, 4096);
  ::close(file);
  EXPECT_THAT(map_hazards(), ::testing::SizeIs(2));
}

TEST(SharedMaps, OfSystemVAreHazards) {
  const int id = ::shmget(IPC_PRIVATE, 4096, IPC_CREAT | 0600);
  if (id < 0) GTEST_SKIP() << "no System V shared memory here";
  void* memory = ::shmat(id, nullptr, 0);
  EXPECT_THAT(map_hazards(), ElementsAre(HasSubstr("SYSV")));
  ::shmdt(memory);
  ::shmctl(id, IPC_RMID, nullptr);
}

TEST(SharedMaps, OfAFileThatWasRemovedAreHazards) {
  const test::TemporaryFolder folder;
  const Path path = folder.path() / "data";
  const int file = ::open(path.c_str(), O_RDWR | O_CREAT, 0600);
  ASSERT_EQ(::ftruncate(file, 4096), 0);
  const Mapped map(file, 4096);
  ::close(file);
  ::unlink(path.c_str());
  EXPECT_THAT(map_hazards(), ::testing::SizeIs(1));
}

TEST(SharedMaps, OfASemaphoreAreHazardsWhileOthersCanOpenIt) {
  const std::string name = "/nbreplay-test-" + std::to_string(::getpid());
  sem_t* semaphore = ::sem_open(name.c_str(), O_CREAT | O_EXCL, 0600, 1);
  if (semaphore == SEM_FAILED) GTEST_SKIP() << "no semaphores here: /dev/shm cannot be written";
  EXPECT_THAT(map_hazards(), ::testing::SizeIs(1));
  ::sem_unlink(name.c_str());
  EXPECT_THAT(map_hazards(), IsEmpty());
  const auto maps = own_shared_maps();
  EXPECT_TRUE(test::in_child([&] {
    return renew_maps(maps).empty() && ::sem_trywait(semaphore) == 0 &&
           ::sem_trywait(semaphore) != 0;
  }));
  EXPECT_EQ(::sem_trywait(semaphore), 0);
  ::sem_close(semaphore);
}

}  // namespace
}  // namespace nbreplay::worker
