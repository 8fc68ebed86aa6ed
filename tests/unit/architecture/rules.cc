#include "rules.h"

#include <algorithm>
#include <utility>

namespace nbreplay::test {
namespace {

std::vector<std::string> split(std::string_view text, char separator) {
  std::vector<std::string> parts(1);
  for (const char c : text) {
    if (c == separator)
      parts.emplace_back();
    else
      parts.back() += c;
  }
  return parts;
}

/// The words in backticks.
std::vector<std::string> quoted_words(std::string_view text) {
  std::vector<std::string> words;
  const std::vector<std::string> parts = split(text, '`');
  for (std::size_t i = 1; i < parts.size(); i += 2) words.push_back(parts[i]);
  return words;
}

bool is_one_of(std::string_view word, const std::vector<std::string_view>& words) {
  return std::find(words.begin(), words.end(), word) != words.end();
}

/// "nbreplay/base/file.h" of `#include "nbreplay/base/file.h"`; empty for other lines.
std::string included(std::string_view line) {
  const std::size_t hash = line.find_first_not_of(" \t");
  if (hash == std::string_view::npos || line[hash] != '#') return {};
  const std::size_t word = line.find("include", hash);
  if (word == std::string_view::npos) return {};
  const std::size_t open = line.find_first_of("<\"", word);
  if (open == std::string_view::npos) return {};
  const char closing = line[open] == '<' ? '>' : '"';
  const std::size_t close = line.find(closing, open + 1);
  if (close == std::string_view::npos) return {};
  return std::string(line.substr(open + 1, close - open - 1));
}

/// A line without its comment, so that a word in prose is no violation.
std::string_view code_of(std::string_view line) {
  return line.substr(0, line.find("//"));
}

struct Checker {
  const Table& table;
  const SourceFile& file;
  std::string module;
  std::vector<std::string> found;
  std::size_t line = 0;

  void add(const std::string& what) {
    found.push_back(file.path + ":" + std::to_string(line) + ": " + what);
  }

  void check_include(const std::string& header) {
    const std::vector<std::string> parts = split(header, '/');
    const bool is_public = parts.size() > 2 && parts.front() == "nbreplay";
    const std::string& from = is_public ? parts[1] : parts.front();
    if (parts.size() > 1 && table.count(from) > 0 && from != module) {
      if (!is_public)
        add(header + " is private to " + from);
      else if (table.at(module).count(from) == 0)
        add(module + " may not use " + from + " (" + header + ")");
    }
    const auto only = [&](std::string_view prefix, const std::vector<std::string_view>& modules) {
      if (header.starts_with(prefix) && !is_one_of(module, modules))
        add(module + " may not include " + header);
    };
    only("nlohmann/", {"environment", "store", "report"});
    only("boost/process", {"process"});
    only("boost/asio", {"process"});
    if (header.starts_with("pybind11") || header == "Python.h")
      if (!file.path.starts_with("sandbox/worker/"))
        add("only sandbox/worker may include " + header);
    if (is_one_of(module, {"reduce", "crash", "dataflow"}))
      for (const std::string_view outside :
           {"chrono", "fstream", "filesystem", "thread", "csignal", "unistd.h", "fcntl.h", "sys/",
            "nbreplay/base/clock.h", "nbreplay/base/file.h"})
        if (header.starts_with(outside))
          add(module + " knows no process, clock or file: " + header);
    if (header == "iostream" && module != "cli") add("only cli prints: " + header);
  }

  void check_code(std::string_view code) {
    const auto contains = [&](std::string_view word) {
      const std::size_t at = code.find(word);
      if (at == std::string_view::npos) return false;
      // Not the end of a longer name: snprintf( is not printf(.
      return at == 0 ||
             (std::isalnum(static_cast<unsigned char>(code[at - 1])) == 0 && code[at - 1] != '_');
    };
    // A broken invariant says so and stops the program; nothing above could print it.
    const bool may_print =
        module == "cli" || module == "sandbox/" || file.path == "src/base/check.cc";
    if (!may_print)
      for (const std::string_view print :
           {"std::cout", "std::cerr", "printf(", "fprintf(", "puts(", "fputs(", "fmt::print("})
        if (contains(print)) add("only cli prints: " + std::string(print));
    if (module != "process" && module != "sandbox/")
      for (const std::string_view wait : {"waitpid(", "waitid(", "wait4("})
        if (contains(wait)) add("only process waits for children: " + std::string(wait));
  }
};

}  // namespace

Table parse_table(std::string_view document) {
  std::map<std::string, std::vector<std::string>> direct;
  std::vector<std::string> use_all;
  for (const std::string& line : split(document, '\n')) {
    const std::vector<std::string> columns = split(line, '|');
    if (columns.size() != 6) continue;
    const std::vector<std::string> name = quoted_words(columns[2]);
    if (name.size() != 1) continue;
    direct[name.front()] = quoted_words(columns[4]);
    if (columns[4] == "all") use_all.push_back(name.front());
  }
  for (const std::string& name : use_all)
    for (const auto& [other, ignored] : direct) direct[name].push_back(other);

  Table table;
  for (const auto& [name, ignored] : direct) {
    std::vector<std::string> waiting{name};
    while (!waiting.empty()) {
      const std::string one = std::move(waiting.back());
      waiting.pop_back();
      if (!table[name].insert(one).second) continue;
      if (const auto found = direct.find(one); found != direct.end())
        waiting.insert(waiting.end(), found->second.begin(), found->second.end());
    }
  }
  return table;
}

std::string module_of(std::string_view path) {
  if (path.starts_with("sandbox/")) return "sandbox/";
  for (const std::string_view folder : {"src/", "include/nbreplay/"}) {
    if (!path.starts_with(folder)) continue;
    const std::string_view rest = path.substr(folder.size());
    if (const std::size_t slash = rest.find('/'); slash != std::string_view::npos)
      return std::string(rest.substr(0, slash));
  }
  return {};
}

std::vector<std::string> violations(const Table& table, const SourceFile& file) {
  Checker checker{table, file, module_of(file.path), {}};
  if (checker.module.empty()) return {};
  if (table.count(checker.module) == 0) {
    return {file.path + ": module " + checker.module + " is not in docs/architecture.md"};
  }
  for (const std::string& line : split(file.text, '\n')) {
    ++checker.line;
    if (const std::string header = included(line); !header.empty())
      checker.check_include(header);
    else
      checker.check_code(code_of(line));
  }
  return checker.found;
}

}  // namespace nbreplay::test
