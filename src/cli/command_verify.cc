// verify: confirms or refutes given crash labels by experiment, row by row.

#include <fmt/format.h>

#include <cstdio>
#include <map>

#include "nbreplay/base/csv.h"
#include "nbreplay/base/file.h"
#include "nbreplay/base/hash.h"
#include "nbreplay/base/utf8.h"
#include "nbreplay/report/json.h"
#include "nbreplay/store/verdict_log.h"

#include "cli/labels_file.h"
#include "cli/version_services.h"

namespace nbreplay::cli {
namespace {

class VerifyCommand final : public Command {
 public:
  std::string name() const override { return "verify"; }
  std::string purpose() const override {
    return "Confirm or refute given crash labels by experiment";
  }

  std::string details() const override {
    return "LABELS.csv has the columns notebook, cell, root_cause and, if you like, sublabel;\n"
           "others are carried along. Notebooks are relative to the file. A cell is an ordinal "
           "(9),\n"
           "index:17, id:ABC, In[22], or a published crash id.\n\n"
           "Written beside it, row by row: LABELS.verdicts.csv (the rows, with verdict, label "
           "found\n"
           "and why) and LABELS.verdicts.jsonl (with the evidence). The same command goes on "
           "where\n"
           "it was interrupted.\n\n"
           "Examples:\n  nbreplay verify labels.csv\n"
           "  nbreplay verify labels.csv --environment .venv --budget 2m\n\n" +
           exit_codes_text("no label was refuted", "a label was refuted") +
           "Rows that could not be judged are named; where none could, the code is 2.\n";
  }

  void configure(CLI::App& app) override {
    app.add_option("labels", labels_, "Labels (.csv)")->required()->type_name("LABELS");
    app.add_flag("--restart", restart_, "Judge every row again, also those already written");
    add_versions_option(app, versions_);
    add_common_options(app, options_, kInvestigationBudget);
  }

  int run(const CommandContext& context) override {
    auto session = Session::open(options_, context);
    auto labels = read_labels(labels_);
    if (!session || !labels) {
      context.console.error(session ? labels.error() : session.error());
      return kExitError;
    }
    std::vector<RowKey> keys;
    for (const LabelRow& row : labels->rows) keys.emplace_back(row.line, csv_line(row.fields));
    auto log = VerdictLog::open(labels_, options_.output_dir, options_.force, restart_,
                                labels->header, keys);
    if (!log) {
      context.console.error(log.error());
      return kExitError;
    }
    for (const LabelRow& row : labels->rows) {
      if (context.stop.requested()) break;
      const auto known = log->find(row.line, csv_line(row.fields));
      if (known && known->notebook_sha256 == digest_of(row)) {
        count(known->verdict);
        ++resumed_;
        continue;
      }
      const VerdictRow verdict = judge_row(**session, row);
      if (context.stop.requested()) break;  // a judgement that a stop cut short is not written
      if (!environment_change_.empty()) {   // what further rows would run in is another one
        context.console.error(environment_error(
            fmt::format("{}:{}: a trial changed the environment: {}", labels_.string(), row.line,
                        environment_change_),
            {}, "restore the environment, then run the same command again to go on from here"));
        return kExitError;
      }
      count(verdict.verdict);
      if (const auto written = log->add(verdict); !written) {
        context.console.error(written.error());
        return kExitError;
      }
    }
    (*session)->progress().clear();
    if (const auto written = log->finish(); !written) {
      context.console.error(written.error());
      return kExitError;
    }
    return summarise(context, *log, labels->rows.size());
  }

 private:
  [[nodiscard]] Path path_of(const LabelRow& row) const {
    const Path path = row.notebook;
    return path.is_relative() ? labels_.parent_path() / path : path;
  }

  /// Of a row's notebook as it is now; empty when it cannot be read.
  [[nodiscard]] std::string digest_of(const LabelRow& row) const {
    const auto text = read_file(path_of(row), kMaxNotebook);
    return text ? sha256_hex(*text) : std::string();
  }

