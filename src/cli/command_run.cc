// run: executes notebooks as nbconvert --execute and papermill do, saved also when they fail.

#include <fmt/format.h>

#include <algorithm>
#include <map>

#include "nbreplay/base/units.h"
#include "nbreplay/base/utf8.h"
#include "nbreplay/dataflow/candidate_orders.h"
#include "nbreplay/notebook/cell_name.h"
#include "nbreplay/notebook/parameters.h"
#include "nbreplay/report/json.h"
#include "nbreplay/report/notebooks.h"
#include "nbreplay/trial/ending.h"
#include "nbreplay/trial/judgement.h"
#include "nbreplay/trial/notebook_trial.h"

#include "cli/notebooks.h"

namespace nbreplay::cli {
namespace {

/// A notebook on its way: what is to be run, and the result that is filled.
struct Job {
  Notebook notebook;
  Trial trial;
  ResultFiles files;
  std::shared_ptr<const process::ProjectWatch> watch;
};

class RunCommand final : public Command {
 public:
  std::string name() const override { return "run"; }
  std::string purpose() const override {
    return "Execute notebooks and save them with their outputs, also when they fail";
  }

  std::string details() const override {
    return "Examples:\n"
           "  nbreplay run analysis.ipynb\n"
           "  nbreplay run analysis.ipynb --order recorded\n"
           "  nbreplay run report.ipynb -p year 2024 -p region north --output-dir out\n"
           "  nbreplay run *.ipynb --jobs 4 --cell-timeout 5m\n\n" +
           exit_codes_text("every notebook ran to its end", "a notebook crashed or hit a limit");
  }

  void configure(CLI::App& app) override {
    app.add_option("notebooks", notebooks_, "Notebooks (.ipynb)")
        ->required()
        ->type_name("NOTEBOOK");
    app.add_option("--order", order_,
                   "Cells to run: 'recorded' (by execution counts) or a list such as 1,3,2,3")
        ->default_str("top to bottom")
        ->type_name("CELLS")
        ->check([](const std::string& order) {
          return order.empty() ? "names no cells" : std::string();
        });
    app.add_flag("--allow-errors", allow_errors_, "Go on after a cell that raises");
    // Extra arguments would also take a value such as [1,2] apart.
    app.add_option("-p,--parameter", parameters_,
                   "Parameter, put after the cell tagged 'parameters'; may be repeated")
        ->type_name("NAME VALUE")
        ->type_size(2)
        ->expected(-1)
        ->allow_extra_args(false);
    app.add_option("-r,--parameter-raw", raw_parameters_,
                   "The same, the value taken as text; may be repeated")
        ->type_name("NAME VALUE")
        ->type_size(2)
        ->expected(-1)
        ->allow_extra_args(false);
    app.add_option("--keep-files", keep_files_,
                   "Copy the files that the notebook wrote into its project to this folder; of "
                   "several notebooks, each into a folder of its own name in it")
        ->type_name("DIR");
    add_common_options(app, options_, std::nullopt);
  }

  int run(const CommandContext& context) override {
    auto session = Session::open(options_, context);
    if (!session) {
      context.console.error(session.error());
      return kExitError;
    }
    notebooks_ = meant_notebooks(notebooks_, context.console);
    results_.resize(notebooks_.size());
    start_all(**session);
    collect(**session);
    note_changes(**session);
    (*session)->progress().clear();
    return report(context);
  }

 private:
  void start_all(Session& session) {
    for (std::size_t i = 0; i < notebooks_.size(); ++i) {
      results_[i].path = notebooks_[i];
      if (session.stop().requested()) {
        results_[i].stopped_by = StoppedBy::kInterrupt;
        results_[i].summary = "interrupted before it was run";
        continue;
      }
      if (environment_changed_) {
        results_[i].problem = left_out(notebooks_[i]);
        continue;
      }
      if (auto job = prepare(session, i)) {
        const TrialEvents events{
            [&session, i, this](std::size_t position) { show_cell(session, i, position); }, {}};
        const TrialId id = session.runner().submit(job->trial, freshness(), events);
        jobs_.emplace(id, std::pair{i, std::move(*job)});
        // Its worker starts while the next notebook is read.
        collect(session, std::chrono::steady_clock::now());
      } else {
        results_[i].problem = job.error();
      }
    }
  }

  /// A worker that is ready to be forked pays from the second notebook on.
  Freshness freshness() const {
    return notebooks_.size() > 1 ? Freshness::kWarm : Freshness::kFresh;
  }

  void show_cell(Session& session, std::size_t notebook, std::size_t position) {
    session.progress().stage(
        notebooks_.size() == 1
            ? fmt::format("cell {} of {}", position + 1, results_[notebook].order.size())
            : fmt::format("{} of {} notebooks done, {} at cell {}", done_, notebooks_.size(),
                          escape_control(notebooks_[notebook].filename().string()), position + 1));
  }

