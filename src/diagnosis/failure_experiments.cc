// Did an earlier failed cell cause the crash? Omitting it must change nothing (what it did before
// it failed is not the cause), and repairing it must flip. A repair is one of: the failing
// statement left out and the rest run; the failing assignment given a stand-in value and the rest
// run; the names that were never bound bound to a placeholder. What a placeholder lets pass proves
// something only when the crash is about the very thing being missing.

#include <fmt/format.h>

#include <algorithm>
#include <set>

#include "nbreplay/crash/missing.h"

#include "diagnosis/case.h"

namespace nbreplay {
namespace {

/// The worker serves this module; whatever is imported from it accepts any use.
constexpr std::string_view kPlaceholderModule = "nbreplay_placeholder";
constexpr std::size_t kMaxFailures = 4;
constexpr std::string_view kErrorFactor = "previous error";

/// The top-level statement of a cell at `line`, or null.
const Statement* statement_of_line(const CellFacts& facts, int line) {
  for (const Statement& statement : facts.statements)
    if (statement.parent < 0 && statement.first_line <= line && line <= statement.last_line)
      return &statement;
  return nullptr;
}

/// Where the "=" of an assignment's text stands: outside brackets and strings, no comparison.
std::size_t assignment_sign(std::string_view text) {
  int depth = 0;
  char quote = 0;
  for (std::size_t i = 0; i < text.size(); ++i) {
    const char c = text[i];
    if (quote != 0) {
      if (c == '\\') ++i;
      if (c == quote) quote = 0;
    } else if (c == '"' || c == '\'') {
      quote = c;
    } else if (c == '(' || c == '[' || c == '{') {
      ++depth;
    } else if (c == ')' || c == ']' || c == '}') {
      --depth;
    } else if (c == '=' && depth == 0) {
      const bool comparison =
          (i + 1 < text.size() && text[i + 1] == '=') ||
          (i > 0 && std::string_view("=!<>").find(text[i - 1]) != std::string_view::npos);
      return comparison ? std::string_view::npos : i;
    }
  }
  return std::string_view::npos;
}

std::string trimmed(std::string_view text) {
  const std::size_t first = text.find_first_not_of(" \t\n");
  if (first == std::string_view::npos) return {};
  return std::string(text.substr(first, text.find_last_not_of(" \t\n") - first + 1));
}

class FailureExperiments {
 public:
  explicit FailureExperiments(Case& investigated) : case_(investigated) {}

  void run() {
    const auto& failures = case_.reproduction.earlier_failures;
    if (failures.empty()) return;
    case_.investigation.observer().stage("earlier failures");
    std::size_t tried = 0;
    // The nearest failure first: it is the likeliest.
    for (auto it = failures.rbegin(); it != failures.rend() && tried < kMaxFailures; ++it) {
      if (found_ || case_.investigation.stopped()) return;
      if (!case_.concerns_target(case_.base.order[it->position])) continue;
      if (fails_for_the_same_name(*it)) continue;
      ++tried;
      try_failure(*it);
    }
    if (found_ || case_.cause || case_.investigation.stopped()) return;
    if (case_.unresolved.contains(kErrorFactor)) return;
    const std::string why = tried == 0 ? "what failed earlier does not reach the crash"
                                       : "repairing what failed earlier changes nothing";
    case_.decide("NB specific", "previous cell error", Verdict::kRefuted, why);
    case_.evidence.push_back(why);
  }

 private:
  /// Both want a name that neither binds: the earlier failure is another victim, not the cause.
  bool fails_for_the_same_name(const Reproduction::EarlierFailure& failure) const {
    const std::string name = undefined_name(case_.base.observed);
    return !name.empty() && undefined_name(failure.crash) == name;
  }

