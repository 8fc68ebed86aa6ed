#include "nbreplay/process/project_watch.h"

#include <gmock/gmock.h>

#include <fstream>

#include "support/temporary_folder.h"

namespace nbreplay::test {
namespace {

using process::ProjectWatch;
using testing::ElementsAre;
using testing::IsEmpty;

class ProjectWatched : public ::testing::Test {
 protected:
  ProjectWatched() {
    project_->root = project_->working_directory = folder_.path() / "project";
    project_->inputs = {folder_.path() / "input"};
    write("project/data.csv", "a");
    write("project/sub/more.csv", "a");
    write("input/large.bin", "a");
  }

  void write(const std::string& name, const std::string& content) const {
    std::filesystem::create_directories((folder_.path() / name).parent_path());
    std::ofstream(folder_.path() / name) << content;
  }

  [[nodiscard]] std::vector<std::string> changes(const ProjectWatch& watch,
                                                 const std::string& ours = "-") const {
    std::vector<std::string> names;
    for (const Path& path :
         watch.changes([&](const Path& changed) { return changed.filename() == ours; }))
      names.push_back(path.lexically_relative(folder_.path()).string());
    return names;
  }

  TemporaryFolder folder_;
  std::shared_ptr<Project> project_ = std::make_shared<Project>();
};

TEST_F(ProjectWatched, StaysAsItIs) {
  EXPECT_THAT(changes(ProjectWatch(project_)), IsEmpty());
}

TEST_F(ProjectWatched, NamesWhatWasAddedChangedAndRemoved) {
  const ProjectWatch watch(project_);
  write("project/new.csv", "");
  write("project/sub/more.csv", "longer");
  std::filesystem::remove(folder_.path() / "project/data.csv");
  EXPECT_THAT(changes(watch),
              ElementsAre("project/data.csv", "project/new.csv", "project/sub/more.csv"));
}

TEST_F(ProjectWatched, SeesInputs) {
  const ProjectWatch watch(project_);
  write("input/large.bin", "longer");
  EXPECT_THAT(changes(watch), ElementsAre("input/large.bin"));
}

TEST_F(ProjectWatched, PassesOverWhatIsNotVisibleOrOurs) {
  const ProjectWatch watch(project_);
  write("project/.git/index", "x");
  write("project/result.json", "x");
  EXPECT_THAT(changes(watch, "result.json"), IsEmpty());
}

TEST_F(ProjectWatched, IsNamedItselfWhenItIsGone) {
  const ProjectWatch watch(project_);
  std::filesystem::remove_all(project_->root);
  EXPECT_THAT(changes(watch), ElementsAre("project"));
}

}  // namespace
}  // namespace nbreplay::test
