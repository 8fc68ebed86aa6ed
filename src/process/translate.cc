#include "process/translate.h"

#include <algorithm>
#include <span>

#include "nbreplay/base/utf8.h"

namespace nbreplay::process {
namespace {

/// More than a worker of ours ever sends of bases, frames or causes; a crash stays in memory and
/// goes into results, so a run must not decide how large it is.
constexpr std::size_t kMostOfACrash = 1000;

template <class T>
std::span<const T> first_of(const std::vector<T>& list) {
  return std::span(list).first(std::min(list.size(), kMostOfACrash));
}

int to_line(std::int32_t line) {
  return std::max(0, line);
}

Frame to_frame(const protocol::WireFrame& wire, const Trial& trial) {
  Frame frame;
  frame.file = to_valid_utf8(wire.file);
  frame.module = to_valid_utf8(wire.module);
  frame.function = to_valid_utf8(wire.function);
  frame.text = to_valid_utf8(wire.text);
  frame.line = to_line(wire.line);
  frame.in_notebook = wire.position >= 0;
  const auto position = static_cast<std::size_t>(std::max(0, wire.position));
  if (!frame.in_notebook || position >= trial.executions.size()) return frame;
  const std::size_t cell = trial.executions[position].cell;
  if (cell != kNoCell) frame.cell = cell;
  return frame;
}

std::vector<NameAt> to_names(const std::vector<protocol::WireName>& wire) {
  std::vector<NameAt> names;
  names.reserve(wire.size());
  for (const protocol::WireName& name : wire) names.push_back({name.name, to_line(name.line)});
  return names;
}

/// An index of an earlier element, or -1.
int to_index(std::int32_t index, std::size_t count) {
  return index >= 0 && static_cast<std::size_t>(index) < count ? index : -1;
}

Statement to_statement(const protocol::WireStatement& wire, std::size_t index, std::size_t size) {
  Statement statement;
  statement.parent = to_index(wire.parent, index);
  statement.begin = std::min<std::size_t>(wire.begin, size);
  statement.end = std::clamp<std::size_t>(wire.end, statement.begin, size);
  statement.first_line = to_line(wire.first_line);
  statement.last_line = to_line(wire.last_line);
  statement.kind = wire.kind;
  statement.definitions = wire.definitions;
  statement.uses = wire.uses;
  return statement;
}

SourceEdit to_edit(const protocol::WireEdit& wire, std::size_t statements, std::size_t size) {
  SourceEdit edit;
  edit.statement = to_index(wire.statement, statements);
  edit.begin = std::min<std::size_t>(wire.begin, size);
  edit.end = std::clamp<std::size_t>(wire.end, edit.begin, size);
  edit.replacement = wire.replacement;
  edit.kind = wire.kind;
  return edit;
}

}  // namespace

Crash to_crash(const protocol::CellDone& done, const Trial& trial) {
  Crash crash;
  crash.type = to_valid_utf8(done.type);
  crash.qualified_type = to_valid_utf8(done.qualified_type);
  for (const std::string& type : first_of(done.base_types))
    crash.base_types.push_back(to_valid_utf8(type));
  crash.message = to_valid_utf8(done.message);
  for (const protocol::WireFrame& frame : first_of(done.frames))
    crash.frames.push_back(to_frame(frame, trial));
  for (const protocol::WireLink& link : first_of(done.chain))
    crash.chain.push_back(
        {to_valid_utf8(link.type), to_valid_utf8(link.message), link.explicit_cause});
  crash.chain_known = true;
  if (done.position >= trial.executions.size()) return crash;
  if (const std::size_t cell = trial.executions[done.position].cell; cell != kNoCell)
    crash.cell = cell;
  crash.line = line_in_cell(crash);
  return crash;
}

Observed to_observed(const protocol::WireObserved& wire) {
  return {wire.reads, wire.writes, wire.changes, wire.complete};
}

CellFacts to_facts(const protocol::WireCellFacts& wire, std::size_t source_size) {
  CellFacts facts;
  facts.problem = to_valid_utf8(wire.problem);
  facts.definitions = to_names(wire.definitions);
  facts.possible_definitions = to_names(wire.possible_definitions);
  facts.uses = to_names(wire.uses);
  facts.deferred_uses = to_names(wire.deferred_uses);
  facts.mutations = to_names(wire.mutations);
  facts.deletions = to_names(wire.deletions);
  for (const protocol::WireImport& found : wire.imports)
    facts.imports.push_back({found.module, found.name, found.bound, to_line(found.line)});
  for (const protocol::WireFile& file : wire.files)
    facts.files.push_back({file.path, file.call, file.write, to_line(file.line)});
  for (const protocol::WireStatement& statement : wire.statements)
    facts.statements.push_back(to_statement(statement, facts.statements.size(), source_size));
  for (const protocol::WireEdit& edit : wire.edits)
    facts.edits.push_back(to_edit(edit, facts.statements.size(), source_size));
  facts.string_keys = wire.string_keys;
  facts.opaque = wire.opaque;
  facts.random = wire.random;
  facts.seeds = wire.seeds;
  return facts;
}

}  // namespace nbreplay::process
