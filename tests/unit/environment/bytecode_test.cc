#include "nbreplay/environment/bytecode.h"

#include <gtest/gtest.h>

#include "fake_machine.h"

namespace nbreplay::environment {
namespace {

using test::FakeMachine;

class LacksBytecode : public testing::Test {
 protected:
  void add_packages(int count, bool compiled) {
    for (int i = 0; i < count; ++i) {
      const Path package = folder_.path() / ((compiled ? "compiled" : "plain") + std::to_string(i));
      FakeMachine::write(package / "__init__.py", "");
      if (compiled) std::filesystem::create_directories(package / "__pycache__");
    }
  }
  bool asked() const {
    Environment environment;
    environment.site_packages = {folder_.path()};
    return lacks_bytecode(environment);
  }

 private:
  test::TemporaryFolder folder_;
};

TEST_F(LacksBytecode, IsTrueWhereNothingWasCompiled) {
  add_packages(8, false);
  EXPECT_TRUE(asked());
}

TEST_F(LacksBytecode, IsFalseWhereSomethingWasImported) {
  add_packages(2, true);
  add_packages(8, false);
  EXPECT_FALSE(asked());
}

TEST_F(LacksBytecode, IsFalseWhereThereIsLittleToCompile) {
  EXPECT_FALSE(asked());
  add_packages(2, false);
  EXPECT_FALSE(asked());
}

}  // namespace
}  // namespace nbreplay::environment
