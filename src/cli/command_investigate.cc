// diagnose, reproduce and minimize: one engine, three goals.

#include <fmt/format.h>

#include <algorithm>
#include <map>

#include "nbreplay/base/units.h"
#include "nbreplay/notebook/cell_name.h"
#include "nbreplay/report/json.h"
#include "nbreplay/report/notebooks.h"

#include "cli/notebooks.h"
#include "cli/version_services.h"

namespace nbreplay::cli {
namespace {

struct Words {
  std::string name;
  std::string purpose;
  std::string good;
  std::string bad_news;
};

Words words_of(Goal goal) {
  switch (goal) {
    case Goal::kReproduce:
      return {"reproduce", "Does the recorded crash happen again, and in which order?",
              "every recorded crash was reproduced, or there is none",
              "a recorded crash did not recur as recorded"};
    case Goal::kMinimize:
      return {"minimize", "Make the smallest notebook that still crashes the same way",
              "a minimal notebook was made for every crash",
              "for some crash nothing could be established"};
    case Goal::kDiagnose:
      break;
  }
  return {"diagnose", "Find out why a notebook crashes: reproduce, minimise, experiment",
          "every crash is explained, or there is none",
          "a crash was left without a confirmed cause"};
}

class InvestigateCommand final : public Command {
 public:
  explicit InvestigateCommand(Goal goal) : goal_(goal), words_(words_of(goal)) {}

  std::string name() const override { return words_.name; }
  std::string purpose() const override { return words_.purpose; }

  std::string details() const override {
    return fmt::format(
        "Examples:\n  nbreplay {0} analysis.ipynb\n  nbreplay {0} analysis.ipynb --cell 9 --budget "
        "2m\n{1}  nbreplay {0} *.ipynb --environment .venv --json > results.json\n\n{2}",
        words_.name, goal_ == Goal::kMinimize ? "  nbreplay minimize analysis.ipynb --data\n" : "",
        exit_codes_text(words_.good, words_.bad_news));
  }

  void configure(CLI::App& app) override {
    app.add_option("notebooks", notebooks_, "Notebooks (.ipynb)")
        ->required()
        ->type_name("NOTEBOOK");
    app.add_option("--cell", cell_, "Only the crash in this cell: its ordinal, id:ABC, or In[22]")
        ->type_name("CELL");
    app.add_option("--order", order_, "Order to reproduce the crash in, such as 1,3,2,3")
        ->type_name("CELLS");
    if (goal_ != Goal::kReproduce)
      app.add_flag("--no-statements", no_statements_, "Do not reduce statements inside cells");
    if (goal_ == Goal::kDiagnose) add_versions_option(app, versions_);
    if (goal_ == Goal::kMinimize)
      app.add_flag("--data", data_,
                   "Also reduce the CSV files that the minimal notebook reads: columns, rows, "
                   "values; written to NB.min-data/");
    add_common_options(app, options_, kInvestigationBudget);
  }

  int run(const CommandContext& context) override {
    return answer_findings(
        words_.name, notebooks_, options_, context,
        [this](Session& session, const Path& path) { return investigate_one(session, path); },
        [this](const NotebookFinding& finding) { return exit_of(finding); });
  }

 private:
  NotebookFinding investigate_one(Session& session, const Path& path) {
    NotebookFinding finding;
    finding.path = path;
    session.progress().begin(path.filename().string(), options_.budget);
    auto prepared = session.prepare(path);
    if (!prepared) {
      finding.problem = prepared.error();
      return finding;
    }
    const Notebook& notebook = prepared->notebook;
    const ResultFiles files = session.result_files(path);
    auto settings = settings_for(session, notebook, files);
    auto facts = session.facts(prepared->environment);
    auto writable = goal_ == Goal::kReproduce ? Status{} : files.check_writable(files.minimal({}));
    if (writable && data_) writable = files.check_data_writable();
    if (!settings) finding.problem = settings.error();
    if (!facts) finding.problem = facts.error();
    if (!writable) finding.problem = writable.error();
    if (finding.problem) return finding;
    const auto versions = version_services(session, prepared->environment,
                                           goal_ == Goal::kDiagnose ? versions_ : "never");
    const Services services{session.runner(),   **facts,
                            session.clock(),    session.stop(),
                            session.progress(), versions ? &*versions : nullptr};
    const auto watch = session.watch(prepared->project);
    finding = investigate(notebook, prepared->environment, prepared->project, services, *settings);
    session.complete(finding, *watch);
    write_results(notebook, files, finding);
    return finding;
  }

  Result<InvestigationSettings> settings_for(const Session& session, const Notebook& notebook,
                                             const ResultFiles& files) const {
    InvestigationSettings settings = session.investigation_settings();
    settings.goal = goal_;
    settings.reduce_statements = !no_statements_;
    settings.reduce_data = data_;
    settings.data_folder = files.data_folder().filename().string();
    if (!cell_.empty()) {
      NBREPLAY_TRY(settings.cell, parse_cell_name(notebook, cell_));
    }
    if (!order_.empty()) {
      NBREPLAY_TRY(settings.order, parse_order(notebook, order_));
      if (settings.order->empty()) return usage_error("--order names no cell");
      const ExecutionOrder& order = *settings.order;
      if (!settings.cell) settings.cell = crashed_cell(notebook, order);
      if (std::find(order.begin(), order.end(), *settings.cell) == order.end())
        return usage_error("--order does not run the cell named by --cell", "add it to the order");
    }
    return settings;
  }

