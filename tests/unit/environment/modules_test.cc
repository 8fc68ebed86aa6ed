#include "environment/modules.h"

#include <gmock/gmock.h>

#include <fstream>

#include "support/temporary_folder.h"

namespace nbreplay::environment {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

class LackingModules : public testing::Test {
 protected:
  LackingModules() {
    environment_.interpreter.minor = "3.11";
    environment_.interpreter.base_prefix = folder_.path() / "python";
    environment_.site_packages = {site_};
    write(folder_.path() / "python/lib/python3.11/json/__init__.py");
    write(folder_.path() /
          "python/lib/python3.11/lib-dynload/_csv.cpython-311-x86_64-linux-gnu.so");
    std::filesystem::create_directories(site_);
  }

  static void write(const Path& file, const std::string& text = "") {
    std::filesystem::create_directories(file.parent_path());
    std::ofstream(file) << text;
  }

  std::vector<std::string> lacking(const std::vector<std::string>& imports) {
    return lacking_modules(imports, environment_, {folder_.path() / "project"});
  }

  test::TemporaryFolder folder_;
  Path site_ = folder_.path() / "site-packages";
  Environment environment_;
};

TEST_F(LackingModules, AreNeitherOfTheStandardLibraryNorBuiltIn) {
  EXPECT_THAT(lacking({"json.decoder", "_csv", "sys", "time", "pandas"}), ElementsAre("pandas"));
}

TEST_F(LackingModules, AreNoPackagesModulesOrLibrariesOfTheEnvironment) {
  write(site_ / "numpy/__init__.py");
  write(site_ / "six.py");
  write(site_ / "fast.cpython-311-x86_64-linux-gnu.so");
  std::filesystem::create_directories(site_ / "google/cloud");
  std::filesystem::create_directory_symlink(site_ / "numpy", site_ / "linked");
  EXPECT_THAT(lacking({"numpy.linalg", "six", "fast", "google.cloud.storage", "linked", "numpyro"}),
              ElementsAre("numpyro"));
}

TEST_F(LackingModules, AreNotWhatItLinksTo) {
  write(folder_.path() / "sources/shop/__init__.py");
  write(site_ / "shop.pth", "# ignored\nimport sys\n" + (folder_.path() / "sources").string());
  write(site_ / "edited-1.0.dist-info/direct_url.json", "{}");
  write(site_ / "edited-1.0.dist-info/top_level.txt", "edited_module\r\n");
  EXPECT_THAT(lacking({"shop", "edited_module", "other"}), ElementsAre("other"));
}

TEST_F(LackingModules, AreNotTheProjectsOwn) {
  write(folder_.path() / "project/helpers.py");
  EXPECT_THAT(lacking({"helpers"}), IsEmpty());
}

TEST_F(LackingModules, AreNotWhatComesAlong) {
  write(folder_.path() / "supply/IPython/__init__.py");
  environment_.append_path = {folder_.path() / "supply"};
  EXPECT_THAT(lacking({"IPython.display"}), IsEmpty());
}

TEST(LackingRequirements, AreNotInstalledOrInAnotherVersion) {
  Environment environment;
  environment.packages = {{"pandas", "2.2.0"}, {"scikit-learn", "1.3.2"}, {"six", "1.16.0"}};
  EXPECT_THAT(lacking_requirements(
                  {"pandas==1.5.3", "Scikit_Learn>=1.3,<2", "six[extra]>=1.0",
                   "six ; python_version < '3.9'", "idna", "numpy[x", "pip", "setuptools<60"},
                  environment),
              ElementsAre("pandas==1.5.3", "idna", "numpy[x"));
}

}  // namespace
}  // namespace nbreplay::environment
