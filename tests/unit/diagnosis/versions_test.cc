#include "nbreplay/diagnosis/versions.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <set>

#include "support/fake_packages.h"
#include "support/small_investigation.h"

namespace nbreplay {
namespace {

using test::FakeEditor;
using testing::Contains;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

using Versions = std::map<std::string, std::string>;

/// What the cell of a notebook raises in an environment; empty: nothing.
using Behaviour = std::function<std::string(const Versions& packages, const std::string& python)>;

constexpr std::string_view kGone = "AttributeError: module 'tea' has no attribute 'brew'";

std::vector<std::string> numbered(int count) {
  std::vector<std::string> versions;
  for (int i = 0; i < count; ++i) versions.push_back(std::to_string(i + 1) + ".0");
  return versions;
}

class VersionsTest : public testing::Test {
 protected:
  VersionsTest() {
    releases.add("tea", numbered(20));
    settings.package = ReleaseQuestion{"tea", std::nullopt, std::nullopt};
  }

  static Versions versions_of(const Environment& environment) {
    Versions versions;
    for (const PackageVersion& package : environment.packages)
      versions[package.name] = package.version;
    return versions;
  }

  Outcome play(const Trial& trial) {
    const Environment& environment = *trial.environment;
    const std::string text = behave(versions_of(environment), environment.interpreter.minor);
    return test::play(trial, [&](std::size_t position) -> std::optional<Crash> {
      const Execution& execution = trial.executions[position];
      if (execution.cell == kNoCell) {
        Crash probe;
        probe.type = "RuntimeError";
        probe.message = "nbreplay-loaded: " + loaded;
        return probe;
      }
      if (execution.cell != 1 || text.empty()) return std::nullopt;
      Crash crash;
      const std::size_t colon = text.find(": ");
      crash.type = text.substr(0, colon);
      crash.message = text.substr(colon + 2);
      crash.line = 1;
      crash.statement = "brew()";
      crash.frames.push_back({1, true, "", "", "", 1, "brew()"});
      if (!owner.empty())
        crash.frames.push_back(
            {std::nullopt, false, "/x/site-packages/" + owner + "/a.py", owner + ".a", "f", 3, ""});
      crash.chain_known = true;
      return crash;
    });
  }

  VersionsFinding find(std::vector<PackageVersion> packages, const std::string& minor = "3.11") {
    const Notebook notebook =
        test::small_notebook({{"x = 1", 1}, {"y = x", 2, recorded ? std::string(kGone) : ""}});
    test::FakeRunner runner([this](const Trial& trial) { return play(trial); }, jobs);
    test::FakeFactSource facts(
        [](const std::string& source) { return test::SmallLanguage::facts(source); });
    test::FakeClock clock;
    StopRequest stop;
    test::StopAfter observer(stop, stop_after);
    runner.use_clock(clock);
    runner.use_stop(stop);
    const Services services{runner, facts, clock, stop, observer};
    const VersionServices versions{releases, editor, interpreters};
    const auto base =
        std::make_shared<const Environment>(FakeEditor::environment(std::move(packages), minor));
    if (settings.environments) settings.environments->bad = base;
    whole = bisect_versions(notebook, base, std::make_shared<const Project>(), services, versions,
                            settings);
    fresh = runner.fresh();
    any = runner.any();
    return whole.crashes.empty() ? VersionsFinding{}
                                 : whole.crashes.front().versions.value_or(VersionsFinding{});
  }

  VersionsFinding compare(std::vector<PackageVersion> good, std::vector<PackageVersion> bad) {
    settings.package.reset();
    settings.environments.emplace();
    settings.environments->good =
        std::make_shared<const Environment>(FakeEditor::environment(std::move(good)));
    return find(std::move(bad));
  }

  /// Crashes from this release of tea on.
  void crash_from(int first) {
    behave = [first](const Versions& packages, const std::string&) {
      const auto tea = packages.find("tea");
      const bool gone = tea != packages.end() && std::stoi(tea->second) >= first;
      return gone ? std::string(kGone) : std::string();
    };
  }

