#pragma once

// Whole investigations of notebooks in the small language, without Python. Three statements more:
//
//   import m as x    binds x when the environment has m, else a ModuleNotFoundError
//   open f           a FileNotFoundError unless there is a file f
//   pass

#include <memory>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "nbreplay/diagnosis/engine.h"

#include "support/fake_clock.h"
#include "support/small_language.h"
#include "support/small_notebook.h"

namespace nbreplay::test {

/// Requests a stop once so many trials have finished.
class StopAfter final : public Observer {
 public:
  StopAfter(StopRequest& stop, std::size_t trials) : stop_(stop), left_(trials) {}
  void trial_finished(const Trial&, const Outcome&, Origin) override {
    if (left_ > 0 && --left_ == 0) stop_.request(StopRequest::Reason::kInterrupt);
  }

 private:
  StopRequest& stop_;
  std::size_t left_;
};

/// Runs investigations; everything that a test wants another way is a member.
class SmallInvestigation {
 public:
  std::set<std::string> modules = {"numpy", "pandas"};
  std::vector<PackageVersion> packages;
  std::size_t stop_after = 0;  ///< Trials; 0: never.
  /// What a trial does; tests wrap it.
  FakeRunner::Oracle oracle = [this](const Trial& trial) { return run(trial); };
  FakeRunner::Oracle forked_oracle;  ///< What forked trials do; unset: the same.
  std::function<void(CellFacts&, const std::string& source)> adjust_facts;
  InvestigationSettings settings = {};
  Project project;
  std::vector<Trial> trials;  ///< All that the last investigation ran.

  SmallInvestigation() { settings.reduce_statements = false; }

  NotebookFinding investigate(const std::vector<SmallCell>& cells) {
    const Notebook notebook = small_notebook(cells);
    FakeRunner runner(oracle);
    FakeFactSource facts([this](const std::string& source) { return facts_of(source); });
    FakeClock clock;
    StopRequest stop;
    StopAfter observer(stop, stop_after);
    if (forked_oracle) runner.answer_forked_with(forked_oracle);
    runner.use_clock(clock);
    runner.use_stop(stop);
    Environment environment;
    environment.packages = packages;
    const Services services{runner, facts, clock, stop, observer};
    NotebookFinding finding =
        nbreplay::investigate(notebook, std::make_shared<const Environment>(environment),
                              std::make_shared<const Project>(project), services, settings);
    trials = runner.trials();
    return finding;
  }

  /// The one crash of `cells`.
  CrashFinding crash(const std::vector<SmallCell>& cells) {
    NotebookFinding finding = investigate(cells);
    if (finding.crashes.size() != 1) ADD_FAILURE() << finding.crashes.size() << " crashes";
    return finding.crashes.empty() ? CrashFinding{} : std::move(finding.crashes.front());
  }

  Outcome run(Trial trial) const {
    for (Execution& execution : trial.executions) {
      execution.source = translated(
          execution.source, [&](const std::string& line) { return statement_for(line, trial); });
    }
    Outcome outcome = SmallLanguage::run(trial);
    for (CellOutcome& cell : outcome.cells) {
      auto* raised = std::get_if<Raised>(&cell.end);
      if (raised == nullptr || raised->crash.type != "FileNotFoundError") continue;
      raised->crash.message =
          "[Errno 2] No such file or directory: '" + raised->crash.message.value_or("") + "'";
    }
    return outcome;
  }

 private:
  template <typename Replace>
  static std::string translated(const std::string& source, const Replace& replace) {
    std::string result;
    std::size_t begin = 0;
    while (begin <= source.size()) {
      const std::size_t end = std::min(source.find('\n', begin), source.size());
      result += (begin == 0 ? "" : "\n") + replace(source.substr(begin, end - begin));
      begin = end + 1;
    }
    return result;
  }

  /// "m" and "x" of "import m as x".
  static std::pair<std::string, std::string> import_of(const std::string& line) {
    const std::size_t as = line.find(" as ");
    if (line.rfind("import ", 0) != 0) return {};
    if (as == std::string::npos) return {line.substr(7), line.substr(7)};
    return {line.substr(7, as - 7), line.substr(as + 4)};
  }

  std::string statement_for(const std::string& line, const Trial& trial) const {
    if (line == "pass") return "";
    if (line.rfind("open ", 0) == 0) {
      const std::string path = line.substr(5);
      for (const ExtraFile& file : trial.extra_files)
        if (file.path == path) return "";
      return "raise FileNotFoundError " + path;
    }
    const auto [module, name] = import_of(line);
    if (module.empty()) return line;
    const auto& placeholders = trial.placeholder_modules;
    const bool there =
        modules.contains(module) ||
        std::find(placeholders.begin(), placeholders.end(), module) != placeholders.end();
    return there ? name + " = 1" : "raise ModuleNotFoundError No module named " + module;
  }

  CellFacts facts_of(const std::string& source) const {
    // As long as the original, so that offsets agree.
    const std::string plain = translated(source, [](const std::string& line) {
      const auto [module, name] = import_of(line);
      std::string statement = module.empty() ? line : name + " = 1";
      if (line == "pass" || line.rfind("open ", 0) == 0) statement.clear();
      statement.resize(line.size(), ' ');
      return statement;
    });
    CellFacts facts = SmallLanguage::facts(plain);
    if (adjust_facts) adjust_facts(facts, source);
    return facts;
  }
};

}  // namespace nbreplay::test
