// The data that the minimal sequence reads (`minimize --data`). Each file is reduced by itself,
// the one that is read last first, so that prefixes of the run stay as they are; the others are
// then in place as far as they were reduced. What is left is put under a new name, and a last run,
// in which the original is empty, shows that the notebook reads the reduced file there.

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <memory>
#include <set>

#include "diagnosis/csv_reducer.h"
#include "diagnosis/data_trials.h"
#include "diagnosis/input_files.h"
#include "diagnosis/minimise.h"
#include "diagnosis/type_pins.h"

namespace nbreplay {
namespace {

constexpr std::array<char, 2> kQuotes = {'\'', '"'};

/// Puts `to` in the place of the string literal `from`, whatever its quotes. Returns how often.
std::size_t replace_literal(std::string& source, const std::string& from, const std::string& to) {
  std::size_t count = 0;
  for (const char quote : kQuotes) {
    const std::string literal = quote + from + quote;
    for (std::size_t at = source.find(literal); at != std::string::npos;
         at = source.find(literal, at + to.size() + 2)) {
      source.replace(at + 1, from.size(), to);
      ++count;
    }
  }
  return count;
}

/// Whether a path can stand in a string literal as it is.
bool is_plain(const std::string& path) {
  return std::all_of(path.begin(), path.end(), [](char c) {
    return static_cast<unsigned char>(c) >= 0x20 && c != '\\' && c != '"' && c != '\'' &&
           c != '{' && c != '}' && static_cast<unsigned char>(c) < 0x7f;
  });
}

class DataMinimiser {
 public:
  DataMinimiser(Investigation& investigation, const BaseRun& base, MinimalSequence& minimal)
      : investigation_(investigation),
        base_(base),
        minimal_(minimal),
        trial_(trial_of(investigation, base, minimal)),
        expected_(base.observed) {}

  ReducedData run() {
    std::vector<InputFile> files = input_files(investigation_, trial_);
    std::stable_sort(files.begin(), files.end(), [](const InputFile& a, const InputFile& b) {
      return a.position > b.position;
    });
    ReducedData data;
    for (InputFile& file : files) {
      spellings_.push_back(file.spellings);
      data.inputs.push_back(reduce(file));
    }
    std::reverse(data.inputs.begin(), data.inputs.end());
    std::reverse(spellings_.begin(), spellings_.end());
    if (data.any_reduced()) data.crash = expected_;
    return data;
  }

  /// Lets the notebook read the reduced files in `folder`, where it can be seen to do so.
  void place(ReducedData& data, const std::string& folder) {
    if (!data.any_reduced()) return;
    const bool pinned = std::any_of(data.inputs.begin(), data.inputs.end(),
                                    [](const auto& input) { return !input.pinned.empty(); });
    std::set<std::string> names;
    for (InputReduction& input : data.inputs)
      if (input.reduced()) input.file = folder + "/" + free_name(input.path, names);
    ReducedData placed = data;
    for (const Execution& execution : trial_.executions) placed.sources.push_back(execution.source);
    if (pinned) data.sources = placed.sources;
    for (std::size_t i = 0; i < placed.inputs.size(); ++i)
      if (placed.inputs[i].reduced() && !read_at_file(placed, i)) return;
    MinimalSequence changed = minimal_;
    changed.data = placed;
    const Trial trial = trial_of(investigation_, base_, changed);
    const auto ran = investigation_.run(trial, Freshness::kAny);
    if (!ran) return;
    const Crash expected = expected_of(base_, changed);
    if (std::holds_alternative<Same>(judge(trial, ran->outcome, expected, Level::kA)))
      data = std::move(placed);
  }

 private:
  InputReduction reduce(InputFile& file) {
    InputReduction result;
    result.path = file.path;
    result.position = file.position;
    result.not_reduced = std::move(file.problem);
    if (!result.not_reduced.empty()) return result;
    investigation_.observer().stage(fmt::format("reduce {}", file.path));
    ExtraFile extra{file.path, {}, false, file.position};
    const CsvTable table(std::move(file.content));
    const DataWords words = words_of(table);
    DataTrials trials(investigation_, {expected_, words}, trial_, extra);
    result.not_reduced = why_not(trials, table.text());
    if (result.not_reduced.empty()) {
      reduce_table(trials, file, table, words, result);
      extra.content = result.content;
      trial_.extra_files.push_back(std::move(extra));
    }
    result.queries += trials.queries();
    return result;
  }

