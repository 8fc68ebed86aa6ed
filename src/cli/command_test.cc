// test: finds notebooks, runs each top to bottom, and says which fail and how to find out why.

#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <set>

#include "nbreplay/base/units.h"
#include "nbreplay/base/utf8.h"
#include "nbreplay/report/json.h"
#include "nbreplay/report/junit.h"
#include "nbreplay/report/terminal.h"
#include "nbreplay/trial/notebook_trial.h"

#include "cli/notebooks.h"

namespace nbreplay::cli {
namespace {

namespace fs = std::filesystem;

constexpr Duration kDiagnosisBudget = std::chrono::minutes(10);

/// Folders that never hold notebooks of the project.
bool is_passed_over(const Path& folder) {
  const std::string name = folder.filename().string();
  std::error_code ignored;
  return (name.size() > 1 && name.front() == '.') || name == "node_modules" ||
         name == "__pycache__" || fs::exists(folder / "pyvenv.cfg", ignored);
}

/// Notebooks below `path`, sorted; nbreplay's own results are not tests.
Result<std::vector<Path>> find_notebooks(const Path& path) {
  std::error_code problem;
  if (!fs::exists(path, problem))
    return usage_error(fmt::format("{}: does not exist", path.string()),
                       "name a notebook or a folder with notebooks");
  if (!fs::is_directory(path, problem)) return std::vector<Path>{path};
  std::vector<Path> found;
  auto walk = fs::recursive_directory_iterator(path, fs::directory_options::skip_permission_denied,
                                               problem);
  for (const auto end = fs::recursive_directory_iterator(); walk != end; walk.increment(problem)) {
    if (problem) break;
    if (walk->is_directory(problem)) {
      if (is_passed_over(walk->path())) walk.disable_recursion_pending();
    } else if (walk->path().extension() == ".ipynb" && walk->is_regular_file(problem) &&
               !is_result(walk->path())) {
      found.push_back(walk->path());
    }
  }
  if (problem)
    return environment_error(fmt::format("{}: cannot be searched", path.string()),
                             problem.message());
  std::sort(found.begin(), found.end());
  return found;
}

class TestCommand final : public Command {
 public:
  std::string name() const override { return "test"; }
  std::string purpose() const override {
    return "Run notebooks as tests: each passes when nothing raises";
  }

  std::string details() const override {
    return "Cells tagged raises-exception may raise, cells tagged skip-execution are not run.\n\n"
           "Examples:\n  nbreplay test notebooks/\n"
           "  nbreplay test docs --jobs 4 --junit results.xml\n"
           "  nbreplay test analysis.ipynb --diagnose\n\n" +
           exit_codes_text("every notebook passed", "a notebook failed");
  }

  void configure(CLI::App& app) override {
    app.add_option("paths", paths_, "Notebooks, or folders to search for them")
        ->required()
        ->type_name("PATH");
    app.add_flag("--diagnose", diagnose_, "Find the cause of each failure");
    app.add_option("--junit", junit_, "Write the results as JUnit XML")
        ->type_name("FILE")
        ->group("Output");
    add_common_options(app, options_, std::nullopt);
  }

  int run(const CommandContext& context) override {
    auto session = Session::open(options_, context);
    if (!session) {
      context.console.error(session.error());
      return kExitError;
    }
    if (junit_) {
      if (const auto free = junit_file().check_writable(*junit_); !free) {
        context.console.error(free.error());
        return kExitError;
      }
    }
    std::set<Path> seen;
    for (const Path& path : paths_) {
      auto found = find_notebooks(path);
      if (!found) {
        context.console.error(found.error());
        return kExitError;
      }
      for (const Path& notebook : *found)
        if (seen.insert(notebook.lexically_normal()).second) notebooks_.push_back(notebook);
    }
    if (notebooks_.empty()) {
      context.console.error(
          usage_error("no notebook was found", "name a folder that holds .ipynb files"));
      return kExitError;
    }
    notebooks_ = meant_notebooks(notebooks_, context.console);
    results_.resize(notebooks_.size());
    sandbox_ = (*session)->sandbox();
    start_all(**session);
    collect(**session);
    if (diagnose_ && !environment_changed_) diagnose_failures(**session);
    (*session)->progress().clear();
    for (const auto& watch : watches_)
      if (const auto note = (*session)->changed_meanwhile(*watch)) context.console.talk(*note);
    return report(context);
  }