  VerdictRow judge_row(Session& session, const LabelRow& row) {
    VerdictRow result;
    result.line = row.line;
    result.fields = row.fields;
    result.identity = csv_line(row.fields);
    const auto not_judged = [&](const std::string& why) {
      session.progress().clear();
      session.console().warning(
          fmt::format("{}:{}: {}", escape_control(labels_.string()), row.line, why));
      result.verdict = "not-judged";
      result.why = why;
      return result;
    };
    if (!row.problem.empty()) return not_judged(row.problem);
    const Path path = path_of(row);
    session.progress().begin(fmt::format("line {}: {}", row.line, path.filename().string()),
                             options_.budget);
    auto prepared = session.prepare(path);
    if (!prepared) return not_judged(escape_control(prepared.error().message));
    result.notebook_sha256 = prepared->notebook.sha256();
    auto cell = find_labelled_cell(prepared->notebook, row.cell);
    if (!cell) return not_judged(escape_control(cell.error().message));
    auto finding = find(session, *prepared, *cell);
    if (!finding) return not_judged(escape_control(finding.error().message));
    environment_change_ = finding->environment_change;
    if (finding->problem) return not_judged(escape_control(finding->problem->message));
    if (finding->crashes.empty()) return not_judged("the crash was not investigated");
    const CrashFinding& crash = finding->crashes.front();
    const LabelJudgement judgement = judge_label(row.given, crash);
    result.verdict = to_string(judgement.verdict);
    result.why = judgement.why;
    if (crash.cause) {
      result.label_found = crash.cause->label;
      result.sublabel_found = crash.cause->sublabel;
    }
    result.reproduction = to_string(crash.reproduction.verdict);
    result.evidence_json = findings_json("verify", {*finding}, false);
    return result;
  }

  /// A crash that several rows label is investigated once.
  Result<NotebookFinding> find(Session& session, const PreparedNotebook& prepared,
                               std::size_t cell) {
    const auto key = std::pair{prepared.notebook.sha256(), cell};
    if (const auto known = findings_.find(key); known != findings_.end()) return known->second;
    NBREPLAY_TRY(FactSource * facts, session.facts(prepared.environment));
    InvestigationSettings settings = session.investigation_settings();
    settings.goal = Goal::kDiagnose;
    settings.cell = cell;
    settings.reduce_statements = false;  // no label depends on statements
    const auto versions = version_services(session, prepared.environment, versions_);
    const Services services{session.runner(),   *facts,
                            session.clock(),    session.stop(),
                            session.progress(), versions ? &*versions : nullptr};
    const auto watch = session.watch(prepared.project);
    NotebookFinding finding =
        investigate(prepared.notebook, prepared.environment, prepared.project, services, settings);
    session.complete(finding, *watch);
    findings_.emplace(key, finding);
    return finding;
  }

  void count(const std::string& verdict) { ++totals_[verdict]; }

  int summarise(const CommandContext& context, const VerdictLog& log, std::size_t rows) const {
    std::string text;
    std::size_t judged = 0;
    for (const char* verdict :
         {"confirmed", "refuted", "ambiguous", "blocked", "unknown", "not-judged"}) {
      const auto found = totals_.find(verdict);
      const std::size_t number = found == totals_.end() ? 0 : found->second;
      judged += number;
      text += fmt::format("{}{} {}", text.empty() ? "" : ", ", number, verdict);
    }
    if (options_.json) {
      context.console.data(verify_json(totals_, rows, resumed_, log.csv(), log.jsonl(), true) +
                           "\n");
    } else {
      context.console.data(fmt::format("{} of {} labels: {}\n{}   {}\n", judged, rows, text,
                                       escape_control(log.csv().string()),
                                       escape_control(log.jsonl().string())));
    }
    if (resumed_ > 0)
      context.console.talk(fmt::format("{} {} judged before; --restart judges {} again", resumed_,
                                       resumed_ == 1 ? "row was" : "rows were",
                                       resumed_ == 1 ? "it" : "them"));
    if (context.stop.requested()) {
      context.console.talk("interrupted; run the same command again to go on from here");
      return kExitInterrupted;
    }
    if (rows > 0 && totals_.count("not-judged") > 0 && totals_.at("not-judged") == rows)
      return kExitError;
    return totals_.count("refuted") > 0 ? kExitBadNews : kExitGood;
  }

  CommonOptions options_;
  Path labels_;
  bool restart_ = false;
  std::string versions_ = "auto";
  std::map<std::pair<std::string, std::size_t>, NotebookFinding> findings_;
  std::map<std::string, std::size_t> totals_;
  std::size_t resumed_ = 0;
  std::string environment_change_;
};

}  // namespace

std::unique_ptr<Command> make_verify() {
  return std::make_unique<VerifyCommand>();
}

}  // namespace nbreplay::cli
