#include "nbreplay/dataflow/facts.h"

#include <algorithm>

namespace nbreplay {
namespace {

bool holds(const std::vector<NameAt>& names, const std::string& name) {
  return std::ranges::any_of(names, [&](const NameAt& at) { return at.name == name; });
}

/// White space folded to single spaces, none at the ends.
std::string folded(std::string_view text) {
  std::string result;
  bool gap = false;
  for (const char c : text) {
    if (c == ' ' || c == '\t' || c == '\n' || c == '\r' || c == '\f') {
      gap = !result.empty();
      continue;
    }
    if (gap) result.push_back(' ');
    gap = false;
    result.push_back(c);
  }
  return result;
}

}  // namespace

bool CellFacts::defines(const std::string& name) const {
  return holds(definitions, name);
}

bool CellFacts::may_define(const std::string& name) const {
  return defines(name) || holds(possible_definitions, name) ||
         std::ranges::any_of(imports, [&](const ImportFact& i) { return i.bound == name; });
}

bool CellFacts::uses_name(const std::string& name) const {
  return holds(uses, name) || holds(deferred_uses, name);
}

std::string statement_at(const CellFacts& facts, const std::string& source, int line) {
  // Parents stand before their children, so the last one that covers the line within the first
  // covering branch is the innermost; a second statement on the same line is not its child.
  const Statement* innermost = nullptr;
  int index = -1;
  for (std::size_t i = 0; i < facts.statements.size(); ++i) {
    const Statement& statement = facts.statements[i];
    if (line < statement.first_line || statement.last_line < line) continue;
    if (innermost != nullptr && statement.parent != index) continue;
    innermost = &statement;
    index = static_cast<int>(i);
  }
  if (innermost == nullptr || innermost->begin > innermost->end || innermost->end > source.size()) {
    return {};
  }
  std::size_t end = innermost->end;
  for (const Statement& statement : facts.statements) {
    if (statement.parent == index) end = std::clamp(statement.begin, innermost->begin, end);
  }
  return folded(std::string_view(source).substr(innermost->begin, end - innermost->begin));
}

}  // namespace nbreplay