  Result<Job> prepare(Session& session, std::size_t index) {
    RunResult& result = results_[index];
    session.progress().begin(notebooks_.size() == 1 ? notebooks_[index].filename().string() : "run",
                             options_.budget);
    NBREPLAY_TRY(PreparedNotebook prepared, session.prepare(notebooks_[index]));
    const ResultFiles files = session.result_files(notebooks_[index]);
    NBREPLAY_TRY_VOID(files.check_writable(files.executed()));
    Notebook notebook = std::move(prepared.notebook);
    NBREPLAY_TRY_VOID(inject(notebook, session.console()));
    NBREPLAY_TRY(result.order, order_for(notebook));
    result.sha256 = notebook.sha256();
    result.code_cells = notebook.code_cells().size();
    result.environment = prepared.environment;
    result.sandbox = session.sandbox();
    result.seed = options_.seed;

    Trial trial;
    trial.executions = executions_of(notebook, result.order, policy());
    trial.environment = prepared.environment;
    trial.project = prepared.project;
    trial.variables = options_.variables;
    trial.limits = session.limits();
    trial.limits.budget = options_.budget;
    trial.random_seed = options_.seed;
    trial.shell = options_.shell;
    trial.keep_outputs = true;
    if (keep_files_ && !session.sandbox().sandboxed)
      return usage_error("--keep-files needs a sandbox",
                         "nbreplay doctor says what is missing for one");
    if (keep_files_)
      trial.keep_files = std::filesystem::absolute(
          notebooks_.size() == 1 ? *keep_files_ : *keep_files_ / notebooks_[index].stem());
    result.limits = trial.limits;
    return Job{std::move(notebook), std::move(trial), files, session.watch(prepared.project)};
  }

  ErrorPolicy policy() const {
    if (allow_errors_) return ErrorPolicy::kContinue;
    return order_ == "recorded" ? ErrorPolicy::kAsRecorded : ErrorPolicy::kStop;
  }

  Status inject(Notebook& notebook, const Console& console) const {
    std::vector<Parameter> parameters;
    for (std::size_t i = 0; i + 1 < parameters_.size(); i += 2) {
      NBREPLAY_TRY(auto parameter, typed_parameter(parameters_[i], parameters_[i + 1]));
      parameters.push_back(std::move(parameter));
    }
    for (std::size_t i = 0; i + 1 < raw_parameters_.size(); i += 2) {
      NBREPLAY_TRY(auto parameter, raw_parameter(raw_parameters_[i], raw_parameters_[i + 1]));
      parameters.push_back(std::move(parameter));
    }
    if (parameters.empty()) return {};
    if (inject_parameters(notebook, parameters).place == Injection::Place::kTop)
      console.warning(fmt::format("{}: no cell is tagged 'parameters'; they were put at the top",
                                  escape_control(notebook.path().string())));
    return {};
  }

  Result<ExecutionOrder> order_for(const Notebook& notebook) const {
    if (order_.empty()) return top_to_bottom(notebook);
    if (order_ != "recorded") return parse_order(notebook, order_);
    // The run that the counts tell of ended with the highest of them.
    std::optional<std::size_t> last;
    for (const std::size_t cell : notebook.code_cells()) {
      const auto count = notebook.cells()[cell].execution_count;
      if (count && (!last || *count > *notebook.cells()[*last].execution_count)) last = cell;
    }
    if (!last)
      return usage_error(
          fmt::format("{}: no cell has an execution count, so there is no recorded order",
                      notebook.path().string()),
          "leave --order out to run top to bottom, or name cells: --order 1,3,2");
    return recorded_history(notebook, *last).order;
  }

  /// Until all are done, or the deadline.
  void collect(Session& session, std::optional<TimePoint> deadline = {}) {
    while (!jobs_.empty()) {
      auto answer = session.runner().wait(deadline);
      if (!answer) {
        for (auto& [id, entry] : jobs_) {
          session.runner().cancel(id);
          results_[entry.first].problem = answer.error();
        }
        jobs_.clear();
        return;
      }
      if (!*answer) return;
      const auto found = jobs_.find((*answer)->id);
      if (found == jobs_.end()) continue;
      ++done_;
      results_[found->second.first].origin = (*answer)->origin;
      watched_[found->second.second.watch].push_back(found->second.first);
      finish(found->second.first, found->second.second, std::move((*answer)->outcome),
             session.stop());
      jobs_.erase(found);
      if (!environment_changed_) continue;
      for (const auto& [id, entry] : jobs_) {
        session.runner().cancel(id);
        results_[entry.first].problem = left_out(notebooks_[entry.first]);
      }
      jobs_.clear();
    }
  }

  /// A project is looked at once, however many notebooks of it ran.
  void note_changes(Session& session) {
    const Path kept = keep_files_ ? std::filesystem::absolute(*keep_files_) : Path();
    for (const auto& [watch, of] : watched_)
      if (const auto note = session.changed_meanwhile(*watch, kept))
        for (const std::size_t index : of)
          if (results_[index].outcome) results_[index].outcome->notes.push_back(*note);
  }

