#pragma once

#include <cstddef>
#include <string_view>

namespace nbreplay {

/// Edits (insert, delete, replace, swap neighbours) between two names: the optimal string
/// alignment distance.
[[nodiscard]] std::size_t edit_distance(std::string_view a, std::string_view b);

/// How much `wrong` looks like `right` mistyped. Slips of the hand are: neighbours swapped, a
/// letter too many or too few, the wrong case, the key next to the right one. Names that differ by
/// whole short parts ("X_train", "y_train"), by a number ("x1", "x2") or by other letters are names
/// of different things as often as not; so are a singular and its plural.
enum class Likeness { kNone, kPossible, kSlip };
[[nodiscard]] Likeness looks_mistyped(std::string_view wrong, std::string_view right);

}  // namespace nbreplay
