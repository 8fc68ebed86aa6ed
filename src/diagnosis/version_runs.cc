#include "diagnosis/version_runs.h"

#include <fmt/format.h>

#include <algorithm>

#include "nbreplay/crash/crash_type.h"

namespace nbreplay {
namespace {

/// What the trial raised, or died of, where a level of comparison looks.
std::optional<Crash> crash_of(const Trial& trial, const Outcome& outcome) {
  std::vector<bool> may_fail;
  for (const Execution& execution : trial.executions) may_fail.push_back(execution.may_fail);
  const CellOutcome* failure = outcome.first_failure(may_fail);
  if (failure == nullptr) return std::nullopt;
  if (const auto* raised = std::get_if<Raised>(&failure->end)) {
    Crash crash = raised->crash;
    if (!crash.cell && failure->cell != kNoCell) crash.cell = failure->cell;
    return crash;
  }
  if (const auto* signaled = std::get_if<Signaled>(&outcome.termination))
    return signal_crash(*signaled, failure->cell);
  return std::nullopt;
}

/// Whether what differs from the base agrees with what is held.
bool consistent(const VersionTest& test) {
  const auto about = [](const UnmetRequirement& conflict,
                        const std::vector<PackageVersion>& packages) {
    return std::ranges::any_of(
        packages, [&](const PackageVersion& package) { return conflict.concerns(package.name); });
  };
  return std::ranges::none_of(test.conflicts, [&](const UnmetRequirement& conflict) {
    return about(conflict, test.set) || about(conflict, test.added);
  });
}

bool at_same_statement(const Crash& reference, const Crash& observed) {
  if (reference.cell != observed.cell || !reference.cell) return false;
  if (reference.statement && observed.statement) return reference.statement == observed.statement;
  return reference.line && reference.line == observed.line;
}

/// Raises the names of all packages one of whose modules is loaded, after this mark.
constexpr std::string_view kLoadedMark = "nbreplay-loaded:";
constexpr std::string_view kLoadedProbe = R"(def _nbreplay_loaded():
    import sys
    try:
        from importlib import metadata
    except ImportError:
        return ''
    loaded = {name.partition('.')[0] for name in list(sys.modules)}
    names = set()
    for distribution in metadata.distributions():
        text = distribution.read_text('top_level.txt')
        tops = set(text.split()) if text else {
            str(file).replace('\\', '/').partition('/')[0].partition('.')[0]
            for file in distribution.files or ()}
        if tops & loaded:
            names.add(distribution.metadata['Name'])
    return ' '.join(sorted(name for name in names if name))
raise RuntimeError('nbreplay-loaded: ' + _nbreplay_loaded()))";

}  // namespace

bool FourCorners::only_together() const {
  return both_good.end == VersionEnd::kPasses && first_bad.end == VersionEnd::kPasses &&
         second_bad.end == VersionEnd::kPasses && crashes(both_bad);
}

std::optional<std::string> version_in(const Environment& environment, const std::string& package) {
  for (const PackageVersion& installed : environment.packages)
    if (installed.name == package) return installed.version;
  return std::nullopt;
}

bool crashes(const VersionTest& test) {
  return test.end == VersionEnd::kSame || test.end == VersionEnd::kReworded;
}

reduce::TestOutcome outcome_of(const VersionTest& test) {
  if (test.end == VersionEnd::kPasses) return reduce::TestOutcome::kPass;
  return crashes(test) ? reduce::TestOutcome::kFail : reduce::TestOutcome::kUnresolved;
}

std::string words_of(const VersionTest& test) {
  if (test.end == VersionEnd::kNotMade)
    return fmt::format("{}: {}", test.trouble ? to_string(*test.trouble) : "not made", test.why);
  if (test.crash) return crash_summary(*test.crash);
  return test.why.empty() ? std::string(to_string(test.end)) : test.why;
}

void MadeEnvironment::take(EditedEnvironment edited) {
  test.added = std::move(edited.added);
  test.conflicts = std::move(edited.conflicts);
  test.replaced = std::move(edited.replaced);
  if (edited.environment) {
    environment = std::make_shared<const Environment>(*std::move(edited.environment));
  } else {
    test.end = VersionEnd::kNotMade;
    test.trouble = edited.trouble;
    test.why = std::move(edited.why);
  }
}

MadeEnvironment VersionRuns::ready(std::string version,
                                   std::shared_ptr<const Environment> environment) {
  MadeEnvironment made;
  made.test.version = std::move(version);
  made.environment = std::move(environment);
  return made;
}

