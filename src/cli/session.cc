#include "cli/session.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <map>
#include <set>
#include <utility>

#include "nbreplay/base/units.h"
#include "nbreplay/base/utf8.h"
#include "nbreplay/environment/bytecode.h"
#include "nbreplay/environment/machine.h"
#include "nbreplay/process/background_children.h"
#include "nbreplay/process/child_runner.h"
#include "nbreplay/process/project.h"
#include "nbreplay/process/sandbox.h"
#include "nbreplay/process/worker_fact_source.h"
#include "nbreplay/process/worker_trial_runner.h"
#include "nbreplay/store/sqlite_trial_cache.h"
#include "nbreplay/trial/cached_runner.h"

#include "cli/installed.h"
#include "cli/log.h"
#include "cli/logged_runner.h"
#include "cli/notebook_needs.h"
#include "cli/sandbox_words.h"

namespace nbreplay::cli {
namespace {

EnvironmentSettings environment_settings(const process::Installation& installation,
                                         const Path& cache_folder, const CommonOptions& options) {
  EnvironmentSettings settings{process::built_minors(installation), installation.ipython_supply,
                               cache_folder, Surroundings::of_process()};
  settings.make = !options.infer   ? MakeEnvironments::kWhereNeeded
                  : *options.infer ? MakeEnvironments::kAlways
                                   : MakeEnvironments::kNever;
  return settings;
}

Status check_ipython(const Environment& environment, Shell shell) {
  if (shell != Shell::kIPython || !environment.ipython_version.empty()) return {};
  return environment_error(
      fmt::format("{}: has no IPython, which cells run through",
                  environment.interpreter.executable.string()),
      fmt::format("none was prepared for Python {} to come along", environment.interpreter.minor),
      "prepare one with scripts/prepare_ipython.sh, install ipython into the environment, or "
      "run with --shell plain");
}

/// What the options say of the environment.
EnvironmentRequest asked_for(const CommonOptions& options) {
  EnvironmentRequest request;
  request.python = options.python;
  request.environment = options.environment;
  request.requirements = options.requirements;
  request.as_of = options.as_of;
  return request;
}

PackageToolSettings package_settings(const process::Installation& installation,
                                     const CommonOptions& options,
                                     process::BackgroundChildren& background) {
  PackageToolSettings settings;
  settings.share = installation.share;
  settings.offline = options.offline;
  settings.build = options.build;
  settings.variables = packaging_variables();
  settings.start_in_background = [&background](const ChildCommand& command) {
    background.start(command);
  };
  return settings;
}

std::string changed_words(const std::vector<Path>& changed, const Path& root) {
  const Path name = changed.front().lexically_relative(root);
  const bool outside = name.empty() || *name.begin() == "..";
  std::string more;
  if (changed.size() > 1)
    more = fmt::format(" and {} other file{}", changed.size() - 1, changed.size() > 2 ? "s" : "");
  return fmt::format(
      "{}{} changed while the notebook ran: runs may have seen either content, and none of them is "
      "kept for later; run it again, and leave the project alone meanwhile",
      to_valid_utf8((outside ? changed.front() : name).string()), more);
}

/// The layers of isolation for this session, as asked for.
Result<SandboxFacts> open_sandbox(const CommonOptions& options) {
  SandboxFacts facts;
  if (options.sandbox == "off") {
    facts.layers = {"process group", "project copy", "fixed variables", "memory watch",
                    "file size limit"};
    facts.missing = {{"all others", "--sandbox off", "--sandbox auto"}};
    return facts;
  }
  const Path bubblewrap = options.bubblewrap ? process::find_bubblewrap() : Path();
  if (options.bubblewrap && bubblewrap.empty())
    return environment_error(
        "--sandbox-backend bubblewrap: there is no bwrap in PATH", "",
        "install it (Debian: apt install bubblewrap), or leave the option out");
  auto found = process::probe_sandbox(find_installation(), bubblewrap);
  // Somebody may have killed the launcher: asked again before it counts.
  if (!found) found = process::probe_sandbox(find_installation(), bubblewrap);
  if (!found) return found.error();
  facts = std::move(*found);
  facts.level = options.sandbox;
  facts.network = options.network || !facts.sandboxed;
  if (options.network) std::erase(facts.layers, "no network");
  if (options.sandbox == "strict" && !facts.missing.empty()) {
    const MissingLayer& first = facts.missing.front();
    return environment_error(
        fmt::format("--sandbox strict: a layer of isolation is missing: {}", first.name), first.why,
        first.remedy);
  }
  return facts;
}

}  // namespace

/// Members are destroyed in reverse: what uses others stands below them.
struct Session::Parts {
  Parts(const CommonOptions& asked, const CommandContext& context, std::unique_ptr<Log> opened,
        SandboxFacts found)
      : options(asked),
        console(context.console),
        stop(context.stop),
        log(std::move(opened)),
        sandbox(std::move(found)),
        machine(machine_facts()),
        jobs(asked.jobs > 0 ? asked.jobs : machine.cores),
        cache_folder(asked.cache_dir.value_or(default_cache_folder())),
        installation(find_installation()),
        progress(context.console, clock, !asked.no_progress && !asked.quiet),
        children(&context.stop),
        machine_settings(environment_settings(installation, cache_folder, asked)),
        packages(package_settings(installation, asked, background), machine_settings, children),
        environments(machine_settings, children, &packages),
        trials(runner_settings(*this, context.stop)),
        logged(trials, *log) {}

