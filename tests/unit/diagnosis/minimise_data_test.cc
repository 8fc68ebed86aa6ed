// Reducing data, without Python: a cell `read_csv("data.csv")` reads the file that the trial puts
// there, or the project's own, and crashes or not as a test says of the text.

#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <functional>
#include <map>
#include <memory>

#include "crash/text.h"
#include "diagnosis/csv_table.h"
#include "diagnosis/minimise.h"
#include "support/fake_clock.h"
#include "support/fake_runner.h"
#include "support/small_investigation.h"
#include "support/temporary_folder.h"

namespace nbreplay::test {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Not;
using ::testing::Pair;

using TextOracle = std::function<std::optional<std::string>(const std::string& text)>;

/// The path in the first pair of quotes after `call`, or nothing.
std::string path_in(const std::string& source, const std::string& call) {
  const std::size_t at = source.find(call + "(\"");
  if (at == std::string::npos) return {};
  const std::size_t begin = at + call.size() + 2;
  return source.substr(begin, source.find('"', begin) - begin);
}

CellFacts facts_of(const std::string& source) {
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
TextOracle no_number_in(std::string column) {
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

std::string orders(std::size_t rows, std::size_t bad) {
  std::string text = "id,town,price,amount,note\n";
  for (std::size_t i = 0; i < rows; ++i)
    text += fmt::format("{},\"Town, {}\",{},{},fine\n", i, i % 7, i == bad ? "\"1,5O\"" : "2.5", i);
  return text;
}

const std::vector<SmallCell> kNotebook = {{"df = read_csv(\"data.csv\")"}, {"df.price.astype"}};

TEST(MinimiseData, LeavesTheOneRowAndTheOneColumnThatCrash) {
  ReducingData reducing;
  reducing.write("data.csv", orders(5000, 3210));
  reducing.crashes = no_number_in("price");
  const MinimalSequence minimal = reducing.reduce(kNotebook);
  ASSERT_TRUE(minimal.data);
  ASSERT_EQ(minimal.data->inputs.size(), 1U);
  const InputReduction& input = minimal.data->inputs.front();
  EXPECT_EQ(input.not_reduced, "");
  EXPECT_EQ(input.content, "price\n\"1,5O\"\n");
  EXPECT_EQ(input.before.rows, 5000U);
  EXPECT_EQ(input.before.columns, 5U);
  EXPECT_EQ(input.before.bytes, orders(5000, 3210).size());
  EXPECT_EQ(input.after.rows, 1U);
  EXPECT_EQ(input.after.columns, 1U);
  EXPECT_THAT(input.rows, ElementsAre(Pair(3211, 3211))) << "counted from 1";
  EXPECT_THAT(input.changed, IsEmpty());
  EXPECT_EQ(input.guarantee, Guarantee::kOneMinimal);
  EXPECT_EQ(input.why_partial, "");
  EXPECT_EQ(input.message, std::nullopt);
  EXPECT_EQ(input.certified.branched, 2U) << "the row, and the first line";
  EXPECT_LE(input.queries, 34U);
  EXPECT_EQ(minimal.confirmations, 3U);
  EXPECT_EQ(minimal.confirmed_at_s, 3U);
}

TEST(MinimiseData, TheMinimalNotebookReadsTheReducedFileWhileTheOriginalIsEmpty) {
  ReducingData reducing;
  reducing.write("data.csv", orders(20, 3));
  reducing.crashes = no_number_in("price");
  const MinimalSequence minimal = reducing.reduce(kNotebook);
  EXPECT_THAT(minimal.data->sources,
              ElementsAre("df = read_csv(\"nb.min-data/data.csv\")", "df.price.astype"));
  EXPECT_FALSE(minimal.data->inputs.front().in_place);
  EXPECT_EQ(minimal.data->inputs.front().file, "nb.min-data/data.csv");
  const Trial& last = reducing.trials.back();
  ASSERT_EQ(last.extra_files.size(), 2U);
  EXPECT_EQ(last.extra_files[0].path, "data.csv");
  EXPECT_EQ(last.extra_files[0].content, "");
  EXPECT_EQ(last.extra_files[1].path, "nb.min-data/data.csv");
}

TEST(MinimiseData, ReadsInPlaceWhereNoLiteralNamesTheFile) {
  ReducingData reducing;
  reducing.write("data.csv", orders(20, 3));
  reducing.crashes = no_number_in("price");
  // The path of the second statement is what crashes; its literal is said nowhere else.
  reducing.strange = [](const Trial& trial) {
    return trial.executions.front().source.find("min-data") != std::string::npos;
  };
  const MinimalSequence minimal = reducing.reduce(kNotebook);
  EXPECT_THAT(minimal.data->sources, IsEmpty());
  EXPECT_TRUE(minimal.data->inputs.front().in_place);
  EXPECT_EQ(minimal.data->inputs.front().file, "nb.min-data/data.csv");
  EXPECT_EQ(minimal.data->inputs.front().after.rows, 1U);
  EXPECT_EQ(minimal.confirmed_at_a, 3U);
  EXPECT_EQ(reducing.trials.back().extra_files.front().content, "price\n\"1,5O\"\n");
}

TEST(MinimiseData, AStatementThatCrashesWhileItReadsIsTheSameButForThePath) {
  ReducingData reducing;
  reducing.write("data.csv", orders(20, 3));
  reducing.crashes = no_number_in("price");
  const MinimalSequence minimal =
      reducing.reduce({{"x = 1"}, {"read_csv(\"data.csv\").price.astype"}});
  EXPECT_THAT(reducing.observed.statement.value_or(""), HasSubstr("\"data.csv\""));
  EXPECT_FALSE(minimal.data->inputs.front().in_place);
  EXPECT_EQ(minimal.data->inputs.front().file, "nb.min-data/data.csv");
  EXPECT_EQ(minimal.confirmed_at_a, 3U);
}

TEST(MinimiseData, ValuesAreMadeSimplerWhereTheMessageStays) {
  ReducingData reducing;
  reducing.write("data.csv", "id,price\n17,long text\n");
  reducing.crashes = [](const std::string& text) -> std::optional<std::string> {
    const CsvTable table(text);
    if (table.records() < 2 || table.columns_of({0, 1}) < 2) return std::nullopt;
    return "at most " + std::to_string(table.fields(1).size()) + " fields";
  };
  const MinimalSequence minimal = reducing.reduce(kNotebook);
  EXPECT_EQ(minimal.data->inputs.front().content, "id,price\n0,\n");
  const InputReduction& input = minimal.data->inputs.front();
  EXPECT_EQ(input.values, 2U);
  ASSERT_EQ(input.changed.size(), 2U);
  EXPECT_EQ(input.changed[1].row, 1U);
  EXPECT_EQ(input.changed[1].column, 2U);
  EXPECT_EQ(input.changed[1].name, "price");
  EXPECT_EQ(input.changed[1].before, "long text");
  EXPECT_EQ(input.changed[1].after, "");
}

TEST(MinimiseData, OneRowIsLeftWhereTheMessageJoinsThemAll) {
  ReducingData reducing;
  std::string text = "price,town\n";
  for (int i = 0; i < 200; ++i) text += i == 150 ? "1O.5,Oslo\n" : fmt::format("{}.5,Oslo\n", i);
  reducing.write("data.csv", text);
  reducing.crashes = [](const std::string& now) -> std::optional<std::string> {
    const CsvTable table(now);
    if (now.find("1O.5") == std::string::npos || now.find("price") == std::string::npos)
      return std::nullopt;
    std::string joined;
    for (std::size_t i = 1; i < table.records(); ++i) joined += table.fields(i).front();
    return "Could not convert string '" + joined + "' to numeric";
  };
  const MinimalSequence minimal = reducing.reduce(kNotebook);
  const InputReduction& input = minimal.data->inputs.front();
  EXPECT_EQ(input.content, "price\n1O.5\n");
  EXPECT_THAT(input.rows, ElementsAre(Pair(151, 151)));
  EXPECT_EQ(input.guarantee, Guarantee::kOneMinimal);
  EXPECT_EQ(input.message, "Could not convert string '1O.5' to numeric");
  EXPECT_EQ(minimal.confirmed_at_s, 3U) << "the same message as with the reduced file";
  EXPECT_LE(input.queries, 30U);
}

TEST(MinimiseData, AnotherNameInTheMessageIsAnotherCrash) {
  ReducingData reducing;
  reducing.write("data.csv", "town,price\nOslo,1\nBergen,2\nBodø,3\n");
  // Without its column the lookup fails at the same place, for another reason.
  reducing.crashes = [](const std::string& now) -> std::optional<std::string> {
    if (now.find("price") == std::string::npos) return "no column 'price'";
    return now.find("Bergen") == std::string::npos ? std::nullopt
                                                   : std::optional("no column 'Bergen'");
  };
  const MinimalSequence minimal = reducing.reduce({{"df = read_csv(\"data.csv\")"}, {"df.price"}});
  EXPECT_THAT(minimal.data->inputs.front().not_reduced, IsEmpty());
  EXPECT_THAT(minimal.data->inputs.front().content, HasSubstr("price"));
  EXPECT_THAT(minimal.data->inputs.front().content, HasSubstr("Bergen"));
  EXPECT_EQ(minimal.data->inputs.front().after.rows, 1U);
}

TEST(MinimiseData, TheSecondFileIsComparedWithWhatTheFirstLeft) {
  ReducingData reducing;
  const std::string units = "n\n1\n2\n3\n";
  reducing.write("units.csv", units);
  reducing.write("data.csv", "n\nx\ny\n");
  // Both files are in the message, whole.
  reducing.crashes_of = [&](const std::string& now,
                            const Trial& trial) -> std::optional<std::string> {
    std::string other = units;
    const std::string read = path_in(trial.executions.front().source, "load");
    for (const ExtraFile& file : trial.extra_files)
      if (file.path == read) other = file.content;
    if (now.find('y') == std::string::npos || other.find('2') == std::string::npos)
      return std::nullopt;
    return fmt::format("cannot add '{}' and '{}'", folded(other), folded(now));
  };
  const MinimalSequence minimal = reducing.reduce(
      {{"units = load(\"units.csv\")"}, {"df = read_csv(\"data.csv\")"}, {"units + df"}});
  ASSERT_EQ(minimal.data->inputs.size(), 2U);
  for (const InputReduction& input : minimal.data->inputs) {
    EXPECT_THAT(input.not_reduced, IsEmpty()) << input.path;
    EXPECT_LE(input.after.bytes, 4U) << input.path;
  }
  EXPECT_EQ(minimal.data->inputs[0].message, "cannot add '2' and 'y'");
  EXPECT_EQ(minimal.confirmed_at_s, 3U);
}

TEST(MinimiseData, TypesAreSaidWhereThatSparesHalfOfTheRows) {
  // The crash comes with any row, of a column of text: by a row that says so, or by its type.
  ReducingData reducing;
  std::string text = "zip,n\n";
  for (int i = 0; i < 300; ++i) text += i == 200 ? "A12,200\n" : fmt::format("{},{}\n", 100 + i, i);
  reducing.write("data.csv", text);
  reducing.crashes_of = [](const std::string& now,
                           const Trial& trial) -> std::optional<std::string> {
    const CsvTable table(now);
    const bool pinned =
        trial.executions.front().source.find("\"zip\": \"object\"") != std::string::npos;
    const bool has_text = now.find("A12") != std::string::npos || pinned;
    if (!has_text || now.find("zip") == std::string::npos || now.find("103") == std::string::npos)
      return std::nullopt;
    return "can only concatenate str";
  };
  reducing.printed = R"({"text": "nbreplay-types:7a6970=object,6e=int64:end\n"})";
  const MinimalSequence minimal =
      reducing.reduce({{"df = read_csv(\"data.csv\")"}, {"df.zip + 1"}});
  const InputReduction& input = minimal.data->inputs.front();
  EXPECT_EQ(input.content, "zip\n103\n");
  EXPECT_THAT(input.pinned, ElementsAre("zip"));
  EXPECT_EQ(minimal.data->sources.front(),
            "df = read_csv(\"nb.min-data/data.csv\", dtype={\"zip\": \"object\"})");
  EXPECT_EQ(input.guarantee, Guarantee::kOneMinimal);
  EXPECT_EQ(minimal.confirmed_at_a, 3U);
}

TEST(MinimiseData, ATableThatIsNeededWholeDoesNotTakeForever) {
  ReducingData reducing;
  const std::string text = orders(900, 5);
  reducing.write("data.csv", text);
  reducing.crashes = [&](const std::string& now) -> std::optional<std::string> {
    if (std::count(now.begin(), now.end(), '\n') < 800) return std::nullopt;
    return "too few";
  };
  const MinimalSequence minimal = reducing.reduce(kNotebook);
  const InputReduction& input = minimal.data->inputs.front();
  EXPECT_LE(input.queries, 402U);
  EXPECT_EQ(input.after.rows, 799U);
  EXPECT_EQ(input.guarantee, Guarantee::kPartial);
  EXPECT_THAT(input.why_partial, HasSubstr("the most for one file"));
  EXPECT_THAT(input.rows, Not(IsEmpty()));
  EXPECT_EQ(minimal.confirmations, 3U) << "there is a result, and it is confirmed";
}

TEST(MinimiseData, TheBudgetIsNotSpentToTheEndAndThatIsSaid) {
  ReducingData reducing;
  reducing.write("data.csv", orders(3000, 3));
  reducing.crashes = no_number_in("price");
  reducing.settings.budget = std::chrono::seconds(20);
  reducing.trial_takes = std::chrono::seconds(1);
  const MinimalSequence minimal = reducing.reduce(kNotebook);
  const InputReduction& input = minimal.data->inputs.front();
  EXPECT_EQ(input.guarantee, Guarantee::kPartial);
  EXPECT_THAT(input.why_partial, HasSubstr("budget"));
  EXPECT_LT(input.after.rows, 3000U);
  EXPECT_EQ(minimal.confirmations, 3U);
}

TEST(MinimiseData, LinesOfDifferentWidthsLoseRowsOnly) {
  ReducingData reducing;
  std::string text = "a,b\n";
  for (int i = 0; i < 500; ++i) text += i == 77 ? "1,2,3\n" : "1,2\n";
  reducing.write("data.csv", text);
  reducing.crashes = [](const std::string& now) -> std::optional<std::string> {
    if (now.find("1,2,3") == std::string::npos || now.find("a,b") == std::string::npos)
      return std::nullopt;
    return "Expected 2 fields, saw 3";
  };
  const MinimalSequence minimal = reducing.reduce(kNotebook);
  const InputReduction& input = minimal.data->inputs.front();
  EXPECT_EQ(input.content, "a,b\n1,2,3\n");
  EXPECT_EQ(input.after.columns, 0U);
  EXPECT_EQ(input.guarantee, Guarantee::kOneMinimal);
}

TEST(MinimiseData, NamesWhatCannotBeReducedAndWhy) {
  ReducingData reducing;
  reducing.write("data.csv", orders(5, 3));
  reducing.write("packed.csv", std::string("PK\0\1", 4));
  reducing.write("own.csv", "a\n1\n");
  reducing.write("model.pkl", "x");
  reducing.crashes = no_number_in("price");
  const MinimalSequence minimal = reducing.reduce({{"read_csv(\"https://example.org/a.csv\")"},
                                                   {"read_csv(\"packed.csv\")"},
                                                   {"to_csv(\"own.csv\")\nread_csv(\"own.csv\")"},
                                                   {"load(\"model.pkl\")"},
                                                   {"read_csv(\"/data/a.csv\")"},
                                                   {"read_csv(\"../a.csv\")"},
                                                   {"read_csv(\"nowhere.csv\")"},
                                                   {"read_csv(name)"},
                                                   {"read_csv(\"data.csv\")"},
                                                   {"df.price.astype"}});
  std::vector<std::string> words;
  for (const InputReduction& input : minimal.data->inputs)
    words.push_back(input.path + ": " + input.not_reduced);
  ASSERT_EQ(words.size(), 9U);
  EXPECT_THAT(words[0], HasSubstr("example.org/a.csv: a URL"));
  EXPECT_THAT(words[1], HasSubstr("packed.csv: compressed, binary"));
  EXPECT_THAT(words[2], HasSubstr("own.csv: the notebook itself writes it"));
  EXPECT_THAT(words[3], HasSubstr("model.pkl: not a table"));
  EXPECT_THAT(words[4], HasSubstr("an absolute path"));
  EXPECT_THAT(words[5], HasSubstr("outside of the project"));
  EXPECT_THAT(words[6], HasSubstr("not there before"));
  EXPECT_THAT(words[7],
              HasSubstr("neither its source nor a run says which file cell 8 reads with read_csv"));
  EXPECT_EQ(words[8], "data.csv: ");
}

TEST(MinimiseData, WhatTheSourceDoesNotSayIsSeenInARun) {
  ReducingData reducing;
  reducing.write("data.csv", orders(50, 3));
  reducing.crashes = no_number_in("price");
  reducing.reads = "data.csv";
  reducing.printed_by[2] =
      "{\"text\": \"nbreplay-read:646174612e637376:end\\nnbreplay-read:"
      "2e2e2f782e637376:end\\nnbreplay-read:zz:end\"}";
  const MinimalSequence minimal =
      reducing.reduce({{"x = 1"}, {"df = read_csv(folder / name)"}, {"df.price.astype"}});
  ASSERT_EQ(minimal.data->inputs.size(), 1U);
  const InputReduction& input = minimal.data->inputs.front();
  EXPECT_EQ(input.path, "data.csv");
  EXPECT_EQ(input.position, 1U);
  EXPECT_EQ(input.content, "price\n\"1,5O\"\n");
  EXPECT_TRUE(input.in_place) << "there is no literal to change";
}

TEST(MinimiseData, AFileWhoseContentDoesNotMatterStaysAsItIs) {
  ReducingData reducing;
  reducing.write("data.csv", orders(5, 3));
  reducing.crashes = [](const std::string&) { return "always"; };
  const MinimalSequence minimal = reducing.reduce(kNotebook);
  EXPECT_THAT(minimal.data->inputs.front().not_reduced, HasSubstr("does not depend"));
  EXPECT_FALSE(minimal.data->any_reduced());
  EXPECT_TRUE(reducing.trials.back().extra_files.empty());
}

TEST(MinimiseData, AStopKeepsTheBestSoFar) {
  ReducingData reducing;
  reducing.write("data.csv", orders(5000, 3210));
  reducing.crashes = no_number_in("price");
  reducing.stop_after = 8;
  const MinimalSequence minimal = reducing.reduce(kNotebook);
  const InputReduction& input = minimal.data->inputs.front();
  EXPECT_EQ(input.not_reduced, "");
  EXPECT_LT(input.after.rows, 5000U);
  EXPECT_EQ(input.guarantee, Guarantee::kPartial);
  EXPECT_EQ(input.why_partial, "interrupted");
  EXPECT_TRUE(no_number_in("price")(input.content)) << "it still crashes";
  EXPECT_EQ(minimal.confirmations, 0U);
}

TEST(MinimiseData, AReductionThatAFreshRunDeniesIsDropped) {
  ReducingData reducing;
  reducing.write("data.csv", orders(50, 3));
  reducing.crashes = no_number_in("price");
  reducing.strange = [](const Trial& trial) {
    return trial.hash_seed == 2 && !trial.extra_files.empty();
  };
  const MinimalSequence minimal = reducing.reduce(kNotebook);
  EXPECT_FALSE(minimal.data->any_reduced());
  EXPECT_THAT(minimal.data->inputs.front().not_reduced, HasSubstr("not every fresh run"));
  EXPECT_EQ(minimal.data->inputs.front().content, "");
  EXPECT_EQ(minimal.confirmations, 3U);
  EXPECT_EQ(minimal.confirmed_at_a, 3U) << "of what is left: the notebook with its own file";
  EXPECT_EQ(minimal.guarantee, Guarantee::kOneMinimal);
}

TEST(MinimiseData, TheFileIsPutInPlaceBeforeTheFirstExecutionThatReadsIt) {
  ReducingData reducing;
  reducing.write("data.csv", orders(20, 3));
  reducing.crashes = no_number_in("price");
  const MinimalSequence minimal =
      reducing.reduce({{"x = 1"}, {"df = read_csv(\"data.csv\")"}, {"df.price.astype"}}, false);
  EXPECT_EQ(minimal.data->inputs.front().position, 1U);
  EXPECT_EQ(reducing.trials[1].extra_files.front().before, 1U);
}

TEST(MinimiseData, EachOfTwoFilesIsReducedWithTheOtherOneInPlace) {
  ReducingData reducing;
  reducing.jobs = 2;
  reducing.write("a/data.csv", orders(20, 3));
  reducing.write("b/data.csv", orders(30, 4));
  reducing.crashes = no_number_in("price");
  const MinimalSequence minimal = reducing.reduce(
      {{"a = read_csv(\"b/data.csv\")"}, {"df = read_csv(\"a/data.csv\")"}, {"df.price.astype"}});
  ASSERT_EQ(minimal.data->inputs.size(), 2U);
  EXPECT_EQ(minimal.data->inputs[0].path, "b/data.csv");
  EXPECT_THAT(minimal.data->inputs[0].not_reduced, HasSubstr("does not depend"));
  EXPECT_EQ(minimal.data->inputs[1].after.rows, 1U);
  EXPECT_EQ(minimal.data->inputs[1].file, "nb.min-data/data.csv");
}

}  // namespace
}  // namespace nbreplay::test