  /// The last cell of the order that recorded a crash; its last cell when none did.
  static std::size_t crashed_cell(const Notebook& notebook, const ExecutionOrder& order) {
    const auto found = std::find_if(order.rbegin(), order.rend(), [&](std::size_t cell) {
      const Cell& code = notebook.cells()[cell];
      return code.error() != nullptr && !code.may_raise();
    });
    return found == order.rend() ? order.back() : *found;
  }

  /// Of the minimal notebook's name: given when there are several.
  static std::optional<std::size_t> ordinal_in_name(const NotebookFinding& finding,
                                                    const CrashFinding& crash) {
    return finding.crashes.size() > 1 ? std::optional(crash.cell.ordinal) : std::nullopt;
  }

  /// Crashes whose minimal notebook is written. One whose data were reduced as well is worth more
  /// than what a diagnosis makes on its way: it stays while it is of the same notebook.
  std::vector<CrashFinding*> crashes_to_write(const Notebook& notebook, const ResultFiles& files,
                                              NotebookFinding& finding) const {
    std::vector<CrashFinding*> crashes;
    for (CrashFinding& crash : finding.crashes) {
      if (!crash.minimal) continue;
      const auto ordinal = ordinal_in_name(finding, crash);
      if (goal_ == Goal::kDiagnose && files.reads_reduced_data(ordinal, notebook.sha256())) {
        finding.notes.push_back(fmt::format(
            "{} stays as `minimize --data` made it of this notebook; to have that of this "
            "diagnosis, delete it first",
            files.minimal(ordinal).filename().string()));
      } else {
        crashes.push_back(&crash);
      }
    }
    return crashes;
  }

  /// The reduced files of the crashes, where their minimal notebooks read them.
  static void write_data(const std::vector<CrashFinding*>& crashes, const ResultFiles& files,
                         NotebookFinding& finding) {
    const std::string prefix = files.data_folder().filename().string() + "/";
    std::map<std::string, std::string> contents;
    for (CrashFinding* crash : crashes) {
      // What a notebook that is now replaced has read is of no use to anybody.
      if (const auto removed = files.remove_data(ordinal_in_name(finding, *crash)); !removed)
        finding.problem = removed.error();
      if (!crash->minimal->data) continue;
      for (InputReduction& input : crash->minimal->data->inputs) {
        if (!input.reduced()) continue;
        const std::string name = input.file.substr(prefix.size());
        contents.emplace(name, input.content);
        input.written = files.data_folder() / name;
      }
    }
    if (contents.empty()) return;
    if (const auto written = files.write_data(contents); !written) {
      finding.problem = written.error();
    } else {
      finding.outputs["data"] = files.data_folder();
    }
  }

  /// Minimal notebooks first: the JSON names them.
  void write_results(const Notebook& notebook, const ResultFiles& files,
                     NotebookFinding& finding) const {
    if (goal_ == Goal::kReproduce) return;
    const std::vector<CrashFinding*> crashes = crashes_to_write(notebook, files, finding);
    write_data(crashes, files, finding);
    for (const CrashFinding* crash : crashes) {
      const Path file = files.minimal(ordinal_in_name(finding, *crash));
      const auto written = files.write(file, minimal_notebook(notebook, *crash, finding).to_json());
      if (written) {
        finding.outputs[fmt::format("minimal-{}", crash->cell.ordinal)] = file;
      } else {
        finding.problem = written.error();
      }
    }
    if (goal_ != Goal::kDiagnose) return;
    finding.outputs["diagnosis"] = files.diagnosis();
    const auto written =
        files.write(files.diagnosis(), findings_json(words_.name, {finding}, true) + "\n");
    if (!written) {
      finding.outputs.erase("diagnosis");
      finding.problem = written.error();
    }
  }

  int exit_of(const NotebookFinding& finding) const {
    if (finding.problem || !finding.environment_change.empty()) return kExitError;
    if (finding.stopped_by == StoppedBy::kInterrupt) return kExitInterrupted;
    if (finding.crashes.empty()) return finding.ran_clean ? kExitGood : kExitBadNews;
    for (const CrashFinding& crash : finding.crashes)
      if (!is_good(crash)) return kExitBadNews;
    return kExitGood;
  }

  bool is_good(const CrashFinding& crash) const {
    switch (goal_) {
      case Goal::kReproduce:
        return crash.reproduction.verdict == ReproductionVerdict::kReproduced;
      case Goal::kMinimize:
        return crash.minimal && crash.minimal->guarantee != Guarantee::kNone;
      case Goal::kDiagnose:
        break;
    }
    return crash.cause && crash.cause->verdict == Verdict::kConfirmed;
  }

  Goal goal_;
  Words words_;
  CommonOptions options_;
  std::vector<Path> notebooks_;
  std::string cell_;
  std::string order_;
  bool no_statements_ = false;
  bool data_ = false;
  std::string versions_ = "auto";
};

}  // namespace

std::unique_ptr<Command> make_diagnose() {
  return std::make_unique<InvestigateCommand>(Goal::kDiagnose);
}
std::unique_ptr<Command> make_reproduce() {
  return std::make_unique<InvestigateCommand>(Goal::kReproduce);
}
std::unique_ptr<Command> make_minimize() {
  return std::make_unique<InvestigateCommand>(Goal::kMinimize);
}

}  // namespace nbreplay::cli
