#include "process/linked_folders.h"

#include <gmock/gmock.h>

#include <fstream>

#include "support/temporary_folder.h"

namespace nbreplay::test {
namespace {

using process::linked_folders;
using testing::ElementsAre;
using testing::IsEmpty;

class LinkedFolders : public ::testing::Test {
 protected:
  LinkedFolders() { std::filesystem::create_directories(site_); }
  Path made(const std::string& name) {
    const Path folder = folder_.path() / name;
    std::filesystem::create_directories(folder);
    return folder;
  }
  void write(const std::string& name, const std::string& content) {
    std::filesystem::create_directories((site_ / name).parent_path());
    std::ofstream(site_ / name) << content;
  }

  TemporaryFolder folder_;
  Path site_ = folder_.path() / "site-packages";
};

TEST_F(LinkedFolders, AreThoseThatPathFilesName) {
  const Path sources = made("sources");
  made("relative");
  write("a.pth",
        "# a comment\nimport sys; sys.path\n" + sources.string() + "\r\n/nowhere/at/all\n");
  write("b.pth", "../relative");
  EXPECT_THAT(linked_folders(site_),
              testing::UnorderedElementsAre(sources, folder_.path() / "relative"));
}

TEST_F(LinkedFolders, AreThoseThatAnEnvironmentOfLinksSaysItLinksTo) {
  const Path wheel = made("wheels/six");
  const Path other = made("other");
  write("_nbreplay.pth", "# What this folder links to:\n# linked: " + wheel.string() + "\n");
  write("foreign.pth", "# linked: " + other.string() + "\n");
  EXPECT_THAT(linked_folders(site_), ElementsAre(wheel));
}

TEST_F(LinkedFolders, AreTheSourcesOfPackagesThatAreEdited) {
  const Path sources = made("my lib");
  write("shop-1.0.dist-info/direct_url.json",
        R"({"dir_info": {"editable": true}, "url": "file://)" + folder_.path().string() +
            R"(/my%20lib"})");
  EXPECT_THAT(linked_folders(site_), ElementsAre(sources));
}

TEST_F(LinkedFolders, AreNotWherePackagesWereCopiedFrom) {
  made("copied");
  write("shop-1.0.dist-info/direct_url.json",
        R"({"dir_info": {}, "url": "file://)" + folder_.path().string() + R"(/copied"})");
  EXPECT_THAT(linked_folders(site_), IsEmpty());
}

TEST_F(LinkedFolders, AreNoneOfAFolderThatIsNotThere) {
  EXPECT_THAT(linked_folders(folder_.path() / "missing"), IsEmpty());
}

}  // namespace
}  // namespace nbreplay::test
