#pragma once

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <functional>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "nbreplay/diagnosis/versions.h"

#include "support/fake_packages.h"
#include "support/small_investigation.h"

namespace nbreplay {

using test::FakeEditor;
using testing::Contains;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

using Versions = std::map<std::string, std::string>;

/// What the cell of a notebook raises in an environment; empty: nothing.
using Behaviour = std::function<std::string(const Versions& packages, const std::string& python)>;

inline constexpr std::string_view kGone = "AttributeError: module 'tea' has no attribute 'brew'";

inline std::vector<std::string> numbered(int count) {
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

}  // namespace nbreplay
