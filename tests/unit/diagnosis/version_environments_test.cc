#include "versions_test.h"

namespace nbreplay {
namespace {

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
  editor.conflicts = [](const Environment& environment) -> std::vector<UnmetRequirement> {
    const Versions versions = versions_of(environment);
    if (versions.at("tea") == "18.0" && versions.at("cup") == "1")
      return {{{"tea", "18.0"}, "cup", ">=2", "1"}};
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

TEST_F(EnvironmentsTest, WhatMayBeNeededIsPreparedBeforeItIsMade) {
  jobs = 3;  // so that several sets are tested at once
  crash_from(10);
  releases.of("tea").clear();  // else the releases are prepared, too
  static_cast<void>(compare(with(many("1"), {{"tea", "3.0"}}), with(many("2"), {{"tea", "18.0"}})));
  ASSERT_GT(editor.prepared.size(), 2U);
  EXPECT_EQ(editor.made_before.front(), 0U);
  EXPECT_EQ(editor.prepared.front().set.size(), 51U) << "all that the two have not alike";
  std::vector<PackageEdit> made_at_first = editor.edits;
  made_at_first.resize(editor.made_before[1]);
  const PackageEdit& of_a_batch = editor.prepared[1];
  EXPECT_THAT(made_at_first, testing::Not(Contains(of_a_batch)));
  EXPECT_THAT(editor.edits, Contains(of_a_batch));
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

}  // namespace
}  // namespace nbreplay
