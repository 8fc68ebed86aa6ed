#include "nbreplay/process/snapshot_selftest.h"

#include <fmt/format.h>

#include <algorithm>
#include <optional>

#include "process/snapshot_probes.h"

namespace nbreplay::process {
namespace {

/// As a library behaves when a person gives it the machine.
constexpr const char* kThreads = "4";
constexpr const char* kThreadVariables[] = {"OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS",
                                            "MKL_NUM_THREADS", "NUMEXPR_NUM_THREADS",
                                            "NUMEXPR_MAX_THREADS"};
/// Longer than this, and ten times as long as in a fresh process, is a hang.
constexpr Duration kPatience = std::chrono::seconds(20);
constexpr int kSlowdown = 10;
/// A tainted library that was forked this often all the same, without harm, is tainted needlessly.
constexpr std::size_t kForcedBranches = 3;

/// Put before a probe: every snapshot is taken, whatever is known against it.
constexpr std::string_view kForce =
    "from nbreplay_worker import fork_safety\nfork_safety.hazards = lambda *ignored: []\n";

/// Every cell tells what it computed by raising it: outputs of branches are not kept.
constexpr std::string_view kSay = "raise Said(repr(use()))";
constexpr std::string_view kDefineSaid = "class Said(Exception):\n    pass\n";

/// What a cell computed; nothing when it failed, hung or was not reached.
std::optional<std::string> said(const CellOutcome& cell) {
  const auto* raised = std::get_if<Raised>(&cell.end);
  if (raised == nullptr || raised->crash.type != "Said") return std::nullopt;
  return raised->crash.message;
}

/// How a cell ended, for a person.
std::string ending(const CellOutcome& cell, const Outcome& outcome) {
  if (const auto* raised = std::get_if<Raised>(&cell.end))
    return fmt::format("{}: {}", raised->crash.type, raised->crash.message.value_or(""));
  return describe(outcome.termination);
}

const PackageVersion* installed(const Environment& environment, std::string_view name) {
  for (const PackageVersion& package : environment.packages) {
    if (package.name == name) return &package;
    // Some come in variants: tensorflow-cpu, opencv-python-headless.
    for (const char* variant : {"-cpu", "-gpu", "-python", "-python-headless"})
      if (package.name == fmt::format("{}{}", name, variant)) return &package;
  }
  return nullptr;
}

/// One library's trials.
class Probing {
 public:
  Probing(TrialRunner& runner, const SnapshotSelftestSettings& settings, const SnapshotProbe& probe)
      : runner_(runner), settings_(settings), probe_(probe) {
    result_.name = probe.name;
  }

  /// Meaningless once a stop was requested.
  Result<ProbeResult> run() {
    for (const std::string_view name : probe_.packages) {
      const PackageVersion* package = installed(*settings_.environment, name);
      if (package == nullptr) return std::move(result_);
      result_.packages.push_back(*package);
    }
    NBREPLAY_TRY(const bool usable, compare_fresh());
    if (!usable) return std::move(result_);
    NBREPLAY_TRY_VOID(branch(""));
    if (result_.verdict == ProbeVerdict::kTainted && settings_.try_tainted)
      NBREPLAY_TRY_VOID(branch_tainted());
    return std::move(result_);
  }

 private:
  /// The parent's use, and then one more for each name; the names make every cell a new one.
  [[nodiscard]] Trial trial(std::string_view prefix, const std::vector<std::string>& uses) const {
    Trial trial;
    trial.environment = settings_.environment;
    trial.project = settings_.project;
    trial.limits = settings_.limits;
    trial.limits.cell_timeout = patience_;
    for (const char* name : kThreadVariables) trial.variables.emplace_back(name, kThreads);
    const auto add = [&trial](std::string source) {
      trial.executions.push_back({trial.executions.size(), "", std::move(source), true});
    };
    add(fmt::format("{}{}{}\n{}\n", prefix, kDefineSaid, probe_.source, kSay));
    for (const std::string& use : uses) add(fmt::format("{}  # {}\n", kSay, use));
    return trial;
  }

  Result<Answer> ask(Trial trial, Freshness freshness) {
    runner_.submit(std::move(trial), freshness);
    NBREPLAY_TRY(auto answer, runner_.wait());
    if (!answer) return Error{ErrorCode::kInternal, "a trial was never answered"};
    result_.wall += answer->outcome.wall;
    return std::move(*answer);
  }

  /// Learns what each use computes in a process that was never forked. False ends the probe.
  Result<bool> compare_fresh() {
    NBREPLAY_TRY(const Answer first, ask(trial("", {"child", "grandchild"}), Freshness::kFresh));
    for (const CellOutcome& cell : first.outcome.cells) {
      std::optional<std::string> value = said(cell);
      if (!value) {
        result_.verdict = ProbeVerdict::kUnusable;
        result_.detail = ending(cell, first.outcome);
        return false;
      }
      expected_.push_back(std::move(*value));
      patience_ = std::max(patience_, kSlowdown * cell.wall);
    }
    NBREPLAY_TRY(const Answer second, ask(trial("", {"child", "grandchild"}), Freshness::kFresh));
    for (std::size_t i = 0; i < expected_.size(); ++i) {
      if (i < second.outcome.cells.size() && said(second.outcome.cells[i]) == expected_[i])
        continue;
      result_.verdict = ProbeVerdict::kNotRepeatable;
      result_.detail = fmt::format("two fresh processes disagree in cell {}", i + 1);
      return false;
    }
    return true;
  }

