#include "environment/layout.h"

#include <gmock/gmock.h>

#include "fake_machine.h"

namespace nbreplay::environment {
namespace {

using test::FakeMachine;
using testing::ElementsAre;
using testing::IsEmpty;

TEST(PackagesIn, ReadsNamesAndVersionsFromMetadataFolders) {
  test::TemporaryFolder folder;
  const Path& site = folder.path();
  for (const char* name : {"numpy-1.26.4.dist-info", "Scikit_Learn-1.4.2.dist-info", "numpy",
                           "networkx-2.3-py3.7.egg-info", "~broken-1.0.dist-info", "six.py"})
    std::filesystem::create_directories(site / name);
  FakeMachine::write(site / "own.egg-info" / "PKG-INFO",
                     "Metadata-Version: 2.1\nName: own\nVersion: 0.3\n\ntext\n");
  EXPECT_THAT(packages_in({site}),
              ElementsAre(PackageVersion{"networkx", "2.3"}, PackageVersion{"numpy", "1.26.4"},
                          PackageVersion{"own", "0.3"}, PackageVersion{"scikit-learn", "1.4.2"}));
}

TEST(PackagesIn, FirstFolderWins) {
  test::TemporaryFolder own;
  test::TemporaryFolder base;
  std::filesystem::create_directories(own.path() / "numpy-2.0.dist-info");
  std::filesystem::create_directories(base.path() / "numpy-1.0.dist-info");
  EXPECT_THAT(packages_in({own.path(), base.path()}), ElementsAre(PackageVersion{"numpy", "2.0"}));
}

TEST(PackagesIn, MissingFolderHasNone) {
  EXPECT_THAT(packages_in({"/nowhere/at/all"}), IsEmpty());
}

TEST(PackagesIn, BytesThatAreNoTextAreMadeText) {
  test::TemporaryFolder folder;
  std::filesystem::create_directories(folder.path() / "bad\xff-1.dist-info");
  EXPECT_THAT(packages_in({folder.path()}), ElementsAre(PackageVersion{"bad\uFFFD", "1"}));
}

TEST(VirtualEnvironment, SettingsAreRead) {
  test::TemporaryFolder folder;
  FakeMachine::write(folder.path() / "pyvenv.cfg",
                     "home = /usr/bin\r\ninclude-system-site-packages = true\r\n"
                     "version_info = 3.11.2\nnonsense\n= x\n");
  const auto settings = read_virtual_environment(folder.path());
  ASSERT_TRUE(settings);
  EXPECT_EQ(settings->home, "/usr/bin");
  EXPECT_EQ(settings->version, "3.11.2");
  EXPECT_TRUE(settings->system_site_packages);
}

TEST(VirtualEnvironment, OtherFoldersAreNone) {
  test::TemporaryFolder folder;
  EXPECT_FALSE(read_virtual_environment(folder.path()));
  std::filesystem::create_directories(folder.path() / "pyvenv.cfg");
  EXPECT_FALSE(read_virtual_environment(folder.path()));
}

}  // namespace
}  // namespace nbreplay::environment
