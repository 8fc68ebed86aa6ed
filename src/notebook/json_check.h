#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>

namespace nbreplay::json {

/// Deeper nesting is refused: Python's own reader gives up near 1000, real notebooks stay
/// below 30.
inline constexpr std::size_t kMaxDepth = 500;

/// More values are refused: taken apart, a value of two bytes costs 32. Half a gigabyte of
/// plotted numbers, one a line, stays below.
inline constexpr std::size_t kMaxValues = 20'000'000;

/// The first thing wrong with a text.
struct Fault {
  enum class Kind {
    kSyntax,
    kCutOff,   ///< the text ended too early
    kTooMuch,  ///< JSON, but past one of the caps above
  };
  std::size_t offset = 0;  ///< of the byte that could not be, possibly text.size()
  std::string what;        ///< "expected `,` or `]`, found `x`"
  Kind kind = Kind::kSyntax;
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