  void finish(std::size_t index, const Job& job, Outcome outcome, const StopRequest& stop) {
    RunResult& result = results_[index];
    std::vector<bool> may_fail;
    for (const Execution& execution : job.trial.executions) may_fail.push_back(execution.may_fail);
    if (const CellOutcome* failure = outcome.first_failure(may_fail)) {
      result.failed_cell = failure->cell;
      if (failure->cell != kNoCell) result.failed_ordinal = job.notebook.ordinal_of(failure->cell);
      const auto* raised = std::get_if<Raised>(&failure->end);
      result.summary = raised != nullptr ? crash_summary(raised->crash) : describe_end(outcome);
    } else if (const auto* setup = std::get_if<SetupFailed>(&outcome.termination)) {
      result.problem =
          environment_error(fmt::format("{}: the notebook could not be started ({})",
                                        result.path.string(), setup->stage),
                            setup->message, "see 'nbreplay doctor' for what this machine offers");
    } else if (!reached_all(outcome)) {
      result.summary = describe_end(outcome);
    }
    const auto* late = std::get_if<TimedOut>(&outcome.termination);
    if (late != nullptr && late->limit == TimeLimit::kBudget)
      result.stopped_by = StoppedBy::kBudget;
    if (stop.requested() && std::holds_alternative<Killed>(outcome.termination)) {
      result.stopped_by = StoppedBy::kInterrupt;
      result.summary = "interrupted";
    }
    environment_changed_ |= !outcome.environment_change.empty();
    if (!outcome.environment_change.empty())
      result.problem = environment_error(
          fmt::format("{}: the run changed its environment", result.path.string()),
          outcome.environment_change,
          "restore the environment; let nbreplay handle pip through %pip or !pip instead");
    if (!result.problem || !outcome.environment_change.empty()) {
      auto executed = executed_notebook(job.notebook, job.trial, outcome);
      const auto written = executed ? job.files.write(job.files.executed(), executed->to_json())
                                    : Status(executed.error());
      if (written) {
        result.executed = job.files.executed();
      } else {
        result.problem = written.error();
      }
    }
    const bool cut = std::any_of(outcome.cells.begin(), outcome.cells.end(),
                                 [](const CellOutcome& cell) { return cell.output_truncated; });
    if (cut)
      outcome.notes.push_back(
          fmt::format("more output was printed than is kept ({} per stream and cell); keep more "
                      "with --output-limit",
                      format_bytes(job.trial.limits.output_per_stream)));
    result.outcome = std::move(outcome);
  }

  int report(const CommandContext& context) const {
    int exit = kExitGood;
    for (const RunResult& result : results_) {
      exit = worse_exit(exit, exit_of(result));
      if (result.problem) context.console.error(*result.problem);
      if (!options_.json && !result.problem) context.console.data(line_for(result));
      if (result.outcome) {
        for (const std::string& note : result.outcome->notes)
          context.console.talk("note: " + escape_control(note));
        if (!result.outcome->python_stack.empty())
          context.console.talk(escape_control(result.outcome->python_stack));
      }
    }
    if (options_.json) context.console.data(runs_json(results_, true) + "\n");
    return context.stop.requested() ? kExitInterrupted : exit;
  }

  static int exit_of(const RunResult& result) {
    if (result.problem) return kExitError;
    if (result.stopped_by == StoppedBy::kInterrupt) return kExitInterrupted;
    return result.passed() ? kExitGood : kExitBadNews;
  }

  static std::string line_for(const RunResult& result) {
    const std::string name = escape_control(result.path.filename().string());
    if (!result.outcome) return fmt::format("{}   {}\n", name, result.summary);
    const std::string time = format_duration(result.outcome->wall);
    std::string end = "passed";
    if (!result.passed()) {
      end = result.failed_ordinal
                ? fmt::format("cell {} failed: {}", *result.failed_ordinal, result.summary)
                : fmt::format("failed: {}", result.summary);
    }
    return fmt::format("{}   {}   {} cell{}, {}   {}\n", name, end, result.order.size(),
                       result.order.size() == 1 ? "" : "s", time,
                       escape_control(result.executed.filename().string()));
  }

  std::optional<Path> keep_files_;
  CommonOptions options_;
  std::vector<Path> notebooks_;
  std::string order_;
  bool allow_errors_ = false;
  bool environment_changed_ = false;
  std::vector<std::string> parameters_;
  std::vector<std::string> raw_parameters_;

  std::vector<RunResult> results_;
  std::map<TrialId, std::pair<std::size_t, Job>> jobs_;
  /// One for each project, with the results that rest on it.
  std::map<std::shared_ptr<const process::ProjectWatch>, std::vector<std::size_t>> watched_;
  std::size_t done_ = 0;
};

}  // namespace

std::unique_ptr<Command> make_run() {
  return std::make_unique<RunCommand>();
}

}  // namespace nbreplay::cli
