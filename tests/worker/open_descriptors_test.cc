#include "open_descriptors.h"

#include <fcntl.h>
#include <gmock/gmock.h>
#include <sys/epoll.h>
#include <sys/file.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <unistd.h>

#include <array>
#include <string>

#include "in_child.h"
#include "support/temporary_folder.h"

namespace nbreplay::worker {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

/// Closes what a test opened; everything open before it is "ours".
class OpenDescriptors : public ::testing::Test {
 protected:
  OpenDescriptors() {
    for (int fd = 0; fd < 1024; ++fd)
      if (::fcntl(fd, F_GETFD) >= 0) ours_.push_back(fd);
  }
  ~OpenDescriptors() override {
    for (const int fd : opened_) ::close(fd);
  }
  int keep(int fd) {
    opened_.push_back(fd);
    return fd;
  }
  int open_file(const std::string& name, const std::string& content, int flags) {
    const std::string path = (folder_.path() / name).string();
    const int made = ::open(path.c_str(), O_WRONLY | O_CREAT, 0600);
    EXPECT_EQ(::write(made, content.data(), content.size()), static_cast<ssize_t>(content.size()));
    ::close(made);
    return keep(::open(path.c_str(), flags));
  }
  std::array<int, 2> open_pipe() {
    std::array<int, 2> ends{};
    EXPECT_EQ(::pipe(ends.data()), 0);
    keep(ends[0]);
    keep(ends[1]);
    return ends;
  }
  static std::string read_some(int fd, std::size_t size) {
    std::string text(size, '\0');
    text.resize(static_cast<std::size_t>(std::max<ssize_t>(0, ::read(fd, text.data(), size))));
    return text;
  }