  /// Whether the trial was answered by a branch that computed what it should.
  enum class Fate { kRight, kWrong, kLost, kTainted };
  Result<Fate> fate(Trial asked, std::string_view who) {
    NBREPLAY_TRY(const Answer answer, ask(std::move(asked), Freshness::kAny));
    const Outcome& outcome = answer.outcome;
    for (std::size_t i = 0; i < outcome.cells.size() && answer.origin == Origin::kBranched; ++i) {
      if (said(outcome.cells[i]) == expected_[i]) continue;
      note(fmt::format("{}: {} instead of {}", who, ending(outcome.cells[i], outcome),
                       expected_[i]));
      return Fate::kWrong;
    }
    if (!outcome.taints.empty()) {
      result_.hazards.clear();
      for (const Taint& taint : outcome.taints) result_.hazards.push_back(taint.hazard);
      return Fate::kTainted;
    }
    if (answer.origin != Origin::kBranched) {
      note(fmt::format("{}: answered by a {} process: the branch hung, died or was not forked", who,
                       to_string(answer.origin)));
      return Fate::kLost;
    }
    return Fate::kRight;
  }

  /// The parent's use, so that there is a frozen copy after it. kTainted when there is none.
  Result<Fate> root(std::string_view prefix) {
    NBREPLAY_TRY(const Answer answer, ask(trial(prefix, {"first"}), Freshness::kAny));
    for (const Taint& taint : answer.outcome.taints) result_.hazards.push_back(taint.hazard);
    return answer.outcome.taints.empty() ? Fate::kRight : Fate::kTainted;
  }

  /// A child that uses the library, and then a grandchild.
  Result<Fate> generation(std::string_view prefix, std::size_t number) {
    const std::string child = fmt::format("child {}", number);
    // The copy after the child's use is frozen only when the run goes on.
    NBREPLAY_TRY(const Fate first, fate(trial(prefix, {child, "goes on"}), child));
    if (first != Fate::kRight) return first;
    const std::string grandchild = fmt::format("grandchild {}", number);
    return fate(trial(prefix, {child, grandchild}), grandchild);
  }

  Status branch(std::string_view prefix) {
    NBREPLAY_TRY(const Fate parent, root(prefix));
    result_.verdict = parent == Fate::kTainted ? ProbeVerdict::kTainted : ProbeVerdict::kSafe;
    for (std::size_t i = 0; i < settings_.repeats && result_.verdict == ProbeVerdict::kSafe; ++i) {
      NBREPLAY_TRY(const Fate end, generation(prefix, i));
      count(end);
    }
    return {};
  }

  void count(Fate end) {
    if (end == Fate::kTainted) {
      // Safe to fork after the parent's use, but not after the child's, which was right.
      ++result_.children;
      result_.verdict = ProbeVerdict::kTainted;
      return;
    }
    ++result_.children;
    if (end == Fate::kRight) ++result_.grandchildren;
    if (end == Fate::kWrong) ++result_.wrong;
    if (end == Fate::kLost) ++result_.lost;
    if (end != Fate::kRight) result_.verdict = ProbeVerdict::kUnsafe;
  }

  Status branch_tainted() {
    const std::vector<std::string> reasons = result_.hazards;
    NBREPLAY_TRY_VOID(root(kForce));
    for (std::size_t i = 0; i < kForcedBranches && result_.forced_failed == 0; ++i) {
      NBREPLAY_TRY(const Fate end, generation(kForce, i));
      ++result_.forced;
      if (end != Fate::kRight) ++result_.forced_failed;
    }
    result_.hazards = reasons;
    return {};
  }

  void note(std::string text) {
    if (result_.detail.empty()) result_.detail = std::move(text);
  }

  TrialRunner& runner_;
  const SnapshotSelftestSettings& settings_;
  const SnapshotProbe& probe_;
  ProbeResult result_;
  std::vector<std::string> expected_;
  Duration patience_ = kPatience;
};

std::vector<SnapshotProbe> all_probes() {
  std::vector<SnapshotProbe> all;
  for (auto&& group : {system_probes(), numeric_probes(), learning_probes(), data_probes()})
    all.insert(all.end(), group.begin(), group.end());
  return all;
}

}  // namespace

Result<std::vector<ProbeResult>> snapshot_selftest(TrialRunner& runner,
                                                   const SnapshotSelftestSettings& settings) {
  std::vector<ProbeResult> results;
  for (const SnapshotProbe& probe : all_probes()) {
    if (probe.name.find(settings.only) == std::string_view::npos) continue;
    if (settings.started) settings.started(probe.name);
    NBREPLAY_TRY(ProbeResult result, Probing(runner, settings, probe).run());
    if (settings.stop != nullptr && settings.stop->requested()) break;
    results.push_back(std::move(result));
  }
  return results;
}

}  // namespace nbreplay::process