  /// Once, before the first notebook.
  void warn_of_missing_layers() {
    if (std::exchange(layers_said, true)) return;
    log->step(layers_in_force(sandbox));
    const std::string warning = missing_layers_warning(sandbox);
    // Without a sandbox also to who wants quiet.
    if (!warning.empty() && (!sandbox.sandboxed || !console.quiet())) console.warning(warning);
  }

  /// Of notebooks in the same project, while nothing changes, one serves all.
  std::shared_ptr<const process::ProjectWatch> watch_of(
      const std::shared_ptr<const Project>& project) {
    auto watch = last_watch.lock();
    const bool same = watch && watch->project().root == project->root &&
                      watch->project().digest == project->digest &&
                      watch->project().notebook.parent_path() == project->notebook.parent_path() &&
                      watch->project().inputs == project->inputs;
    if (!same) watch = std::make_shared<const process::ProjectWatch>(project);
    last_watch = watch;
    return watch;
  }

  void warn_of_missing_bytecode(const Environment& environment) {
    if (!lacks_bytecode(environment) || !warned.insert(environment.interpreter.prefix).second)
      return;
    console.warning(fmt::format(
        "{}: its packages were never compiled, so every run compiles anew what it imports; "
        "compile them once: {} -m compileall -q {}",
        environment.display_name, environment.interpreter.executable.string(),
        environment.site_packages.front().string()));
  }

  void warn_of_python_2(const Path& path, const Notebook& notebook) {
    if (console.quiet() || !notebook.language_version().starts_with("2.") ||
        !warned.insert(path).second)
      return;
    console.warning(fmt::format(
        "{}: was last run with Python {}; here it runs with Python 3, in which much of Python 2 is "
        "a syntax error or means something else",
        escape_control(path.string()), escape_control(notebook.language_version())));
  }

  [[nodiscard]] bool confined() const {
    return std::count(sandbox.layers.begin(), sandbox.layers.end(), "filter of system calls") > 0;
  }

  /// What runs the trials, as part of every key: modules that are imported before can change
  /// answers.
  [[nodiscard]] std::string runner_identity() const {
    return fmt::format("{} {} {} {} {}", worker_identity(installation),
                       fmt::join(options.preload, ","),
                       !sandbox.sandboxed   ? "open"
                       : options.bubblewrap ? "bubblewrap"
                                            : "sandbox",
                       sandbox.network ? "network" : "alone", confined() ? "confined" : "free");
  }

  static process::RunnerSettings runner_settings(const Parts& parts, const StopRequest& stop) {
    process::RunnerSettings settings;
    settings.installation = parts.installation;
    settings.cache_folder = parts.cache_folder;
    settings.jobs = parts.jobs;
    settings.stop = &stop;
    if (!parts.options.no_snapshots)
      settings.snapshot_memory =
          parts.options.snapshot_memory.value_or(Bytes{parts.machine.memory.count / 4});
    settings.preload = parts.options.preload;
    settings.confined = parts.confined();
    if (parts.sandbox.sandboxed)
      settings.sandbox = process::SandboxSettings{
          parts.options.network, parts.options.bubblewrap ? process::find_bubblewrap() : Path(),
          parts.sandbox.layers_on_disk};
    return settings;
  }

