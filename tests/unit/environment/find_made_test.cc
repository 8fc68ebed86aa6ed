// When LocalEnvironments makes an environment, of what, and with which Python.

#include <gmock/gmock.h>

#include "fake_helper.h"

namespace nbreplay {
namespace {

using nlohmann::json;
using test::FakeHelper;
using test::FakeMachine;
using testing::ElementsAre;
using testing::HasSubstr;

class FindMade : public testing::Test {
 protected:
  FindMade() {
    python_ = machine_.add_python("usr/bin/python3", "3.11.2");
    for (const char* version : {"3.10.1", "3.12.1"})
      machine_.add_python(fmt::format("home/.pyenv/versions/{}/bin/python3", version), version);
    settings_ = machine_.settings();
    settings_.make = MakeEnvironments::kWhereNeeded;
    request_.project_root = machine_.root() / "project";
    request_.notebook_folder = request_.project_root;
    std::filesystem::create_directories(request_.notebook_folder);
    const Path shell = machine_.add_virtual("cache/packages/environments/3f", python_);
    infer({"six"});
    helper_.answer("resolve",
                   {{"lock", {{"python", "3.11"}, {"hash", "ab"}, {"packages", json::array()}}},
                    {"notes", {"a note"}}});
    helper_.answer("install", {{"folder", shell.string()}});
  }

  void infer(const std::vector<std::string>& requirements, const json& more = json::object()) {
    json answer = {{"requirements", requirements},
                   {"constraints", json::array()},
                   {"lock", nullptr},
                   {"requires_python", ""},
                   {"source", "imports"},
                   {"why", "what it imports"},
                   {"as_of", ""},
                   {"unknown", json::array()},
                   {"notes", json::array()}};
    answer.update(more);
    helper_.answer("infer", answer);
  }

  Result<Environment> find() {
    PackageTools tools(helper_.settings(), settings_, helper_);
    return LocalEnvironments(settings_, helper_, &tools).find(request_);
  }

  /// The Python that the packages were resolved for.
  std::string resolved_for() {
    for (const auto& question : helper_.questions)
      if (question.command == "resolve") return question.request["python"]["version"];
    return "none";
  }

