#include "environment/ipython.h"

#include <gmock/gmock.h>

#include "fake_machine.h"

namespace nbreplay::environment {
namespace {

using test::FakeMachine;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

class Supply : public testing::Test {
 protected:
  Supply() {
    FakeMachine::write(folder() / "3.11" / "ipython-9.0.0.dist-info" / "METADATA",
                       "Metadata-Version: 2.1\nName: ipython\nVersion: 9.0.0\n"
                       "Requires-Dist: traitlets>=5.13.0\nRequires-Dist: decorator\n"
                       "Requires-Dist: jedi>=0.18\n"
                       "Requires-Dist: pytest>=7; extra == \"test\"\n\nRequires-Dist: six>=9\n");
    for (const char* name : {"traitlets-5.14.3", "decorator-5.1", "pytest-8.0", "six-9.1"})
      std::filesystem::create_directories(folder() / "3.11" / (std::string(name) + ".dist-info"));
  }
  [[nodiscard]] Path folder() const { return temporary_.path(); }

  Environment with(std::vector<PackageVersion> packages) const {
    Environment environment;
    environment.interpreter.minor = "3.11";
    environment.packages = std::move(packages);
    provide_ipython(environment, folder());
    return environment;
  }

 private:
  test::TemporaryFolder temporary_;
};

TEST_F(Supply, EnvironmentWithIPythonUsesItsOwn) {
  const Environment environment = with({{"ipython", "8.1.0"}, {"traitlets", "4.0"}});
  EXPECT_TRUE(environment.has_ipython);
  EXPECT_EQ(environment.ipython_version, "8.1.0");
  EXPECT_THAT(environment.append_path, IsEmpty());
  EXPECT_THAT(environment.prepend_path, IsEmpty());
}

TEST_F(Supply, ComesAfterTheEnvironmentsOwnPackages) {
  const Environment environment = with({{"numpy", "1.26"}, {"traitlets", "5.13.0"}});
  EXPECT_FALSE(environment.has_ipython);
  EXPECT_EQ(environment.ipython_version, "9.0.0");
  EXPECT_THAT(environment.append_path, ElementsAre(folder() / "3.11"));
  EXPECT_THAT(environment.prepend_path, IsEmpty());
}

TEST_F(Supply, ComesFirstWhenAPackageIsTooOldAndSaysWhich) {
  const Environment environment = with({{"traitlets", "4.3.3"}});
  EXPECT_THAT(environment.append_path, IsEmpty());
  EXPECT_THAT(environment.prepend_path, ElementsAre(folder() / "3.11"));
  EXPECT_THAT(environment.why, HasSubstr("traitlets 4.3.3 is not >=5.13.0"));
}

TEST_F(Supply, ExtrasAndProseAndWhatItLeavesOutDoNotCount) {
  const Environment environment = with({{"jedi", "0.1"}, {"pytest", "3.0"}, {"six", "1.0"}});
  EXPECT_THAT(environment.prepend_path, IsEmpty());
  EXPECT_THAT(environment.append_path, ElementsAre(folder() / "3.11"));
}

TEST_F(Supply, MissingForAMinorLeavesTheEnvironmentWithout) {
  Environment environment;
  environment.interpreter.minor = "3.14";
  provide_ipython(environment, folder());
  EXPECT_EQ(environment.ipython_version, "");
  EXPECT_THAT(environment.append_path, IsEmpty());
}

}  // namespace
}  // namespace nbreplay::environment
