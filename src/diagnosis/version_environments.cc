// Two environments, one of which crashes: which of the packages that differ decide; then which
// release of them; and of two, whether they only fail together.

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <array>
#include <map>

#include "nbreplay/reduce/isolation.h"

#include "diagnosis/version_modes.h"

namespace nbreplay {
namespace {

using reduce::Subset;

/// A package that the two environments do not have alike.
struct Difference {
  std::string package;
  std::optional<std::string> good;  ///< Unset: not installed there.
  std::optional<std::string> bad;

  void put_into(PackageEdit& edit) const {
    if (bad)
      edit.set.push_back({package, *bad});
    else
      edit.removed.push_back(package);
  }
  [[nodiscard]] PackageBoundary boundary() const { return {package, good, bad}; }
};

std::vector<Difference> differences(const Environment& good, const Environment& bad) {
  std::map<std::string, Difference> found;
  for (const PackageVersion& package : good.packages)
    found[package.name] = {package.name, package.version, std::nullopt};
  for (const PackageVersion& package : bad.packages) {
    Difference& difference = found[package.name];
    difference.package = package.name;
    difference.bad = package.version;
  }
  std::vector<Difference> list;
  for (auto& [name, difference] : found)
    if (difference.good != difference.bad) list.push_back(std::move(difference));
  return list;
}

/// Tests sets of differences on the good environment.
class DifferenceOracle final : public reduce::Oracle {
 public:
  DifferenceOracle(VersionRuns& runs, const std::vector<Difference>& list, reduce::Needs& needs,
                   VersionsFinding& finding)
      : runs_(runs), list_(list), needs_(needs), finding_(finding) {}

  [[nodiscard]] PackageEdit edit_of(const Subset& subset) const {
    PackageEdit edit;
    for (const std::size_t element : subset) list_[element].put_into(edit);
    return edit;
  }

  [[nodiscard]] MadeEnvironment make(const Subset& subset) {
    return runs_.make(subset.size() == 1 ? list_[subset.front()].bad.value_or("") : "",
                      edit_of(subset));
  }

  /// These sets may be made soon.
  void prepare(std::span<const Subset> sets) {
    std::vector<PackageEdit> edits;
    for (const Subset& subset : sets) edits.push_back(edit_of(subset));
    runs_.prepare(edits);
  }

  void test(std::span<const Subset> batch, const Report& report) override {
    runs_.investigation().observer().stage("packages");
    if (batch.size() > 1) prepare(batch);
    std::vector<MadeEnvironment> made;
    for (const Subset& subset : batch) {
      made.push_back(make(subset));
      learn(subset, made.back().test.conflicts);
    }
    if (runs_.stopped()) return;
    const std::vector<VersionTest> tests = runs_.run_all(made, Freshness::kAny);
    for (std::size_t i = 0; i < tests.size(); ++i) {
      if (tests[i].end == VersionEnd::kNotRun) continue;
      finding_.tested.push_back(tests[i]);
      ++finding_.tried;
      report(i, outcome_of(tests[i]));
    }
  }

  [[nodiscard]] std::size_t jobs() const override { return runs_.investigation().jobs(); }

 private:
  [[nodiscard]] std::optional<std::size_t> element(std::string_view name) const {
    for (std::size_t i = 0; i < list_.size(); ++i)
      if (list_[i].package == name) return i;
    return std::nullopt;
  }

  /// Where pandas 2.2.0 requires numpy>=1.26 and only pandas is changed: it needs numpy changed,
  /// too.
  void learn(const Subset& subset, const std::vector<UnmetRequirement>& conflicts) {
    for (const UnmetRequirement& conflict : conflicts) {
      const auto one = element(conflict.by.name);
      const auto other = element(conflict.package);
      if (!one || !other) continue;
      const bool has_one = std::ranges::binary_search(subset, *one);
      const bool has_other = std::ranges::binary_search(subset, *other);
      if (has_one && !has_other) needs_.add(*one, *other);
      if (has_other && !has_one) needs_.add(*other, *one);
    }
  }