  [[nodiscard]] DataWords words_of(const CsvTable& table) const {
    std::vector<std::string> sources;
    for (const Execution& execution : trial_.executions) sources.push_back(execution.source);
    DataWords words(std::move(sources));
    table.for_each_value([&](const std::string& value) { words.add(value); });
    words.seal();
    return words;
  }

  /// The crash must come with a copy of the file in its place, and not come without its content.
  static std::string why_not(DataTrials& trials, const std::string& content) {
    const auto tested = trials.test({content, std::string()}, Freshness::kAny);
    if (tested[0] == nullptr || tested[1] == nullptr) return "stopped before it was tried";
    if (tested[0]->outcome != reduce::TestOutcome::kFail)
      return fmt::format("with a copy of it in its place the run says: {}", tested[0]->words);
    if (tested[1]->outcome == reduce::TestOutcome::kFail)
      return "the crash does not depend on what is in it";
    return {};
  }

  void reduce_table(DataTrials& trials, const InputFile& file, const CsvTable& table,
                    const DataWords& words, InputReduction& result) {
    CsvReducer plain(trials, table);
    result.before = plain.size();
    plain.reduce_lines();
    const std::unique_ptr<Pinned> pinned = pin_types(file, table, words, plain, result);
    CsvReducer& reducer = pinned ? pinned->reducer : plain;
    reducer.reduce_values();
    reducer.certify();
    result.after = reducer.size();
    result.rows = reducer.stretches();
    result.changed = reducer.changed();
    result.values = result.changed.size();
    result.certified = reducer.certified();
    result.content = reducer.text();
    expect(trials, pinned.get(), result);
    if (pinned) {
      result.queries += pinned->trials.queries();
      trial_.executions[file.position].source = pinned->source();
    }
    const std::size_t seen = result.certified.fresh + result.certified.branched;
    const bool minimal = reducer.complete() && seen == result.certified.of;
    result.guarantee = minimal ? Guarantee::kOneMinimal : Guarantee::kPartial;
    if (minimal) return;
    // A stop while certifying leaves removals that were not seen, too.
    result.why_partial = (pinned ? pinned->trials : trials).stop();
    if (result.why_partial.empty())
      result.why_partial =
          fmt::format("leaving out {} of {} rows and columns alone ended in neither way",
                      result.certified.of - seen, result.certified.of);
  }

  /// A reduction under sources that say types of columns.
  struct Pinned {
    Pinned(Investigation& investigation, const CrashWithData& expected, const Trial& trial,
           ExtraFile file, const CsvTable& table)
        : position(file.before),
          trials(investigation, expected, trial, std::move(file)),
          reducer(trials, table) {}

    [[nodiscard]] const std::string& source() const {
      return trials.trial().executions[position].source;
    }
    [[nodiscard]] bool crashes_alike(const std::string& text) {
      const TestedText* tested = trials.test(text);
      return tested != nullptr && tested->outcome == reduce::TestOutcome::kFail;
    }

    std::size_t position;
    DataTrials trials;
    CsvReducer reducer;
  };

  /// From here on the crash says what it said with the reduced table.
  void expect(const DataTrials& trials, const Pinned* pinned, InputReduction& result) {
    const TestedText* tested = (pinned != nullptr ? pinned->trials : trials).known(result.content);
    if (tested == nullptr || !tested->crash) return;
    const Crash& crash = *tested->crash;
    const bool known = crash.message && expected_.message;
    if (known && normalised_message(*crash.message) != normalised_message(*expected_.message))
      result.message = crash.message;
    expected_.message = crash.message;
    if (crash.chain.size() == expected_.chain.size()) expected_.chain = crash.chain;
  }

  std::unique_ptr<Pinned> with_pins(const InputFile& file, const CsvTable& table,
                                    const DataWords& words, const ReadCall& call,
                                    const ColumnTypes& types) {
    Trial trial = trial_;
    std::string& source = trial.executions[file.position].source;
    source = with_types(source, call, types);
    return std::make_unique<Pinned>(investigation_, CrashWithData{expected_, words}, trial,
                                    ExtraFile{file.path, {}, false, file.position}, table);
  }

