#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "nbreplay/base/clock.h"
#include "nbreplay/trial/environment.h"

namespace nbreplay {

/// What one library did when the process that used it was forked.
enum class ProbeVerdict {
  kNotInstalled,
  kUnusable,       ///< Its use fails in a fresh process already.
  kNotRepeatable,  ///< Two fresh processes disagree, so that nothing can be said.
  kSafe,           ///< Every branch computed what a fresh process does.
  kTainted,        ///< No copy was frozen, for the stated reasons.
  kUnsafe,         ///< A copy was frozen, and a branch was wrong or lost.
};
/// "safe", "tainted", "unsafe", "not installed", "unusable", "not repeatable".
[[nodiscard]] std::string_view to_string(ProbeVerdict verdict);

struct ProbeResult {
  std::string name;
  std::vector<PackageVersion> packages;  ///< As installed.
  ProbeVerdict verdict = ProbeVerdict::kNotInstalled;
  std::vector<std::string> hazards;  ///< Why it is tainted.
  /// Branches that used the library again: forked from the process that had used it, and forked
  /// from such a branch in turn.
  std::size_t children = 0;
  std::size_t grandchildren = 0;
  std::size_t wrong = 0;  ///< Of both: computed something else, or raised.
  std::size_t lost = 0;   ///< Of both: hung, died, or could not be forked.
  std::string detail;     ///< The first branch that was wrong or lost; why it is unusable.
  /// For a tainted library: branches forked all the same, and how many of them failed. A taint is
  /// needless as far as none does.
  std::size_t forced = 0;
  std::size_t forced_failed = 0;
  Duration wall{};
};

/// What the self-test of snapshots found in one environment.
struct SnapshotFacts {
  std::string environment;  ///< Display name.
  std::string python_version;
  std::size_t repeats = 0;
  std::vector<ProbeResult> probes;
  bool interrupted = false;

  [[nodiscard]] std::size_t count(ProbeVerdict verdict) const;
};

}  // namespace nbreplay
