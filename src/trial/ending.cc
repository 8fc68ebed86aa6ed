#include "nbreplay/trial/ending.h"

#include <fmt/format.h>

#include <algorithm>

namespace nbreplay {
namespace {

bool notes_begin_with(const Outcome& outcome, std::string_view words) {
  return std::ranges::any_of(outcome.notes,
                             [&](const std::string& note) { return note.starts_with(words); });
}

}  // namespace

std::string describe_end(const Outcome& outcome) {
  if (std::holds_alternative<Killed>(outcome.termination)) {
    if (notes_begin_with(outcome, kViolationNote)) return "protocol violation";
    if (notes_begin_with(outcome, kLauncherLostNote)) return "its launcher was killed";
  }
  const auto* exited = std::get_if<Exited>(&outcome.termination);
  const bool within_a_cell = std::ranges::any_of(outcome.cells, [](const CellOutcome& cell) {
    return std::holds_alternative<Interrupted>(cell.end);
  });
  if (exited != nullptr && within_a_cell)
    return fmt::format("exited early (code {})", exited->code);
  return describe(outcome.termination);
}

}  // namespace nbreplay