MadeEnvironment VersionRuns::make(std::string version, const PackageEdit& edit) {
  PackageEdit changes;
  changes.renew = edit.renew;
  for (const PackageVersion& set : edit.set)
    if (version_in(*base_, set.name) != set.version) changes.set.push_back(set);
  for (const std::string& removed : edit.removed)
    if (version_in(*base_, removed)) changes.removed.push_back(removed);
  if (changes.set.empty() && changes.removed.empty()) return ready(std::move(version), base_);
  MadeEnvironment made;
  made.test.version = std::move(version);
  made.test.set = changes.set;
  made.test.removed = changes.removed;
  if (stopped()) return made;
  auto edited = services_.editor.edit(*base_, changes);
  if (!edited) {
    failure_ = edited.error();
    return made;
  }
  made.take(*std::move(edited));
  return made;
}

MadeEnvironment VersionRuns::make(const Interpreter& interpreter) {
  if (interpreter.minor == base_->interpreter.minor) return ready(interpreter.minor, base_);
  MadeEnvironment made;
  made.test.version = interpreter.minor;
  if (stopped()) return made;
  auto edited = services_.editor.with_interpreter(*base_, interpreter);
  if (!edited) {
    // Another interpreter may have what this one lacks.
    made.test.end = VersionEnd::kNotMade;
    made.test.why = edited.error().message;
    return made;
  }
  made.take(*std::move(edited));
  return made;
}

void VersionRuns::prepare(const std::vector<PackageEdit>& edits) {
  if (!edits.empty() && !stopped()) services_.editor.prepare(*base_, edits);
}

void VersionRuns::prepare(const std::vector<Interpreter>& interpreters) {
  if (!interpreters.empty() && !stopped())
    services_.editor.prepare_interpreters(*base_, interpreters);
}

Trial VersionRuns::trial(const MadeEnvironment& made) const {
  Trial trial = investigation_.trial(reference_.order);
  trial.placeholder_modules = reference_.placeholder_modules;
  trial.environment = made.environment;
  return trial;
}

void VersionRuns::judge_into(VersionTest& test, const Trial& trial, const Ran& ran) const {
  test.origin = ran.origin;
  test.wall = ran.outcome.wall;
  const Crash reference = reference_.crash.value_or(Crash{});
  const Judgement judgement =
      judge(trial, ran.outcome, reference, reference_.crash ? Level::kB : Level::kD);
  if (const auto* unresolved = std::get_if<Unresolved>(&judgement)) {
    test.end = VersionEnd::kUnresolved;
    test.why = unresolved->why;
    return;
  }
  if (std::holds_alternative<Passes>(judgement)) {
    test.end = VersionEnd::kPasses;
    return;
  }
  test.crash = crash_of(trial, ran.outcome);
  if (std::holds_alternative<Same>(judgement)) {
    test.end = VersionEnd::kSame;
    return;
  }
  const auto& different = std::get<Different>(judgement);
  test.crash = different.crash;
  if (different.later) {
    test.end = VersionEnd::kPasses;
    return;
  }
  const bool reworded = at_same_statement(reference, different.crash) &&
                        is_own_failure(test, different.crash, *trial.environment);
  test.end = reworded ? VersionEnd::kReworded : VersionEnd::kDifferent;
}

/// Whether the notebook itself raised it, or a package that differs from the base and has all that
/// it wants. What another library raises, or an unfit neighbour brings about, is another matter.
bool VersionRuns::is_own_failure(const VersionTest& test, const Crash& crash,
                                 const Environment& environment) const {
  const bool import = crash.type == "ImportError" || crash.type == "ModuleNotFoundError";
  if (crash_library(crash).empty() && !import) return true;
  if (!consistent(test)) return false;
  if (crash_library(crash).empty()) return true;
  const std::string owner = owner_of(crash, services_, environment);
  return std::ranges::any_of(test.set,
                             [&](const PackageVersion& package) { return package.name == owner; });
}

VersionTest VersionRuns::run(const MadeEnvironment& made, Freshness freshness) {
  return run_all({made}, freshness).front();
}

