#pragma once

// Which fields each message has, in their order on the wire: said once, for writing and reading.
// `fields(message)` gives a tuple of references to them.

#include <concepts>
#include <tuple>
#include <type_traits>

#include "nbreplay/protocol/messages.h"

namespace nbreplay::protocol {

/// M is T or const T, so that one overload serves the reader and the writer.
template <class M, class T>
concept Is = std::same_as<std::remove_const_t<M>, T>;

auto fields(Is<Configure> auto& m) {
  return std::tie(m.version, m.python_executable, m.worker_package, m.append_path, m.prepend_path,
                  m.shell, m.hash_seed, m.random_seed, m.parse_only, m.placeholder_modules,
                  m.preload, m.sandboxed, m.network_closed);
}
auto fields(Is<RunCell> auto& m) {
  return std::tie(m.position, m.cell, m.cell_id, m.source, m.observe);
}
auto fields(Is<ParseCells> auto& m) {
  return std::tie(m.sources);
}
auto fields(Is<Proceed> auto&) {
  return std::tie();
}
auto fields(Is<Finish> auto&) {
  return std::tie();
}
auto fields(Is<TakeSnapshot> auto&) {
  return std::tie();
}
auto fields(Is<WireVariable> auto& m) {
  return std::tie(m.name, m.value);
}
auto fields(Is<ForkRunner> auto& m) {
  return std::tie(m.working_directory, m.variables);
}
auto fields(Is<ReapRunner> auto& m) {
  return std::tie(m.pid);
}

auto fields(Is<EnterView> auto&) {
  return std::tie();
}

auto fields(Is<Ready> auto& m) {
  return std::tie(m.version, m.python_version, m.ipython_version, m.ipython_from);
}
auto fields(Is<SetupFailed> auto& m) {
  return std::tie(m.stage, m.message);
}
auto fields(Is<Output> auto& m) {
  return std::tie(m.kind, m.data_json, m.metadata_json, m.display_id);
}
auto fields(Is<Sync> auto&) {
  return std::tie();
}
auto fields(Is<WireFrame> auto& m) {
  return std::tie(m.file, m.module, m.function, m.text, m.line, m.position);
}
auto fields(Is<WireLink> auto& m) {
  return std::tie(m.type, m.message, m.explicit_cause);
}
auto fields(Is<WireObserved> auto& m) {
  return std::tie(m.reads, m.writes, m.changes, m.complete);
}
auto fields(Is<CellDone> auto& m) {
  return std::tie(m.position, m.status, m.execution_count, m.type, m.qualified_type, m.base_types,
                  m.message, m.frames, m.chain, m.interrupted, m.observed);
}
auto fields(Is<SnapshotReply> auto& m) {
  return std::tie(m.pid, m.hazards);
}
auto fields(Is<ForkReply> auto& m) {
  return std::tie(m.pid, m.error);
}
auto fields(Is<ViewEntered> auto& m) {
  return std::tie(m.problem);
}
auto fields(Is<Requirement> auto& m) {
  return std::tie(m.command, m.requirement, m.satisfied);
}
auto fields(Is<Note> auto& m) {
  return std::tie(m.text);
}

auto fields(Is<WireName> auto& m) {
  return std::tie(m.name, m.line);
}
auto fields(Is<WireImport> auto& m) {
  return std::tie(m.module, m.name, m.bound, m.line);
}
auto fields(Is<WireFile> auto& m) {
  return std::tie(m.path, m.call, m.write, m.line);
}
auto fields(Is<WireStatement> auto& m) {
  return std::tie(m.parent, m.begin, m.end, m.first_line, m.last_line, m.kind, m.definitions,
                  m.uses);
}
auto fields(Is<WireEdit> auto& m) {
  return std::tie(m.statement, m.begin, m.end, m.replacement, m.kind);
}
auto fields(Is<WireCellFacts> auto& m) {
  return std::tie(m.problem, m.definitions, m.possible_definitions, m.uses, m.deferred_uses,
                  m.mutations, m.deletions, m.imports, m.files, m.statements, m.edits,
                  m.string_keys, m.opaque, m.random, m.seeds);
}
auto fields(Is<CellFactsReply> auto& m) {
  return std::tie(m.cells);
}
auto fields(Is<Finished> auto& m) {
  return std::tie(m.widget_state_json);
}

/// The greatest value that an enumeration may have on the wire.
template <class E>
inline constexpr E kLast = E{};
template <>
inline constexpr ShellKind kLast<ShellKind> = ShellKind::kPlain;
template <>
inline constexpr OutputKind kLast<OutputKind> = OutputKind::kError;
template <>
inline constexpr CellStatus kLast<CellStatus> = CellStatus::kExitRequested;

/// Tags tell the direction as well, so that a stream taken for the other one is noticed.
inline constexpr unsigned char kFirstRequestTag = 0x01;
inline constexpr unsigned char kFirstMessageTag = 0x41;

}  // namespace nbreplay::protocol
