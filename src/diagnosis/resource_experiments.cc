// A module or file that the run could not find. The toggle is a placeholder module, or a file of
// made-up content at the very path that was wanted; nothing is installed and nothing outside the
// run's own folder is touched. The crash must then be gone, whatever comes after it.

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <set>

#include "nbreplay/base/utf8.h"
#include "nbreplay/crash/missing.h"

#include "diagnosis/case.h"
#include "diagnosis/mistyped.h"
#include "diagnosis/project_modules.h"

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
  const bool resolved = !std::holds_alternative<Unresolved>(judgement);
  const auto* different = std::get_if<Different>(&judgement);
  Toggle toggle;
  toggle.ran = resolved;
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
  investigated.conclude(std::move(cause), "file or module");
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

/// What code says that writes, downloads or unpacks files; by the text, since the path may be put
/// together while it runs.
constexpr std::array<std::string_view, 18> kWritingWords = {
    "to_csv", "to_json", "to_excel", "to_parquet", "to_pickle", "savefig",
    "save",   "dump",    "write",    "mkdir",      "makedirs",  "'w'",
    "copy",   "imwrite", "\"w\"",    "move",       "rename",    "joblib"};
/// What code says that moves the place from which relative paths are looked up.
constexpr std::array<std::string_view, 3> kMovingWords = {"chdir", "%cd", "%pushd"};
constexpr std::array<std::string_view, 9> kFetchingWords = {
    "wget",       "curl",      "urlretrieve",     "gdown",   "unzip",
    "extractall", "git clone", "kaggle datasets", "download"};

bool says_any(const std::string& source, const auto& words) {
  return std::any_of(words.begin(), words.end(),
                     [&](std::string_view word) { return source.find(word) != std::string::npos; });
}

/// A cell of the notebook that may make the file: then its absence may be a matter of order.
std::optional<std::size_t> writer_of(const Case& investigated, const std::string& path) {
  const Investigation& investigation = investigated.investigation;
  const std::string name = Path(path).filename().string();
  for (const std::size_t cell : investigation.notebook().code_cells()) {
    for (const FileFact& file : investigation.facts()[cell].files)
      if (file.write && file.path == path) return cell;
    const std::string& source = investigation.notebook().cells()[cell].source;
    if (says_any(source, kFetchingWords)) return cell;
    const bool named = !name.empty() && source.find(name) != std::string::npos;
    if (named && cell != investigated.target.cell && says_any(source, kWritingWords)) return cell;
  }
  return std::nullopt;
}

/// Whether the crashed cell imports a module that only a hosting platform has, by way of
/// `missing`: without the namespace package "google", "google.colab" fails as "google".
bool wants_platform(const Case& investigated, const std::string& missing) {
  const auto below = [](std::string_view module, std::string_view package) {
    return module == package || (module.starts_with(package) && module[package.size()] == '.');
  };
  const auto& imports = investigated.investigation.facts()[investigated.target.cell].imports;
  return std::any_of(kPlatformModules.begin(), kPlatformModules.end(), [&](std::string_view known) {
    if (below(missing, known)) return true;
    return below(known, missing) &&
           std::any_of(imports.begin(), imports.end(), [&](const ImportFact& import) {
             return below(import.module, known) || below(import.module + "." + import.name, known);
           });
  });
}

/// Modules whose names are often mistyped: Python's own, and those called otherwise than the
/// distribution that holds them.
constexpr std::array<std::string_view, 32> kImportNames = {
    "argparse",  "collections", "datetime",   "functools",  "glob",    "itertools", "json",
    "logging",   "math",        "operator",   "pathlib",    "pickle",  "random",    "shutil",
    "sqlite3",   "statistics",  "string",     "subprocess", "sys",     "tempfile",  "time",
    "threading", "typing",      "urllib",     "warnings",   "zipfile", "sklearn",   "skimage",
    "yaml",      "dateutil",    "matplotlib", "IPython"};

/// What code says that brings modules along as files.
constexpr std::array<std::string_view, 1> kClones = {"git clone"};

/// Why a placeholder that helps does not yet show that the module was not installed; empty when
/// it does.
std::string module_doubt(const Case& investigated, const std::string& module) {
  const std::size_t dot = module.find('.');
  if (dot != std::string::npos)
    return fmt::format(" But '{}' itself is there: its release may lack the part.",
                       module.substr(0, dot));
  for (const PackageVersion& package : investigated.investigation.environment().packages) {
    std::string name = package.name;
    std::replace(name.begin(), name.end(), '-', '_');
    if (looks_mistyped(module, name) != Likeness::kNone)
      return fmt::format(" But it may be '{}' mistyped.", package.name);
  }
  for (const std::string_view known : kImportNames)
    if (looks_mistyped(module, known) != Likeness::kNone)
      return fmt::format(" But it may be '{}' mistyped.", known);
  for (const std::size_t cell : investigated.investigation.notebook().code_cells()) {
    const std::string& source = investigated.investigation.notebook().cells()[cell].source;
    const bool names_file = source.find(module + ".py") != std::string::npos;
    if (cell == investigated.target.cell ? false : names_file || says_any(source, kClones))
      return fmt::format(" But {} may be meant to make it.", investigated.investigation.name(cell));
  }
  return {};
}

