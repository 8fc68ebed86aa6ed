// A module or file that the run could not find. The toggle is a placeholder module, or a file of
// made-up content at the very path that was wanted; nothing is installed and nothing outside the
// run's own folder is touched. The crash must then be gone, whatever comes after it.

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <set>

#include "nbreplay/base/utf8.h"

#include "diagnosis/case.h"

namespace nbreplay {
namespace {

/// Modules that only exist on one hosting platform and cannot be installed elsewhere.
constexpr std::array<std::string_view, 8> kPlatformModules = {
    "google.colab",     "kaggle_secrets",
    "kaggle_datasets",  "dbutils",
    "pyspark.dbutils",  "mlflow.utils.databricks_utils",
    "sagemaker_studio", "nsml"};

/// Places that only exist on one hosting platform.
constexpr std::array<std::string_view, 5> kPlatformPaths = {"/kaggle/", "../input/", "/content/",
                                                            "/dbfs/", "/datalab/"};

bool starts_with_any(std::string_view text, const auto& prefixes) {
  return std::any_of(prefixes.begin(), prefixes.end(), [&](std::string_view prefix) {
    return text.substr(0, prefix.size()) == prefix;
  });
}

/// One fresh run of R0 with a change that supplies what is missing.
struct Toggle {
  bool ran = false;
  bool gone = false;  ///< The crashed cell no longer fails for want of it.
  std::string outcome;
};

/// The crash moved on when it is no longer about the missing thing.
Toggle run_toggle(Case& investigated, std::string factor, std::string words, const Trial& trial,
                  const auto& still_missing) {
  const auto ran = investigated.investigation.run(trial, Freshness::kFresh);
  if (!ran) return {};
  const Judgement judgement = judge(trial, ran->outcome, investigated.base.observed, Level::kA);
  const auto* different = std::get_if<Different>(&judgement);
  Toggle toggle;
  toggle.ran = true;
  toggle.gone = std::holds_alternative<Passes>(judgement) ||
                (different != nullptr && !still_missing(different->crash) &&
                 (different->later || different->crash.cell == investigated.target.cell));
  toggle.outcome = describe_failure(investigated.investigation, judgement);
  Experiment experiment;
  experiment.factor = std::move(factor);
  experiment.change = std::move(words);
  experiment.outcome = toggle.outcome;
  experiment.flips = toggle.gone;
  experiment.fresh_runs = ran->origin == Origin::kFresh ? 1 : 0;
  experiment.wall = ran->outcome.wall;
  experiment.cells = {investigated.target.cell};
  investigated.experiments.push_back(std::move(experiment));
  return toggle;
}

void conclude(Case& investigated, std::string sublabel, Verdict verdict, std::string explanation) {
  Cause cause;
  cause.label = "environment setting";
  cause.sublabel = std::move(sublabel);
  cause.verdict = verdict;
  cause.cells = {investigated.target.cell};
  cause.explanation = std::move(explanation);
  investigated.decide(cause.label, cause.sublabel, cause.verdict, cause.explanation);
  investigated.cause = std::move(cause);
}

/// A table that the notebook can read: the columns that its text names, three rows of numbers.
std::string made_up_table(const Case& investigated, char separator) {
  std::set<std::string> columns;
  for (const CellFacts& facts : investigated.investigation.facts())
    for (const std::string& key : facts.string_keys)
      if (key.find_first_of("\"\n\r,;\t") == std::string::npos) columns.insert(key);
  if (columns.empty()) columns.insert("value");
  std::string text;
  for (int row = 0; row < 4; ++row) {
    bool first = true;
    for (const std::string& column : columns) {
      if (!first) text.push_back(separator);
      first = false;
      text += row == 0 ? column : fmt::format("{}", row);
    }
    text.push_back('\n');
  }
  return text;
}

ExtraFile made_up_file(const Case& investigated, const std::string& path) {
  ExtraFile file;
  file.path = path;
  const std::size_t dot = path.rfind('.');
  const std::size_t slash = path.rfind('/');
  const bool has_suffix = dot != std::string::npos && (slash == std::string::npos || dot > slash);
  file.folder = !has_suffix;
  const std::string suffix = has_suffix ? path.substr(dot + 1) : "";
  if (suffix == "json") {
    file.content = "[{\"value\": 1}]\n";
  } else if (suffix == "tsv") {
    file.content = made_up_table(investigated, '\t');
  } else if (!file.folder) {
    file.content = made_up_table(investigated, ',');
  }
  return file;
}

/// A cell of the notebook that writes a file of this name: then its absence is a matter of order.
std::optional<std::size_t> writer_of(const Case& investigated, const std::string& path) {
  for (const std::size_t cell : investigated.investigation.notebook().code_cells())
    for (const FileFact& file : investigated.investigation.facts()[cell].files)
      if (file.write && file.path == path) return cell;
  return std::nullopt;
}

}  // namespace

void try_modules(Case& investigated) {
  if (investigated.cause || investigated.investigation.stopped()) return;
  const std::string module = missing_module(investigated.base.observed);
  if (module.empty()) return;
  investigated.investigation.observer().stage("missing module");
  Trial trial = trial_like(investigated.investigation, investigated.base, investigated.base.order);
  trial.placeholder_modules.push_back(module);
  const Toggle toggle =
      run_toggle(investigated, "module", fmt::format("'{}' replaced by a placeholder", module),
                 trial, [&](const Crash& crash) { return missing_module(crash) == module; });
  if (!toggle.ran) return;
  const bool platform =
      std::find(kPlatformModules.begin(), kPlatformModules.end(), module) != kPlatformModules.end();
  const char* sublabel = platform ? "change of environment" : "module not installed";
  if (!toggle.gone) {
    investigated.decide("environment setting", sublabel, Verdict::kRefuted,
                        "a placeholder for the module does not help");
    return;
  }
  conclude(
      investigated, sublabel, Verdict::kConfirmed,
      platform
          ? fmt::format("'{}' exists only on the platform that the notebook was made for.", module)
          : fmt::format("The environment has no module '{}'; with a placeholder in its "
                        "place the import passes.",
                        escape_control(module)));
}

void try_files(Case& investigated) {
  if (investigated.cause || investigated.investigation.stopped()) return;
  const std::string path = missing_path(investigated.base.observed);
  if (path.empty()) return;
  investigated.investigation.observer().stage("missing file");
  const std::string shown = escape_control(path);
  const bool platform = starts_with_any(path, kPlatformPaths);
  const char* sublabel = platform ? "change of environment" : "file/path not found or exist";
  if (path.front() == '/' || path.front() == '~') {
    conclude(investigated, sublabel, Verdict::kBlocked,
             fmt::format("'{}' is not there, and a path outside of the project cannot be made for "
                         "an experiment yet.",
                         shown));
    return;
  }
  Trial trial = trial_like(investigated.investigation, investigated.base, investigated.base.order);
  trial.extra_files.push_back(made_up_file(investigated, path));
  const Toggle toggle =
      run_toggle(investigated, "file", fmt::format("'{}' created with made-up content", shown),
                 trial, [&](const Crash& crash) { return missing_path(crash) == path; });
  if (!toggle.ran) return;
  if (!toggle.gone) {
    investigated.decide("environment setting", sublabel, Verdict::kRefuted,
                        fmt::format("with a file there the crash is: {}", toggle.outcome));
    return;
  }
  const auto writer = writer_of(investigated, path);
  conclude(investigated, sublabel, writer ? Verdict::kAmbiguous : Verdict::kConfirmed,
           fmt::format("'{}' is not there; with a file in its place the crash is gone.{}", shown,
                       writer ? fmt::format(" {} writes a file of that name.",
                                            investigated.investigation.name(*writer))
                              : ""));
}

}  // namespace nbreplay