  /// As crash_from; and below 10.0 tea does not work beside cup 2.0, as it came before that.
  void crash_beside_old_cups_from(int first) {
    behave = [this, first](const Versions& packages, const std::string&) -> std::string {
      const int tea = std::stoi(packages.at("tea"));
      owner = tea < 10 && packages.at("cup") == "2.0" ? "cup" : "";
      if (!owner.empty()) return "ValueError: cup has another size";
      return tea >= first ? std::string(kGone) : std::string();
    };
  }

  static void expect_boundary(const VersionsFinding& found, const std::string& good,
                              const std::string& bad) {
    ASSERT_EQ(found.packages.size(), 1U) << found.why;
    EXPECT_EQ(found.packages.front().last_good, good);
    EXPECT_EQ(found.packages.front().first_bad, bad);
    EXPECT_EQ(to_string(found.verdict), "confirmed") << found.why;
    EXPECT_EQ(found.good->matching, 3U);
    EXPECT_EQ(found.bad->matching, 3U);
  }

  test::FakeReleases releases;
  FakeEditor editor;
  std::vector<Interpreter> interpreters;
  Behaviour behave = [](const Versions&, const std::string&) { return std::string(); };
  std::string loaded;
  std::string owner;
  bool recorded = true;
  std::size_t jobs = 1;
  std::size_t stop_after = 0;
  VersionsSettings settings;
  NotebookFinding whole;
  std::size_t fresh = 0;
  std::size_t any = 0;
};

TEST_F(VersionsTest, TheReleaseThatBeginsToCrashIsFoundFromTheInstalledOne) {
  for (int first = 2; first <= 20; ++first) {
    crash_from(first);
    const VersionsFinding found = find({{"tea", "20.0"}, {"cup", "1.0"}});
    expect_boundary(found, std::to_string(first - 1) + ".0", std::to_string(first) + ".0");
    EXPECT_EQ(found.requirement, "tea<" + std::to_string(first) + ".0");
    EXPECT_LE(found.tried, found.most);
    EXPECT_EQ(found.most, 13U);
    EXPECT_THAT(found.between, IsEmpty());
    EXPECT_THAT(found.against, IsEmpty());
  }
}

TEST_F(VersionsTest, ConfirmationsAreFreshWithSeedsOfTheirOwn) {
  crash_from(7);
  const VersionsFinding found = find({{"tea", "20.0"}});
  EXPECT_THAT(found.good->hash_seeds, ElementsAre(1, 2, 3));
  EXPECT_THAT(found.bad->hash_seeds, ElementsAre(1, 2, 3));
  EXPECT_EQ(found.good->test.origin, Origin::kFresh);
  EXPECT_EQ(fresh, 9U) << "three to reproduce, three on each side; searching may be branched";
}

TEST_F(VersionsTest, WhatOlderReleasesNeedIsRenewedOnBothSides) {
  crash_beside_old_cups_from(8);
  for (const std::string& release : numbered(9))
    editor.of_its_age["tea " + release] = {{"cup", "1.0"}};
  const VersionsFinding found = find({{"tea", "15.0"}, {"cup", "2.0"}});
  expect_boundary(found, "7.0", "8.0");
  ASSERT_EQ(found.companions.size(), 1U);
  EXPECT_EQ(found.companions.front().name, "cup");
  EXPECT_EQ(found.companions.front().version, "1.0");
  EXPECT_EQ(found.companions.front().was, "2.0");
  EXPECT_THAT(found.requirement, HasSubstr("<8.0 cup==1.0"));
}

TEST_F(VersionsTest, NothingIsRefutedByReleasesThatDoNotWork) {
  crash_beside_old_cups_from(8);  // and no release of cup is of their age
  const VersionsFinding found = find({{"tea", "15.0"}, {"cup", "2.0"}});
  EXPECT_THAT(found.packages, IsEmpty());
  EXPECT_EQ(to_string(found.verdict), "unknown") << found.why;
  EXPECT_THAT(found.companions, IsEmpty());
}

TEST_F(VersionsTest, ACrashThatRenewedPackagesTakeAwayTellsNothing) {
  crash_beside_old_cups_from(8);
  behave = [with_old_cups = behave](const Versions& packages, const std::string& python) {
    return packages.at("cup") == "1.0" ? std::string() : with_old_cups(packages, python);
  };
  for (const std::string& release : numbered(9))
    editor.of_its_age["tea " + release] = {{"cup", "1.0"}};
  const VersionsFinding found = find({{"tea", "15.0"}, {"cup", "2.0"}});
  EXPECT_THAT(found.packages, IsEmpty());
  EXPECT_EQ(to_string(found.verdict), "unknown") << found.why;
}

TEST_F(VersionsTest, AllElseIsHeldStill) {
  crash_from(7);
  static_cast<void>(find({{"tea", "20.0"}, {"cup", "1.0"}}));
  for (const PackageEdit& edit : editor.edits) {
    ASSERT_EQ(edit.set.size(), 1U);
    EXPECT_EQ(edit.set.front().name, "tea");
    EXPECT_THAT(edit.removed, IsEmpty());
  }
  EXPECT_FALSE(editor.prepared.empty()) << "what may come next is prepared meanwhile";
}

TEST_F(VersionsTest, GivenBoundsAreBisected) {
  crash_from(7);
  settings.package = ReleaseQuestion{"Tea", "3.0", "15"};
  const VersionsFinding found = find({{"tea", "1.0"}});
  expect_boundary(found, "6.0", "7.0");
  EXPECT_LE(found.tried, 8U);
}

TEST_F(VersionsTest, AGoodReleaseThatCrashesIsSaidToCrash) {
  crash_from(2);
  settings.package = ReleaseQuestion{"tea", "5.0", "15.0"};
  const VersionsFinding found = find({{"tea", "20.0"}});
  EXPECT_EQ(to_string(found.verdict), "unknown");
  EXPECT_THAT(found.why, HasSubstr("With tea 5.0 it does not pass"));
}

TEST_F(VersionsTest, WhatCrashesInEveryReleaseIsNoMatterOfReleases) {
  crash_from(0);
  const VersionsFinding found = find({{"tea", "20.0"}});
  EXPECT_EQ(to_string(found.verdict), "refuted");
  EXPECT_THAT(found.packages, IsEmpty());
  EXPECT_FALSE(found.tested.empty());
}

TEST_F(VersionsTest, ANotebookThatPassesHereCrashesWithANewerRelease) {
  crash_from(12);
  const VersionsFinding found = find({{"tea", "4.0"}});
  expect_boundary(found, "11.0", "12.0");
  EXPECT_EQ(whole.crashes.front().reproduction.verdict, ReproductionVerdict::kReproduced);
  recorded = false;
  expect_boundary(find({{"tea", "4.0"}}), "11.0", "12.0");
}

TEST_F(VersionsTest, ANotebookThatNeedsANewerReleaseGetsALowerBound) {
  behave = [](const Versions& packages, const std::string&) {
    return std::stoi(packages.at("tea")) < 9 ? std::string(kGone) : std::string();
  };
  const VersionsFinding found = find({{"tea", "4.0"}});
  expect_boundary(found, "9.0", "8.0");
  EXPECT_EQ(found.requirement, "tea>=9.0");
}

TEST_F(VersionsTest, WhatWorksAgainLaterLeavesTheTestedBoundary) {
  behave = [](const Versions& packages, const std::string&) {
    const int tea = std::stoi(packages.at("tea"));
    return tea >= 8 && tea < 14 ? std::string(kGone) : std::string();
  };
  const VersionsFinding lower = find({{"tea", "13.0"}});
  expect_boundary(lower, "7.0", "8.0");
  EXPECT_THAT(lower.against, ElementsAre("20.0")) << "the newest is asked, too";
  settings.package = ReleaseQuestion{"tea", "16.0", "10.0"};
  const VersionsFinding upper = find({{"tea", "10.0"}});
  expect_boundary(upper, "14.0", "13.0");
  EXPECT_EQ(upper.requirement, "tea>=14.0");
}

TEST_F(VersionsTest, AReleaseThatAloneFailsShowsInItsNeighbours) {
  // 11 and 13 on pass; 12 and 14 on crash.
  behave = [](const Versions& packages, const std::string&) {
    const int tea = std::stoi(packages.at("tea"));
    return tea == 12 || tea >= 14 ? std::string(kGone) : std::string();
  };
  settings.package = ReleaseQuestion{"tea", "13.0", "20.0"};
  const VersionsFinding found = find({{"tea", "20.0"}});
  expect_boundary(found, "13.0", "14.0");
  EXPECT_THAT(found.against, ElementsAre("12.0"));
  EXPECT_EQ(found.requirement, "tea>=13.0,<14.0");
}

TEST_F(VersionsTest, OtherCrashesAreSkippedAndLeaveAnInterval) {
  behave = [](const Versions& packages, const std::string&) -> std::string {
    const int tea = std::stoi(packages.at("tea"));
    if (tea >= 10) return std::string(kGone);
    return tea >= 8 ? "ImportError: cannot import name 'dtype' from 'cup'" : "";
  };
  editor.conflicts = [](const Environment& environment) -> std::vector<std::string> {
    const std::string tea = versions_of(environment).at("tea");
    if (std::stoi(tea) >= 10) return {};
    return {"tea " + tea + " wants cup<1"};
  };
  const VersionsFinding found = find({{"tea", "20.0"}, {"cup", "1.0"}});
  expect_boundary(found, "7.0", "10.0");
  EXPECT_THAT(found.between, ElementsAre("8.0", "9.0"));
  EXPECT_EQ(found.requirement, "tea<=7.0");
  EXPECT_THAT(found.held, Contains("tea 9.0 wants cup<1"));
}

TEST_F(VersionsTest, OtherWordsAtTheSameStatementAreTheSameCause) {
  behave = [](const Versions& packages, const std::string&) -> std::string {
    const int tea = std::stoi(packages.at("tea"));
    if (tea >= 12) return std::string(kGone);
    return tea >= 10 ? "RemovedError: brewing has moved" : "";
  };
  const VersionsFinding found = find({{"tea", "20.0"}});
  expect_boundary(found, "9.0", "10.0");
  EXPECT_EQ(found.bad->test.end, VersionEnd::kReworded);
}

TEST_F(VersionsTest, WhatAnotherLibraryRaisesThereSaysNothing) {
  behave = [this](const Versions& packages, const std::string&) -> std::string {
    const int tea = std::stoi(packages.at("tea"));
    owner = tea < 12 && tea >= 10 ? "cup" : "";
    if (tea >= 12) return std::string(kGone);
    return tea >= 10 ? "AttributeError: 'Cup' object has no attribute 'handle'" : "";
  };
  const VersionsFinding found = find({{"tea", "20.0"}, {"cup", "1.0"}});
  expect_boundary(found, "9.0", "12.0");
  EXPECT_THAT(found.between, ElementsAre("10.0", "11.0"));
}

TEST_F(VersionsTest, ReleasesWithoutAFileAreCountedAndKeptOutOfTheBoundary) {
  for (Release& release : releases.of("tea"))
    release.wheel = release.version != "9.0" && release.version != "10.0";
  releases.of("tea")[18].yanked = true;
  releases.of("tea")[17].prerelease = true;
  crash_from(10);
  const VersionsFinding found = find({{"tea", "20.0"}});
  expect_boundary(found, "8.0", "11.0");
  EXPECT_EQ(found.unbuildable, 2U);
  EXPECT_EQ(found.releases, 16U);
  EXPECT_THAT(found.between, ElementsAre("9.0", "10.0"));
  EXPECT_EQ(found.requirement, "tea<=8.0");
}

TEST_F(VersionsTest, ReleasesThatCannotBeMadeAreSkipped) {
  crash_from(10);
  for (const char* broken : {"tea 10.0", "tea 16.0", "tea 18.0"})
    editor.trouble[broken] = PackageTrouble::kBroken;
  const VersionsFinding found = find({{"tea", "20.0"}});
  expect_boundary(found, "9.0", "11.0");
  EXPECT_THAT(found.between, ElementsAre("10.0"));
  const auto skipped = std::ranges::find(found.tested, "10.0", &VersionTest::version);
  ASSERT_NE(skipped, found.tested.end());
  EXPECT_EQ(skipped->trouble, PackageTrouble::kBroken);
}

TEST_F(VersionsTest, AnIndexThatDoesNotAnswerBlocks) {
  crash_from(10);
  releases.fail_with(environment_error("the index does not answer", "timed out"));
  static_cast<void>(find({{"tea", "20.0"}}));
  EXPECT_THAT(whole.notes, Contains(HasSubstr("the index does not answer: timed out")));
}

TEST_F(VersionsTest, NoEnvironmentAtAllIsAProblem) {
  crash_from(10);
  editor.failure = environment_error("no space left");
  static_cast<void>(find({{"tea", "20.0"}}));
  ASSERT_TRUE(whole.problem);
  EXPECT_EQ(whole.problem->message, "no space left");
}

TEST_F(VersionsTest, AFlakySideIsNotConfirmed) {
  std::size_t runs = 0;
  behave = [&](const Versions& packages, const std::string&) {
    const int tea = std::stoi(packages.at("tea"));
    const bool now = tea >= 10 || (tea == 9 && ++runs > 1);
    return now ? std::string(kGone) : std::string();
  };
  const VersionsFinding found = find({{"tea", "20.0"}});
  EXPECT_EQ(to_string(found.verdict), "ambiguous");
  EXPECT_EQ(found.requirement, "");
}

TEST_F(VersionsTest, AStopClaimsNothing) {
  crash_from(10);
  stop_after = 5;
  const VersionsFinding found = find({{"tea", "20.0"}});
  EXPECT_NE(to_string(found.verdict), "confirmed");
  EXPECT_EQ(whole.stopped_by, StoppedBy::kInterrupt);
}

// ---- two environments -------------------------------------------------------------------------

class EnvironmentsTest : public VersionsTest {
 protected:
  static std::vector<PackageVersion> many(const std::string& version) {
    std::vector<PackageVersion> packages;
    for (int i = 10; i < 60; ++i) packages.push_back({"p" + std::to_string(i), version});
    return packages;
  }
  static std::vector<PackageVersion> with(std::vector<PackageVersion> packages,
                                          const std::vector<PackageVersion>& more) {
    packages.insert(packages.end(), more.begin(), more.end());
    return packages;
  }
};

TEST_F(EnvironmentsTest, TheOnePackageAndItsReleaseAreFound) {
  crash_from(10);
  const VersionsFinding found =
      compare(with(many("1"), {{"tea", "3.0"}}), with(many("2"), {{"tea", "18.0"}}));
  expect_boundary(found, "9.0", "10.0");
  EXPECT_EQ(found.requirement, "tea<10.0");
}

TEST_F(EnvironmentsTest, TheOwnerOfTheInnermostFrameIsTriedFirst) {
  owner = "tea";
  crash_from(10);
  releases.of("tea").clear();
  const VersionsFinding found =
      compare(with(many("1"), {{"tea", "3.0"}}), with(many("2"), {{"tea", "18.0"}}));
  EXPECT_EQ(found.tried, 1U);
  expect_boundary(found, "3.0", "18.0");
  EXPECT_EQ(found.requirement, "tea==3.0");
}

TEST_F(EnvironmentsTest, WhatIsLoadedIsTriedBeforeTheRest) {
  loaded = "Tea p12";
  crash_from(10);
  releases.of("tea").clear();
  const VersionsFinding found =
      compare(with(many("1"), {{"tea", "3.0"}}), with(many("2"), {{"tea", "18.0"}}));
  EXPECT_LE(found.tried, 3U);
  expect_boundary(found, "3.0", "18.0");
}

TEST_F(EnvironmentsTest, TwoThatOnlyFailTogetherGetFourCorners) {
  releases.add("cup", numbered(9));
  behave = [](const Versions& packages, const std::string&) {
    const bool both = std::stoi(packages.at("tea")) >= 10 && std::stoi(packages.at("cup")) >= 4;
    return both ? std::string(kGone) : std::string();
  };
  const VersionsFinding found = compare(with(many("1"), {{"tea", "3.0"}, {"cup", "1.0"}}),
                                        with(many("2"), {{"tea", "18.0"}, {"cup", "8.0"}}));
  ASSERT_TRUE(found.corners) << found.why;
  EXPECT_TRUE(found.corners->only_together());
  ASSERT_EQ(found.packages.size(), 2U);
  for (const PackageBoundary& package : found.packages) {
    EXPECT_EQ(package.last_good, package.name == "tea" ? "9.0" : "3.0");
    EXPECT_EQ(package.first_bad, package.name == "tea" ? "10.0" : "4.0");
  }
  EXPECT_EQ(to_string(found.verdict), "confirmed") << found.why;
}

TEST_F(EnvironmentsTest, SetsAreClosedUnderWhatPackagesWant) {
  // tea 18 cannot be imported without cup 2, and then it crashes.
  behave = [](const Versions& packages, const std::string&) -> std::string {
    if (packages.at("tea") == "3.0") return "";
    return packages.at("cup") == "2" ? std::string(kGone) : "ImportError: no cup";
  };
  editor.conflicts = [](const Environment& environment) -> std::vector<std::string> {
    const Versions versions = versions_of(environment);
    if (versions.at("tea") == "18.0" && versions.at("cup") == "1") return {"tea 18.0 wants cup>=2"};
    return {};
  };
  const VersionsFinding found = compare(with(many("1"), {{"tea", "3.0"}, {"cup", "1"}}),
                                        with(many("2"), {{"tea", "18.0"}, {"cup", "2"}}));
  EXPECT_EQ(to_string(found.verdict), "confirmed") << found.why;
  ASSERT_FALSE(found.packages.empty());
  EXPECT_EQ(found.packages.front().name, "tea");
}

TEST_F(EnvironmentsTest, APackageThatIsOnlyThereOnOneSide) {
  behave = [](const Versions& packages, const std::string&) {
    return packages.contains("cup") ? std::string() : std::string(kGone);
  };
  const VersionsFinding found = compare(with(many("1"), {{"cup", "1.5"}}), many("1"));
  ASSERT_EQ(found.packages.size(), 1U) << found.why;
  EXPECT_EQ(found.packages.front().last_good, "1.5");
  EXPECT_FALSE(found.packages.front().first_bad);
  EXPECT_EQ(found.requirement, "cup==1.5");
}

TEST_F(EnvironmentsTest, AGoodEnvironmentThatCrashesIsSaid) {
  crash_from(1);
  const VersionsFinding found = compare({{"tea", "3.0"}}, {{"tea", "18.0"}});
  EXPECT_EQ(to_string(found.verdict), "unknown");
  EXPECT_THAT(found.why, HasSubstr("In the good environment it does not pass"));
}

TEST_F(EnvironmentsTest, OneJobAndSeveralFindTheSame) {
  crash_from(10);
  jobs = 3;
  const VersionsFinding found =
      compare(with(many("1"), {{"tea", "3.0"}}), with(many("2"), {{"tea", "18.0"}}));
  expect_boundary(found, "9.0", "10.0");
}

// ---- interpreters -----------------------------------------------------------------------------

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

TEST(NormalisedName, IsAsPep503HasIt) {
  EXPECT_EQ(normalised_name("Scikit_Learn"), "scikit-learn");
  EXPECT_EQ(normalised_name("ruamel.yaml"), "ruamel-yaml");
  EXPECT_EQ(normalised_name("a.-_b"), "a-b");
}

}  // namespace
}  // namespace nbreplay
