// bisect: which package, which release, which Python does a crash begin with?

#include <fmt/format.h>

#include <algorithm>

#include "nbreplay/base/units.h"
#include "nbreplay/diagnosis/versions.h"
#include "nbreplay/notebook/cell_name.h"

#include "cli/notebooks.h"
#include "cli/version_services.h"

namespace nbreplay::cli {
namespace {

class BisectCommand final : public Command {
 public:
  std::string name() const override { return "bisect"; }
  std::string purpose() const override {
    return "Which release of which package, or which Python, does the crash begin with?";
  }

  std::string details() const override {
    return fmt::format(
        "Give one of: --package, with or without a release that passes and one that crashes; two\n"
        "environments; or versions of Python. Everything else is held still.\n\n"
        "Examples:\n  nbreplay bisect churn.ipynb --package pandas\n"
        "  nbreplay bisect churn.ipynb --package pandas --good 1.5.3 --bad 2.2.0\n"
        "  nbreplay bisect churn.ipynb --good-environment .venv-old --bad-environment .venv\n"
        "  nbreplay bisect churn.ipynb --python-versions 3.8..3.12\n\n{}",
        exit_codes_text("a boundary was found, and three fresh runs on both sides confirm it",
                        "nothing could be established"));
  }

  void configure(CLI::App& app) override {
    app.add_option("notebooks", notebooks_, "Notebooks (.ipynb)")
        ->required()
        ->type_name("NOTEBOOK");
    auto* package = app.add_option("--package", package_, "Search the releases of this package")
                        ->type_name("NAME")
                        ->group("Versions");
    app.add_option("--good", good_, "A release that passes (default: searched for)")
        ->needs(package)
        ->type_name("VERSION")
        ->group("Versions");
    app.add_option("--bad", bad_, "A release that crashes (default: the one installed)")
        ->needs(package)
        ->type_name("VERSION")
        ->group("Versions");
    auto* good = app.add_option("--good-environment", good_environment_,
                                "Environment, requirement file or lock that passes ...")
                     ->check(CLI::ExistingPath)
                     ->type_name("PATH")
                     ->group("Versions");
    auto* bad = app.add_option("--bad-environment", bad_environment_,
                               "... and one that crashes: what of their difference decides?")
                    ->check(CLI::ExistingPath)
                    ->type_name("PATH")
                    ->group("Versions");
    good->needs(bad)->excludes(package);
    bad->needs(good)->excludes(package);
    app.add_option("--python-versions", python_versions_,
                   "Run under each of these, with the same packages: 3.8..3.12, or 3.8,3.11")
        ->excludes(package)
        ->excludes(good)
        ->type_name("VERSIONS")
        ->group("Versions");
    app.add_option("--cell", cell_,
                   "The crash in this cell: its ordinal, id:ABC, or In[22] (default: the first)")
        ->type_name("CELL");
    app.add_option("--order", order_, "Order to reproduce the crash in, such as 1,3,2,3")
        ->type_name("CELLS");
    add_common_options(app, options_, kInvestigationBudget);
  }

  int run(const CommandContext& context) override {
    if (const auto sane = check_question(); !sane) {
      context.console.error(sane.error());
      return kExitError;
    }
    // The crashing one is what the notebook is run in.
    if (!bad_environment_.empty()) put_environment(bad_environment_, options_);
    return answer_findings(
        name(), notebooks_, options_, context,
        [this](Session& session, const Path& path) { return bisect_one(session, path); }, exit_of);
  }

 private:
  Status check_question() const {
    if (package_.empty() && good_environment_.empty() && python_versions_.empty())
      return usage_error("what is to be compared?",
                         "give --package NAME, --good-environment and --bad-environment, or "
                         "--python-versions 3.8..3.12; nbreplay diagnose finds out which package");
    if (!good_.empty() && good_ == bad_)
      return usage_error(fmt::format("--good and --bad are both {}", good_));
    if (!python_versions_.empty()) {
      NBREPLAY_TRY_VOID(parse_python_versions(python_versions_));
    }
    return {};
  }

  /// A folder is an environment; a file says what to make one of.
  template <class Request>
  static void put_environment(const Path& path, Request& request) {
    std::error_code failed;
    if (std::filesystem::is_directory(path, failed)) {
      request.environment = path;
      request.requirements.clear();
    } else {
      request.environment.reset();
      request.requirements = {path};
    }
  }

  NotebookFinding bisect_one(Session& session, const Path& path) {
    NotebookFinding finding;
    finding.path = path;
    session.progress().begin(path.filename().string(), options_.budget);
    auto prepared = session.prepare(path);
    if (!prepared) {
      finding.problem = prepared.error();
      return finding;
    }
    auto settings = settings_for(session, *prepared);
    auto facts = session.facts(prepared->environment);
    if (!settings) finding.problem = settings.error();
    if (!facts) finding.problem = facts.error();
    if (finding.problem) return finding;
    const Services services{session.runner(), **facts, session.clock(), session.stop(),
                            session.progress()};
    VersionServices versions = version_services(session, prepared->environment);
    if (!python_versions_.empty()) versions.interpreters = usable_interpreters(session);
    const auto watch = session.watch(prepared->project);
    finding = bisect_versions(prepared->notebook, prepared->environment, prepared->project,
                              services, versions, *settings);
    session.complete(finding, *watch);
    return finding;
  }

  Result<VersionsSettings> settings_for(Session& session, const PreparedNotebook& prepared) const {
    VersionsSettings settings;
    settings.investigation = session.investigation_settings();
    if (!cell_.empty()) {
      NBREPLAY_TRY(settings.investigation.cell, parse_cell_name(prepared.notebook, cell_));
    }
    if (!order_.empty()) {
      NBREPLAY_TRY(settings.investigation.order, parse_order(prepared.notebook, order_));
      if (settings.investigation.order->empty()) return usage_error("--order names no cell");
      if (!settings.investigation.cell)
        settings.investigation.cell = settings.investigation.order->back();
    }
    if (!package_.empty()) {
      const auto given = [](const std::string& version) {
        return version.empty() ? std::nullopt : std::optional(version);
      };
      settings.package = ReleaseQuestion{package_, given(good_), given(bad_)};
    } else if (!good_environment_.empty()) {
      // Made as the crashing one is: of the same age, and with what the notebook imports besides.
      NBREPLAY_TRY(EnvironmentRequest request,
                   session.environment_request(prepared.notebook, *prepared.project, true));
      put_environment(good_environment_, request);
      NBREPLAY_TRY(Environment good, session.environments().find(request));
      settings.environments = EnvironmentsQuestion{
          std::make_shared<const Environment>(std::move(good)), prepared.environment};
    } else {
      NBREPLAY_TRY(settings.python_versions, parse_python_versions(python_versions_));
    }
    return settings;
  }

  static int exit_of(const NotebookFinding& finding) {
    if (finding.problem || !finding.environment_change.empty()) return kExitError;
    if (finding.stopped_by == StoppedBy::kInterrupt) return kExitInterrupted;
    const bool established = std::ranges::any_of(finding.crashes, [](const CrashFinding& crash) {
      return crash.versions && crash.versions->established();
    });
    return established ? kExitGood : kExitBadNews;
  }

  CommonOptions options_;
  std::vector<Path> notebooks_;
  std::string package_;
  std::string good_;
  std::string bad_;
  Path good_environment_;
  Path bad_environment_;
  std::string python_versions_;
  std::string cell_;
  std::string order_;
};

}  // namespace

std::unique_ptr<Command> make_bisect() {
  return std::make_unique<BisectCommand>();
}

}  // namespace nbreplay::cli
