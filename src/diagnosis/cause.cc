#include <fmt/format.h>
#include <fmt/ranges.h>

#include "diagnosis/case.h"

namespace nbreplay {
namespace {

Cause undecided(Verdict verdict, std::string explanation) {
  Cause cause;
  cause.verdict = verdict;
  cause.explanation = std::move(explanation);
  return cause;
}

}  // namespace

Cause decide_cause(const Case& investigated) {
  if (investigated.reproduction.verdict == ReproductionVerdict::kBlocked)
    return undecided(Verdict::kBlocked, investigated.reproduction.why);
  if (investigated.reproduction.verdict != ReproductionVerdict::kReproduced)
    return undecided(Verdict::kUnknown, fmt::format("The crash was not reproduced ({}: {}).",
                                                    to_string(investigated.reproduction.verdict),
                                                    investigated.reproduction.why));
  if (investigated.cause) return *investigated.cause;
  if (investigated.investigation.stopped())
    return undecided(Verdict::kUnknown, "The command was stopped before the experiments decided.");
  // An ambiguous status is worth more than "unknown": it names what could not be told apart; and so
  // is an experiment on versions for which something is missing: it names what to run.
  for (const Verdict verdict : {Verdict::kAmbiguous, Verdict::kBlocked}) {
    for (const LabelStatus& status : investigated.labels) {
      if (status.verdict != verdict) continue;
      if (verdict == Verdict::kBlocked && status.label != "library cause") continue;
      Cause cause = undecided(verdict, status.why);
      cause.label = status.label;
      cause.sublabel = status.sublabel;
      return cause;
    }
  }
  if (investigated.evidence.empty()) return undecided(Verdict::kUnknown, "No experiment decided.");
  return undecided(Verdict::kUnknown,
                   fmt::format("Not decided by these experiments. Ruled out: {}.",
                               fmt::join(investigated.evidence, "; ")));
}

}  // namespace nbreplay
