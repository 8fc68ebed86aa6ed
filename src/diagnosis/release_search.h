#pragma once

#include <map>
#include <optional>
#include <string>
#include <vector>

#include "nbreplay/reduce/line_search.h"

#include "diagnosis/version_runs.h"

namespace nbreplay {

/// The releases of a package that can be tried, oldest first.
struct ReleaseLine {
  std::string package;
  std::vector<std::string> versions;
  std::vector<bool> preferred;  ///< The newest patch release of each minor one.
  /// Releases left out since only their source exists, with the number of those in `versions` that
  /// are older.
  std::vector<std::pair<std::size_t, std::string>> unbuildable;

  /// "1.0" is the release that the index calls "1.0.0".
  [[nodiscard]] std::optional<std::size_t> find(const std::string& version) const;
};

/// Asks the index. Prereleases and withdrawn releases are left out, unless `named`.
[[nodiscard]] Result<ReleaseLine> release_line(const VersionServices& services,
                                               const std::string& package,
                                               const Interpreter& interpreter,
                                               const std::vector<std::string>& named);

/// Searches the releases of one package, all else as in the base with `context`.
class ReleaseSearch {
 public:
  ReleaseSearch(VersionRuns& runs, ReleaseLine line, PackageEdit context);
  ReleaseSearch(const ReleaseSearch&) = delete;
  ReleaseSearch& operator=(const ReleaseSearch&) = delete;

  [[nodiscard]] const ReleaseLine& line() const { return line_; }
  [[nodiscard]] MadeEnvironment make(std::size_t release);
  /// What is known of a release already.
  void know(std::size_t release, const VersionTest& test);
  /// Tries one release.
  std::optional<reduce::TestOutcome> test(std::size_t release);
  [[nodiscard]] const VersionTest* tested(std::size_t release) const;

  /// From a release that is known, back first, or forward first where it passes.
  [[nodiscard]] std::optional<reduce::LineBoundary> from(std::size_t start);
  [[nodiscard]] std::optional<reduce::LineBoundary> between(std::size_t pass, std::size_t fail);

  /// Tells what was tested, and of the boundary, if there is one: which releases lie between, what
  /// speaks against it, three fresh runs on both sides, and the verdict.
  void report(VersionsFinding& finding, const std::optional<reduce::LineBoundary>& boundary);

 private:
  [[nodiscard]] PackageEdit edit(std::size_t release) const;
  [[nodiscard]] reduce::LineBoundary finished(reduce::LineBoundary boundary);
  void tell_between(VersionsFinding& finding, const reduce::LineBoundary& boundary) const;
  void tell_against(VersionsFinding& finding, const reduce::LineBoundary& boundary) const;

  VersionRuns& runs_;
  ReleaseLine line_;
  PackageEdit context_;
  std::map<std::size_t, VersionTest> tests_;
  reduce::LineSearch search_;
};

/// "pandas<2.0.0", "numpy>=2.0.0", "pandas>=1.5.3,<2.0.0".
[[nodiscard]] std::string requirement_line(const ReleaseLine& line,
                                           const reduce::LineBoundary& boundary, bool exact);

/// Sets what a search without a boundary comes to, of which `finding` tells: refuted where every
/// release crashes, unknown where some say nothing.
void judge_no_boundary(VersionsFinding& finding, const std::string& package);

/// Sets the verdict by what the fresh runs of both sides showed, `wanted` of each.
void judge_sides(VersionsFinding& finding, std::size_t wanted);

}  // namespace nbreplay
