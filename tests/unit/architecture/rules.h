#pragma once

#include <map>
#include <set>
#include <string>
#include <string_view>
#include <vector>

namespace nbreplay::test {

/// Which modules each module may include, itself and what those may use included.
using Table = std::map<std::string, std::set<std::string>>;

/// The table of docs/architecture.md: rows `|floor|module|holds|may use|` with names in backticks.
/// "all" may use every module of the table.
[[nodiscard]] Table parse_table(std::string_view document);

/// A source file, with its path in the repository ("src/report/json.cc").
struct SourceFile {
  std::string path;
  std::string text;
};

/// The module a path belongs to: "report" for src/report/…, include/nbreplay/report/… ;
/// "sandbox/" for sandbox/…; empty for anything else.
[[nodiscard]] std::string module_of(std::string_view path);

/// One line each, "src/report/json.cc:3: …"; empty when the file keeps all rules.
[[nodiscard]] std::vector<std::string> violations(const Table& table, const SourceFile& file);

}  // namespace nbreplay::test