  VersionRuns& runs_;
  const std::vector<Difference>& list_;
  reduce::Needs& needs_;
  VersionsFinding& finding_;
};

class EnvironmentComparison {
 public:
  EnvironmentComparison(VersionCase& compared, const EnvironmentsQuestion& question)
      : compared_(compared),
        question_(question),
        list_(differences(*question.good, *question.bad)),
        needs_(list_.size()),
        oracle_(compared.runs, list_, needs_, compared.versions) {}

  void run() {
    const std::string& good_python = question_.good->interpreter.minor;
    const std::string& bad_python = question_.bad->interpreter.minor;
    if (good_python != bad_python)
      return compared_.give_up(
          Verdict::kBlocked,
          fmt::format("One has Python {}, the other {}: compare interpreters with "
                      "--python-versions {}..{}, then environments of one.",
                      good_python, bad_python, std::min(good_python, bad_python),
                      std::max(good_python, bad_python)));
    VersionRuns& runs = compared_.runs;
    runs.start_from(question_.good);
    // Fetched and unpacked while the crash is reproduced: every set is a part of this one.
    if (!list_.empty()) oracle_.prepare(std::array{everything()});
    reproduce_in(compared_, question_.bad);
    if (!compared_.reproduced())
      return compared_.give_up(Verdict::kUnknown,
                               fmt::format("In the bad environment it was not reproduced: {}.",
                                           compared_.crash.reproduction.why));
    good_ = runs.confirm(VersionRuns::ready("", question_.good), true);
    if (good_.matching < good_.fresh_runs || good_.fresh_runs == 0) {
      if (good_.fresh_runs > 0)
        compared_.give_up(
            Verdict::kUnknown,
            fmt::format("In the good environment it does not pass: {}.", words_of(good_.test)));
      return;
    }
    if (list_.empty())
      return compared_.give_up(Verdict::kRefuted, "The two have the same packages.");
    if (whole_crashes()) isolate();
  }

 private:
  [[nodiscard]] Subset everything() const {
    Subset all;
    for (std::size_t i = 0; i < list_.size(); ++i) all.push_back(i);
    return all;
  }

  /// The whole difference, put into the good environment, must crash: else no package decides.
  bool whole_crashes() {
    const VersionTest test = compared_.runs.run(oracle_.make(everything()), Freshness::kAny);
    if (crashes(test)) return true;
    if (test.end != VersionEnd::kNotRun)
      compared_.give_up(
          test.end == VersionEnd::kPasses ? Verdict::kRefuted : Verdict::kUnknown,
          fmt::format("The good environment with all packages of the bad one: {}. What decides is "
                      "something else than the packages that an index has.",
                      words_of(test)));
    return false;
  }

  /// The owner of the innermost frame alone, then what is loaded when it crashes.
  [[nodiscard]] std::vector<Subset> likely() const {
    VersionRuns& runs = compared_.runs;
    const std::string owner = owner_of(compared_.crash.reproduction.observed.value_or(Crash{}),
                                       runs.services(), *question_.bad);
    const std::vector<std::string> loaded =
        runs.loaded_packages(VersionRuns::ready("", question_.bad));
    Subset first, second;
    for (std::size_t i = 0; i < list_.size(); ++i) {
      if (list_[i].package == owner) first.push_back(i);
      if (std::ranges::find(loaded, list_[i].package) != loaded.end()) second.push_back(i);
    }
    std::vector<Subset> tries;
    if (!first.empty()) tries.push_back(std::move(first));
    if (!second.empty() && second.size() < list_.size()) tries.push_back(std::move(second));
    return tries;
  }

  void isolate() {
    const reduce::Culprits found = reduce::find_culprits(needs_, likely(), oracle_);
    culprits_ = found.together();
    if (culprits_.empty()) return;
    if (!found.alone) return not_alone(found);
    const Subset closed = needs_.closed(culprits_);
    if (culprits_.size() == 1) {
      one(culprits_.front(), closed);
    } else if (culprits_.size() == 2) {
      two(culprits_[0], culprits_[1]);
    } else {
      several(closed);
    }
  }

  void not_alone(const reduce::Culprits& found) {
    VersionsFinding& finding = compared_.versions;
    for (const std::size_t culprit : culprits_)
      finding.packages.push_back(list_[culprit].boundary());
    compared_.give_up(found.complete ? Verdict::kAmbiguous : Verdict::kUnknown,
                      found.complete
                          ? "These decide while others are changed, too; alone they say nothing."
                          : "The command was stopped before it was certain which of them decide.");
  }

