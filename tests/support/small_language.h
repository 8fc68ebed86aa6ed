#pragma once

// A language of five statements, one a line, that both fakes understand: small enough to trust,
// large enough that cells depend on each other, and its facts agree with what running it does.
//
//   x = a + b + 1    binds x; a NameError when a or b is unbound
//   x[key] = a       changes x in place
//   x[key]           a KeyError when x has no such key
//   del x / del x[key]
//   assert a == b    an AssertionError
//   raise Type message
//
// Words in it are [A-Za-z_0-9]; anything else separates. A line may be indented; `#` begins a
// comment.

#include <map>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "nbreplay/dataflow/facts.h"

#include "support/fake_runner.h"

namespace nbreplay::test {

class SmallLanguage {
 public:
  /// For FakeFactSource.
  static CellFacts facts(const std::string& source) {
    CellFacts facts;
    std::set<std::string> bound;
    for (const Line& line : parse(source)) {
      Statement statement{.parent = -1,
                          .begin = line.begin,
                          .end = line.end,
                          .first_line = line.number,
                          .last_line = line.number,
                          .kind = line.kind,
                          .definitions = {},
                          .uses = line.uses};
      for (const std::string& name : line.uses) {
        if (!bound.contains(name)) add(facts.uses, name, line.number);
      }
      if (line.kind == "Assign") {
        bound.insert(line.target);
        statement.definitions.push_back(line.target);
        add(facts.definitions, line.target, line.number);
      } else if (line.kind == "Delete" && line.key.empty()) {
        add(facts.deletions, line.target, line.number);
      } else if (!line.key.empty()) {
        facts.string_keys.push_back(line.key);
        if (line.kind != "Expr") add(facts.mutations, line.target, line.number);
      }
      facts.statements.push_back(std::move(statement));
      facts.edits.push_back(
          {static_cast<int>(facts.statements.size()) - 1, line.begin, line.end, "", "remove"});
    }
    return facts;
  }

  /// For FakeRunner: runs every execution's source in one namespace.
  static Outcome run(const Trial& trial) {
    Namespace names;
    return play(trial, [&](std::size_t position) {
      const Execution& execution = trial.executions[position];
      std::optional<Crash> crash = run_cell(execution.source, names);
      if (crash && execution.cell != kNoCell) {
        crash->cell = execution.cell;
        crash->frames.back().cell = execution.cell;
      }
      return crash;
    });
  }

 private:
  struct Value {
    long number = 0;
    std::set<std::string> keys;
  };
  using Namespace = std::map<std::string, Value>;

  struct Line {
    int number = 0;
    std::size_t begin = 0;
    std::size_t end = 0;
    std::string kind;    // as ast names it
    std::string target;  // the name it binds, changes, deletes or subscripts
    std::string key;     // in [], when there is one
    std::vector<std::string> uses;
    std::vector<std::string> words;  // operands: names and numbers
    std::string text;
  };

  static void add(std::vector<NameAt>& names, const std::string& name, int line) {
    for (const NameAt& known : names) {
      if (known.name == name) return;
    }
    names.push_back({name, line});
  }

  static std::vector<std::string> words_of(const std::string& text) {
    std::vector<std::string> words;
    std::string word;
    for (const char c : text + " ") {
      if (std::isalnum(static_cast<unsigned char>(c)) != 0 || c == '_') {
        word += c;
      } else if (!word.empty()) {
        words.push_back(std::exchange(word, {}));
      }
    }
    return words;
  }

  static bool is_number(const std::string& word) {
    return std::isdigit(static_cast<unsigned char>(word[0])) != 0;
  }

