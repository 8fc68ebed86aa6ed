#pragma once

#include <cstddef>
#include <string>
#include <vector>

namespace nbreplay {

/// A name in a cell's source and the line of its first such use (1-based).
struct NameAt {
  std::string name;
  int line = 0;
  friend bool operator==(const NameAt&, const NameAt&) = default;
};

struct ImportFact {
  std::string module;  ///< "sklearn.preprocessing"
  std::string name;    ///< Imported member; empty for `import module`; "*" for a star import.
  std::string bound;   ///< The name that it binds.
  int line = 0;
};

struct FileFact {
  std::string path;  ///< A string literal that is opened, read or written.
  std::string call;  ///< "pandas.read_csv", "open".
  bool write = false;
  int line = 0;
};

/// A statement of a cell's source.
struct Statement {
  int parent = -1;        ///< Index of the enclosing statement; -1 at the top level.
  std::size_t begin = 0;  ///< Byte offsets into the source: [begin, end).
  std::size_t end = 0;
  int first_line = 0;  ///< 1-based, inclusive.
  int last_line = 0;
  std::string kind;  ///< As Python's ast names it; "Magic" for a magic or shell line.
  std::vector<std::string> definitions;
  std::vector<std::string> uses;
};

/// A change of a cell's source that makes it smaller and keeps it parsing.
struct SourceEdit {
  int statement = -1;  ///< The statement that it changes.
  std::size_t begin = 0;
  std::size_t end = 0;
  std::string replacement;
  std::string kind;  ///< "remove", "unwrap", "pass", "argument", "call", "literal".
};

/// What can be known of a cell without running it. Names are those of the notebook's global
/// namespace; whatever is local to a function or comprehension is not listed.
struct CellFacts {
  std::string problem;                       ///< Why the source does not parse; empty when it does.
  std::vector<NameAt> definitions;           ///< Bound whenever the cell completes.
  std::vector<NameAt> possible_definitions;  ///< Bound on some path only.
  std::vector<NameAt> uses;           ///< Read while the cell runs, before it binds them itself.
  std::vector<NameAt> deferred_uses;  ///< Read in the body of a function that the cell defines.
  std::vector<NameAt> mutations;  ///< Possibly changed in place: x.y = …, x[…] = …, x.method(…).
  std::vector<NameAt> deletions;  ///< del x
  std::vector<ImportFact> imports;
  std::vector<FileFact> files;
  std::vector<Statement> statements;  ///< Parents before children, else in source order.
  std::vector<SourceEdit> edits;
  std::vector<std::string> string_keys;  ///< Literal subscripts and column names.
  bool opaque = false;  ///< exec, star import, cell magic: may define or use anything.
  bool random = false;  ///< Depends on randomness, time or hash order.
  bool seeds = false;   ///< Seeds a generator.

  [[nodiscard]] bool defines(const std::string& name) const;
  [[nodiscard]] bool may_define(const std::string& name) const;
  [[nodiscard]] bool uses_name(const std::string& name) const;
};

/// The innermost statement that covers `line`, with white space folded to single spaces; of a
/// compound statement only what stands before its block. Empty when no statement covers the line.
/// `source` is what the facts were computed from.
[[nodiscard]] std::string statement_at(const CellFacts& facts, const std::string& source, int line);

}  // namespace nbreplay
