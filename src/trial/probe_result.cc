#include "nbreplay/trial/probe_result.h"

#include <algorithm>

namespace nbreplay {

std::string_view to_string(ProbeVerdict verdict) {
  switch (verdict) {
    case ProbeVerdict::kNotInstalled:
      return "not installed";
    case ProbeVerdict::kUnusable:
      return "unusable";
    case ProbeVerdict::kNotRepeatable:
      return "not repeatable";
    case ProbeVerdict::kSafe:
      return "safe";
    case ProbeVerdict::kTainted:
      return "tainted";
    case ProbeVerdict::kUnsafe:
      return "unsafe";
  }
  return "";
}

std::size_t SnapshotFacts::count(ProbeVerdict verdict) const {
  return static_cast<std::size_t>(
      std::count_if(probes.begin(), probes.end(),
                    [verdict](const ProbeResult& probe) { return probe.verdict == verdict; }));
}

}  // namespace nbreplay
