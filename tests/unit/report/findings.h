#pragma once

#include "nbreplay/diagnosis/result.h"

namespace nbreplay::test {

inline std::shared_ptr<const Environment> small_environment() {
  auto environment = std::make_shared<Environment>();
  environment->interpreter.version = "3.11.7";
  environment->interpreter.minor = "3.11";
  environment->packages = {{"numpy", "1.26.4"}, {"pandas", "2.1.0"}};
  environment->hash = "abc";
  environment->source = "project";
  environment->why = "the project's own environment";
  environment->display_name = ".venv";
  environment->has_ipython = true;
  environment->ipython_version = "8.20.0";
  return environment;
}

/// Cell 3 (index 4) ran twice and fails the second time: reproduced, minimised, explained.
inline CrashFinding repeated_cell() {
  CrashFinding crash;
  crash.cell = {4, 3, "abc"};
  Crash key_error;
  key_error.type = "KeyError";
  key_error.message = "'tenure'";
  crash.recorded = key_error;
  crash.recorded_count = 10;
  crash.crash_type = "key error";
  crash.library = "pandas";
  crash.reproduction.verdict = ReproductionVerdict::kReproduced;
  crash.reproduction.level = Level::kA;
  crash.reproduction.order = {0, 2, 4, 4};
  crash.reproduction.order_from = OrderSource::kGapFilled;
  crash.reproduction.order_why = "recorded order with its gap In[4] filled by cell 3";
  crash.reproduction.observed = key_error;
  crash.reproduction.fresh_runs = crash.reproduction.matching = 3;
  crash.reproduction.hash_seeds = {0, 1, 2};
  crash.reproduction.why = "three fresh runs crash alike";
  crash.top_to_bottom = TopToBottom::kPasses;
  MinimalSequence minimal;
  minimal.order = {0, 4, 4};
  minimal.may_fail = {false, false, false};
  minimal.guarantee = Guarantee::kOneMinimal;
  minimal.certified = {2, 0, 0, 2};
  minimal.queries = 7;
  minimal.statements = {{1, 4, 2, 2, "df = df.drop(columns=df.columns[0])"}};
  minimal.confirmations = minimal.confirmed_at_s = minimal.confirmed_at_a = 3;
  crash.minimal = minimal;
  Cause cause;
  cause.label = "NB specific";
  cause.sublabel = "execution order";
  cause.verdict = Verdict::kConfirmed;
  cause.cells = {4};
  cause.edit = OrderEdit{"repeat", {4}};
  cause.explanation = "Cell 3 ran twice.";
  crash.cause = cause;
  crash.experiments = {
      {"repeat", "cell 3 run once", "passes", true, 1, Duration(200'000'000), {4}}};
  crash.labels = {{"NB specific", "execution order", Verdict::kConfirmed, "a flip"}};
  crash.evidence = {"no earlier failure"};
  return crash;
}

/// One file reduced to a row, and one that stays.
inline ReducedData reduced_data() {
  InputReduction input;
  input.path = "data/train.csv";
  input.position = 1;
  input.before = {5000, 12, 250'000};
  input.after = {1, 2, 14};
  input.rows = {{3210, 3210}};
  input.values = 1;
  input.changed = {{3210, 2, "n", "17", "0"}};
  input.queries = 27;
  input.guarantee = Guarantee::kOneMinimal;
  input.certified = {0, 4, 0, 4};
  input.pinned = {"zip"};
  input.content = "zip,n\n0,\n";
  input.file = "churn.min-data/train.csv";
  input.in_place = false;
  input.written = "work/churn.min-data/train.csv";
  InputReduction other;
  other.path = "model.pkl";
  other.not_reduced = "not a table of text";
  ReducedData data;
  data.inputs = {input, other};
  return data;
}

inline NotebookFinding small_finding() {
  NotebookFinding finding;
  finding.path = "work/churn.ipynb";
  finding.sha256 = "0123";
  finding.code_cells = 3;
  finding.ordinals = {{0, 1}, {2, 2}, {4, 3}};
  finding.environment = small_environment();
  finding.trials = {18, 12, 0, 0, 6, 0};
  finding.wall = std::chrono::milliseconds(3100);
  finding.crashes = {repeated_cell()};
  finding.outputs = {{"minimal-3", "work/churn.min.ipynb"},
                     {"diagnosis", "work/churn.diagnosis.json"}};
  return finding;
}

inline VersionTest version_test(const std::string& version, VersionEnd end) {
  VersionTest test;
  test.version = version;
  test.set = {{"pandas", version}};
  test.end = end;
  test.origin = Origin::kWarm;
  if (end == VersionEnd::kSame || end == VersionEnd::kDifferent) {
    test.crash.emplace();
    test.crash->type = end == VersionEnd::kSame ? "AttributeError" : "ImportError";
    test.crash->message = "'DataFrame' object has no attribute 'append'";
  }
  return test;
}

inline VersionSide version_side(const std::string& version, VersionEnd end) {
  return {version_test(version, end), 3, 3, {1, 2, 3}};
}

/// The releases of pandas around 2.0, one of which could not be made.
inline VersionsFinding compared_releases() {
  VersionsFinding found;
  found.verdict = Verdict::kConfirmed;
  found.why = "With pandas 1.5.3 it passes in 3 of 3 fresh runs.";
  found.packages = {{"pandas", "1.5.3", "2.0.0"}};
  found.tested = {version_test("1.5.3", VersionEnd::kPasses),
                  version_test("2.0.0", VersionEnd::kSame),
                  version_test("2.0.1", VersionEnd::kDifferent)};
  VersionTest broken;
  broken.version = "2.0.2";
  broken.end = VersionEnd::kNotMade;
  broken.trouble = PackageTrouble::kBroken;
  broken.why = "its digest is wrong";
  found.tested.push_back(broken);
  found.between = {"2.0.0rc1"};
  found.against = {"2.1.0"};
  found.releases = 60;
  found.tried = 4;
  found.most = 15;
  found.unbuildable = 2;
  found.good = version_side("1.5.3", VersionEnd::kPasses);
  found.bad = version_side("2.0.0", VersionEnd::kSame);
  found.requirement = "pandas<2.0.0";
  found.held = {{{"pandas", "2.0.1"}, "numpy", "<2", "2.0.0"}};
  found.tested.front().conflicts = {{{"pandas", "1.5.3"}, "pytz", "", ""}};
  found.tested.front().replaced = {{"numpy", "1.21.0", "1.26.4"}, {"old", "1.0", ""}};
  return found;
}

/// Two packages that only crash together.
inline VersionsFinding compared_environments() {
  VersionsFinding found = compared_releases();
  found.mode = VersionMode::kEnvironments;
  found.packages.push_back({"numpy", "1.26.4", std::nullopt});
  FourCorners corners;
  corners.first = found.packages[0];
  corners.second = found.packages[1];
  corners.both_good = corners.first_bad = corners.second_bad =
      version_test("", VersionEnd::kPasses);
  corners.both_bad = version_test("", VersionEnd::kSame);
  found.corners = corners;
  return found;
}

}  // namespace nbreplay::test
