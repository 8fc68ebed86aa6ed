#pragma once

#include <cstddef>
#include <initializer_list>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "notebook/json_check.h"
#include "notebook/json_view.h"

namespace nbreplay::json {

/// How a file is laid out; the defaults are nbformat's: json.dumps(indent=1, ensure_ascii=False,
/// sort_keys=True, separators=(",", ": ")).
struct Style {
  bool broken_lines = true;  ///< one item per line
  std::string newline = "\n";
  std::string indent = " ";  ///< of one level
  std::string comma = ",";   ///< between items on one line
  std::string colon = ": ";
  bool ascii = false;  ///< characters above 0x7f as escapes

  /// What stands between a bracket or comma and an item at `depth`.
  [[nodiscard]] std::string line_break(std::size_t depth) const;
  /// What stands between two items at `depth`.
  [[nodiscard]] std::string separator(std::size_t depth) const;
};

/// Read off the beginning of a document's root object, of which `all` are the members.
[[nodiscard]] Style detect_style(View root, const std::vector<Member>& all, const Facts& facts);

/// WTF-8 text as a JSON string, escaped as Python's json does; lone surrogates as escapes.
[[nodiscard]] std::string quote(std::string_view text, const Style& style);
/// The lines of a text, with or without their ends, as Python's str.splitlines has them.
[[nodiscard]] std::vector<std::string_view> split_lines(std::string_view text, bool keep_ends);
/// Text as the list of its lines, each with its end, as nbformat splits it.
/// `depth` is that of the list itself; so for all that follow.
[[nodiscard]] std::string quote_lines(std::string_view text, const Style& style, std::size_t depth);
/// Items that are JSON text already, as a list.
[[nodiscard]] std::string join_list(const std::vector<std::string>& items, const Style& style,
                                    std::size_t depth);
/// An object under construction: its keys' text and its values' JSON text.
using Fields = std::map<std::string, std::string>;

/// Of a cell's own braces in a notebook; its members are one deeper.
inline constexpr std::size_t kCellDepth = 2;

[[nodiscard]] std::string join_object(const Fields& fields, const Style& style, std::size_t depth);
/// The members of an object at `depth`, written anew, except those named in `without`.
[[nodiscard]] Fields fields_of(View object, const Style& style, std::size_t depth,
                               std::initializer_list<std::string_view> without = {});
/// The value written anew: keys sorted, of duplicates the last, strings re-escaped, numbers kept.
[[nodiscard]] std::string reformat(View value, const Style& style, std::size_t depth);

/// The object's text with one member replaced, or added where its key belongs when the keys are
/// sorted, else last. All other bytes stay. `value` is JSON text.
[[nodiscard]] std::string set_member(View object, std::string_view key, std::string_view value,
                                     const Style& style, std::size_t depth);
/// `text` with the part that `part` views replaced.
[[nodiscard]] std::string splice(std::string_view text, std::string_view part,
                                 std::string_view replacement);

}  // namespace nbreplay::json