  void try_failure(const Reproduction::EarlierFailure& failure) {
    const ExecutionOrder& order = case_.base.order;
    const std::size_t cell = order[failure.position];
    const std::string name = case_.investigation.name(cell);
    ExecutionOrder without = order;
    without.erase(without.begin() + static_cast<std::ptrdiff_t>(failure.position));

    std::vector<Change> changes;
    changes.push_back({"previous error",
                       fmt::format("failed {} left out", name),
                       trial_like(case_.investigation, case_.base, without),
                       {cell}});
    add_repairs(changes, failure, name);
    for (std::size_t i = 1; i < changes.size(); ++i)
      changes[i].shows_it_gone = [&](const Crash& crash) { return found_the_name(failure, crash); };
    const std::vector<Effect> effects = try_changes(case_, changes);
    const auto repaired = first_flip({effects.begin() + 1, effects.end()});
    if (!repaired) return;
    const Trial& repair = changes[*repaired + 1].trial;
    found_ = true;

    const std::string doubt = doubts(failure, effects.front(), *repaired < real_repairs_);
    Cause cause;
    cause.label = "NB specific";
    cause.sublabel = "previous cell error";
    cause.verdict = doubt.empty() ? Verdict::kConfirmed : Verdict::kAmbiguous;
    cause.cells = {cell};
    cause.explanation =
        fmt::format("{} failed earlier ({}), so its effect is missing.{}{}", capitalised(name),
                    crash_summary(failure.crash), otherwise_recorded(failure), doubt);
    if (case_.cause) weigh_against_order(cause);
    case_.conclude(std::move(cause), kErrorFactor, repair);
  }

  /// That the cell recorded another error than it raises here; empty when they agree.
  std::string otherwise_recorded(const Reproduction::EarlierFailure& failure) const {
    const auto recorded =
        recorded_error(case_.investigation.notebook(), case_.base.order[failure.position]);
    if (!recorded || compare(*recorded, failure.crash, Level::kB).same) return {};
    const std::string summary = crash_summary(*recorded);
    if (summary == crash_summary(failure.crash)) return {};
    return fmt::format(" The notebook recorded another error there: {}.", summary);
  }

  /// Whether the name that the failed cell would have made was there, and what the statement then
  /// did with a placeholder in its place failed: no placeholder can be used like the real thing
  /// everywhere (numpy recurses on some), and the NameError is gone all the same.
  bool found_the_name(const Reproduction::EarlierFailure& failure, const Crash& crash) const {
    const Crash& observed = case_.base.observed;
    const std::string name = undefined_name(observed);
    const std::size_t cell = case_.base.order[failure.position];
    if (name.empty() || !case_.investigation.facts()[cell].may_define(name)) return false;
    if (crash.cell != observed.cell || crash.type == "NameError") return false;
    return crash.line && observed.line &&
           (*crash.line == *observed.line ||
            (crash.statement && crash.statement == observed.statement));
  }

  /// What keeps the failure from being certain to be the cause; empty when nothing does.
  std::string doubts(const Reproduction::EarlierFailure& failure, const Effect& omission,
                     bool real_repair) const {
    if (omission.flips) return " But leaving the failed cell out helps as well.";
    if (would_have_made_what_is_missing(failure)) {
      // What is missing is missing with and without the cell, however else a run without it ends.
      if (omission.resolved) return {};
      return " But the run without the failed cell came to no end.";
    }
    if (!omission.same) return " But without the failed cell the run ends in another way.";
    if (!real_repair)
      return " But only a placeholder for what it failed to make lets the crash pass.";
    return {};
  }

  /// Whether the crash is about a name or key being missing that the cell would have made, had it
  /// not failed before.
  bool would_have_made_what_is_missing(const Reproduction::EarlierFailure& failure) const {
    const std::size_t cell = case_.base.order[failure.position];
    const CellFacts& facts = case_.investigation.facts()[cell];
    if (const std::string name = undefined_name(case_.base.observed); !name.empty())
      return facts.may_define(name);
    const std::string key = missing_key(case_.base.observed);
    return !key.empty() && !facts.mutations.empty() &&
           std::find(facts.string_keys.begin(), facts.string_keys.end(), key) !=
               facts.string_keys.end();
  }

  /// The order was found to flip, too: then two factors do, and neither is certain.
  void weigh_against_order(Cause& cause) {
    cause.verdict = Verdict::kAmbiguous;
    cause.explanation += " But another order helps as well.";
    case_.cause->verdict = Verdict::kAmbiguous;
    case_.cause->explanation += fmt::format(" But repairing what failed in {} helps as well.",
                                            case_.investigation.name(cause.cells.front()));
    for (LabelStatus& status : case_.labels) {
      if (status.verdict != Verdict::kConfirmed || status.label != case_.cause->label) continue;
      status.verdict = Verdict::kAmbiguous;
      status.why = case_.cause->explanation;
    }
  }

