#include "diagnosis/release_renewal.h"

#include <fmt/format.h>

#include <memory>

namespace nbreplay {
namespace {

using reduce::TestOutcome;

/// Releases around which the rest is renewed, one older than the other.
constexpr int kMostRenewals = 3;

/// The nearest release older than `start` that was run and said nothing.
std::optional<std::size_t> nearest_unfit(const ReleaseSearch& search, std::size_t start) {
  for (std::size_t release = start; release-- > 0;) {
    const VersionTest* test = search.tested(release);
    if (test != nullptr && test->end == VersionEnd::kDifferent) return release;
  }
  return std::nullopt;
}

/// The oldest release that crashes, down from `start`.
std::size_t oldest_crashing(const ReleaseSearch& search, std::size_t start) {
  std::size_t oldest = start;
  for (std::size_t release = start; release-- > 0;) {
    const VersionTest* test = search.tested(release);
    if (test != nullptr && outcome_of(*test) == TestOutcome::kFail) oldest = release;
  }
  return oldest;
}

std::vector<VersionCompanion> companions_of(const VersionRuns& runs,
                                            const MadeEnvironment& renewed) {
  std::vector<VersionCompanion> companions;
  for (const PackageVersion& added : renewed.test.added)
    companions.push_back({added.name, added.version, version_in(*runs.base(), added.name)});
  return companions;
}

/// What holds beside the requirement of the package itself.
std::string requirement_with(std::string requirement,
                             const std::vector<VersionCompanion>& companions) {
  if (requirement.empty()) return requirement;
  for (const VersionCompanion& companion : companions)
    requirement += fmt::format(" {}=={}", companion.name, companion.version);
  return requirement;
}

}  // namespace

bool search_renewed(VersionRuns& runs, const ReleaseSearch& held, std::size_t start,
                    VersionsFinding& finding) {
  const std::shared_ptr<const Environment> original = runs.base();
  const ReleaseLine line = held.line();
  const ReleaseSearch* last = &held;
  std::unique_ptr<ReleaseSearch> search;
  bool found = false;
  for (int round = 0; round < kMostRenewals && !found && !runs.stopped(); ++round) {
    const auto unfit = nearest_unfit(*last, start);
    if (!unfit) break;
    start = oldest_crashing(*last, start);
    if (start < *unfit) break;
    PackageEdit edit;
    edit.set = {{line.package, line.versions[*unfit]}};
    edit.renew = true;
    runs.start_from(original);
    const MadeEnvironment renewed = runs.make(line.versions[*unfit], edit);
    if (!renewed.environment || renewed.test.added.empty()) break;
    const auto companions = companions_of(runs, renewed);
    runs.start_from(renewed.environment);
    auto next = std::make_unique<ReleaseSearch>(runs, line, PackageEdit{});
    if (next->test(start) != TestOutcome::kFail) break;
    next->know(start, *next->tested(start));
    const auto boundary = next->from(start);
    if (boundary) {
      VersionsFinding renewed_finding;
      renewed_finding.mode = finding.mode;
      next->report(renewed_finding, boundary);
      renewed_finding.tried += finding.tried;
      renewed_finding.companions = companions;
      renewed_finding.requirement = requirement_with(renewed_finding.requirement, companions);
      renewed_finding.held = finding.held;
      finding = std::move(renewed_finding);
      found = true;
    }
    search = std::move(next);
    last = search.get();
  }
  runs.start_from(original);
  return found;
}

}  // namespace nbreplay
