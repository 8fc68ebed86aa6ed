#include "diagnosis/release_search.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <bit>
#include <span>

namespace nbreplay {
namespace {

using Direction = reduce::LineSearch::Direction;
using reduce::LineBoundary;
using reduce::TestOutcome;

/// "2.0.0" as "2": trailing zeros say nothing, nor does case.
std::string plain_version(std::string version) {
  for (char& c : version) c = c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
  if (version.starts_with('v')) version.erase(0, 1);
  const bool numbers = version.find_first_not_of("0123456789.") == std::string::npos;
  while (numbers && version.ends_with(".0")) version.resize(version.size() - 2);
  return version;
}

/// "1.5" of "1.5.3".
std::string minor_of(const std::string& version) {
  const std::size_t dot = version.find('.');
  return dot == std::string::npos ? version : version.substr(0, version.find('.', dot + 1));
}

/// 2·⌈log₂ size⌉ + 3.
std::size_t most_tried(std::size_t size) {
  return size < 2 ? 3 : 2 * static_cast<std::size_t>(std::bit_width(size - 1)) + 3;
}

}  // namespace

std::optional<std::size_t> ReleaseLine::find(const std::string& version) const {
  const std::string wanted = plain_version(version);
  for (std::size_t i = 0; i < versions.size(); ++i)
    if (plain_version(versions[i]) == wanted) return i;
  return std::nullopt;
}

Result<ReleaseLine> release_line(const VersionServices& services, const std::string& package,
                                 const Interpreter& interpreter,
                                 const std::vector<std::string>& named) {
  NBREPLAY_TRY(const std::vector<Release> releases,
               services.releases.releases(package, interpreter));
  ReleaseLine line;
  line.package = package;
  for (const Release& release : releases) {
    const bool asked_for = std::ranges::any_of(named, [&](const std::string& version) {
      return plain_version(version) == plain_version(release.version);
    });
    if (!asked_for && (release.yanked || release.prerelease)) continue;
    if (release.wheel || asked_for || (release.source && services.build)) {
      line.versions.push_back(release.version);
    } else if (release.source) {
      line.unbuildable.emplace_back(line.versions.size(), release.version);
    }
  }
  for (std::size_t i = 0; i < line.versions.size(); ++i)
    line.preferred.push_back(i + 1 == line.versions.size() ||
                             minor_of(line.versions[i]) != minor_of(line.versions[i + 1]));
  return line;
}

ReleaseSearch::ReleaseSearch(VersionRuns& runs, ReleaseLine line, PackageEdit context)
    : runs_(runs),
      line_(std::move(line)),
      context_(std::move(context)),
      search_(
          line_.versions.size(), [this](std::size_t release) { return test(release); },
          [this](std::span<const std::size_t> releases) {
            std::vector<PackageEdit> edits;
            for (const std::size_t release : releases) edits.push_back(edit(release));
            runs_.prepare(edits);
          }) {}

PackageEdit ReleaseSearch::edit(std::size_t release) const {
  PackageEdit edit = context_;
  std::erase_if(edit.set, [&](const PackageVersion& set) { return set.name == line_.package; });
  std::erase(edit.removed, line_.package);
  edit.set.push_back({line_.package, line_.versions.at(release)});
  return edit;
}

MadeEnvironment ReleaseSearch::make(std::size_t release) {
  // As installed, whose version the index may write otherwise.
  const auto installed = version_in(*runs_.base(), line_.package);
  if (installed && line_.find(*installed) == release && context_.set.empty() &&
      context_.removed.empty())
    return VersionRuns::ready(line_.versions[release], runs_.base());
  return runs_.make(line_.versions.at(release), edit(release));
}

void ReleaseSearch::know(std::size_t release, const VersionTest& test) {
  tests_.insert_or_assign(release, test);
  search_.know(release, outcome_of(test));
}

std::optional<TestOutcome> ReleaseSearch::test(std::size_t release) {
  if (const VersionTest* known = tested(release)) return outcome_of(*known);
  if (runs_.stopped()) return std::nullopt;
  runs_.investigation().observer().stage(
      fmt::format("{} {}", line_.package, line_.versions[release]));
  const VersionTest test = runs_.run(make(release), Freshness::kAny);
  if (test.end == VersionEnd::kNotRun) return std::nullopt;
  tests_.emplace(release, test);
  return outcome_of(test);
}

const VersionTest* ReleaseSearch::tested(std::size_t release) const {
  const auto found = tests_.find(release);
  return found == tests_.end() ? nullptr : &found->second;
}

std::optional<LineBoundary> ReleaseSearch::from(std::size_t start) {
  const bool passes = outcome_of(tests_.at(start)) == TestOutcome::kPass;
  for (const Direction direction :
       {passes ? Direction::kUp : Direction::kDown, passes ? Direction::kDown : Direction::kUp}) {
    auto boundary = search_.outward(start, direction, line_.preferred);
    if (!boundary) continue;
    boundary = finished(*boundary);
    // Does the newest release pass again? Who need not stay behind can then go on.
    if (!passes && tests_.size() < most_tried(line_.versions.size()))
      static_cast<void>(search_.test(line_.versions.size() - 1));
    return boundary;
  }
  return std::nullopt;
}

std::optional<LineBoundary> ReleaseSearch::between(std::size_t pass, std::size_t fail) {
  return finished(search_.between(pass, fail));
}

LineBoundary ReleaseSearch::finished(LineBoundary boundary) {
  search_.check_neighbours(boundary);
  return boundary;
}

void ReleaseSearch::tell_between(VersionsFinding& finding, const LineBoundary& boundary) const {
  const auto [low, high] = std::minmax(boundary.pass, boundary.fail);
  for (std::size_t i = low; i <= high; ++i) {
    if (i != low)  // what has no file stands before the first that is newer
      for (const auto& [older, version] : line_.unbuildable)
        if (older == i) finding.between.push_back(version);
    if (i != low && i != high) finding.between.push_back(line_.versions[i]);
  }
}

void ReleaseSearch::tell_against(VersionsFinding& finding, const LineBoundary& boundary) const {
  const bool newer_fails = boundary.pass < boundary.fail;
  for (const auto& [release, test] : tests_) {
    const bool on_bad_side = newer_fails ? release > boundary.pass : release < boundary.pass;
    const TestOutcome outcome = outcome_of(test);
    if (outcome == (on_bad_side ? TestOutcome::kPass : TestOutcome::kFail))
      finding.against.push_back(line_.versions[release]);
  }
}

void ReleaseSearch::report(VersionsFinding& finding, const std::optional<LineBoundary>& boundary) {
  finding.releases = line_.versions.size();
  finding.unbuildable += line_.unbuildable.size();
  for (const auto& [release, test] : tests_) {
    finding.tested.push_back(test);
    if (outcome_of(test) != TestOutcome::kUnresolved) continue;
    for (const UnmetRequirement& conflict : test.conflicts)
      if (std::ranges::find(finding.held, conflict) == finding.held.end())
        finding.held.push_back(conflict);
  }
  finding.tried += tests_.size();
  finding.most = most_tried(line_.versions.size());
  if (!boundary) return;
  tell_between(finding, *boundary);
  tell_against(finding, *boundary);
  PackageBoundary package;
  package.name = line_.package;
  package.last_good = line_.versions[boundary->pass];
  package.first_bad = line_.versions[boundary->fail];
  finding.packages.push_back(std::move(package));
  runs_.investigation().observer().stage("confirm");
  finding.good = runs_.confirm(make(boundary->pass), true);
  finding.bad = runs_.confirm(make(boundary->fail), false);
  finding.requirement = requirement_line(line_, *boundary, finding.between.empty());
  judge_sides(finding, runs_.investigation().settings().confirmations);
}

std::string requirement_line(const ReleaseLine& line, const LineBoundary& boundary, bool exact) {
  const std::string& good = line.versions[boundary.pass];
  const std::string& bad = line.versions[boundary.fail];
  const bool alone = boundary.beside_pass == TestOutcome::kFail;
  if (boundary.pass < boundary.fail) {
    const std::string upper = exact ? fmt::format("<{}", bad) : fmt::format("<={}", good);
    if (!alone) return line.package + upper;
    return exact ? fmt::format("{}>={},{}", line.package, good, upper)
                 : fmt::format("{}=={}", line.package, good);
  }
  return alone ? fmt::format("{}=={}", line.package, good)
               : fmt::format("{}>={}", line.package, good);
}

void judge_no_boundary(VersionsFinding& finding, const std::string& package) {
  const auto unresolved = std::ranges::count_if(finding.tested, [](const VersionTest& test) {
    return outcome_of(test) == TestOutcome::kUnresolved;
  });
  finding.verdict = unresolved == 0 ? Verdict::kRefuted : Verdict::kUnknown;
  finding.why =
      fmt::format("None of the {} releases of {} that were tried passes", finding.tried, package);
  if (unresolved > 0) finding.why += fmt::format("; {} of them say nothing", unresolved);
  if (!finding.held.empty()) finding.why += ", since other packages are held still";
  finding.why += ".";
}

void judge_sides(VersionsFinding& finding, std::size_t wanted) {
  if (!finding.good || !finding.bad) return;
  const VersionSide& good = *finding.good;
  const VersionSide& bad = *finding.bad;
  const auto name = [](const PackageBoundary& package, const std::optional<std::string>& version) {
    return version ? fmt::format("{} {}", package.name, *version)
                   : fmt::format("no {}", package.name);
  };
  std::vector<std::string> good_names, bad_names;
  for (const PackageBoundary& package : finding.packages) {
    good_names.push_back(name(package, package.last_good));
    bad_names.push_back(name(package, package.first_bad));
  }
  const std::string both =
      fmt::format("With {} it passes in {} of {} fresh runs, with {} it crashes in {} of {}.",
                  fmt::join(good_names, " and "), good.matching, good.fresh_runs,
                  fmt::join(bad_names, " and "), bad.matching, bad.fresh_runs);
  finding.why = both;
  const bool all = good.matching == good.fresh_runs && bad.matching == bad.fresh_runs;
  const bool enough = good.fresh_runs >= wanted && bad.fresh_runs >= wanted;
  finding.verdict = !enough ? Verdict::kUnknown : all ? Verdict::kConfirmed : Verdict::kAmbiguous;
  if (finding.verdict != Verdict::kConfirmed) finding.requirement.clear();
}

}  // namespace nbreplay
