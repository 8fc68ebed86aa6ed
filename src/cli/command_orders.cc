// orders: which orders, skips and repeats crash.

#include <fmt/format.h>

#include "nbreplay/base/units.h"
#include "nbreplay/diagnosis/orders.h"
#include "nbreplay/notebook/cell_name.h"
#include "nbreplay/report/orders.h"

#include "cli/notebooks.h"

namespace nbreplay::cli {
namespace {

class OrdersCommand final : public Command {
 public:
  std::string name() const override { return "orders"; }
  std::string purpose() const override {
    return "Is the notebook safe to re-run? Which orders, skips and repeats crash?";
  }

  std::string details() const override {
    return fmt::format(
        "The map says for every cell what happens when it is skipped, run twice in a row, and run\n"
        "before the nearest cell that it conflicts with. With --passing and --failing it says\n"
        "instead which difference of the two orders decides.\n\n"
        "Examples:\n  nbreplay orders analysis.ipynb\n"
        "  nbreplay orders *.ipynb --json > orders.json\n"
        "  nbreplay orders analysis.ipynb --passing 1,2,3,4 --failing 1,3,2,4\n\n{}",
        exit_codes_text("the notebook is safe to re-run; or the deciding difference is confirmed",
                        "it is not, or that is not known; or no difference is confirmed"));
  }

  void configure(CLI::App& app) override {
    app.add_option("notebooks", notebooks_, "Notebooks (.ipynb)")
        ->required()
        ->type_name("NOTEBOOK");
    app.add_option("--order", order_,
                   "Order to change, such as 1,3,2,3 (default: the recorded order where the "
                   "counts account for all of it, else top to bottom)")
        ->type_name("CELLS");
    auto* passing =
        app.add_option("--passing", passing_, "An order that passes ...")->type_name("CELLS");
    auto* failing = app.add_option("--failing", failing_, "... and one that fails: what decides?")
                        ->type_name("CELLS");
    passing->needs(failing);
    failing->needs(passing);
    add_common_options(app, options_, kInvestigationBudget);
  }

  int run(const CommandContext& context) override {
    std::vector<OrdersFinding> findings;
    const auto answer = [&](Session& session, const Path& path) {
      const OrdersFinding& finding = findings.emplace_back(map_one(session, path));
      const bool nothing_found = finding.notebook.problem && finding.base.empty();
      const bool shown = !options_.json && !nothing_found;
      return NotebookAnswer{
          exit_of(finding),
          shown ? orders_text(finding, context.console.data_style()) : std::string(),
          finding.notebook.problem, !finding.notebook.environment_change.empty()};
    };
    const auto leave_out = [&](const Path& path) {
      findings.emplace_back().notebook = left_out_finding(path);
    };
    return answer_each(notebooks_, options_, context,
                       {answer, [&] { return orders_json(findings, true); }, leave_out});
  }

 private:
  OrdersFinding map_one(Session& session, const Path& path) {
    OrdersFinding finding;
    finding.notebook.path = path;
    session.progress().begin(path.filename().string(), options_.budget);
    auto prepared = session.prepare(path);
    if (!prepared) {
      finding.notebook.problem = prepared.error();
      return finding;
    }
    auto settings = settings_for(session, prepared->notebook);
    auto facts = session.facts(prepared->environment);
    if (!settings) finding.notebook.problem = settings.error();
    if (!facts) finding.notebook.problem = facts.error();
    if (finding.notebook.problem) return finding;
    const Services services{session.runner(), **facts, session.clock(), session.stop(),
                            session.progress()};
    const auto watch = session.watch(prepared->project);
    finding = map_orders(prepared->notebook, prepared->environment, prepared->project, services,
                         *settings);
    session.complete(finding.notebook, *watch);
    return finding;
  }

  Result<OrdersSettings> settings_for(const Session& session, const Notebook& notebook) const {
    OrdersSettings settings;
    settings.investigation = session.investigation_settings();
    if (!order_.empty()) {
      NBREPLAY_TRY(settings.investigation.order, parse_order(notebook, order_));
      if (settings.investigation.order->empty()) return usage_error("--order names no cell");
    }
    if (passing_.empty() && failing_.empty()) return settings;
    settings.compare.emplace();
    NBREPLAY_TRY(settings.compare->first, parse_order(notebook, passing_));
    NBREPLAY_TRY(settings.compare->second, parse_order(notebook, failing_));
    if (settings.compare->first.empty() || settings.compare->second.empty())
      return usage_error("--passing or --failing names no cell");
    return settings;
  }

  static int exit_of(const OrdersFinding& finding) {
    const NotebookFinding& notebook = finding.notebook;
    if (notebook.problem || !notebook.environment_change.empty()) return kExitError;
    if (notebook.stopped_by == StoppedBy::kInterrupt) return kExitInterrupted;
    if (finding.comparison)
      return finding.comparison->verdict == Verdict::kConfirmed ? kExitGood : kExitBadNews;
    return finding.safety == RerunSafety::kSafe ? kExitGood : kExitBadNews;
  }

  CommonOptions options_;
  std::vector<Path> notebooks_;
  std::string order_;
  std::string passing_;
  std::string failing_;
};

}  // namespace

std::unique_ptr<Command> make_orders() {
  return std::make_unique<OrdersCommand>();
}

}  // namespace nbreplay::cli
