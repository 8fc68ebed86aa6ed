#include "nbreplay/environment/local_environments.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <tuple>

#include "environment/candidates.h"
#include "environment/layout.h"
#include "environment/making.h"
#include "environment/modules.h"
#include "environment/search.h"
#include "environment/versions.h"

namespace nbreplay {
namespace {

using environment::absolute_path;
using environment::Found;
using environment::is_folder;
using environment::is_there;
using environment::Making;
using environment::Search;

/// The source of a project's own virtual environment.
constexpr const char* kProject = "project";
constexpr std::size_t kMostNamed = 5;

/// "pandas, seaborn and 3 more"
std::string some_of(const std::vector<std::string>& names) {
  const auto end = names.begin() + static_cast<std::ptrdiff_t>(std::min(names.size(), kMostNamed));
  std::string text = fmt::format("{}", fmt::join(names.begin(), end, ", "));
  if (names.size() > kMostNamed) text += fmt::format(" and {} more", names.size() - kMostNamed);
  return text;
}

/// What the notebook imports, or asks for by %pip lines, that an environment does not hold.
std::vector<std::string> lacking(const EnvironmentRequest& request, const Environment& at_hand) {
  auto names = environment::lacking_modules(request.imports, at_hand,
                                            {request.notebook_folder, request.project_root});
  for (std::string& line : environment::lacking_requirements(request.pip_lines, at_hand))
    names.push_back(std::move(line));
  return names;
}

/// The file beside the notebook or in its project's root that records packages; empty: there is
/// none. pyproject.toml is left out, since it is there for many other reasons.
std::string recorded_pins(const EnvironmentRequest& request) {
  for (const Path& folder : {request.notebook_folder, request.project_root})
    for (const char* name : {"nbreplay.lock.json", "pylock.toml", "uv.lock", "requirements.txt",
                             "environment.yml", "environment.yaml"})
      if (!folder.empty() && is_there(folder / name)) return name;
  return {};
}

/// By a person, or by the project.
bool is_named(const EnvironmentRequest& request, const Environment& at_hand) {
  return request.environment || request.python || at_hand.source == kProject;
}

/// Carries one request through the order of preference.
class Choice {
 public:
  Choice(const EnvironmentSettings& settings, Search& search, const EnvironmentRequest& request)
      : settings_(settings), search_(search), request_(request) {}

  Result<Environment> at_hand() {
    if (request_.environment) return given_environment();
    if (request_.python) return given_python();
    if (auto found = of_project()) return std::move(*found);
    if (auto found = active()) return std::move(*found);
    return newest();
  }

  /// The interpreter that --python names.
  Result<Found> named_python() {
    const std::string& python = *request_.python;
    if (is_path(python)) {
      const Path path = absolute_path(python);
      if (is_folder(path)) return search_.in_folder(path, "--python");
      if (!is_there(path))
        return usage_error(fmt::format("--python {}: does not exist", python),
                           "see 'nbreplay doctor' for the interpreters of this machine");
      return search_.at(path, "--python");
    }
    auto all = search_.all();
    std::erase_if(all, [&](const Found& one) { return !is_version(one.interpreter, python); });
    if (all.empty())
      return usage_error(fmt::format("--python {}: no such interpreter was found", python),
                         "see 'nbreplay doctor' for the interpreters of this machine and how to "
                         "get others, or give the path of one");
    return best_of(std::move(all));
  }

 private:
  Result<Environment> given_environment() {
    const Path folder = absolute_path(*request_.environment);
    NBREPLAY_TRY(Found found, search_.in_folder(folder, "--environment"));
    if (request_.python && !is_path(*request_.python) &&
        environment::minor_of(*request_.python) != found.interpreter.minor)
      return usage_error(fmt::format("--environment {} has Python {}, not {}", folder.string(),
                                     found.interpreter.minor, *request_.python),
                         "leave --python out: the environment says which Python it is");
    return finish(std::move(found), "--environment", "given by --environment",
                  request_.environment->filename().string());
  }

