#include "nbreplay/diagnosis/result.h"

#include <algorithm>

namespace nbreplay {

bool ReducedData::any_reduced() const {
  return std::any_of(inputs.begin(), inputs.end(),
                     [](const InputReduction& input) { return input.reduced(); });
}

std::string_view to_string(ReproductionVerdict verdict) {
  switch (verdict) {
    case ReproductionVerdict::kReproduced:
      return "reproduced";
    case ReproductionVerdict::kFlaky:
      return "flaky";
    case ReproductionVerdict::kDifferentCrash:
      return "different-crash";
    case ReproductionVerdict::kAbsent:
      return "absent";
    case ReproductionVerdict::kBlocked:
      return "blocked";
  }
  return "blocked";
}

std::string_view to_string(Verdict verdict) {
  switch (verdict) {
    case Verdict::kConfirmed:
      return "confirmed";
    case Verdict::kRefuted:
      return "refuted";
    case Verdict::kAmbiguous:
      return "ambiguous";
    case Verdict::kBlocked:
      return "blocked";
    case Verdict::kUnknown:
      return "unknown";
  }
  return "unknown";
}

std::string_view to_string(TopToBottom outcome) {
  switch (outcome) {
    case TopToBottom::kNotRun:
      return "not-run";
    case TopToBottom::kPasses:
      return "passes";
    case TopToBottom::kSame:
      return "same";
    case TopToBottom::kDifferent:
      return "different";
    case TopToBottom::kUnresolved:
      return "unresolved";
  }
  return "unresolved";
}

std::string_view to_string(Guarantee guarantee) {
  switch (guarantee) {
    case Guarantee::kOneMinimal:
      return "1-minimal";
    case Guarantee::kPartial:
      return "partial";
    case Guarantee::kNone:
      return "none";
  }
  return "none";
}

std::string_view to_string(StoppedBy reason) {
  switch (reason) {
    case StoppedBy::kDone:
      return "done";
    case StoppedBy::kBudget:
      return "budget";
    case StoppedBy::kInterrupt:
      return "interrupt";
  }
  return "done";
}

std::string_view to_string(VersionMode mode) {
  switch (mode) {
    case VersionMode::kPackage:
      return "package";
    case VersionMode::kEnvironments:
      return "environments";
    case VersionMode::kPythonVersions:
      return "python-versions";
  }
  return "package";
}

std::string_view to_string(VersionEnd end) {
  switch (end) {
    case VersionEnd::kPasses:
      return "passes";
    case VersionEnd::kSame:
      return "same";
    case VersionEnd::kReworded:
      return "reworded";
    case VersionEnd::kDifferent:
      return "different";
    case VersionEnd::kUnresolved:
      return "unresolved";
    case VersionEnd::kNotMade:
      return "not-made";
    case VersionEnd::kNotRun:
      return "not-run";
  }
  return "not-run";
}

}  // namespace nbreplay