std::vector<VersionTest> VersionRuns::run_all(const std::vector<MadeEnvironment>& made,
                                              Freshness freshness) {
  std::vector<Trial> trials;
  for (const MadeEnvironment& one : made)
    if (one.environment) trials.push_back(trial(one));
  const auto answers = investigation_.run_all(trials, freshness);
  std::vector<VersionTest> tests;
  std::size_t next = 0;
  for (const MadeEnvironment& one : made) {
    VersionTest test = one.test;
    if (one.environment) {
      const std::size_t index = next++;
      if (answers[index]) judge_into(test, trials[index], *answers[index]);
    }
    tests.push_back(std::move(test));
  }
  return tests;
}

VersionSide VersionRuns::confirm(const MadeEnvironment& made, bool passing) {
  VersionSide side;
  side.test = made.test;
  if (!made.environment) return side;
  std::vector<Trial> trials;
  const std::size_t wanted = investigation_.settings().confirmations;
  for (std::size_t i = 0; i < wanted; ++i) {
    trials.push_back(trial(made));
    trials.back().hash_seed = static_cast<std::uint32_t>(i + 1);
  }
  const auto answers = investigation_.run_all(trials, Freshness::kFresh);
  bool first = true;
  for (std::size_t i = 0; i < trials.size(); ++i) {
    if (!answers[i]) continue;
    VersionTest test = made.test;
    judge_into(test, trials[i], *answers[i]);
    ++side.fresh_runs;
    side.hash_seeds.push_back(trials[i].hash_seed);
    const bool as_it_should = passing ? test.end == VersionEnd::kPasses : crashes(test);
    if (as_it_should) ++side.matching;
    if (first || !as_it_should) side.test = std::move(test);
    first = false;
  }
  return side;
}

std::vector<std::string> VersionRuns::loaded_packages(const MadeEnvironment& made) {
  if (!made.environment) return {};
  Trial probed = trial(made);
  if (probed.executions.empty()) return {};
  probed.executions.back().may_fail = true;
  Execution probe;
  probe.source = kLoadedProbe;
  probed.executions.push_back(probe);
  const auto ran = investigation_.run(probed, Freshness::kAny);
  if (!ran || ran->outcome.cells.empty()) return {};
  const auto* raised = std::get_if<Raised>(&ran->outcome.cells.back().end);
  if (raised == nullptr || !raised->crash.message ||
      !raised->crash.message->starts_with(kLoadedMark))
    return {};
  std::vector<std::string> names;
  std::string name;
  for (const char c : raised->crash.message->substr(kLoadedMark.size()) + " ") {
    if (c != ' ') {
      name.push_back(c);
    } else if (!name.empty()) {
      names.push_back(normalised_name(name));
      name.clear();
    }
  }
  return names;
}

std::string owner_of(const Crash& crash, const VersionServices& services,
                     const Environment& environment) {
  const std::string module = crash_library(crash);
  if (module.empty()) return {};
  const std::string name = normalised_name(module);
  if (version_in(environment, name)) return name;
  return services.package_of ? services.package_of(module) : std::string();
}

VersionReference reference_of(const Reproduction& reproduction) {
  return {reproduction.order, reproduction.observed, reproduction.stubs};
}

ReproducedTarget reproduce_for_versions(Investigation& investigation) {
  ReproducedTarget result;
  const InvestigationSettings& settings = investigation.settings();
  std::vector<Target> targets = recorded_targets(investigation.notebook());
  if (settings.cell) {
    std::erase_if(targets, [&](const Target& target) { return target.cell != *settings.cell; });
    if (targets.empty()) targets.push_back({*settings.cell, std::nullopt, std::nullopt});
  }
  CrashFinding& crash = result.crash;
  if (!targets.empty()) {
    result.target = targets.front();
  } else {
    std::string why_not;
    result.target = first_failure(investigation, why_not);
    if (!result.target) {
      crash.reproduction.verdict =
          why_not.empty() ? ReproductionVerdict::kAbsent : ReproductionVerdict::kBlocked;
      crash.reproduction.why =
          why_not.empty() ? "no crash is recorded, and top to bottom nothing raises" : why_not;
      crash.reproduction.order_from = OrderSource::kTopToBottom;
      crash.reproduction.order = top_to_bottom(investigation.notebook());
      return result;
    }
  }
  crash.cell = investigation.cell_name(result.target->cell);
  crash.recorded = result.target->recorded;
  crash.recorded_count = result.target->count;
  crash.reproduction = reproduce(investigation, *result.target);
  const std::optional<Crash>& known = crash.recorded ? crash.recorded : crash.reproduction.observed;
  if (known) {
    crash.crash_type = crash_type(*known);
    crash.library = crash_library(*known);
  }
  return result;
}

}  // namespace nbreplay
