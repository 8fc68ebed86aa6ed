#include <set>

#include "versions_test.h"

namespace nbreplay {
namespace {

class PythonsTest : public VersionsTest {
 protected:
  PythonsTest() {
    settings.package.reset();
    for (const char* minor : {"3.8", "3.9", "3.10", "3.11", "3.12"}) {
      Interpreter interpreter;
      interpreter.minor = minor;
      interpreters.push_back(interpreter);
      settings.python_versions.emplace_back(minor);
    }
  }
  void crash_in(std::set<std::string> minors) {
    behave = [minors = std::move(minors)](const Versions&, const std::string& python) {
      return minors.contains(python) ? std::string(kGone) : std::string();
    };
  }
};

TEST_F(PythonsTest, TheInterpreterThatBeginsToCrashIsFound) {
  crash_in({"3.10", "3.11", "3.12"});
  const VersionsFinding found = find({}, "3.11");
  expect_boundary(found, "3.9", "3.10");
  EXPECT_EQ(found.packages.front().name, "python");
  EXPECT_EQ(found.requirement, "python<3.10");
}

TEST_F(PythonsTest, ABaseThatPassesFindsTheCrashElsewhere) {
  crash_in({"3.12"});
  expect_boundary(find({}, "3.9"), "3.11", "3.12");
}

TEST_F(PythonsTest, TheOthersArePreparedBeforeTheyAreMade) {
  crash_in({"3.12"});
  static_cast<void>(find({}, "3.11"));
  EXPECT_THAT(editor.prepared_pythons, ElementsAre("3.8", "3.9", "3.10", "3.12"));
  EXPECT_THAT(editor.made_before, ElementsAre(0U));
  EXPECT_EQ(editor.pythons, editor.prepared_pythons);
}

TEST_F(PythonsTest, WhatCannotBeMadeLeavesAnInterval) {
  crash_in({"3.11", "3.12"});
  editor.unavailable_pythons = {"3.10"};
  const VersionsFinding found = find({}, "3.12");
  expect_boundary(found, "3.9", "3.11");
  EXPECT_THAT(found.between, ElementsAre("3.10"));
  EXPECT_EQ(found.requirement, "python<=3.9");
}

TEST_F(PythonsTest, TheNearestChangeIsTaken) {
  crash_in({"3.8", "3.11"});
  const VersionsFinding found = find({}, "3.11");
  EXPECT_EQ(found.packages.front().first_bad, "3.11");
  EXPECT_THAT(found.against, testing::Not(IsEmpty()));
}

TEST_F(PythonsTest, MissingInterpretersAreNamed) {
  interpreters.clear();
  static_cast<void>(find({}, "3.11"));
  EXPECT_THAT(whole.notes, Contains(HasSubstr("3.8")));
}

}  // namespace
}  // namespace nbreplay
