// Is a release the cause? Asked when the crash says that something of a library is not there, and
// no cheaper factor has flipped. Everything but one package is held still. Where another library
// called what is missing, a release of that one may help as well: then only the pair crashes.

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>

#include "diagnosis/case.h"
#include "diagnosis/release_renewal.h"
#include "diagnosis/release_search.h"
#include "diagnosis/version_evidence.h"

namespace nbreplay {
namespace {

/// Packages whose releases are searched; the evidence names the likeliest first.
constexpr std::size_t kMostPackages = 2;
constexpr std::string_view kVersionFactor = "version";

class VersionExperiments {
 public:
  VersionExperiments(Case& investigated, const VersionServices& services)
      : case_(investigated),
        services_(services),
        runs_(investigated.investigation, services,
              investigated.investigation.shared_environment()) {
    runs_.compare_with({case_.base.order, case_.base.observed, case_.base.placeholder_modules});
  }

  void run() {
    const auto evidence = version_evidence(case_.base.observed, case_.investigation.facts());
    std::vector<std::string> modules;
    if (evidence)
      modules = evidence->modules;
    else if (services_.always)
      modules = library_modules(case_.base.observed);
    const std::vector<std::string> packages = installed(modules);
    if (packages.empty()) return;
    case_.investigation.observer().stage("versions");
    for (std::size_t i = 0; i < std::min(packages.size(), kMostPackages); ++i) {
      if (runs_.stopped() || case_.cause) return;
      try_package(packages[i]);
    }
  }

 private:
  [[nodiscard]] std::vector<std::string> installed(const std::vector<std::string>& modules) const {
    const Environment& environment = case_.investigation.environment();
    std::vector<std::string> packages;
    for (const std::string& module : modules) {
      std::string package = normalised_name(module);
      if (!version_in(environment, package) && services_.package_of)
        package = services_.package_of(module);
      const bool known = std::ranges::find(packages, package) != packages.end();
      if (!known && version_in(environment, package)) packages.push_back(package);
    }
    return packages;
  }

  void try_package(const std::string& package) {
    const Environment& environment = case_.investigation.environment();
    const std::string version = *version_in(environment, package);
    auto line = release_line(services_, package, environment.interpreter, {version});
    if (!line) return blocked(package, line.error());
    const auto start = line->find(version);
    if (!start) return;  // a build of its own: no release of the index stands for it
    ReleaseSearch search(runs_, *std::move(line), {});
    const auto boundary = search_from_crash(search, *start);
    VersionsFinding finding;
    search.report(finding, boundary);
    const bool found = boundary || search_renewed(runs_, search, *start, finding);
    if (runs_.failure()) return blocked(package, *runs_.failure());
    if (found) {
      established(package, version, std::move(finding));
    } else if (!runs_.stopped()) {
      judge_no_boundary(finding, package);
      nothing_passes(package, std::move(finding));
    }
  }

  /// From the installed release, which was seen to crash.
  std::optional<reduce::LineBoundary> search_from_crash(ReleaseSearch& search, std::size_t start) {
    VersionTest here = VersionRuns::ready(search.line().versions[start], runs_.base()).test;
    here.end = VersionEnd::kSame;
    here.crash = case_.base.observed;
    here.origin = Origin::kFresh;
    search.know(start, here);
    return search.from(start);
  }

  void blocked(const std::string& package, const Error& error) {
    case_.decide("library cause", "API change", Verdict::kBlocked,
                 fmt::format("Whether a release of {} is the cause was not tried: {}. To try it: "
                             "nbreplay bisect NOTEBOOK --package {}",
                             package, error.message, package));
  }

  void nothing_passes(const std::string& package, VersionsFinding finding) {
    if (finding.verdict == Verdict::kRefuted)
      case_.decide("library cause", "API change", Verdict::kRefuted, finding.why);
    case_.evidence.push_back(
        fmt::format("none of {} releases of {} passes", finding.tried, package));
    if (!case_.versions) case_.versions = std::move(finding);
  }