  static Line parse_line(const std::string& text) {
    Line line;
    line.text = text;
    const std::size_t equals = text.find('=');
    const bool assignment = equals != std::string::npos && text.compare(equals, 2, "==") != 0 &&
                            text.rfind("assert ", 0) != 0 && text.rfind("raise ", 0) != 0;
    std::vector<std::string> left = words_of(assignment ? text.substr(0, equals) : text);
    line.words = assignment ? words_of(text.substr(equals + 1)) : std::vector<std::string>{};
    const bool subscript = text.find('[') < equals;
    if (left[0] == "raise") {
      line.kind = "Raise";
      line.words = std::move(left);
      return line;
    }
    if (left[0] == "assert") {
      line.kind = "Assert";
      line.words.assign(left.begin() + 1, left.end());
    } else {
      line.kind = left[0] == "del" ? "Delete" : assignment ? "Assign" : "Expr";
      if (line.kind == "Delete") left.erase(left.begin());
      line.target = left[0];
      if (subscript) line.key = left[1];
      if (assignment && subscript) line.kind = "SetItem";
      if (line.kind != "Assign") line.uses.push_back(line.target);
    }
    for (const std::string& word : line.words) {
      if (!is_number(word)) line.uses.push_back(word);
    }
    return line;
  }

  static std::vector<Line> parse(const std::string& source) {
    std::vector<Line> lines;
    std::size_t begin = 0;
    for (int number = 1; begin <= source.size(); ++number) {
      const std::size_t newline = std::min(source.find('\n', begin), source.size());
      const std::size_t comment = std::min(source.find('#', begin), newline);
      const std::size_t first = source.find_first_not_of(' ', begin);
      if (first < comment) {
        Line line = parse_line(source.substr(first, comment - first));
        line.number = number;
        line.begin = first;
        line.end = comment;
        lines.push_back(std::move(line));
      }
      begin = newline + 1;
    }
    return lines;
  }

  static Crash crash_at(const Line& line, std::string type, std::string message) {
    Crash crash;
    crash.type = crash.qualified_type = std::move(type);
    crash.base_types = {crash.type, "Exception"};
    crash.message = std::move(message);
    crash.chain_known = true;
    crash.line = line.number;
    crash.statement = line.text;
    Frame frame;
    frame.in_notebook = true;
    frame.function = "<module>";
    frame.line = line.number;
    frame.text = line.text;
    crash.frames.push_back(std::move(frame));
    return crash;
  }

  static long value_of(const std::string& word, const Namespace& names) {
    return is_number(word) ? std::stol(word) : names.at(word).number;
  }

  static std::optional<Crash> run_line(const Line& line, Namespace& names) {
    for (const std::string& name : line.uses) {
      if (!names.contains(name)) {
        return crash_at(line, "NameError", "name '" + name + "' is not defined");
      }
    }
    if (line.kind == "Raise") {
      std::string message;
      for (std::size_t i = 2; i < line.words.size(); ++i) {
        message += (i > 2 ? " " : "") + line.words[i];
      }
      return crash_at(line, line.words[1], message);
    }
    if (line.kind == "Assert") {
      if (value_of(line.words[0], names) == value_of(line.words[1], names)) return std::nullopt;
      return crash_at(line, "AssertionError", "");
    }
    if (line.kind == "Assign") {
      Value value;
      for (const std::string& word : line.words) {
        value.number += value_of(word, names);
        if (!is_number(word)) value.keys.insert(names[word].keys.begin(), names[word].keys.end());
      }
      names[line.target] = std::move(value);
      return std::nullopt;
    }
    if (line.kind == "SetItem") {
      names[line.target].keys.insert(line.key);
      return std::nullopt;
    }
    if (line.key.empty()) {
      if (line.kind == "Delete") names.erase(line.target);
      return std::nullopt;
    }
    if (!names[line.target].keys.contains(line.key)) {
      return crash_at(line, "KeyError", "'" + line.key + "'");
    }
    if (line.kind == "Delete") names[line.target].keys.erase(line.key);
    return std::nullopt;
  }

  static std::optional<Crash> run_cell(const std::string& source, Namespace& names) {
    for (const Line& line : parse(source)) {
      if (std::optional<Crash> crash = run_line(line, names)) return crash;
    }
    return std::nullopt;
  }
};

}  // namespace nbreplay::test
