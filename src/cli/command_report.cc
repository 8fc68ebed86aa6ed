// report: renders a saved result again.

#include <fmt/format.h>

#include "nbreplay/report/json.h"
#include "nbreplay/report/read_findings.h"
#include "nbreplay/report/terminal.h"

#include "cli/command.h"
#include "cli/options.h"

namespace nbreplay::cli {
namespace {

constexpr Bytes kMaxResult = mib(256);

class ReportCommand final : public Command {
 public:
  std::string name() const override { return "report"; }
  std::string purpose() const override { return "Show a saved result again"; }

  std::string details() const override {
    return "RESULT.json is what 'nbreplay diagnose' wrote, or what --json printed for diagnose,\n"
           "reproduce, minimize or bisect. Nothing is run.\n\n"
           "Examples:\n  nbreplay report churn.diagnosis.json\n\n"
           "Exit codes:\n  0    the result was shown\n"
           "  2    usage error, or the file is no result\n";
  }

  void configure(CLI::App& app) override {
    app.add_option("result", result_, "Result document (.json)")->required()->type_name("RESULT");
  }

  int run(const CommandContext& context) override {
    auto text = read_file(result_, kMaxResult);
    if (!text) {
      context.console.error(text.error());
      return kExitError;
    }
    auto saved = read_findings(*text);
    if (!saved) {
      Error error = saved.error();
      error.message = fmt::format("{}: {}", result_.string(), error.message);
      context.console.error(error);
      return kExitError;
    }
    bool first = true;
    for (const NotebookFinding& finding : saved->findings) {
      if (!first) context.console.data("\n");
      context.console.data(finding_text(finding, context.console.data_style()));
      first = false;
    }
    return kExitGood;
  }

 private:
  Path result_;
};

}  // namespace

std::unique_ptr<Command> make_report() {
  return std::make_unique<ReportCommand>();
}

}  // namespace nbreplay::cli