 private:
  struct Running {
    std::size_t index;
    PreparedNotebook prepared;
    Trial trial;
  };

  void start_all(Session& session) {
    session.progress().begin("test", std::nullopt);
    for (std::size_t i = 0; i < notebooks_.size(); ++i) {
      results_[i].notebook = notebooks_[i];
      if (session.stop().requested()) {
        results_[i].status = TestStatus::kSkipped;
        results_[i].summary = "interrupted before it was run";
        continue;
      }
      if (environment_changed_) {
        leave_out(results_[i]);
        continue;
      }
      auto prepared = session.prepare(notebooks_[i]);
      if (!prepared) {
        results_[i].status = TestStatus::kError;
        results_[i].summary = prepared.error().message;
        continue;
      }
      watches_.insert(session.watch(prepared->project));
      Trial trial;
      trial.executions =
          executions_of(prepared->notebook, top_to_bottom(prepared->notebook), ErrorPolicy::kStop);
      trial.environment = prepared->environment;
      trial.project = prepared->project;
      trial.variables = options_.variables;
      trial.limits = session.limits();
      trial.limits.budget = options_.budget;
      trial.random_seed = options_.seed;
      trial.shell = options_.shell;
      const TrialId id = session.runner().submit(
          trial, notebooks_.size() > 1 ? Freshness::kWarm : Freshness::kFresh);
      running_.emplace(id, Running{i, std::move(*prepared), std::move(trial)});
      // Its worker starts while the next notebook is read.
      collect(session, std::chrono::steady_clock::now());
    }
  }

  /// Until all are done, or the deadline.
  void collect(Session& session, std::optional<TimePoint> deadline = {}) {
    while (!running_.empty()) {
      session.progress().stage(fmt::format("{} of {} notebooks done",
                                           notebooks_.size() - running_.size(), notebooks_.size()));
      auto answer = session.runner().wait(deadline);
      if (!answer) {
        for (const auto& [id, running] : running_) {
          session.runner().cancel(id);
          results_[running.index].summary = answer.error().message;
        }
        running_.clear();
        return;
      }
      if (!*answer) return;
      const auto found = running_.find((*answer)->id);
      if (found == running_.end()) continue;
      const Running& running = found->second;
      results_[running.index] =
          judge_test(running.prepared.notebook, running.trial, (*answer)->outcome);
      results_[running.index].origin = (*answer)->origin;
      // A run that broke the protocol was killed too, but nobody asked for that.
      results_[running.index].interrupted &= session.stop().requested();
      session.progress().clear();
      if (results_[running.index].interrupted) {  // it says nothing about the notebook
        results_[running.index].status = TestStatus::kSkipped;
        results_[running.index].summary = "interrupted";
      } else if (!options_.json && results_[running.index].status != TestStatus::kError) {
        session.console().data(line_for(results_[running.index]));  // errors: at the end
      }
      environment_changed_ |= !(*answer)->outcome.environment_change.empty();
      running_.erase(found);
      if (!environment_changed_) continue;
      for (const auto& [id, other] : running_) {
        session.runner().cancel(id);
        leave_out(results_[other.index]);
      }
      running_.clear();
    }
  }

  static void leave_out(TestResult& result) {
    result.status = TestStatus::kError;
    result.summary = "left out: another notebook changed the environment";
  }