  void add_repairs(std::vector<Change>& changes, const Reproduction::EarlierFailure& failure,
                   const std::string& name) {
    const std::size_t cell = case_.base.order[failure.position];
    const std::string& source = case_.investigation.notebook().cells()[cell].source;
    const CellFacts& facts = case_.investigation.facts()[cell];
    const Statement* failing =
        failure.crash.line ? statement_of_line(facts, *failure.crash.line) : nullptr;
    const auto repaired = [&](const std::string& words, const std::string& replacement) {
      Trial trial = trial_like(case_.investigation, case_.base, case_.base.order);
      trial.executions[failure.position].source =
          source.substr(0, failing->begin) + replacement + source.substr(failing->end);
      add_placeholder_module(trial);
      changes.push_back({"previous error", words, std::move(trial), {cell}});
    };
    real_repairs_ = 0;
    if (failing != nullptr) {
      repaired(fmt::format("{} with its failing statement left out", name), "pass");
      ++real_repairs_;
      const std::string stand_in = stand_in_for(
          std::string_view(source).substr(failing->begin, failing->end - failing->begin));
      if (!stand_in.empty())
        repaired(fmt::format("{} with a stand-in for what it failed to assign", name), stand_in);
    }
    add_injection(changes, failure, failing, name);
  }

  /// Binds every name that the cell never came to bind, right after it failed.
  void add_injection(std::vector<Change>& changes, const Reproduction::EarlierFailure& failure,
                     const Statement* failing, const std::string& name) {
    const std::size_t cell = case_.base.order[failure.position];
    const CellFacts& facts = case_.investigation.facts()[cell];
    std::set<std::string> names;
    if (failing == nullptr) {  // the cell did not even parse: nothing of it ran
      for (const NameAt& definition : facts.definitions) names.insert(definition.name);
    }
    for (const Statement& statement : facts.statements) {
      if (failing == nullptr || statement.parent >= 0 || statement.begin < failing->begin) continue;
      names.insert(statement.definitions.begin(), statement.definitions.end());
    }
    if (names.empty()) return;
    std::string source;
    for (const std::string& missing : names)
      source += fmt::format("from {} import thing as {}\n", kPlaceholderModule, missing);
    Trial trial = trial_like(case_.investigation, case_.base, case_.base.order);
    Execution injection;
    injection.source = source;
    trial.executions.insert(
        trial.executions.begin() + static_cast<std::ptrdiff_t>(failure.position) + 1, injection);
    add_placeholder_module(trial);
    changes.push_back({"previous error",
                       fmt::format("the names that {} failed to bind, bound to placeholders", name),
                       std::move(trial),
                       {cell}});
  }

  static std::string stand_in_for(std::string_view statement) {
    const std::size_t sign = assignment_sign(statement);
    if (sign == std::string_view::npos || sign == 0) return {};
    const std::string target = trimmed(statement.substr(0, sign));
    if (target.empty() ||
        std::string_view("+-*/%&|^@>").find(target.back()) != std::string_view::npos)
      return {};
    const bool item = target.find_first_of(".[") != std::string::npos;
    if (item) return fmt::format("{} = 0", target);
    if (target.find_first_of(" ,(*:") != std::string::npos) return {};
    return fmt::format("from {} import thing as {}", kPlaceholderModule, target);
  }

  static void add_placeholder_module(Trial& trial) {
    trial.placeholder_modules.emplace_back(kPlaceholderModule);
  }

  Case& case_;
  bool found_ = false;
  std::size_t real_repairs_ = 0;  ///< How many of the repairs, the first ones, need no stand-in.
};

}  // namespace

void try_earlier_failures(Case& investigated) {
  // Also when the order has been found to be the cause: both may flip.
  if (investigated.investigation.stopped()) return;
  FailureExperiments(investigated).run();
}

}  // namespace nbreplay
