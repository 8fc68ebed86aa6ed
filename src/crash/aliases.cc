// Messages that releases worded anew, each seen in both releases unless the row says otherwise.
// Templates, as message_template makes them: numbers are <n>, qualified names are shortened.

#include "crash/aliases.h"

#include <algorithm>
#include <array>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "crash/message.h"
#include "crash/text.h"

namespace nbreplay {
namespace {

/// The wordings of one message, oldest first. `*` stands for any text; %1 and %2 for what two
/// wordings have in common.
using Wordings = std::vector<std::string_view>;

const std::vector<Wordings>& table() {
  static const std::vector<Wordings> rows = {
      // CPython. 3.11
      {"local variable '%1' referenced before assignment",
       "cannot access local variable '%1' where it is not associated with a value"},
      {"free variable '%1' referenced before assignment in enclosing scope",
       "cannot access free variable '%1' where it is not associated with a value in enclosing "
       "scope"},
      {"can't set attribute", "can't set attribute '%1'",
       "property '%1' of '*' object has no setter"},
      {"integer division or modulo by zero", "integer modulo by zero"},
      {"maximum recursion depth exceeded", "maximum recursion depth exceeded *"},
      // 3.12 and 3.13
      {"%1 arg is an empty sequence", "%1 iterable argument is empty"},
      {"'%1' is an invalid keyword argument for %2()",
       "%2() got an unexpected keyword argument '%1'"},
      {"Can't pickle local object '%1'", "Can't get local object '%1'"},
      {"float modulo", "float modulo by zero"},
      {"float divmod()", "float floor division by zero"},  // 3.9
      // By the releases' notes: 3.7, 3.8 and 3.14
      {"must be str, not %1", "can only concatenate str (not \"%1\") to str"},
      {"'%1' object is not iterable", "cannot unpack non-iterable %1 object"},
      {"object() takes no parameters", "*() takes no arguments"},
      {"can't pickle %1 objects", "cannot pickle '%1' object"},
      {"unhashable type: '%1'", "cannot use '*' as a dict key (unhashable type: '%1')"},
      {"unhashable type: '%1'", "cannot use '*' as a set element (unhashable type: '%1')"},

      // NumPy 1.26 and 2.4
      {"only size-<n> arrays can be converted to Python scalars",
       "only length-<n> arrays can be converted to Python scalars",
       "only <n>-dimensional arrays can be converted to Python scalars"},
      // 2.0
      {"boolean index did not match indexed array along dimension %1; *",
       "boolean index did not match indexed array along axis %1; *"},
      {"cannot perform reduce with flexible type",
       "ufunc '*' did not contain a loop with signature matching types*",
       "the resolved dtypes are not compatible with *"},

      // pandas 1.1 to 1.5
      {"arrays must all be same length", "All arrays must be of the same length"},
      {"No axis named %1 for object type <class 'pandas.core.frame.DataFrame'>",
       "No axis named %1 for object type DataFrame"},
      {"No axis named %1 for object type <class 'pandas.core.series.Series'>",
       "No axis named %1 for object type Series"},
      {"cannot index with vector containing NA / NaN values",
       "cannot mask with array containing NA / NaN values",
       "Cannot mask with non-boolean array containing NA / NaN values"},
      {"cannot reindex from a duplicate axis", "cannot reindex on an axis with duplicate labels"},
      {"[Errno <n>] File b* does not exist: b%1", "[Errno <n>] File * does not exist: %1",
       "[Errno <n>] No such file or directory: %1"},
      {"*The following 'id_vars' are not present in the DataFrame: %1",
       "*The following id_vars or value_vars are not present in the DataFrame: %1"},
      // 2.0 to 3.0
      {"Unknown string format: *", "could not convert string to Timestamp",
       "Unknown datetime string format, unable to parse: *"},
      {"time data * doesn't match format specified", "time data * does not match format *",
       "time data <text> doesn't match format <text>*"},
      {"Could not convert * to numeric", "agg function failed [how->*,dtype->*]",
       "Cannot perform reduction '*' with string dtype",
       "dtype '*' does not support operation '*'"},
      {"Can only use .str accessor with string values!",
       "Can only use .str accessor with string values, *"},
      // Of numbers only: labels that are words are no range.
      {"*None of [*Index([<n>*)] are in the [%1]*", "*None of [RangeIndex(*)] are in the [%1]*"},

      // scikit-learn 0.24
      {"bad input shape %1", "y should be a 1d array, got an array of shape %1 instead"},
      {"Number of features of the model must match the input. Model n_features is *",
       "X has * features per sample; expecting *", "Incorrect number of features. Got *",
       "Incompatible dimension for X and Y matrices: *",
       "X has * features, but * is expecting * features as input"},
      {"Unable to convert array of bytes/strings into decimal numbers with dtype='numeric'",
       "dtype='numeric' is not compatible with arrays of bytes/strings*"},
      // 1.1 to 1.5
      {"Input contains NaN, infinity or a value too large for dtype(*)", "Input contains NaN",
       "Input * contains NaN*"},
      {"Input contains NaN, infinity or a value too large for dtype(*)",
       "Input * contains infinity or a value too large for dtype(*)"},
      {"Invalid parameter %1 for estimator *",
       "Invalid parameter '%1' for estimator *. Valid parameters are: *"},
      {"Unknown label type: '%1'", "Unknown label type: %1. Maybe you are trying to fit *"},
      {"Expected 2D array, got 1D array instead*",
       "Expected a <n>-dimensional container but got *"},
      {"%1 is not available when probability=False", "This '*' has no attribute '%1'"},

      // matplotlib 3.2 to 3.5
      {"Colormap %1 is not recognized*", "'%1' is not a valid value for name*",
       "'%1' is not a valid value for cmap*"},
      {"Unknown scale type '%1'", "'%1' is not a valid value for scale*"},
      {"'*' object has no property '%1'", "set() got an unexpected keyword argument '%1'"},
      {"Unrecognized character %1 in format string",
       "'*' is not a valid format string (unrecognized character '%1')"},
      {"The lengths of the data * and the error * do not match",
       "'*' (shape: *) must be a scalar or a 1D or *"},
      // 3.7 and later
      {"'%1' not found in the style library*", "'%1' is not a valid package style*"},
      {"Unknown projection '%1'", "'%1' is not a valid value for projection*"},

      // Keras 3, as its code has it
      {"Unknown %2: %1. Please *", "Unknown %2: '%1'. Please *",
       "Could not interpret %2 identifier: %1"},
      {"Unknown %2 function: %1. Please *", "Unknown %2 function: '%1'. Please *",
       "Could not interpret %2 identifier: %1"},
      {"%1 is deprecated in the new Keras optimizer*", "Argument(s) not recognized: {'%1': *}"},
  };
  return rows;
}

/// Names within messages that a release changed; what remains of the message is the same.
constexpr std::array<std::pair<std::string_view, std::string_view>, 5> kNames = {{
    {"UInt64Index(", "Index("},  // pandas 2.0
    {"Int64Index(", "Index("},
    {"Float64Index(", "Index("},
    {"dtype='str'", "dtype='object'"},  // pandas 3.0
    {"'AxesSubplot'", "'Axes'"},        // matplotlib 3.7
}};

std::string with_one_name(std::string_view text) {
  std::string out;
  for (std::size_t at = 0; at < text.size();) {
    const auto* const found = std::ranges::find_if(
        kNames, [&](const auto& name) { return text.substr(at).starts_with(name.first); });
    if (found == kNames.end()) {
      out.push_back(text[at++]);
      continue;
    }
    out += found->second;
    at += found->first.size();
  }
  return out;
}

/// What %1 and %2 stand for.
using Parts = std::array<std::optional<std::string_view>, 2>;

/// Where the next `*`, %1 or %2 stands; npos without one.
std::size_t next_gap(std::string_view wording) {
  for (std::size_t i = 0; i < wording.size(); ++i) {
    const bool part = wording[i] == '%' && i + 1 < wording.size() && is_digit(wording[i + 1]);
    if (wording[i] == '*' || part) return i;
  }
  return std::string_view::npos;
}

/// Gaps take as little as they can, but the last, which takes what is left.
std::optional<Parts> parts_of(std::string_view wording, std::string_view message) {
  Parts parts;
  std::size_t gap = next_gap(wording);
  if (gap == std::string_view::npos)
    return wording == message ? std::optional(parts) : std::nullopt;
  if (!take(message, wording.substr(0, gap))) return std::nullopt;
  while (gap != std::string_view::npos) {
    std::optional<std::string_view>* part = nullptr;
    if (wording[gap] == '%') part = &parts.at(static_cast<std::size_t>(wording[++gap] - '1'));
    wording.remove_prefix(gap + 1);
    gap = next_gap(wording);
    const std::string_view literal = wording.substr(0, gap);
    std::size_t end = message.size();
    if (gap != std::string_view::npos) {
      end = message.find(literal);
    } else if (message.ends_with(literal)) {
      end = message.size() - literal.size();
    } else {
      end = std::string_view::npos;
    }
    if (end == std::string_view::npos) return std::nullopt;
    if (part != nullptr) *part = trimmed(message.substr(0, end));
    message.remove_prefix(end + literal.size());
  }
  return parts;
}

bool same_parts(const Parts& one, const Parts& other) {
  for (std::size_t i = 0; i < one.size(); ++i)
    if (one.at(i) && other.at(i) && one.at(i) != other.at(i)) return false;
  return true;
}

bool in_two_wordings(const Wordings& wordings, std::string_view one, std::string_view other) {
  for (const std::string_view first : wordings) {
    const auto parts = parts_of(first, one);
    if (!parts) continue;
    for (const std::string_view second : wordings) {
      if (first == second) continue;
      const auto others = parts_of(second, other);
      if (others && same_parts(*parts, *others)) return true;
    }
  }
  return false;
}

}  // namespace

bool reworded(std::string_view one, std::string_view other) {
  const std::string first = with_one_name(one);
  const std::string second = with_one_name(other);
  if ((first != one || second != other) && templates_agree(first, second)) return true;
  return std::ranges::any_of(
      table(), [&](const Wordings& row) { return in_two_wordings(row, first, second); });
}

}  // namespace nbreplay
