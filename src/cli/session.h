#pragma once

#include <memory>
#include <optional>

#include "nbreplay/diagnosis/engine.h"
#include "nbreplay/environment/local_environments.h"
#include "nbreplay/environment/package_tools.h"
#include "nbreplay/notebook/notebook.h"
#include "nbreplay/process/project_watch.h"
#include "nbreplay/process/worker_trial_runner.h"
#include "nbreplay/store/result_files.h"
#include "nbreplay/trial/runner.h"

#include "cli/command.h"
#include "cli/options.h"
#include "cli/progress.h"

namespace nbreplay::cli {

/// A notebook that may be run: read, checked, with its environment and its project.
struct PreparedNotebook {
  Notebook notebook;
  std::shared_ptr<const Environment> environment;
  std::shared_ptr<const Project> project;
};

/// The adapters of one command, wired: where nbreplay's own files are, how trials run, what is
/// cached. References to the console and the stop request must outlive it.
class Session {
 public:
  [[nodiscard]] static Result<std::unique_ptr<Session>> open(const CommonOptions& options,
                                                             const CommandContext& context);
  ~Session();

  /// The environment that was asked for, else the one that a notebook in `folder` of the project
  /// `root` would get, as far as it is at hand. Cells can run in it.
  [[nodiscard]] Result<Environment> find_environment(const Path& folder, const Path& root);
  /// What is known of a notebook that an environment is to be found or made for. Its imports are
  /// only looked at when `with_imports`, since a worker has to parse them.
  [[nodiscard]] Result<EnvironmentRequest> environment_request(const Notebook& notebook,
                                                               const Project& project,
                                                               bool with_imports);
  /// Reads and checks a notebook, finds its environment and its project.
  [[nodiscard]] Result<PreparedNotebook> prepare(const Path& notebook);
  /// Remembers what a prepared notebook's project and inputs look like. Looks at every file of
  /// them: for commands that ask `changed_meanwhile`.
  [[nodiscard]] std::shared_ptr<const process::ProjectWatch> watch(
      const std::shared_ptr<const Project>& project);
  /// Asked after the last trial of a notebook: when something of the project or the inputs changed
  /// meanwhile, a note that names it, and no outcome is kept for later. What nbreplay wrote, also
  /// into `written`, is no change.
  [[nodiscard]] std::optional<std::string> changed_meanwhile(const process::ProjectWatch& watch,
                                                             const Path& written = {});
  /// Says in a finding what it was found in: the sandbox, and a project that changed meanwhile.
  void complete(NotebookFinding& finding, const process::ProjectWatch& watch);

  [[nodiscard]] const CommonOptions& options() const;
  [[nodiscard]] const Console& console() const;
  [[nodiscard]] const Clock& clock() const;
  [[nodiscard]] const StopRequest& stop() const;
  [[nodiscard]] Progress& progress();
  /// For a runner besides the session's own.
  [[nodiscard]] process::RunnerSettings runner_settings() const;
  /// Answers from the cache where that is allowed.
  [[nodiscard]] TrialRunner& runner();
  [[nodiscard]] Result<FactSource*> facts(const std::shared_ptr<const Environment>& environment);
  [[nodiscard]] LocalEnvironments& environments();
  [[nodiscard]] ChildRunner& children();
  /// Packages: their releases, locks, and environments that are made of them.
  [[nodiscard]] PackageTools& packages();
  [[nodiscard]] ReleaseSource& releases();
  [[nodiscard]] EnvironmentEditor& editor();
  /// The limits asked for, completed from the machine's size.
  [[nodiscard]] Limits limits() const;
  /// What the options say of an investigation; the command adds what it wants to know.
  [[nodiscard]] InvestigationSettings investigation_settings() const;
  [[nodiscard]] SandboxFacts sandbox() const;
  [[nodiscard]] const Path& cache_folder() const;
  [[nodiscard]] ResultFiles result_files(const Path& notebook) const;

 private:
  struct Parts;
  /// Finds it, or makes it where that is asked for or helps.
  Result<Environment> environment_for(const Notebook& notebook, const Project& project);
  explicit Session(std::unique_ptr<Parts> parts);
  std::unique_ptr<Parts> parts_;
};

}  // namespace nbreplay::cli