  const CommonOptions& options;
  Console& console;
  StopRequest& stop;
  SteadyClock clock;
  std::unique_ptr<Log> log;
  SandboxFacts sandbox;
  MachineFacts machine;
  std::size_t jobs;
  Path cache_folder;
  process::Installation installation;
  Progress progress;
  process::BoostChildRunner children;
  process::BackgroundChildren background;
  EnvironmentSettings machine_settings;
  PackageTools packages;
  LocalEnvironments environments;
  process::WorkerTrialRunner trials;
  LoggedRunner logged;
  std::unique_ptr<SqliteTrialCache> cache;
  std::unique_ptr<CachedRunner> cached;
  std::map<Path, std::unique_ptr<process::WorkerFactSource>> facts;  // by interpreter
  std::set<Path> warned;  // of: environments (prefixes), notebooks
  bool layers_said = false;
  std::weak_ptr<const process::ProjectWatch> last_watch;
};

Session::Session(std::unique_ptr<Parts> parts) : parts_(std::move(parts)) {}
Session::~Session() = default;

Result<std::unique_ptr<Session>> Session::open(const CommonOptions& options,
                                               const CommandContext& context) {
  if (options.quiet) context.console.be_quiet();
  NBREPLAY_TRY(auto log, Log::open(options.log, options.force, options.verbose, context.console));
  NBREPLAY_TRY(SandboxFacts sandbox, open_sandbox(options));
  auto parts = std::make_unique<Parts>(options, context, std::move(log), std::move(sandbox));
  if (!options.no_cache) {
    if (auto cache = SqliteTrialCache::open(parts->cache_folder, options.no_snapshots)) {
      parts->cache = std::move(*cache);
      parts->cached =
          std::make_unique<CachedRunner>(parts->logged, *parts->cache, parts->runner_identity());
    } else {
      context.console.warning(
          fmt::format("{}; going on without a cache of trials", cache.error().message));
    }
  }
  parts->log->step(fmt::format("{} job{}, cache in {}", parts->jobs, parts->jobs == 1 ? "" : "s",
                               parts->cache_folder.string()));
  return std::unique_ptr<Session>(new Session(std::move(parts)));
}

Result<Environment> Session::find_environment(const Path& folder, const Path& root) {
  EnvironmentRequest request = asked_for(options());
  request.notebook_folder = folder;
  request.project_root = root;
  NBREPLAY_TRY(Environment environment, parts_->environments.find(request));
  NBREPLAY_TRY_VOID(check_ipython(environment, options().shell));
  return environment;
}

Result<EnvironmentRequest> Session::environment_request(const Notebook& notebook,
                                                        const Project& project, bool with_imports) {
  EnvironmentRequest request = asked_for(options());
  request.notebook_folder = project.notebook.parent_path();
  request.project_root = project.root;
  request.notebook_python = notebook.language_version();
  if (!with_imports) return request;
  request.pip_lines = pip_lines_of(notebook);
  request.notebook_date = last_run_of(notebook.to_json());
  if (request.notebook_date.empty())
    request.notebook_date = commit_date(parts_->children, project.notebook);
  // Parsing needs no more than an interpreter.
  NBREPLAY_TRY(Environment bare, parts_->environments.bare(request));
  NBREPLAY_TRY(FactSource * source, facts(std::make_shared<const Environment>(std::move(bare))));
  std::vector<std::string> sources;
  for (const std::size_t index : notebook.code_cells())
    sources.push_back(notebook.cells()[index].source);
  NBREPLAY_TRY(const std::vector<CellFacts> cells, source->facts(sources));
  request.imports = imports_of(notebook, cells);
  return request;
}

Result<Environment> Session::environment_for(const Notebook& notebook, const Project& project) {
  LocalEnvironments& environments = parts_->environments;
  NBREPLAY_TRY(EnvironmentRequest request, environment_request(notebook, project, false));
  if (environments.makes(request)) {
    parts_->progress.stage("making an environment");
    NBREPLAY_TRY(request, environment_request(notebook, project, true));
    return environments.find(request);
  }
  NBREPLAY_TRY(Environment at_hand, environments.at_hand(request));
  request.imports = seeming_imports(notebook);
  request.pip_lines = pip_lines_of(notebook);
  if (!environments.may_be_replaced(request, at_hand)) return at_hand;
  NBREPLAY_TRY(request, environment_request(notebook, project, true));
  if (!environments.may_be_replaced(request, at_hand)) return at_hand;
  parts_->progress.stage("making an environment");
  return environments.find(request);
}

Result<PreparedNotebook> Session::prepare(const Path& path) {
  NBREPLAY_TRY(Notebook notebook, read_notebook(path));
  NBREPLAY_TRY_VOID(check_runnable(notebook));
  parts_->warn_of_missing_layers();
  process::ProjectRequest project_request;
  project_request.notebook = path;
  project_request.working_directory = options().working_directory;
  project_request.inputs = options().inputs;
  if (parts_->sandbox.sandboxed) project_request.copy_cap = Bytes{~std::uint64_t{0}};
  const Path folder = path.has_parent_path() ? path.parent_path() : Path(".");
  project_request.hidden = result_files_in(folder, path);
  if (options().output_dir)
    for (Path& file : result_files_in(*options().output_dir, path))
      project_request.hidden.push_back(std::move(file));
  if (options().log) project_request.hidden.push_back(*options().log);  // grows meanwhile
  NBREPLAY_TRY(auto project, process::make_project(project_request));

  NBREPLAY_TRY(Environment environment, environment_for(notebook, *project));
  NBREPLAY_TRY_VOID(check_ipython(environment, options().shell));
  parts_->warn_of_missing_bytecode(environment);
  parts_->warn_of_python_2(path, notebook);
  parts_->log->step(fmt::format("{}: {}", path.string(), environment.why));
  parts_->log->detail(fmt::format("project {}, starts in {}", project->root.string(),
                                  project->working_directory.string()));
  return PreparedNotebook{std::move(notebook),
                          std::make_shared<const Environment>(std::move(environment)),
                          std::move(project)};
}

std::shared_ptr<const process::ProjectWatch> Session::watch(
    const std::shared_ptr<const Project>& project) {
  return parts_->watch_of(project);
}

std::optional<std::string> Session::changed_meanwhile(const process::ProjectWatch& watch,
                                                      const Path& written) {
  const Project& project = watch.project();
  std::vector<Path> ours = {parts_->cache_folder, written};
  if (options().output_dir) ours.push_back(*options().output_dir);
  if (options().log) ours.push_back(*options().log);
  for (Path& file : result_files_in(project.notebook.parent_path(), project.notebook))
    ours.push_back(std::move(file));
  for (Path& path : ours) {
    std::error_code ignored;
    if (!path.empty()) path = std::filesystem::weakly_canonical(path, ignored);
  }
  const std::vector<Path> changed = watch.changes([&](const Path& path) {
    return is_result(path) || std::ranges::any_of(ours, [&](const Path& own) {
             return !own.empty() &&
                    std::ranges::mismatch(own, path).in1 == own.end();  // it, or within it
           });
  });
  if (changed.empty()) return std::nullopt;
  if (parts_->cached)
    for (const std::string& key : parts_->cached->take_stored(project.root))
      parts_->cache->forget(key);
  return changed_words(changed, project.root);
}

void Session::complete(NotebookFinding& finding, const process::ProjectWatch& watch) {
  finding.sandbox = sandbox();
  if (auto note = changed_meanwhile(watch)) finding.notes.push_back(*std::move(note));
}

const CommonOptions& Session::options() const {
  return parts_->options;
}
const Console& Session::console() const {
  return parts_->console;
}
const Clock& Session::clock() const {
  return parts_->clock;
}
const StopRequest& Session::stop() const {
  return parts_->stop;
}
Progress& Session::progress() {
  return parts_->progress;
}
LocalEnvironments& Session::environments() {
  return parts_->environments;
}
ChildRunner& Session::children() {
  return parts_->children;
}

PackageTools& Session::packages() {
  return parts_->packages;
}
ReleaseSource& Session::releases() {
  return parts_->packages;
}
EnvironmentEditor& Session::editor() {
  return parts_->packages;
}

process::RunnerSettings Session::runner_settings() const {
  return Parts::runner_settings(*parts_, parts_->stop);
}

TrialRunner& Session::runner() {
  if (parts_->cached) return *parts_->cached;
  return parts_->logged;
}

Result<FactSource*> Session::facts(const std::shared_ptr<const Environment>& environment) {
  auto& source = parts_->facts[environment->interpreter.executable];
  if (!source)
    source = std::make_unique<process::WorkerFactSource>(process::FactSettings{
        parts_->installation, environment, &parts_->stop, parts_->confined()});
  return static_cast<FactSource*>(source.get());
}

InvestigationSettings Session::investigation_settings() const {
  InvestigationSettings settings;
  settings.budget = options().budget;
  settings.limits = limits();
  settings.seed = options().seed;
  settings.shell = options().shell;
  settings.variables = options().variables;
  settings.files_anywhere = parts_->sandbox.sandboxed;
  return settings;
}

Limits Session::limits() const {
  Limits limits = options().limits;
  if (!limits.given.memory)
    limits.memory = Bytes{parts_->machine.memory.count / 4 * 3 / parts_->jobs};
  return limits;
}

const Path& Session::cache_folder() const {
  return parts_->cache_folder;
}

SandboxFacts Session::sandbox() const {
  return parts_->sandbox;
}

ResultFiles Session::result_files(const Path& notebook) const {
  return {notebook, options().output_dir, options().force};
}

}  // namespace nbreplay::cli
