// One package: which of its releases begins to crash, everything else held still.

#include <fmt/format.h>

#include <algorithm>

#include "diagnosis/release_renewal.h"
#include "diagnosis/version_modes.h"

namespace nbreplay {
namespace {

std::string words_of(const Error& error) {
  std::string words = error.message;
  for (const std::string& more : {error.cause, error.hint})
    if (!more.empty()) words += ": " + more;
  return words;
}

class ReleaseComparison {
 public:
  ReleaseComparison(VersionCase& compared, const ReleaseQuestion& question)
      : compared_(compared), question_(question), package_(normalised_name(question.package)) {}

  void run() {
    VersionRuns& runs = compared_.runs;
    const auto installed = version_in(*runs.base(), package_);
    std::vector<std::string> named;
    for (const auto& version : {question_.good, question_.bad, installed})
      if (version) named.push_back(*version);
    auto line = release_line(runs.services(), package_, runs.base()->interpreter, named);
    if (!line) return compared_.give_up(Verdict::kBlocked, words_of(line.error()));
    if (line->versions.empty())
      return compared_.give_up(
          Verdict::kBlocked,
          fmt::format("{} has no release with a file for Python {}{}.", package_,
                      runs.base()->interpreter.minor,
                      line->unbuildable.empty() ? "" : "; --build allows to build its source"));
    ReleaseSearch search(runs, *std::move(line), {});
    const auto start = start_of(search.line(), installed);
    if (!start) return;
    const MadeEnvironment made = search.make(*start);
    if (!made.environment) return cannot_start(search, made);
    reproduce_in(compared_, made.environment);
    if (compared_.reproduced()) {
      search.know(*start, reproduced_test(compared_, made));
      if (question_.good && !good_passes(search)) return;
      search_releases(compared_, search, *start,
                      question_.good ? search.line().find(*question_.good) : std::nullopt);
    } else if (compared_.crash.reproduction.verdict == ReproductionVerdict::kAbsent &&
               !question_.bad) {
      search_for_crash(search, *start, made);
    } else {
      compared_.give_up(
          Verdict::kUnknown,
          fmt::format("With {} {} the crash was not reproduced: {}.", package_,
                      search.line().versions[*start], compared_.crash.reproduction.why));
    }
  }

 private:
  std::optional<std::size_t> known_release(const ReleaseLine& line, const std::string& version) {
    const auto found = line.find(version);
    if (!found)
      compared_.give_up(Verdict::kBlocked,
                        fmt::format("The index has no release {} of {}.", version, package_));
    return found;
  }

  /// The release to begin at: --bad, the installed one, or the newest. Nothing: it was said why.
  std::optional<std::size_t> start_of(const ReleaseLine& line,
                                      const std::optional<std::string>& installed) {
    if (question_.good && !known_release(line, *question_.good)) return std::nullopt;
    if (question_.bad) return known_release(line, *question_.bad);
    if (installed)
      if (const auto found = line.find(*installed)) return found;
    return line.versions.size() - 1;
  }

  void cannot_start(ReleaseSearch& search, const MadeEnvironment& made) {
    search.report(compared_.versions, std::nullopt);
    compared_.versions.tested.push_back(made.test);
    compared_.give_up(Verdict::kBlocked, fmt::format("There is no environment with {} {}: {}.",
                                                     package_, made.test.version, made.test.why));
  }

  bool good_passes(ReleaseSearch& search) {
    const std::size_t good = search.line().find(*question_.good).value_or(0);
    const auto outcome = search.test(good);
    if (outcome == reduce::TestOutcome::kPass) return true;
    search.report(compared_.versions, std::nullopt);
    if (const VersionTest* test = search.tested(good))
      compared_.give_up(Verdict::kUnknown, fmt::format("With {} {} it does not pass: {}.", package_,
                                                       *question_.good, words_of(*test)));
    return false;
  }

  /// The base passes: the crash must begin, or end, elsewhere. The newest release first: it is what
  /// one gets without a pin.
  void search_for_crash(ReleaseSearch& search, std::size_t start, const MadeEnvironment& made) {
    const CrashFinding& crash = compared_.crash;
    VersionReference reference = reference_of(crash.reproduction);
    reference.crash = compared_.target ? crash.recorded : std::nullopt;
    if (reference.order.empty()) return;
    compared_.runs.compare_with(reference);
    VersionTest passes = made.test;
    passes.end = VersionEnd::kPasses;
    passes.origin = Origin::kFresh;
    search.know(start, passes);
    const std::size_t newest = search.line().versions.size() - 1;
    std::optional<reduce::LineBoundary> boundary;
    if (question_.good || search.test(newest) != reduce::TestOutcome::kFail)
      boundary = search.from(start);
    else
      boundary = search.between(start, newest);
    if (!boundary) {
      search.report(compared_.versions, std::nullopt);
      return compared_.give_up(
          compared_.investigation.stopped() ? Verdict::kUnknown : Verdict::kRefuted,
          fmt::format("It crashes with none of the {} releases of {} that were tried.",
                      compared_.versions.tried, package_));
    }
    reproduce_in(compared_, search.make(boundary->fail).environment);
    if (!compared_.reproduced()) {
      search.report(compared_.versions, std::nullopt);
      return compared_.give_up(
          Verdict::kUnknown,
          fmt::format("With {} {} the crash was not reproduced: {}.", package_,
                      search.line().versions[boundary->fail], compared_.crash.reproduction.why));
    }
    search.report(compared_.versions, boundary);
  }

  VersionCase& compared_;
  const ReleaseQuestion& question_;
  std::string package_;
};

}  // namespace

void compare_releases(VersionCase& compared, const ReleaseQuestion& question) {
  ReleaseComparison(compared, question).run();
}

void reproduce_in(VersionCase& compared, std::shared_ptr<const Environment> environment) {
  compared.investigation.move_to(std::move(environment));
  ReproducedTarget reproduced = reproduce_for_versions(compared.investigation);
  compared.target = std::move(reproduced.target);
  compared.crash = std::move(reproduced.crash);
  compared.runs.compare_with(reference_of(compared.crash.reproduction));
}

VersionTest reproduced_test(const VersionCase& compared, const MadeEnvironment& made) {
  VersionTest test = made.test;
  test.end = VersionEnd::kSame;
  test.crash = compared.crash.reproduction.observed;
  test.origin = Origin::kFresh;
  return test;
}

void search_releases(VersionCase& compared, ReleaseSearch& search, std::size_t start,
                     std::optional<std::size_t> good) {
  const auto boundary = good ? search.between(*good, start) : search.from(start);
  search.report(compared.versions, boundary);
  if (boundary || compared.runs.stopped()) return;
  if (search_renewed(compared.runs, search, start, compared.versions)) return;
  judge_no_boundary(compared.versions, search.line().package);
}

}  // namespace nbreplay