  test::TemporaryFolder folder_;
  std::vector<int> ours_;
  std::vector<int> opened_;
};

TEST_F(OpenDescriptors, OfFilesAndHarmlessDevicesAreNoHazard) {
  open_file("a", "text", O_RDWR);
  keep(::open("/dev/null", O_RDWR));
  keep(::open("/dev/urandom", O_RDONLY));
  keep(::open("/proc/self", O_RDONLY | O_DIRECTORY));
  EXPECT_THAT(descriptor_hazards(ours_), IsEmpty());
}

TEST_F(OpenDescriptors, OfSocketsAreHazards) {
  std::array<int, 2> pair{};
  ASSERT_EQ(::socketpair(AF_UNIX, SOCK_STREAM, 0, pair.data()), 0);
  keep(pair[0]);
  keep(pair[1]);
  EXPECT_THAT(descriptor_hazards(ours_),
              ElementsAre("open socket (descriptor " + std::to_string(pair[0]) + ")",
                          "open socket (descriptor " + std::to_string(pair[1]) + ")"));
  ours_.push_back(pair[0]);
  EXPECT_THAT(descriptor_hazards(ours_), ::testing::SizeIs(1));
}

TEST_F(OpenDescriptors, OfAnEventPollAreHazards) {
  keep(::epoll_create1(0));
  EXPECT_THAT(descriptor_hazards(ours_), ElementsAre(HasSubstr("open eventpoll")));
}

TEST_F(OpenDescriptors, OfAFileWithoutANameAreHazards) {
  open_file("a", "text", O_RDONLY);
  ::unlink((folder_.path() / "a").c_str());
  EXPECT_THAT(descriptor_hazards(ours_), ElementsAre(HasSubstr("without a name")));
}

TEST_F(OpenDescriptors, OfALockedFileAreHazards) {
  const int file = open_file("a", "text", O_RDWR);
  ASSERT_EQ(::flock(file, LOCK_EX), 0);
  EXPECT_THAT(descriptor_hazards(ours_), ElementsAre(HasSubstr("locked file")));
}

TEST_F(OpenDescriptors, OfAFileUnderAnotherNameAreNoHazard) {
  open_file("a", "text", O_RDONLY);
  ::rename((folder_.path() / "a").c_str(), (folder_.path() / "b").c_str());
  EXPECT_THAT(descriptor_hazards(ours_), IsEmpty());  // the kernel follows the name
}

TEST_F(OpenDescriptors, OfAPipeWithinThisProcessAreNoHazard) {
  open_pipe();
  EXPECT_THAT(descriptor_hazards(ours_), IsEmpty());
}

TEST_F(OpenDescriptors, OfAPipeWithBytesInItAreHazards) {
  const auto ends = open_pipe();
  ASSERT_EQ(::write(ends[1], "x", 1), 1);
  EXPECT_THAT(descriptor_hazards(ours_),
              ElementsAre(HasSubstr("open pipe"), HasSubstr("open pipe")));
}

TEST_F(OpenDescriptors, OfOneEndOfAPipeAreHazards) {
  const auto ends = open_pipe();
  ::close(ends[0]);
  EXPECT_THAT(descriptor_hazards(ours_), ElementsAre(HasSubstr("open pipe")));
}

TEST_F(OpenDescriptors, GiveAChildAnOffsetOfItsOwn) {
  const int file = open_file("a", "0123456789", O_RDONLY);
  EXPECT_EQ(read_some(file, 3), "012");
  const auto files = open_files(ours_);
  ASSERT_EQ(files.size(), 1U);
  EXPECT_TRUE(
      test::in_child([&] { return reopen(files).empty() && read_some(file, 4) == "3456"; }));
  EXPECT_EQ(read_some(file, 2), "34");
}

TEST_F(OpenDescriptors, KeepTheirFlagsInAChild) {
  const int file = open_file("a", "text", O_WRONLY | O_APPEND | O_CLOEXEC);
  const int inherited = open_file("b", "text", O_RDONLY);
  const auto files = open_files(ours_);
  EXPECT_TRUE(test::in_child([&] {
    return reopen(files).empty() && (::fcntl(file, F_GETFL) & O_APPEND) != 0 &&
           (::fcntl(file, F_GETFL) & O_ACCMODE) == O_WRONLY &&
           ::fcntl(file, F_GETFD) == FD_CLOEXEC && ::fcntl(inherited, F_GETFD) == 0;
  }));
}

TEST_F(OpenDescriptors, NeverEmptyAFileInAChild) {
  const int file = open_file("a", "text", O_RDWR);
  auto files = open_files(ours_);
  ASSERT_EQ(files.size(), 1U);
  files.front().flags |= O_TRUNC | O_CREAT;
  EXPECT_TRUE(test::in_child([&] { return reopen(files).empty(); }));
  EXPECT_EQ(read_some(file, 4), "text");
}

TEST_F(OpenDescriptors, SayWhichFileIsGone) {
  open_file("a", "text", O_RDONLY);
  const auto files = open_files(ours_);
  ::unlink((folder_.path() / "a").c_str());
  EXPECT_TRUE(test::in_child([&] { return reopen(files).find("/a: ") != std::string::npos; }));
}

TEST_F(OpenDescriptors, LeaveAFileAloneThatIsClosedByNow) {
  const int file = open_file("a", "text", O_RDONLY);
  const auto files = open_files(ours_);
  EXPECT_TRUE(test::in_child([&] {
    ::close(file);
    if (!reopen(files).empty() || ::fcntl(file, F_GETFD) >= 0) return false;
    const int other = ::open("/dev/null", O_RDONLY);  // takes the number
    return other == file && reopen(files).empty() && read_some(file, 4).empty();
  }));
}

TEST_F(OpenDescriptors, GiveAChildAPipeOfItsOwn) {
  const auto ends = open_pipe();
  const int second = keep(::dup(ends[1]));
  const auto pipes = own_pipes(ours_);
  ASSERT_EQ(pipes.size(), 3U);
  EXPECT_TRUE(test::in_child([&] {
    return renew_pipes(pipes).empty() && ::write(second, "word", 4) == 4 &&
           read_some(ends[0], 4) == "word" && ::write(ends[1], "more", 4) == 4;
  }));
  int waiting = 0;
  ASSERT_EQ(::ioctl(ends[0], FIONREAD, &waiting), 0);
  EXPECT_EQ(waiting, 0);
}

TEST_F(OpenDescriptors, LeaveAPipeAloneThatSomebodyRenewed) {
  const auto ends = open_pipe();
  const auto pipes = own_pipes(ours_);
  EXPECT_TRUE(test::in_child([&] {
    ::close(ends[0]);
    const int other = ::open("/dev/null", O_RDONLY);  // takes the number
    return other == ends[0] && renew_pipes(pipes).empty() && read_some(ends[0], 4).empty();
  }));
}

}  // namespace
}  // namespace nbreplay::worker