  void established(const std::string& package, const std::string& version,
                   VersionsFinding finding) {
    const PackageBoundary boundary = finding.packages.front();
    Experiment experiment;
    experiment.factor = kVersionFactor;
    experiment.change = fmt::format("{} {} in place of {}", package, *boundary.last_good, version);
    experiment.outcome = finding.good ? words_of(finding.good->test) : "not run";
    experiment.flips = finding.good && finding.good->matching > 0;
    experiment.fresh_runs = finding.good ? finding.good->fresh_runs : 0;
    experiment.wall = finding.good ? finding.good->test.wall : Duration{};
    experiment.cells = {case_.target.cell};
    case_.experiments.push_back(std::move(experiment));
    Cause cause;
    cause.cells = {case_.target.cell};
    cause.verdict =
        finding.verdict == Verdict::kConfirmed ? Verdict::kConfirmed : Verdict::kAmbiguous;
    // Beside renewed companions a partner of before proves nothing.
    if (!runs_.stopped() && finding.established() && finding.companions.empty())
      try_partners(package, version, finding);
    name_cause(cause, finding);
    case_.versions = std::move(finding);
    case_.conclude(std::move(cause), kVersionFactor);
  }

  void name_cause(Cause& cause, const VersionsFinding& finding) const {
    if (finding.corners && finding.corners->only_together()) {
      cause.label = "environment setting";
      cause.sublabel = "library versions incompatible";
    } else {
      cause.label = "library cause";
      const bool inside = failed_inside_library(case_.base.observed) &&
                          !version_evidence(case_.base.observed, case_.investigation.facts());
      cause.sublabel = inside ? "error inside library" : "API change";
    }
    cause.explanation = finding.why;
    if (finding.requirement.empty()) return;
    cause.explanation +=
        finding.corners ? fmt::format(" This helps: {}.", finding.requirement)
                        : fmt::format(" With {} the notebook passes here.", finding.requirement);
  }

  /// Another library whose code has a part in the crash, and whose release helps as well, all else
  /// held still: only the two together crash.
  void try_partners(const std::string& package, const std::string& version,
                    VersionsFinding& finding) {
    const Environment& environment = case_.investigation.environment();
    std::vector<std::string> modules = library_modules(case_.base.observed);
    for (const std::string& partner : installed(modules)) {
      if (partner == package || runs_.stopped()) continue;
      const std::string held = *version_in(environment, partner);
      auto line = release_line(services_, partner, environment.interpreter, {held});
      if (!line) return;
      const auto start = line->find(held);
      if (!start) continue;
      ReleaseSearch search(runs_, *std::move(line), {});
      const auto boundary = search_from_crash(search, *start);
      if (!boundary) return;
      const std::string& good = search.line().versions[boundary->pass];
      four_corners(finding, {partner, good, held}, version);
      return;
    }
  }

  void four_corners(VersionsFinding& finding, PackageBoundary partner, const std::string& version) {
    FourCorners corners;
    corners.first = finding.packages.front();
    corners.first.first_bad = version;
    corners.second = std::move(partner);
    const PackageVersion first_good{corners.first.name, *corners.first.last_good};
    const PackageVersion second_good{corners.second.name, *corners.second.last_good};
    const auto tests = runs_.run_all(
        {runs_.make("", {{first_good, second_good}, {}}), runs_.make("", {{second_good}, {}}),
         runs_.make("", {{first_good}, {}}), VersionRuns::ready("", runs_.base())},
        Freshness::kFresh);
    corners.both_good = tests[0];
    corners.first_bad = tests[1];
    corners.second_bad = tests[2];
    corners.both_bad = tests[3];
    if (!corners.only_together()) return;
    finding.packages.push_back(corners.second);
    finding.why = fmt::format(
        "{} {} and {} {} crash together; each passes with another release of "
        "the other ({} {}, {} {}).",
        corners.first.name, *corners.first.first_bad, corners.second.name,
        *corners.second.first_bad, corners.first.name, *corners.first.last_good,
        corners.second.name, *corners.second.last_good);
    finding.corners = std::move(corners);
  }

  Case& case_;
  const VersionServices& services_;
  VersionRuns runs_;
};

}  // namespace

void try_versions(Case& investigated) {
  const VersionServices* const services = investigated.investigation.versions();
  if (investigated.cause || investigated.investigation.stopped() || services == nullptr) return;
  VersionExperiments(investigated, *services).run();
}

}  // namespace nbreplay