/// The project's own module, which only its folder on sys.path makes importable: that is no matter
/// of installing anything. Concludes, unless there is none or a run could not be had.
bool try_project_module(Case& investigated, const std::string& module) {
  const auto own = find_in_project(investigated.investigation.project(), module);
  if (!own) return false;
  Trial trial = trial_like(investigated.investigation, investigated.base, investigated.base.order);
  Execution path;
  path.source = fmt::format("__import__('sys').path.insert(0, __import__('os').path.abspath('{}'))",
                            own->from_start);
  trial.executions.insert(trial.executions.begin(), std::move(path));
  const std::string folder = own->folder == "." ? std::string("the project's top folder")
                                                : fmt::format("'{}'", own->folder);
  const Toggle toggle =
      run_toggle(investigated, "module", fmt::format("{} put on sys.path", folder), trial,
                 [&](const Crash& crash) { return missing_module(crash) == module; });
  if (!toggle.ran) return false;
  const std::string place = fmt::format(
      "The project has the module '{}' as '{}', but {} is not on sys.path where the notebook "
      "starts",
      module, own->file, folder);
  conclude(investigated, "module not installed",
           toggle.gone ? Verdict::kConfirmed : Verdict::kAmbiguous,
           toggle.gone
               ? fmt::format("{}; with it there the import passes. Start the notebook there, with "
                             "--cwd, or run sys.path.insert(0, '{}') first.",
                             place, own->from_start)
               : fmt::format("{}; with it there the crash stays, and with a placeholder in place "
                             "of the module the import passes.",
                             place));
  return true;
}

/// What a notebook needs of the machine has to be named.
std::string on_machine(const std::string& path) {
  std::error_code failed;
  if (!std::filesystem::exists(path, failed)) return {};
  const Path folder =
      std::filesystem::is_directory(path, failed) ? Path(path) : Path(path).parent_path();
  return fmt::format(
      " It is on this machine, outside of what the notebook may see: add its folder "
      "with --input '{}'.",
      escape_control(folder.string()));
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
  const bool platform = wants_platform(investigated, module);
  const char* sublabel = platform ? "change of environment" : "module not installed";
  if (!toggle.gone) {
    investigated.decide("environment setting", sublabel, Verdict::kRefuted,
                        "a placeholder for the module does not help");
    return;
  }
  if (!platform && try_project_module(investigated, module)) return;
  const std::string doubt =
      platform ? std::string() : escape_control(module_doubt(investigated, module));
  conclude(
      investigated, sublabel, doubt.empty() ? Verdict::kConfirmed : Verdict::kAmbiguous,
      platform
          ? fmt::format("'{}' exists only on the platform that the notebook was made for.", module)
          : fmt::format("The environment has no module '{}'; with a placeholder in its "
                        "place the import passes.{}",
                        escape_control(module), doubt));
}

void try_files(Case& investigated) {
  if (investigated.cause || investigated.investigation.stopped()) return;
  const std::string path = missing_path(investigated.base.observed);
  if (path.empty()) return;
  investigated.investigation.observer().stage("missing file");
  const std::string shown = escape_control(path);
  // A path of a hosting platform is missing here for another reason than there, perhaps.
  const bool platform = starts_with_any(path, kPlatformPaths);
  const char* sublabel = "file/path not found or exist";
  const bool outside = path.front() == '/' || path.front() == '~';
  if (outside && !investigated.investigation.settings().files_anywhere) {
    conclude(investigated, sublabel, Verdict::kBlocked,
             fmt::format("'{}' is not there, and without a sandbox a path outside of the project "
                         "cannot be made for an experiment.",
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
    // A relative path is made where the run starts: not where it looks, once that has moved.
    const auto& cells = investigated.investigation.notebook().cells();
    const auto& order = investigated.base.order;
    if (std::any_of(order.begin(), order.end(),
                    [&](std::size_t cell) { return says_any(cells[cell].source, kMovingWords); }))
      return;
    investigated.decide("environment setting", sublabel, Verdict::kRefuted,
                        fmt::format("with a file there the crash is: {}", toggle.outcome));
    return;
  }
  std::string doubt;
  if (const auto writer = writer_of(investigated, path)) {
    doubt =
        fmt::format(" But {} may be meant to make it.", investigated.investigation.name(*writer));
  } else if (platform) {
    doubt = " But it may be there on the platform that the notebook was made for.";
  }
  conclude(investigated, sublabel, doubt.empty() ? Verdict::kConfirmed : Verdict::kAmbiguous,
           fmt::format("'{}' is not there; with a file in its place the crash is gone.{}{}", shown,
                       doubt, outside ? on_machine(path) : ""));
}

}  // namespace nbreplay