  /// With the types that columns had in the failing run said in the call that reads them, rows
  /// that only decide what pandas infers are not needed. A person reads a longer call then, so it
  /// must pay: at least half of the rows go. Null when it does not.
  std::unique_ptr<Pinned> pin_types(const InputFile& file, const CsvTable& table,
                                    const DataWords& words, const CsvReducer& plain,
                                    InputReduction& result) {
    if (!plain.complete() || plain.size().rows < 2) return nullptr;
    const auto call = find_read_call(trial_.executions[file.position].source, file.spellings);
    if (!call) return nullptr;
    ColumnTypes types = types_of(file, table, *call, plain.column_names(), result);
    if (types.empty()) return nullptr;
    auto pinned = with_pins(file, table, words, *call, types);
    const TablePart before = plain.part();
    if (pinned->crashes_alike(table.render(before))) pinned->reducer.reduce_further(before);
    result.queries += pinned->trials.queries();
    if (2 * pinned->reducer.size().rows > plain.size().rows) return nullptr;
    const TablePart part = pinned->reducer.part();
    // Only those types that what is left would lose.
    for (std::size_t i = types.size(); i-- > 0;) {
      ColumnTypes fewer = types;
      fewer.erase(fewer.begin() + static_cast<std::ptrdiff_t>(i));
      auto candidate = with_pins(file, table, words, *call, fewer);
      if (!candidate->crashes_alike(table.render(part))) {
        result.queries += candidate->trials.queries();
        continue;
      }
      types = std::move(fewer);
      pinned = std::move(candidate);
    }
    if (types.empty() || !pinned->crashes_alike(table.render(part))) return nullptr;
    pinned->reducer.reduce_further(part);
    for (const auto& [name, type] : types) result.pinned.push_back(name);
    return pinned;
  }

  /// Of the columns `names`, in a run with the whole table.
  ColumnTypes types_of(const InputFile& file, const CsvTable& table, const ReadCall& call,
                       const std::vector<std::string>& names, InputReduction& result) {
    Trial probe = types_probe(trial_, file.position, call);
    probe.extra_files.push_back({file.path, table.text(), false, file.position});
    // Fresh, since a cache keeps no output.
    const auto ran = investigation_.run(probe, Freshness::kFresh);
    if (!ran) return {};
    ++result.queries;
    ColumnTypes types = printed_types(ran->outcome);
    std::erase_if(types, [&](const auto& type) {
      return std::find(names.begin(), names.end(), type.first) == names.end();
    });
    return types;
  }

  static std::string free_name(const std::string& path, std::set<std::string>& names) {
    std::string name = Path(path).filename().string();
    while (!names.insert(name).second) name = "other-" + name;
    return name;
  }

  /// Puts the new place into all sources; false when none says the old one in a literal.
  bool read_at_file(ReducedData& data, std::size_t index) const {
    InputReduction& input = data.inputs[index];
    if (!is_plain(input.file)) return false;
    input.in_place = false;
    std::size_t replaced = 0;
    for (const std::string& spelling : spellings_[index]) {
      data.renamed.emplace_back(spelling, input.file);
      for (std::string& source : data.sources)
        replaced += replace_literal(source, spelling, input.file);
    }
    return replaced > 0;
  }

  Investigation& investigation_;
  const BaseRun& base_;
  MinimalSequence& minimal_;
  Trial trial_;
  Crash expected_;                                   // with what is in place now
  std::vector<std::vector<std::string>> spellings_;  // as ReducedData::inputs
};

}  // namespace

void minimise_data(Investigation& investigation, const BaseRun& base, MinimalSequence& minimal,
                   const std::string& folder) {
  if (investigation.stopped()) return;
  investigation.observer().stage("reduce data");
  DataMinimiser minimiser(investigation, base, minimal);
  ReducedData data = minimiser.run();
  minimiser.place(data, folder);
  minimal.data = std::move(data);
}

void put_data(const ReducedData& data, Trial& trial) {
  for (std::size_t i = 0; i < data.sources.size(); ++i)
    trial.executions[i].source = data.sources[i];
  for (const InputReduction& input : data.inputs) {
    if (!input.reduced()) continue;
    // Once it is read elsewhere, whoever still reads the original finds nothing.
    trial.extra_files.push_back({input.path, input.in_place ? input.content : "", false, 0});
    if (!input.in_place) trial.extra_files.push_back({input.file, input.content, false, 0});
  }
}

Crash expected_of(const BaseRun& base, const MinimalSequence& minimal) {
  const bool has_own = minimal.data && minimal.data->crash;
  Crash crash = has_own ? *minimal.data->crash : base.observed;
  if (!minimal.data || minimal.data->sources.empty()) return crash;
  for (const auto& [from, to] : minimal.data->renamed)
    if (crash.statement) replace_literal(*crash.statement, from, to);
  return crash;
}

}  // namespace nbreplay