  FakeMachine machine_;
  FakeHelper helper_{machine_};
  EnvironmentSettings settings_;
  EnvironmentRequest request_;
  Path python_;
};

TEST_F(FindMade, NothingIsMadeWhenWhatIsAtHandHoldsTheImports) {
  FakeMachine::write(machine_.root() / "usr/lib/site-packages/six.py", "");
  request_.imports = {"six"};
  const auto found = find();
  ASSERT_TRUE(found);
  EXPECT_EQ(found->source, "PATH");
  EXPECT_TRUE(helper_.questions.empty());
}

TEST_F(FindMade, OneIsMadeForImportsThatNothingAtHandHolds) {
  request_.imports = {"six"};
  const auto found = find();
  ASSERT_TRUE(found) << found.error().message;
  EXPECT_EQ(found->source, "imports");
  EXPECT_THAT(found->why, HasSubstr("made for what it imports; Python 3.11 the newest at hand"));
  EXPECT_THAT(found->why, HasSubstr("a note"));
}

TEST_F(FindMade, OneIsMadeForPipLinesThatNothingAtHandSatisfies) {
  request_.pip_lines = {"six==1.0"};
  EXPECT_EQ(find()->source, "imports");
}

TEST_F(FindMade, PinsThatAreNotUsedAreMentioned) {
  FakeMachine::write(request_.project_root / "requirements.txt", "six==1.0\n");
  EXPECT_THAT(find()->why, HasSubstr("requirements.txt is there, of which --infer makes"));
  settings_.make = MakeEnvironments::kNever;
  EXPECT_THAT(find()->why, testing::Not(HasSubstr("requirements.txt")));
  settings_.make = MakeEnvironments::kWhereNeeded;
  request_.python = "3.11";
  EXPECT_THAT(find()->why, testing::Not(HasSubstr("requirements.txt")));
}

TEST_F(FindMade, NoneIsMadeWithoutImportsOrWithoutLeave) {
  EXPECT_EQ(find()->source, "PATH");
  request_.imports = {"six"};
  settings_.make = MakeEnvironments::kNever;
  EXPECT_EQ(find()->source, "PATH");
  EXPECT_TRUE(helper_.questions.empty());
}

TEST_F(FindMade, WhatAPersonOrTheProjectNamedIsKept) {
  request_.imports = {"six"};
  request_.python = "3.12";
  EXPECT_EQ(find()->source, "--python");
  request_.python.reset();
  machine_.add_virtual("project/.venv", python_);
  EXPECT_EQ(find()->source, "project");
  request_.environment = request_.project_root / ".venv";
  EXPECT_EQ(find()->source, "--environment");
  EXPECT_TRUE(helper_.questions.empty());
}

TEST_F(FindMade, AskingForOneBeatsTheProjectsOwn) {
  machine_.add_virtual("project/.venv", python_);
  request_.as_of = "2023-06-01";
  EXPECT_EQ(find()->source, "imports");
  request_.as_of.reset();
  settings_.make = MakeEnvironments::kAlways;
  EXPECT_EQ(find()->source, "imports");
  settings_.make = MakeEnvironments::kNever;
  request_.requirements = {"requirements.txt"};
  EXPECT_EQ(find()->source, "imports");
}

TEST_F(FindMade, WhatIsAtHandIsTakenWhenNoneCanBeMade) {
  request_.imports = {"six", "extra"};
  helper_.fail("resolve", "unreachable", "the index did not answer");
  const auto found = find();
  ASSERT_TRUE(found);
  EXPECT_EQ(found->source, "PATH");
  EXPECT_THAT(found->why, HasSubstr("it lacks six, extra, and none that has it was made: the index "
                                    "did not answer"));
}

TEST_F(FindMade, NothingIsFetchedWhenOnlyUnknownModulesAreLacking) {
  FakeMachine::write(machine_.root() / "usr/lib/site-packages/six.py", "");
  request_.imports = {"six", "my_helpers"};
  infer({"six"}, {{"unknown", {"my_helpers"}}});
  const auto found = find();
  ASSERT_TRUE(found);
  EXPECT_EQ(found->source, "PATH");
  EXPECT_THAT(found->why, HasSubstr("no package is known for my_helpers"));
  EXPECT_EQ(helper_.asked("resolve"), 0U);
}

TEST_F(FindMade, WhatWasAskedForAndCannotBeMadeIsAnError) {
  request_.requirements = {"requirements.txt"};
  helper_.fail("resolve", "usage", "six<1 and six>2 exclude each other");
  const auto found = find();
  ASSERT_FALSE(found);
  EXPECT_EQ(found.error().message, "six<1 and six>2 exclude each other");
}

TEST_F(FindMade, EnvironmentAndRequirementsExcludeEachOther) {
  request_.environment = machine_.add_virtual("project/.venv", python_);
  request_.requirements = {"requirements.txt"};
  const auto found = find();
  ASSERT_FALSE(found);
  EXPECT_EQ(found.error().code, ErrorCode::kUsage);
}

TEST_F(FindMade, PythonIsTheOneThatSavedTheNotebookOrTheNearest) {
  request_.as_of = "2023-06-01";
  request_.notebook_python = "3.12.9";
  ASSERT_TRUE(find());
  EXPECT_EQ(resolved_for(), "3.12.1");
  helper_.questions.clear();
  request_.notebook_python = "3.7.1";
  const auto found = find();
  EXPECT_EQ(resolved_for(), "3.10.1");
  EXPECT_THAT(found->why, HasSubstr("the nearest to 3.7, which the notebook was saved by"));
}

TEST_F(FindMade, PythonIsOneThatWasUsualAtTheDate) {
  request_.as_of = "2023-06-01";
  infer({"six"}, {{"as_of", "2023-06-01"}});
  ASSERT_TRUE(find());
  EXPECT_EQ(resolved_for(), "3.10.1");
}

TEST_F(FindMade, PythonSatisfiesTheRequirements) {
  request_.as_of = "2024-06-01";
  infer({"six"}, {{"requires_python", ">=3.12"}});
  ASSERT_TRUE(find());
  EXPECT_EQ(resolved_for(), "3.12.1");
  // Markers in requirement files were read for another Python first.
  EXPECT_EQ(helper_.asked("infer"), 2U);
  infer({"six"}, {{"requires_python", ">=3.14"}});
  const auto found = find();
  ASSERT_FALSE(found);
  EXPECT_THAT(found.error().message, HasSubstr(">=3.14"));
}

TEST_F(FindMade, LockIsTakenAsItIs) {
  request_.requirements = {"nbreplay.lock.json"};
  infer({},
        {{"lock",
          {{"python", "3.12"},
           {"hash", "cd"},
           {"packages", {{{"name", "six"}, {"version", "1.16.0"}, {"hashes", {"sha256:00"}}}}}}}});
  ASSERT_TRUE(find());
  EXPECT_EQ(helper_.asked("resolve"), 0U);
  const auto& install = helper_.questions.back();
  EXPECT_EQ(install.command, "install");
  EXPECT_EQ(install.request["lock"]["hash"], "cd");
  EXPECT_EQ(install.request["python"]["version"], "3.12.1");
}

TEST_F(FindMade, TheHelperLearnsWhatIsKnownOfTheNotebook) {
  request_.imports = {"six"};
  request_.pip_lines = {"idna==3.4"};
  request_.notebook_date = "2022-02-02";
  request_.notebook_python = "3.11.4";
  ASSERT_TRUE(find());
  const json& question = helper_.questions.front().request;
  EXPECT_EQ(question["imports"], json({"six"}));
  EXPECT_EQ(question["pip_lines"], json({"idna==3.4"}));
  EXPECT_EQ(question["notebook_date"], "2022-02-02");
  EXPECT_EQ(question["folder"], request_.notebook_folder.string());
}

}  // namespace
}  // namespace nbreplay