  Result<Environment> given_python() {
    NBREPLAY_TRY(Found found, named_python());
    const std::string& python = *request_.python;
    return finish(std::move(found), "--python",
                  is_path(python) ? std::string("given by --python")
                                  : fmt::format("--python {}: the newest of them found", python),
                  {});
  }
  /// An environment in the notebook's folder or above it, up to the project's root.
  std::optional<Result<Environment>> of_project() {
    const Path root = absolute_path(request_.project_root);
    Path folder = absolute_path(request_.notebook_folder);
    for (;;) {
      for (const char* name : {".venv", "venv", "env"}) {
        const Path here = folder / name;
        if (!is_there(here / "pyvenv.cfg") && !environment::is_conda_prefix(here)) continue;
        auto found = search_.in_folder(here, "project");
        if (!found) return Result<Environment>(broken(here, found.error()));
        return finish(std::move(*found), kProject,
                      fmt::format("the project's own environment, {}", here.string()), name);
      }
      if (folder == root || folder == folder.parent_path() || root.empty()) return std::nullopt;
      const auto [in_root, in_folder] =
          std::mismatch(root.begin(), root.end(), folder.begin(), folder.end());
      if (in_root != root.end()) return std::nullopt;  // not below the root at all
      folder = folder.parent_path();
    }
  }

  std::optional<Result<Environment>> active() {
    const auto& around = settings_.surroundings;
    for (const auto& [variable, folder] : {std::pair{"VIRTUAL_ENV", around.virtual_env},
                                           std::pair{"CONDA_PREFIX", around.conda_prefix}}) {
      if (folder.empty()) continue;
      auto found = search_.in_folder(folder, variable);
      if (!found || !search_.has_worker(found->interpreter)) continue;
      return finish(std::move(*found), variable,
                    fmt::format("the active environment ({}={})", variable, folder.string()),
                    folder.filename().string());
    }
    for (const auto& candidate : environment::candidates(around)) {
      const Path folder = candidate.executable.parent_path().parent_path();
      if (candidate.found_by != "PATH" || !is_there(folder / "pyvenv.cfg")) continue;
      auto found = search_.at(candidate.executable, "PATH");
      if (!found || !search_.has_worker(found->interpreter)) continue;
      return finish(std::move(*found), "PATH",
                    fmt::format("the virtual environment on PATH, {}", folder.string()),
                    folder.filename().string());
    }
    return std::nullopt;
  }

  Result<Environment> newest() {
    auto all = search_.all();
    if (all.empty())
      return environment_error("no Python interpreter was found",
                               "looked on PATH and for those of pyenv, uv and conda",
                               "install one, or name it: --python PATH");
    const std::string hint = environment::minor_of(request_.notebook_python);
    Found best = best_of(std::move(all));
    const bool matches = !hint.empty() && best.interpreter.minor == hint;
    const std::string why =
        matches ? fmt::format("the notebook was saved by Python {}; the project has no environment",
                              hint)
                : "the newest interpreter with a worker; the project has no environment";
    const std::string source = best.interpreter.found_by;
    return finish(std::move(best), source, why, {});
  }

  /// With a worker before without, of the notebook's minor before others, PATH before elsewhere,
  /// newer before older, found first before later.
  Found best_of(std::vector<Found> all) const {
    const std::string hint = environment::minor_of(request_.notebook_python);
    const auto better = [&](const Found& a, const Found& b) {
      const auto rank = [&](const Interpreter& one) {
        const bool named = one.found_by == "PATH" || one.found_by == "NBREPLAY_PYTHONS";
        return std::tuple(search_.has_worker(one), one.minor == hint, named);
      };
      const auto left = rank(a.interpreter);
      const auto right = rank(b.interpreter);
      if (left != right) return left > right;
      return environment::compare_versions(a.interpreter.version, b.interpreter.version) > 0;
    };
    return *std::min_element(all.begin(), all.end(), better);
  }

  Result<Environment> finish(Found found, std::string_view source, std::string why,
                             std::string name) const {
    return environment::environment_of(std::move(found),
                                       {std::string(source), std::move(why), std::move(name)},
                                       settings_.ipython_supply);
  }

  static Error broken(const Path& folder, const Error& reason) {
    return environment_error(
        fmt::format("{}: the project's environment cannot be used", folder.string()),
        reason.cause.empty() ? reason.message : reason.message + ": " + reason.cause,
        "repair or remove it, or choose another: --environment or --python");
  }

  static bool is_path(const std::string& python) { return python.find('/') != std::string::npos; }

  static bool is_version(const Interpreter& interpreter, const std::string& asked) {
    return interpreter.minor == asked || interpreter.version == asked;
  }

