#include "versions_test.h"

namespace nbreplay {
namespace {

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
  editor.conflicts = [](const Environment& environment) -> std::vector<UnmetRequirement> {
    const std::string tea = versions_of(environment).at("tea");
    if (std::stoi(tea) >= 10) return {};
    return {{{"tea", tea}, "cup", "<1", "1.0"}};
  };
  const VersionsFinding found = find({{"tea", "20.0"}, {"cup", "1.0"}});
  expect_boundary(found, "7.0", "10.0");
  EXPECT_THAT(found.between, ElementsAre("8.0", "9.0"));
  EXPECT_EQ(found.requirement, "tea<=7.0");
  EXPECT_THAT(found.held, Contains(UnmetRequirement{{"tea", "9.0"}, "cup", "<1", "1.0"}));
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

}  // namespace
}  // namespace nbreplay
