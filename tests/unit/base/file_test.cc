#include "nbreplay/base/file.h"

#include <gtest/gtest.h>
#include <sys/stat.h>

#include "support/temporary_folder.h"

namespace nbreplay {
namespace {

TEST(WriteFile, ReplacesWholeAndKeepsTheMode) {
  const test::TemporaryFolder folder;
  const Path path = folder.path() / "result.json";
  ASSERT_TRUE(write_file(path, "old").has_value());
  ::chmod(path.c_str(), 0640);
  ASSERT_TRUE(write_file(path, "new").has_value());
  EXPECT_EQ(*read_file(path, kib(1)), "new");
  struct stat facts {};
  ASSERT_EQ(::stat(path.c_str(), &facts), 0);
  EXPECT_EQ(facts.st_mode & 07777U, 0640U);
  EXPECT_EQ(std::distance(std::filesystem::directory_iterator(folder.path()), {}), 1)
      << "nothing is left beside it";
}

TEST(WriteFile, NamesTheFileAndTheReason) {
  const auto status = write_file("/nonexistent/x", "");
  ASSERT_FALSE(status.has_value());
  EXPECT_NE(status.error().message.find("/nonexistent/x"), std::string::npos);
  EXPECT_FALSE(status.error().cause.empty());
}

TEST(ReadFile, RefusesWhatIsNoRegularFileWithoutBlocking) {
  const test::TemporaryFolder folder;
  const Path fifo = folder.path() / "fifo";
  ASSERT_EQ(::mkfifo(fifo.c_str(), 0600), 0);
  EXPECT_FALSE(read_file(fifo, kib(1)).has_value());
  EXPECT_FALSE(read_file(folder.path(), kib(1)).has_value());
  EXPECT_FALSE(read_file("/dev/zero", kib(1)).has_value());
}

TEST(ReadFile, StopsAtItsCap) {
  const test::TemporaryFolder folder;
  const Path path = folder.path() / "big";
  ASSERT_TRUE(write_file(path, std::string(2048, 'x')).has_value());
  const auto result = read_file(path, kib(1));
  ASSERT_FALSE(result.has_value());
  EXPECT_NE(result.error().message.find("1 KiB"), std::string::npos);
}

}  // namespace
}  // namespace nbreplay
