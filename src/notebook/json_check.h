#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>

namespace nbreplay::json {

/// Deeper nesting is refused: Python's own reader gives up near 1000, real notebooks stay
/// below 30.
inline constexpr std::size_t kMaxDepth = 500;

/// More values are refused: taken apart, a value of two bytes costs 32. A notebook of half a
/// gigabyte of plotted numbers stays below.
inline constexpr std::size_t kMaxValues = 32'000'000;

/// The first thing wrong with a text.
struct Fault {
  std::size_t offset = 0;  ///< of the byte that could not be, possibly text.size()
  std::string what;        ///< "expected `,` or `]`, found `x`"
  bool at_end = false;     ///< the text ended too early: it was cut off
};

/// What the check saw on its way, for choosing how to write.
struct Facts {
  bool non_ascii = false;          ///< some byte is 0x80 or more
  bool non_ascii_escapes = false;  ///< some character is written as \u007f or above
};

/// Whether `text` is one JSON value, as Python's json module defines JSON: RFC 8259 plus `NaN`,
/// `Infinity` and `-Infinity`, surrogate escapes in any order, duplicate keys. One pass, no
/// recursion, no copies. Whether strings are UTF-8 is not looked at.
[[nodiscard]] std::optional<Fault> find_fault(std::string_view text, Facts* facts = nullptr,
                                              std::size_t max_depth = kMaxDepth);

}  // namespace nbreplay::json
