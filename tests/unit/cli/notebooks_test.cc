#include "cli/notebooks.h"

#include <gmock/gmock.h>

#include "support/temporary_folder.h"

namespace nbreplay::cli {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::Not;

class MeantNotebooks : public testing::Test {
 protected:
  Path write(const std::string& name, const std::string& metadata) {
    const Path file = folder_.path() / name;
    EXPECT_TRUE(write_file(file, R"({"cells": [], "metadata": )" + metadata +
                                     R"(, "nbformat": 4, "nbformat_minor": 5})"));
    return file;
  }
  Path ours(const std::string& name) { return write(name, R"({"nbreplay": {"command": "run"}})"); }
  Path theirs(const std::string& name) { return write(name, "{}"); }

  test::TemporaryFolder folder_;
};

TEST_F(MeantNotebooks, LeaveOutWhatNbreplayWroteBesideThem) {
  const std::vector<Path> named = {ours("a.executed.ipynb"), theirs("a.ipynb"),
                                   ours("a.min-9.ipynb"),    ours("b.ipynb"),
                                   theirs("b.min.ipynb"),    folder_.path() / "missing.ipynb"};
  const NotebookList list = meant_notebooks(named);
  EXPECT_THAT(list.notebooks, ElementsAre(named[1], named[3], named[4], named[5]));
  EXPECT_THAT(list.skipped, ElementsAre(named[0], named[2]));
}

TEST_F(MeantNotebooks, AreResultsWhereNothingElseIsNamed) {
  const std::vector<Path> named = {ours("a.min.ipynb"), ours("b.min.ipynb")};
  EXPECT_EQ(meant_notebooks(named).notebooks, named);
  EXPECT_EQ(meant_notebooks({named.front()}).notebooks, std::vector<Path>{named.front()});
  EXPECT_THAT(meant_notebooks(named).skipped, IsEmpty());
}

TEST_F(MeantNotebooks, SayWhatWasSkippedInOneLine) {
  EXPECT_EQ(skipped_words({}), "");
  EXPECT_EQ(skipped_words({"a.min.ipynb"}),
            "skipped, since nbreplay wrote it: a.min.ipynb (alone it is taken)");
  const std::string words = skipped_words({"a\x1b[2J\n", "b", "c", "d", "e"});
  EXPECT_THAT(words, HasSubstr(", b, c, and 2 more"));
  EXPECT_THAT(words, Not(HasSubstr("\x1b")));
  EXPECT_THAT(words, Not(HasSubstr("\n")));
}

}  // namespace
}  // namespace nbreplay::cli