  void diagnose_failures(Session& session) {
    for (TestResult& result : results_) {
      if (result.status != TestStatus::kFailed || session.stop().requested()) continue;
      auto prepared = session.prepare(result.notebook);
      if (!prepared) continue;
      auto facts = session.facts(prepared->environment);
      if (!facts) continue;
      InvestigationSettings settings = session.investigation_settings();
      settings.cell = result.failed_cell;
      settings.order = top_to_bottom(prepared->notebook, result.failed_cell);
      settings.budget = options_.budget.value_or(kDiagnosisBudget);
      session.progress().begin(result.notebook.filename().string(), settings.budget);
      const Services services{session.runner(), **facts, session.clock(), session.stop(),
                              session.progress()};
      const NotebookFinding finding = investigate(prepared->notebook, prepared->environment,
                                                  prepared->project, services, settings);
      result.cause = cause_line(finding);
      session.progress().clear();
      if (!options_.json)
        session.console().data(finding_text(finding, session.console().data_style()));
    }
  }

  static std::string cause_line(const NotebookFinding& finding) {
    if (finding.problem) return finding.problem->message;
    if (finding.crashes.empty() || !finding.crashes.front().cause) return "not found";
    const Cause& cause = *finding.crashes.front().cause;
    return fmt::format("{}{} ({}). {}", cause.label,
                       cause.sublabel.empty() ? "" : ": " + cause.sublabel,
                       to_string(cause.verdict), cause.explanation);
  }

  std::string line_for(const TestResult& result) const {
    std::string line =
        fmt::format("{:7} {}", to_string(result.status), escape_control(result.notebook.string()));
    if (result.status == TestStatus::kPassed)
      return line + fmt::format("   {}\n", format_duration(result.wall));
    if (result.failed_ordinal) line += fmt::format("   cell {}", *result.failed_ordinal);
    line += "   " + escape_control(result.summary) + "\n";
    if (result.status == TestStatus::kFailed && !diagnose_)
      line += fmt::format("        why: nbreplay diagnose {}{}\n",
                          escape_control(shell_word(result.notebook.string())), same_environment());
    return line;
  }

  /// The options that decide which environment runs the notebook, as they were given.
  std::string same_environment() const {
    if (options_.environment)
      return " --environment " + escape_control(shell_word(options_.environment->string()));
    if (options_.python) return " --python " + escape_control(shell_word(*options_.python));
    return {};
  }

  ResultFiles junit_file() const { return {*junit_, std::nullopt, options_.force}; }

  int report(const CommandContext& context) const {
    if (junit_) {
      if (const auto written = junit_file().write(*junit_, junit_xml(results_)); !written) {
        context.console.error(written.error());
        return kExitError;
      }
    }
    const TestTotals sum = totals(results_);
    if (options_.json) {
      context.console.data(tests_json(results_, sandbox_, true) + "\n");
    } else {
      for (const TestResult& result : results_)
        if (result.status == TestStatus::kError || result.status == TestStatus::kSkipped)
          context.console.data(line_for(result));
      context.console.data(fmt::format("{} passed, {} failed, {} in error, {} skipped\n",
                                       sum.passed, sum.failed, sum.errors, sum.skipped));
    }
    if (context.stop.requested()) return kExitInterrupted;
    if (sum.errors > 0) return kExitError;
    return sum.failed > 0 ? kExitBadNews : kExitGood;
  }

  CommonOptions options_;
  SandboxFacts sandbox_;
  std::vector<Path> paths_;
  std::vector<Path> notebooks_;
  bool diagnose_ = false;
  bool environment_changed_ = false;
  std::optional<Path> junit_;
  std::vector<TestResult> results_;
  std::map<TrialId, Running> running_;
  std::set<std::shared_ptr<const process::ProjectWatch>> watches_;  ///< One for each project.
};

}  // namespace

std::unique_ptr<Command> make_test() {
  return std::make_unique<TestCommand>();
}

}  // namespace nbreplay::cli