  const EnvironmentSettings& settings_;
  Search& search_;
  const EnvironmentRequest& request_;
};

}  // namespace

LocalEnvironments::LocalEnvironments(EnvironmentSettings settings, ChildRunner& children,
                                     PackageTools* packages)
    : settings_(std::move(settings)), children_(children), packages_(packages) {}

Result<Environment> LocalEnvironments::find(const EnvironmentRequest& request) {
  if (request.environment && (!request.requirements.empty() || request.as_of))
    return usage_error(fmt::format("--environment and {} exclude each other",
                                   request.as_of ? "--as-of" : "--requirements"),
                       "an environment is used as it is, or a new one is made");
  if (makes(request)) {
    NBREPLAY_TRY(const EnvironmentPlan plan, this->plan(request));
    return make(request, plan);
  }
  NBREPLAY_TRY(Environment at_hand, this->at_hand(request));
  if (!may_be_replaced(request, at_hand)) return at_hand;
  auto other = made_where_it_helps(request, at_hand);
  if (other) return other;
  at_hand.why += fmt::format("; it lacks {}, and none that has it was made: {}",
                             some_of(lacking(request, at_hand)), other.error().message);
  return at_hand;
}

Result<Environment> LocalEnvironments::at_hand(const EnvironmentRequest& request) {
  Search search(settings_, children_);
  NBREPLAY_TRY(Environment at_hand, Choice(settings_, search, request).at_hand());
  const bool may_make = packages_ != nullptr && settings_.make != MakeEnvironments::kNever;
  if (const std::string pins = recorded_pins(request);
      may_make && !is_named(request, at_hand) && !pins.empty())
    at_hand.why += fmt::format("; {} is there, of which --infer makes an environment", pins);
  return at_hand;
}

bool LocalEnvironments::may_be_replaced(const EnvironmentRequest& request,
                                        const Environment& at_hand) const {
  return packages_ != nullptr && settings_.make != MakeEnvironments::kNever &&
         !is_named(request, at_hand) && !lacking(request, at_hand).empty();
}

Result<Environment> LocalEnvironments::bare(const EnvironmentRequest& request) {
  Search search(settings_, children_);
  NBREPLAY_TRY(auto given, named_interpreter(search, request));
  if (!given) {
    NBREPLAY_TRY(given, Making(*packages_, search, request, {}).provisional());
  }
  NBREPLAY_TRY(Found found, search.at(given->executable, given->found_by));
  return environment::environment_of(std::move(found), {}, settings_.ipython_supply);
}

bool LocalEnvironments::makes(const EnvironmentRequest& request) const {
  return packages_ != nullptr && !request.environment &&
         (!request.requirements.empty() || request.as_of ||
          settings_.make == MakeEnvironments::kAlways);
}

Result<std::optional<Interpreter>> LocalEnvironments::named_interpreter(
    Search& search, const EnvironmentRequest& request) {
  if (!request.python) return std::optional<Interpreter>();
  NBREPLAY_TRY(Found found, Choice(settings_, search, request).named_python());
  return std::optional(std::move(found.interpreter));
}

Result<EnvironmentPlan> LocalEnvironments::plan(const EnvironmentRequest& request) {
  Search search(settings_, children_);
  NBREPLAY_TRY(auto given, named_interpreter(search, request));
  return Making(*packages_, search, request, std::move(given)).plan();
}

Result<Resolution> LocalEnvironments::lock(const EnvironmentRequest& request,
                                           const EnvironmentPlan& plan) {
  Search search(settings_, children_);
  return Making(*packages_, search, request, {}).lock(plan);
}

Result<Environment> LocalEnvironments::make(const EnvironmentRequest& request,
                                            const EnvironmentPlan& plan) {
  Search search(settings_, children_);
  return Making(*packages_, search, request, {}).make(plan);
}

Result<Environment> LocalEnvironments::made_where_it_helps(const EnvironmentRequest& request,
                                                           const Environment& at_hand) {
  Search search(settings_, children_);
  Making making(*packages_, search, request, {});
  NBREPLAY_TRY(const auto plan, making.plan());
  // For imports alone it pays only when some of what is lacking belongs to a known package.
  const auto& unknown = plan.inference.unknown;
  const auto lacks = lacking(request, at_hand);
  const bool all_unknown = std::ranges::all_of(lacks, [&](const std::string& name) {
    return std::ranges::find(unknown, name) != unknown.end();
  });
  if (all_unknown) {
    const auto& notes = plan.inference.notes;
    return environment_error(fmt::format("no package is known for {}{}", some_of(lacks),
                                         notes.empty() ? "" : ", and " + notes.front()));
  }
  return making.make(plan);
}

std::vector<Interpreter> LocalEnvironments::interpreters() {
  Search search(settings_, children_);
  std::vector<Interpreter> all;
  for (Found& found : search.all()) all.push_back(std::move(found.interpreter));
  return all;
}

}  // namespace nbreplay
