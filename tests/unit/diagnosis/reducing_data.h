#pragma once

// Reducing data, without Python: a cell `read_csv("data.csv")` reads the file that the trial puts
// there, or the project's own, and crashes or not as a test says of the text.

#include <fmt/format.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <filesystem>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "diagnosis/csv_table.h"
#include "diagnosis/minimise.h"
#include "support/fake_clock.h"
#include "support/fake_runner.h"
#include "support/small_investigation.h"
#include "support/temporary_folder.h"

namespace nbreplay::test {

using TextOracle = std::function<std::optional<std::string>(const std::string& text)>;

/// The path in the first pair of quotes after `call`, or nothing.
inline std::string path_in(const std::string& source, const std::string& call) {
  const std::size_t at = source.find(call + "(\"");
  if (at == std::string::npos) return {};
  const std::size_t begin = at + call.size() + 2;
  return source.substr(begin, source.find('"', begin) - begin);
}

inline CellFacts facts_of(const std::string& source) {
  CellFacts facts;
  const int lines = static_cast<int>(std::count(source.begin(), source.end(), '\n')) + 1;
  facts.statements.push_back({-1, 0, source.size(), 1, lines, "Expr", {}, {}});
  for (const char* call : {"read_csv", "load"})
    if (const std::string path = path_in(source, call); !path.empty())
      facts.files.push_back({path, std::string("pandas.") + call, false, 1});
  if (const std::string path = path_in(source, "to_csv"); !path.empty())
    facts.files.push_back({path, "to_csv", true, 1});
  return facts;
}

class ReducingData {
 public:
  TemporaryFolder folder;
  InvestigationSettings settings;
  std::size_t jobs = 1;
  std::size_t stop_after = 0;  ///< Trials of the reduction.
  Duration trial_takes{};
  /// The crash's message when the last cell reads this text; nothing: it completes.
  TextOracle crashes = [](const std::string&) { return std::nullopt; };
  /// The same, where it depends on the sources as well.
  std::function<std::optional<std::string>(const std::string& text, const Trial&)> crashes_of =
      [this](const std::string& text, const Trial&) { return crashes(text); };
  std::string printed;  ///< Output of the first execution, when outputs are kept.
  std::map<std::size_t, std::string> printed_by;  ///< Of others.
  std::string reads;                              ///< What a path that is no literal leads to.
  std::function<bool(const Trial&)> strange = [](const Trial&) { return false; };
  std::vector<Trial> trials;
  Crash observed;

  void write(const std::string& name, const std::string& text) {
    std::filesystem::create_directories((folder.path() / name).parent_path());
    ASSERT_TRUE(write_file(folder.path() / name, text));
  }

  MinimalSequence reduce(const std::vector<SmallCell>& cells, bool confirm = true) {
    const Notebook notebook = small_notebook(cells);
    FakeFactSource fact_source(facts_of);
    FakeRunner runner([this](const Trial& trial) { return run(trial); }, jobs);
    FakeClock clock;
    StopRequest stop;
    StopAfter observer(stop, stop_after > 0 ? stop_after + 1 : 0);  // the first sees the crash
    runner.use_stop(stop);
    runner.use_clock(clock);
    auto project = std::make_shared<Project>();
    project->root = project->working_directory = std::filesystem::canonical(folder.path());
    const Services services{runner, fact_source, clock, stop, observer};
    std::vector<std::string> sources;
    for (const Cell& cell : notebook.cells()) sources.push_back(cell.source);
    Investigation investigation(notebook, *fact_source.facts(sources),
                                std::make_shared<Environment>(), project, services, settings,
                                clock.now());
    MinimalSequence minimal;
    for (std::size_t i = 0; i < cells.size(); ++i) minimal.order.push_back(i);
    minimal.guarantee = Guarantee::kOneMinimal;
    BaseRun base;
    base.order = minimal.order;
    const auto first = investigation.run(investigation.trial(minimal.order), Freshness::kFresh);
    base.observed = std::get<Raised>(first->outcome.cells.back().end).crash;
    observed = base.observed;
    minimise_data(investigation, base, minimal, "nb.min-data");
    if (confirm) confirm_minimal(investigation, base, minimal);
    trials = runner.trials();
    return minimal;
  }

 private:
  std::string text_of(const Trial& trial, const std::string& path) const {
    std::optional<std::string> text;
    for (const ExtraFile& file : trial.extra_files)
      if (file.path == path) text = file.content;
    if (text) return *text;
    const auto original = read_file(folder.path() / path, mib(1));
    return original ? *original : std::string();
  }

  Outcome run(const Trial& trial) const {
    Outcome outcome = played(trial);
    outcome.wall = trial_takes;
    if (trial.keep_outputs) outcome.cells.front().outputs = {printed};
    for (const auto& [position, text] : printed_by)
      if (trial.keep_outputs) outcome.cells[position].outputs = {text};
    return outcome;
  }

  Outcome played(const Trial& trial) const {
    return play(trial, [&](std::size_t position) -> std::optional<Crash> {
      const Execution& execution = trial.executions[position];
      if (position + 1 < trial.executions.size() || strange(trial)) return std::nullopt;
      std::string path = reads;
      for (const Execution& earlier : trial.executions)
        if (const std::string read = path_in(earlier.source, "read_csv"); !read.empty())
          path = read;
      const auto message = crashes_of(text_of(trial, path), trial);
      if (!message) return std::nullopt;
      Crash crash;
      crash.type = crash.qualified_type = "ValueError";
      crash.base_types = {"ValueError", "Exception"};
      crash.chain_known = true;
      crash.message = *message;
      crash.cell = execution.cell;
      crash.line = 1;
      crash.frames.push_back({});
      crash.frames.back().in_notebook = true;
      crash.frames.back().cell = execution.cell;
      crash.frames.back().line = 1;
      return crash;
    });
  }
};

/// A crash like that of converting a column: its message says the first value that is no number.
inline TextOracle no_number_in(std::string column) {
  return [column = std::move(column)](const std::string& text) -> std::optional<std::string> {
    const CsvTable table(text);
    if (table.records() == 0) return std::nullopt;
    const auto header = table.fields(0);
    const auto at = std::find(header.begin(), header.end(), column);
    if (at == header.end()) return std::nullopt;
    for (std::size_t i = 1; i < table.records(); ++i) {
      const auto fields = table.fields(i);
      const auto place = static_cast<std::size_t>(at - header.begin());
      if (place >= fields.size()) continue;
      const std::string value = CsvTable::value(fields[place]);
      if (value.find_first_not_of("0123456789.") != std::string::npos)
        return "could not convert string to float: '" + value + "'";
    }
    return std::nullopt;
  };
}

inline std::string orders(std::size_t rows, std::size_t bad) {
  std::string text = "id,town,price,amount,note\n";
  for (std::size_t i = 0; i < rows; ++i)
    text += fmt::format("{},\"Town, {}\",{},{},fine\n", i, i % 7, i == bad ? "\"1,5O\"" : "2.5", i);
  return text;
}

inline const std::vector<SmallCell> kNotebook = {{"df = read_csv(\"data.csv\")"},
                                                 {"df.price.astype"}};

}  // namespace nbreplay::test