  /// Both sides of a set of differences, from which `sides` takes the names.
  void confirm(const Subset& without, const Subset& with) {
    VersionsFinding& finding = compared_.versions;
    compared_.investigation.observer().stage("confirm");
    finding.good = without.empty() ? good_ : compared_.runs.confirm(oracle_.make(without), true);
    finding.bad = compared_.runs.confirm(oracle_.make(with), false);
    judge_sides(finding, compared_.investigation.settings().confirmations);
  }

  void several(const Subset& closed) {
    for (const std::size_t culprit : culprits_)
      compared_.versions.packages.push_back(list_[culprit].boundary());
    confirm({}, closed);
    compared_.versions.why += " Only together do they crash.";
  }

  void one(std::size_t culprit, const Subset& closed) {
    const Difference& difference = list_[culprit];
    Subset context = closed;
    std::erase(context, culprit);
    if (search_releases_of(culprit, context)) return;
    compared_.versions.packages.push_back(difference.boundary());
    confirm(context, closed);
    if (compared_.versions.established())
      compared_.versions.requirement = plain_requirement(difference);
  }

  /// A line for what was not bisected.
  static std::string plain_requirement(const Difference& difference) {
    return difference.good ? fmt::format("{}=={}", difference.package, *difference.good)
                           : std::string();
  }

  /// Which release of one difference, with others on their bad side; false when that cannot be
  /// asked: then nothing is added.
  bool search_releases_of(std::size_t culprit, const Subset& context) {
    const Difference& difference = list_[culprit];
    VersionRuns& runs = compared_.runs;
    if (!difference.good || !difference.bad) return false;
    auto line = release_line(runs.services(), difference.package, question_.bad->interpreter,
                             {*difference.good, *difference.bad});
    if (!line) return false;
    const auto good = line->find(*difference.good);
    const auto bad = line->find(*difference.bad);
    if (!good || !bad || *good == *bad) return false;
    ReleaseSearch search(runs, *std::move(line), oracle_.edit_of(context));
    if (search.test(*good) != reduce::TestOutcome::kPass ||
        search.test(*bad) != reduce::TestOutcome::kFail)
      return false;
    search.report(compared_.versions, search.between(*good, *bad));
    return true;
  }

  void two(std::size_t first, std::size_t second) {
    VersionsFinding& finding = compared_.versions;
    VersionRuns& runs = compared_.runs;
    FourCorners corners;
    corners.first = list_[first].boundary();
    corners.second = list_[second].boundary();
    corners.both_good = good_.test;
    const std::vector<VersionTest> tests =
        runs.run_all({oracle_.make({first}), oracle_.make({second}), oracle_.make({first, second})},
                     Freshness::kFresh);
    corners.first_bad = tests[0];
    corners.second_bad = tests[1];
    corners.both_bad = tests[2];
    // Each while the other stays at its crashing end.
    std::string requirement;
    for (const auto& [culprit, other] : {std::pair(first, second), std::pair(second, first)}) {
      VersionsFinding part = finding;
      std::swap(part, compared_.versions);
      compared_.versions.packages.clear();
      const bool searched = !runs.stopped() && search_releases_of(culprit, {other});
      std::swap(part, compared_.versions);
      const bool found = searched && part.established();
      finding.tested = std::move(part.tested);
      finding.tried = part.tried;
      finding.packages.push_back(found ? part.packages.front() : list_[culprit].boundary());
      if (found && requirement.empty()) requirement = part.requirement;
    }
    finding.corners = std::move(corners);
    confirm({}, {first, second});
    if (finding.established()) finding.requirement = requirement;
    if (finding.corners->only_together()) finding.why += " Only together do they crash.";
  }

  VersionCase& compared_;
  const EnvironmentsQuestion& question_;
  std::vector<Difference> list_;
  reduce::Needs needs_;
  DifferenceOracle oracle_;
  VersionSide good_;
  Subset culprits_;
};

}  // namespace

void compare_environments(VersionCase& compared, const EnvironmentsQuestion& question) {
  EnvironmentComparison(compared, question).run();
}

}  // namespace nbreplay
