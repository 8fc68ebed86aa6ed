#include "diagnosis/project_modules.h"

#include <gtest/gtest.h>

#include "support/temporary_folder.h"

namespace nbreplay {
namespace {

class ProjectModules : public testing::Test {
 protected:
  void write(const std::string& name) {
    const Path file = folder_.path() / name;
    std::filesystem::create_directories(file.parent_path());
    ASSERT_TRUE(write_file(file, "x = 1\n"));
  }

  /// "file in folder, from the start"; empty when there is none.
  std::string found(const std::string& module, const std::string& start = "notebooks") {
    Project project;
    project.root = folder_.path();
    project.working_directory = start.empty() ? project.root : project.root / start;
    const auto own = find_in_project(project, module);
    return own ? own->file + " in " + own->folder + ", from " + own->from_start : std::string();
  }

  test::TemporaryFolder folder_;
};

TEST_F(ProjectModules, StandInAFolderAboveOrBesideTheStart) {
  write("helpers.py");
  write("src/prices.py");
  write("src/shop/__init__.py");
  EXPECT_EQ(found("helpers"), "helpers.py in ., from ..");
  EXPECT_EQ(found("prices"), "src/prices.py in src, from ../src");
  EXPECT_EQ(found("shop"), "src/shop in src, from ../src");
  EXPECT_EQ(found("prices", ""), "src/prices.py in src, from src");
  EXPECT_EQ(found("absent"), "");
}

TEST_F(ProjectModules, AreLookedForByTheirWholeName) {
  write("src/shop/prices.py");
  EXPECT_EQ(found("shop.prices"), "src/shop/prices.py in src, from ../src");
  EXPECT_EQ(found("shop.towns"), "");
  EXPECT_EQ(found("shop"), "src/shop in src, from ../src") << "a package without __init__.py";
  write("data/train.csv");
  EXPECT_EQ(found("data"), "") << "a folder that holds no Python";
}

TEST_F(ProjectModules, NearestAboveFirstThenTheShallowest) {
  write("a/b/helpers.py");
  write("z/helpers.py");
  EXPECT_EQ(found("helpers"), "z/helpers.py in z, from ../z");
  EXPECT_EQ(found("helpers", "a/b/c"), "a/b/helpers.py in a/b, from ..");
}

TEST_F(ProjectModules, AreNotThoseOfTheStartNorOfOtherPeople) {
  write("notebooks/helpers.py");
  write(".venv/lib/site-packages/helpers.py");
  write("env/pyvenv.cfg");
  write("env/lib/helpers.py");
  write("node_modules/helpers.py");
  EXPECT_EQ(found("helpers"), "");
}

TEST_F(ProjectModules, UnderPathsThatNoLiteralHoldsAreLeftOut) {
  write("it's/helpers.py");
  write("new\nline/prices.py");
  EXPECT_EQ(found("helpers"), "");
  EXPECT_EQ(found("prices"), "");
}

TEST_F(ProjectModules, OfNoProjectAreNone) {
  EXPECT_FALSE(find_in_project(Project{}, "helpers"));
  EXPECT_EQ(found(""), "");
  EXPECT_EQ(found("..etc"), "");
}

}  // namespace
}  // namespace nbreplay
