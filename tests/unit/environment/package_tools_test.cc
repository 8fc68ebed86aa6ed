#include "nbreplay/environment/package_tools.h"

#include <gmock/gmock.h>

#include <cstdlib>

#include "fake_helper.h"

namespace nbreplay {
namespace {

using nlohmann::json;
using test::FakeHelper;
using test::FakeMachine;
using testing::Contains;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::Not;
using testing::Pair;

class Tools : public testing::Test {
 protected:
  Tools() {
    python_ = machine_.add_python("usr/bin/python3", "3.11.2");
    base_.interpreter.executable = python_;
    base_.interpreter.version = "3.11.2";
    base_.interpreter.minor = "3.11";
    base_.interpreter.prefix = machine_.root() / "base";
    base_.site_packages = {machine_.root() / "base" / "site-packages"};
    base_.hash = "base";
    base_.display_name = ".venv";
    settings_ = helper_.settings();
  }

  PackageTools tools() { return {settings_, machine_.settings(), helper_}; }

  /// A virtual environment as the store makes them.
  Path shell() { return machine_.add_virtual("cache/packages/environments/3f", python_); }

  static json release(const std::string& version) {
    return {{"version", version}, {"uploaded", "2023-04-03"}, {"wheel", true},
            {"source", true},     {"yanked", false},          {"prerelease", false}};
  }

