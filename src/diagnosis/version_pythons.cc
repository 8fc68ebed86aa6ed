// The same packages under several interpreters. There are few: each is tried.

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>

#include "diagnosis/version_modes.h"

namespace nbreplay {
namespace {

using reduce::TestOutcome;

/// Two interpreters between which the outcome changes, nearest to `base`; none resolved between.
struct PythonBoundary {
  std::size_t pass = 0;
  std::size_t fail = 0;
};

std::optional<PythonBoundary> nearest_boundary(const std::vector<VersionTest>& tests,
                                               std::size_t base) {
  std::optional<PythonBoundary> best;
  std::size_t best_distance = 0;
  std::optional<std::size_t> last;
  for (std::size_t i = 0; i < tests.size(); ++i) {
    const TestOutcome outcome = outcome_of(tests[i]);
    if (outcome == TestOutcome::kUnresolved) continue;
    if (last && outcome_of(tests[*last]) != outcome) {
      const PythonBoundary found =
          outcome == TestOutcome::kFail ? PythonBoundary{*last, i} : PythonBoundary{i, *last};
      const std::size_t distance = base >= i ? base - i : base <= *last ? *last - base : 0;
      if (!best || distance < best_distance) {
        best = found;
        best_distance = distance;
      }
    }
    last = i;
  }
  return best;
}

class PythonComparison {
 public:
  PythonComparison(VersionCase& compared, const std::vector<std::string>& minors)
      : compared_(compared) {
    const Interpreter& own = compared.runs.base()->interpreter;
    for (const std::string& minor : minors) {
      const auto& all = compared.runs.services().interpreters;
      const auto found = std::ranges::find(all, minor, &Interpreter::minor);
      if (minor == own.minor)
        interpreters_.push_back(own);
      else if (found != all.end())
        interpreters_.push_back(*found);
      else
        lacking_.push_back(minor);
    }
  }

  void run() {
    if (interpreters_.size() < 2)
      return compared_.give_up(Verdict::kBlocked,
                               fmt::format("Two interpreters at least are needed; there is none "
                                           "for Python {} that notebooks can run in: nbreplay "
                                           "doctor tells what is missing.",
                                           fmt::join(lacking_, ", ")));
    compared_.investigation.observer().stage("environments");
    const std::size_t base = make_first();
    if (base == interpreters_.size())
      return compared_.give_up(Verdict::kBlocked, "No environment could be made for any of them.");
    prepare_others();
    reproduce_in(compared_, made_[base]->environment);
    VersionReference reference = reference_of(compared_.crash.reproduction);
    if (!compared_.reproduced()) {
      if (compared_.crash.reproduction.verdict != ReproductionVerdict::kAbsent)
        return compared_.give_up(
            Verdict::kUnknown,
            fmt::format("With Python {} the crash was not reproduced: {}.",
                        interpreters_[base].minor, compared_.crash.reproduction.why));
      reference.crash = compared_.target ? compared_.crash.recorded : std::nullopt;
    }
    compared_.runs.compare_with(reference);
    finish(made_by_all(), base);
  }

 private:
  const MadeEnvironment& make(std::size_t number) {
    auto& made = made_[number];
    if (!made) made = compared_.runs.make(interpreters_[number]);
    return *made;
  }

  /// The base's own interpreter, else the first for which there is an environment.
  std::size_t make_first() {
    made_.resize(interpreters_.size());
    const std::string& own = compared_.runs.base()->interpreter.minor;
    const auto found = std::ranges::find(interpreters_, own, &Interpreter::minor);
    if (found != interpreters_.end()) {
      const auto number = static_cast<std::size_t>(found - interpreters_.begin());
      if (make(number).environment) return number;
    }
    std::size_t number = 0;
    while (number < interpreters_.size() && !make(number).environment) ++number;
    return number;
  }

  /// Fetched and unpacked while the crash is reproduced.
  void prepare_others() {
    std::vector<Interpreter> others;
    for (std::size_t i = 0; i < interpreters_.size(); ++i)
      if (!made_[i]) others.push_back(interpreters_[i]);
    compared_.runs.prepare(others);
  }

  std::vector<MadeEnvironment> made_by_all() {
    std::vector<MadeEnvironment> all;
    for (std::size_t i = 0; i < interpreters_.size(); ++i) all.push_back(make(i));
    return all;
  }

  void finish(const std::vector<MadeEnvironment>& made, std::size_t base) {
    VersionsFinding& finding = compared_.versions;
    compared_.investigation.observer().stage("interpreters");
    finding.tested = compared_.runs.run_all(made, Freshness::kAny);
    finding.tried = finding.releases = made.size();
    const auto boundary = nearest_boundary(finding.tested, base);
    if (!boundary) return no_boundary();
    if (!compared_.reproduced()) {
      reproduce_in(compared_, made[boundary->fail].environment);
      if (!compared_.reproduced())
        return compared_.give_up(Verdict::kUnknown, compared_.crash.reproduction.why);
    }
    const auto [low, high] = std::minmax(boundary->pass, boundary->fail);
    for (std::size_t i = low + 1; i < high; ++i) finding.between.push_back(interpreters_[i].minor);
    const bool newer_fails = boundary->pass < boundary->fail;
    for (std::size_t i = 0; i < made.size(); ++i) {
      const bool bad_side = newer_fails ? i > boundary->pass : i < boundary->pass;
      if (outcome_of(finding.tested[i]) == (bad_side ? TestOutcome::kPass : TestOutcome::kFail))
        finding.against.push_back(interpreters_[i].minor);
    }
    const std::string& good = interpreters_[boundary->pass].minor;
    const std::string& bad = interpreters_[boundary->fail].minor;
    finding.packages.push_back({"python", good, bad});
    compared_.investigation.observer().stage("confirm");
    finding.good = compared_.runs.confirm(made[boundary->pass], true);
    finding.bad = compared_.runs.confirm(made[boundary->fail], false);
    if (!newer_fails)
      finding.requirement = fmt::format("python>={}", good);
    else
      finding.requirement =
          finding.between.empty() ? fmt::format("python<{}", bad) : fmt::format("python<={}", good);
    judge_sides(finding, compared_.investigation.settings().confirmations);
  }

  void no_boundary() {
    if (compared_.runs.stopped()) return;
    const bool any_passes = std::ranges::any_of(
        compared_.versions.tested,
        [](const VersionTest& test) { return test.end == VersionEnd::kPasses; });
    compared_.give_up(Verdict::kRefuted,
                      any_passes ? "It crashes with none of the interpreters that could be tried."
                                 : "It passes with none of the interpreters that could be tried.");
  }

  VersionCase& compared_;
  std::vector<Interpreter> interpreters_;
  std::vector<std::string> lacking_;
  std::vector<std::optional<MadeEnvironment>> made_;  ///< As interpreters_; nothing: not yet.
};

}  // namespace

void compare_pythons(VersionCase& compared, const std::vector<std::string>& minors) {
  PythonComparison(compared, minors).run();
}

}  // namespace nbreplay
