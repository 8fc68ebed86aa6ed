#include "nbreplay/store/result_files.h"

#include <gmock/gmock.h>

#include <cstdlib>

#include "support/temporary_folder.h"

namespace nbreplay {
namespace {

using test::TemporaryFolder;
using testing::ElementsAre;
using testing::HasSubstr;

constexpr std::string_view kOurNotebook =
    R"({"cells": [], "metadata": {"nbreplay": {"command": "run"}}, "nbformat": 4, "nbformat_minor": 5})";
constexpr std::string_view kForeignNotebook =
    R"({"cells": [], "metadata": {"tool": {"name": "nbreplay"}}, "nbformat": 4, "nbformat_minor": 5})";

TEST(ResultFiles, StandBesideTheNotebook) {
  const ResultFiles files("work/a.b.ipynb", std::nullopt, false);
  EXPECT_EQ(files.executed(), "work/a.b.executed.ipynb");
  EXPECT_EQ(files.diagnosis(), "work/a.b.diagnosis.json");
  EXPECT_EQ(files.minimal(std::nullopt), "work/a.b.min.ipynb");
  EXPECT_EQ(files.minimal(9), "work/a.b.min-9.ipynb");
  EXPECT_EQ(ResultFiles("a.ipynb", std::nullopt, false).executed(), "a.executed.ipynb");
  EXPECT_EQ(ResultFiles("work/a.ipynb", "out", false).executed(), "out/a.executed.ipynb");
}

TEST(ResultFiles, ForeignFilesAreNotOverwrittenWithoutForce) {
  TemporaryFolder folder;
  const Path notebook = folder.path() / "a.ipynb";
  const ResultFiles files(notebook, std::nullopt, false);
  ASSERT_TRUE(write_file(files.executed(), kForeignNotebook));
  EXPECT_FALSE(files.check_writable(files.executed()));
  EXPECT_FALSE(files.write(files.executed(), "new"));
  EXPECT_EQ(*read_file(files.executed(), mib(1)), kForeignNotebook);
  const ResultFiles forced(notebook, std::nullopt, true);
  EXPECT_TRUE(forced.write(files.executed(), "new"));
}

TEST(ResultFiles, OwnFilesAreReplaced) {
  TemporaryFolder folder;
  const ResultFiles files(folder.path() / "a.ipynb", std::nullopt, false);
  ASSERT_TRUE(write_file(files.executed(), kOurNotebook));
  EXPECT_TRUE(files.write(files.executed(), kOurNotebook));
}

TEST(ResultFiles, OutputFolderIsMadeAndMustBeOne) {
  TemporaryFolder folder;
  const ResultFiles files("a.ipynb", folder.path() / "new" / "deep", false);
  EXPECT_TRUE(files.check_writable(files.executed()));
  EXPECT_TRUE(files.write(files.executed(), kOurNotebook));
  ASSERT_TRUE(write_file(folder.path() / "file", "x"));
  const ResultFiles blocked("a.ipynb", folder.path() / "file", false);
  EXPECT_THAT(blocked.check_writable(blocked.executed()).error().message, HasSubstr("no"));
}

TEST(ResultFiles, ReducedDataStandInAFolderOfOurs) {
  TemporaryFolder folder;
  const ResultFiles files(folder.path() / "a.ipynb", std::nullopt, false);
  EXPECT_EQ(files.data_folder(), folder.path() / "a.min-data");
  ASSERT_TRUE(files.check_data_writable());
  ASSERT_TRUE(files.write_data({{"x.csv", "1\n"}, {"9/x.csv", "2\n"}}));
  EXPECT_EQ(*read_file(files.data_folder() / "9" / "x.csv", mib(1)), "2\n");
  EXPECT_TRUE(files.write_data({{"x.csv", "3\n"}})) << "what is ours is replaced";
  EXPECT_EQ(*read_file(files.data_folder() / "x.csv", mib(1)), "3\n");
  EXPECT_THAT(result_files_in(folder.path()), ElementsAre(files.data_folder()));
  EXPECT_THAT(result_files_in(folder.path(), "a.ipynb"), ElementsAre(files.data_folder()));
  EXPECT_THAT(result_files_in(folder.path(), "w/a.min.ipynb"), ElementsAre());
  EXPECT_THAT(result_files_in(folder.path(), "w/a.min-9.ipynb"), ElementsAre());
}

TEST(ResultFiles, ForeignDataAreNotOverwrittenWithoutForce) {
  TemporaryFolder folder;
  const ResultFiles files(folder.path() / "a.ipynb", std::nullopt, false);
  std::filesystem::create_directory(files.data_folder());
  EXPECT_TRUE(files.check_data_writable()) << "nothing is in it";
  ASSERT_TRUE(write_file(files.data_folder() / "x.csv", "theirs"));
  EXPECT_FALSE(files.check_data_writable());
  EXPECT_FALSE(files.write_data({{"y.csv", "1\n"}}));
  EXPECT_THAT(result_files_in(folder.path()), ElementsAre());
  // A file that came into a folder of ours is somebody else's all the same.
  ASSERT_TRUE(write_file(files.data_folder() / "nbreplay.json",
                         R"({"tool": {"name": "nbreplay"}, "files": ["y.csv", 3]})"));
  EXPECT_FALSE(files.write_data({{"x.csv", "1\n"}}));
  EXPECT_EQ(*read_file(files.data_folder() / "x.csv", mib(1)), "theirs");
  EXPECT_TRUE(
      ResultFiles(folder.path() / "a.ipynb", std::nullopt, true).write_data({{"x.csv", "1\n"}}));
}

TEST(ResultFiles, ReducedDataGoWithTheNotebookThatReadsThem) {
  TemporaryFolder folder;
  const ResultFiles files(folder.path() / "a.ipynb", std::nullopt, false);
  const Path data = files.data_folder();
  ASSERT_TRUE(files.write_data({{"x.csv", "1\n"}, {"9/x.csv", "2\n"}, {"9/y.csv", "3\n"}}));
  ASSERT_TRUE(write_file(data / "9" / "mine.csv", "theirs"));
  ASSERT_TRUE(files.remove_data(9));
  EXPECT_FALSE(std::filesystem::exists(data / "9" / "x.csv"));
  EXPECT_TRUE(std::filesystem::exists(data / "9" / "mine.csv"));
  EXPECT_TRUE(std::filesystem::exists(data / "x.csv")) << "another crash's";
  ASSERT_TRUE(files.remove_data(std::nullopt));
  EXPECT_FALSE(std::filesystem::exists(data / "x.csv"));
  EXPECT_TRUE(files.check_data_writable()) << "the folder is ours still";
  std::filesystem::remove_all(data / "9");
  ASSERT_TRUE(files.write_data({{"x.csv", "1\n"}}));
  ASSERT_TRUE(files.remove_data(std::nullopt));
  EXPECT_FALSE(std::filesystem::exists(data));
  EXPECT_TRUE(files.remove_data(std::nullopt)) << "nothing there";
}

TEST(ResultFiles, AListOfDataLeadsNowhereElse) {
  TemporaryFolder folder;
  const ResultFiles files(folder.path() / "a.ipynb", std::nullopt, false);
  const Path data = files.data_folder();
  ASSERT_TRUE(write_file(folder.path() / "precious", "theirs"));
  std::filesystem::create_directories(folder.path() / "other");
  ASSERT_TRUE(write_file(folder.path() / "other" / "x.csv", "theirs"));
  std::filesystem::create_directory(data);
  std::filesystem::create_directory_symlink(folder.path() / "other", data / "9");
  ASSERT_TRUE(write_file(data / "nbreplay.json",
                         R"({"tool": {"name": "nbreplay"}, "files": ["../precious", "..", "", ".",
                             "9/x.csv", "9/../../precious", "/etc/passwd", "9"]})"));
  EXPECT_TRUE(files.remove_data(std::nullopt));
  EXPECT_TRUE(files.remove_data(9));
  EXPECT_TRUE(std::filesystem::exists(folder.path() / "precious"));
  EXPECT_TRUE(std::filesystem::exists(folder.path() / "other" / "x.csv"));
}

TEST(ResultFiles, KnowAMinimalNotebookOfTheSameSourceThatHasReducedData) {
  TemporaryFolder folder;
  const ResultFiles files(folder.path() / "a.ipynb", std::nullopt, false);
  const auto write_minimal = [&](std::string_view mark) {
    return write_file(files.minimal({}), R"({"cells": [], "metadata": {"nbreplay": )" +
                                             std::string(mark) +
                                             R"(}, "nbformat": 4, "nbformat_minor": 5})");
  };
  ASSERT_TRUE(write_minimal(R"({"command": "minimize", "source_sha256": "12ab"})"));
  EXPECT_FALSE(files.reads_reduced_data({}, "12ab")) << "there are no data";
  ASSERT_TRUE(files.write_data({{"9/x.csv", "1\n"}}));
  EXPECT_FALSE(files.reads_reduced_data({}, "12ab")) << "they are of another notebook";
  ASSERT_TRUE(files.write_data({{"x.csv", "1\n"}}));
  EXPECT_TRUE(files.reads_reduced_data({}, "12ab"));
  EXPECT_FALSE(files.reads_reduced_data({}, "34cd")) << "the source has changed since";
  for (const char* mark : {"3", "{}", R"({"source_sha256": 3})"}) {
    ASSERT_TRUE(write_minimal(mark));
    EXPECT_FALSE(files.reads_reduced_data({}, "12ab")) << mark;
  }
}

TEST(Mark, IsTakenOnlyWhereItBelongs) {
  TemporaryFolder folder;
  const auto marked = [&](const std::string& name, std::string_view text) {
    EXPECT_TRUE(write_file(folder.path() / name, text));
    return written_by_nbreplay(folder.path() / name);
  };
  EXPECT_TRUE(marked("a.ipynb", kOurNotebook));
  EXPECT_FALSE(marked("a.ipynb", kForeignNotebook));
  EXPECT_TRUE(marked("a.json", R"({"tool": {"name": "nbreplay"}})"));
  EXPECT_FALSE(marked("a.json", R"({"other": {"tool": {"name": "nbreplay"}}})"));
  for (const char* hostile : {R"({"tool": {"name": 3}})", R"({"tool": "nbreplay"})", "[]", "3",
                              R"({"tool": {"name": null}})", "{", ""})
    EXPECT_FALSE(marked("a.json", hostile)) << hostile;
  EXPECT_FALSE(written_by_nbreplay(folder.path() / "missing.json"));
}

TEST(Mark, ResultsInAFolderAreFoundByNameAndMark) {
  TemporaryFolder folder;
  ASSERT_TRUE(write_file(folder.path() / "a.executed.ipynb", kOurNotebook));
  ASSERT_TRUE(write_file(folder.path() / "b.min-3.ipynb", kOurNotebook));
  ASSERT_TRUE(write_file(folder.path() / "c.executed.ipynb", kForeignNotebook));
  ASSERT_TRUE(write_file(folder.path() / "d.ipynb", kOurNotebook));
  EXPECT_THAT(result_files_in(folder.path()),
              ElementsAre(folder.path() / "a.executed.ipynb", folder.path() / "b.min-3.ipynb"));
  EXPECT_TRUE(is_result(folder.path() / "a.executed.ipynb"));
  EXPECT_FALSE(is_result(folder.path() / "c.executed.ipynb")) << "no mark";
  EXPECT_FALSE(is_result(folder.path() / "d.ipynb")) << "somebody goes on with it";
  EXPECT_FALSE(is_result(folder.path() / "missing.min.ipynb"));
}

}  // namespace
}  // namespace nbreplay