  FakeMachine machine_;
  FakeHelper helper_{machine_};
  PackageToolSettings settings_;
  Environment base_;
  Path python_;
};

TEST_F(Tools, TellReleasesInTheOrderOfTheIndex) {
  helper_.answer("releases", {{"releases", {release("1.9"), release("1.10")}}});
  const auto releases = tools().releases("six", base_.interpreter);
  ASSERT_TRUE(releases) << releases.error().message;
  ASSERT_EQ(releases->size(), 2U);
  EXPECT_EQ((*releases)[1].version, "1.10");
  EXPECT_EQ((*releases)[1].uploaded, "2023-04-03");
  EXPECT_TRUE((*releases)[1].wheel);
  EXPECT_FALSE((*releases)[1].yanked);
}

TEST_F(Tools, SayWithEveryQuestionWhereTheCacheIsAndWhatIsAllowed) {
  settings_.offline = true;
  helper_.answer("releases", {{"releases", json::array()}});
  ASSERT_TRUE(tools().releases("six", base_.interpreter));
  const auto& question = helper_.questions.front();
  EXPECT_EQ(question.request["package"], "six");
  EXPECT_EQ(question.request["cache"], (machine_.root() / "cache").string());
  EXPECT_EQ(question.request["offline"], true);
  EXPECT_EQ(question.request["build"], false);
  EXPECT_EQ(question.request["python"]["executable"], python_.string());
  EXPECT_THAT(question.child.variables, ElementsAre(Pair("HOME", "/home/somebody")));
  EXPECT_EQ(question.child.argv.front(), python_.string());
}

TEST_F(Tools, RefuseAnswersThatMakeNoSense) {
  json long_text = release("1.0");
  long_text["version"] = std::string(100'000, '1');
  json number = release("1.0");
  number["wheel"] = 1;
  for (const std::string& answer :
       {std::string("no json"), std::string("[]"), std::string("{}"), std::string(R"({"ok": 3})"),
        std::string(R"({"error": "text"})"), std::string(R"({"error": {"kind": "usage"}})"),
        std::string(R"({"ok": {"releases": [1]}})"), std::string(R"({"ok": {"releases": {}}})"),
        json({{"ok", {{"releases", {long_text}}}}}).dump(),
        json({{"ok", {{"releases", {number}}}}}).dump()}) {
    helper_.answers["releases"] = answer;
    const auto releases = tools().releases("six", base_.interpreter);
    ASSERT_FALSE(releases) << answer;
    EXPECT_EQ(releases.error().code, ErrorCode::kProtocol) << answer;
  }
}

TEST_F(Tools, PassOnWhatTheHelperSaysIsWrong) {
  helper_.fail("releases", "usage", "the index knows no package 'sixx'");
  auto releases = tools().releases("sixx", base_.interpreter);
  ASSERT_FALSE(releases);
  EXPECT_EQ(releases.error().code, ErrorCode::kUsage);
  EXPECT_EQ(releases.error().message, "the index knows no package 'sixx'");
  helper_.fail("releases", "unreachable", "the index did not answer");
  releases = tools().releases("six", base_.interpreter);
  ASSERT_FALSE(releases);
  EXPECT_EQ(releases.error().code, ErrorCode::kEnvironment);
}

TEST_F(Tools, NameTheEndOfAHelperThatGivesNoAnswer) {
  helper_.next.exit_code = 1;
  helper_.next.errors = std::string(5000, 'x') + "ValueError: reason";
  auto releases = tools().releases("six", base_.interpreter);
  ASSERT_FALSE(releases);
  EXPECT_EQ(releases.error().code, ErrorCode::kInternal);
  EXPECT_THAT(releases.error().cause, HasSubstr("ValueError: reason"));
  EXPECT_LT(releases.error().cause.size(), 3000U);
  helper_.next = {};
  helper_.next.timed_out = true;
  releases = tools().releases("six", base_.interpreter);
  ASSERT_FALSE(releases);
  EXPECT_THAT(releases.error().message, HasSubstr("did not finish"));
}

TEST_F(Tools, SayHowToGetThemWhenTheyAreMissing) {
  std::filesystem::remove_all(helper_.share() / "helper");
  const Status available = tools().available();
  ASSERT_FALSE(available);
  EXPECT_EQ(available.error().code, ErrorCode::kEnvironment);
  EXPECT_THAT(available.error().hint, HasSubstr("prepare_helper.sh"));
}

TEST_F(Tools, RunInTheNewestInterpreterThatIsNewEnough) {
  const Path newest = machine_.add_python("home/.pyenv/versions/3.12.1/bin/python3", "3.12.1");
  helper_.answer("releases", {{"releases", json::array()}});
  ASSERT_TRUE(tools().releases("six", base_.interpreter));
  EXPECT_EQ(helper_.questions.front().child.argv.front(), newest.string());
}

TEST_F(Tools, NeedAnInterpreterThatIsNewEnough) {
  FakeMachine old;
  old.add_python("usr/bin/python3", "3.8.18");
  FakeHelper helper(old);
  PackageTools tools(helper.settings(), old.settings(), helper);
  const Status available = tools.available();
  ASSERT_FALSE(available);
  EXPECT_THAT(available.error().message, HasSubstr("3.9 or newer"));
}

TEST_F(Tools, MakeAnEnvironmentThatDiffersInOnePackage) {
  const Path folder = shell();
  FakeMachine::write(folder / "lib/python3.11/site-packages/six-1.15.0.dist-info/METADATA", "");
  helper_.answer("edit", {{"folder", folder.string()},
                          {"added", {{{"name", "Extra_One"}, {"version", "2"}}}},
                          {"conflicts",
                           {{{"package", "IDNA"},
                             {"version", "3"},
                             {"requires", "six"},
                             {"specifier", ">=1.16"},
                             {"present", "1.15.0"}},
                            {{"package", "idna"},
                             {"version", "3"},
                             {"requires", "gone"},
                             {"specifier", ""},
                             {"present", ""}}}}});
  const auto made = tools().edit(base_, {{{"six", "1.15.0"}}, {"gone"}});
  ASSERT_TRUE(made) << made.error().message;
  ASSERT_TRUE(made->environment);
  EXPECT_EQ(made->environment->interpreter.prefix, folder);
  EXPECT_THAT(made->environment->packages, ElementsAre(PackageVersion{"six", "1.15.0"}));
  EXPECT_THAT(made->environment->display_name, HasSubstr("with six 1.15.0, no gone"));
  EXPECT_THAT(made->added, ElementsAre(PackageVersion{"extra-one", "2"}));
  EXPECT_THAT(made->conflicts,
              ElementsAre(UnmetRequirement{{"idna", "3"}, "six", ">=1.16", "1.15.0"},
                          UnmetRequirement{{"idna", "3"}, "gone", "", ""}));
  const json& request = helper_.questions.front().request;
  EXPECT_EQ(request["base"]["prefix"], base_.interpreter.prefix.string());
  EXPECT_EQ(request["edit"]["set"], json::parse(R"([{"name": "six", "version": "1.15.0"}])"));
  EXPECT_EQ(request["edit"]["removed"], json({"gone"}));
}

TEST_F(Tools, TellWhatStandsAgainstARelease) {
  for (const auto& [kind, trouble] : {std::pair("unbuildable", PackageTrouble::kUnbuildable),
                                      std::pair("missing", PackageTrouble::kMissing),
                                      std::pair("unreachable", PackageTrouble::kUnreachable),
                                      std::pair("broken", PackageTrouble::kBroken)}) {
    helper_.fail("edit", kind, "because");
    const auto made = tools().edit(base_, {{{"six", "1.0"}}, {}});
    ASSERT_TRUE(made) << kind;
    EXPECT_FALSE(made->environment);
    EXPECT_EQ(made->trouble, trouble);
    EXPECT_EQ(made->why, "because");
    EXPECT_EQ(to_string(trouble), kind);
  }
  helper_.fail("edit", "environment", "the disk is full");
  const auto made = tools().edit(base_, {{{"six", "1.0"}}, {}});
  ASSERT_FALSE(made);
  EXPECT_EQ(made.error().message, "the disk is full");
}

TEST_F(Tools, AskOnceForTheSameEditUnlessTheIndexWasOut) {
  PackageTools tools = this->tools();
  const PackageEdit edit{{{"six", "1.0"}}, {}};
  helper_.fail("edit", "unreachable", "no answer");
  ASSERT_TRUE(tools.edit(base_, edit));
  helper_.fail("edit", "unbuildable", "only source");
  ASSERT_TRUE(tools.edit(base_, edit));
  EXPECT_EQ(helper_.asked("edit"), 2U);
  ASSERT_EQ(tools.edit(base_, edit)->why, "only source");
  EXPECT_EQ(helper_.asked("edit"), 2U);
  ASSERT_TRUE(tools.edit(base_, {{{"six", "1.1"}}, {}}));
  EXPECT_EQ(helper_.asked("edit"), 3U);
}

TEST_F(Tools, NameWhatDiffersUnderAnotherInterpreter) {
  helper_.answer("with_interpreter", {{"folder", shell().string()},
                                      {"added", json::array()},
                                      {"conflicts", json::array()},
                                      {"changed",
                                       {{{"name", "numpy"}, {"from", "1.21.0"}, {"to", "1.26.4"}},
                                        {{"name", "old"}, {"from", "1.0"}, {"to", ""}}}}});
  Interpreter other = base_.interpreter;
  other.minor = "3.12";
  const auto made = tools().with_interpreter(base_, other);
  ASSERT_TRUE(made) << made.error().message;
  EXPECT_THAT(made->conflicts, IsEmpty());
  EXPECT_THAT(made->replaced, ElementsAre(PackageChange{"numpy", "1.21.0", "1.26.4"},
                                          PackageChange{"old", "1.0", ""}));
}

TEST_F(Tools, PrepareInTheBackground) {
  std::vector<ChildCommand> started;
  tools().prepare(base_, {{{{"six", "1.0"}}, {}}});
  EXPECT_THAT(started, IsEmpty());
  settings_.start_in_background = [&](const ChildCommand& command) { started.push_back(command); };
  tools().prepare(base_, {});
  EXPECT_THAT(started, IsEmpty());
  tools().prepare(base_, {{{{"six", "1.0"}}, {}}, {{{"six", "1.1"}}, {}}});
  ASSERT_EQ(started.size(), 1U);
  EXPECT_EQ(started.front().argv.back(), "prefetch");
  EXPECT_EQ(json::parse(started.front().input)["edits"].size(), 2U);
  tools().prepare_interpreters(base_, {});
  tools().prepare_interpreters(base_, {base_.interpreter});
  ASSERT_EQ(started.size(), 2U);
  EXPECT_EQ(started.back().argv.back(), "prefetch");
  const json pythons = json::parse(started.back().input)["pythons"];
  ASSERT_EQ(pythons.size(), 1U);
  EXPECT_EQ(pythons[0]["executable"], python_.string());
  EXPECT_THAT(helper_.questions, IsEmpty());
}

TEST_F(Tools, ResolveAndCreateFromALock) {
  const json lock =
      json::parse(R"({"python": "3.11", "hash": "ab", "packages":)"
                  R"( [{"name": "six", "version": "1.16.0", "hashes": ["sha256:00"]}]})");
  helper_.answer("resolve", {{"lock", lock}, {"notes", {"the index gives no dates"}}});
  helper_.answer("install", {{"folder", shell().string()}});
  const auto resolution = tools().resolve({{"six"}, {"idna<3"}, "2023-06-01"}, base_.interpreter);
  ASSERT_TRUE(resolution) << resolution.error().message;
  EXPECT_THAT(resolution->lock.packages,
              ElementsAre(LockedPackage{"six", "1.16.0", {"sha256:00"}}));
  EXPECT_THAT(resolution->notes, ElementsAre("the index gives no dates"));
  EXPECT_EQ(helper_.questions.front().request["as_of"], "2023-06-01");
  EXPECT_EQ(helper_.questions.front().request["constraints"], json({"idna<3"}));
  const auto made = tools().create(resolution->lock, base_.interpreter,
                                   {"requirements.txt", "made for a test", "named"});
  ASSERT_TRUE(made) << made.error().message;
  EXPECT_EQ(helper_.questions.back().request["lock"], lock);
  EXPECT_EQ(made->source, "requirements.txt");
  EXPECT_THAT(made->why, HasSubstr("made for a test"));
  EXPECT_EQ(made->display_name, "named");
}

TEST_F(Tools, TellWhatTheStoreHolds) {
  helper_.answer("environments", {{"environments",
                                   {{{"hash", "3f2a"},
                                     {"folder", "/c/environments/3f2a"},
                                     {"python", "3.11"},
                                     {"packages", {{{"name", "six"}, {"version", "1.16.0"}}}},
                                     {"bytes", 4096},
                                     {"made", "2023-06-01"},
                                     {"used", "2023-06-02"}}}},
                                  {"wheels", {{"count", 7}, {"bytes", 1000}}}});
  const auto store = tools().store();
  ASSERT_TRUE(store) << store.error().message;
  ASSERT_EQ(store->environments.size(), 1U);
  EXPECT_EQ(store->environments.front().size, Bytes{4096});
  EXPECT_EQ(store->packages, 7U);
  helper_.answer("prune", {{"removed", {"3f2a"}}, {"bytes", 12}});
  const auto removal = tools().prune(30);
  ASSERT_TRUE(removal);
  EXPECT_THAT(removal->removed, ElementsAre("3f2a"));
  EXPECT_EQ(helper_.questions.back().request["older_than_days"], 30);
}

TEST(PackagingVariables, AreThoseOfTheNetworkAndTheTools) {
  ::setenv("UV_DEFAULT_INDEX", "http://index.test/simple", 1);
  ::setenv("NBREPLAY_TEST_SECRET", "x", 1);
  const auto variables = packaging_variables();
  EXPECT_THAT(variables, Contains(Pair("UV_DEFAULT_INDEX", "http://index.test/simple")));
  EXPECT_THAT(variables, Not(Contains(Pair("NBREPLAY_TEST_SECRET", "x"))));
  ::unsetenv("UV_DEFAULT_INDEX");
  ::unsetenv("NBREPLAY_TEST_SECRET");
}

}  // namespace
}  // namespace nbreplay
