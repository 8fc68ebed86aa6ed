#include "nbreplay/notebook/cell_name.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>

#include "nbreplay/base/utf8.h"

namespace nbreplay {
namespace {

/// Enough for any real order, and a bound on what `1-999,1-999,...` can ask for.
constexpr std::size_t kMaxOrder = 1'000'000;

std::string_view trim(std::string_view text) {
  const std::size_t begin = text.find_first_not_of(" \t");
  if (begin == std::string_view::npos) return {};
  return text.substr(begin, text.find_last_not_of(" \t") - begin + 1);
}

std::optional<std::size_t> to_number(std::string_view text) {
  std::size_t value = 0;
  const auto [stop, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (text.empty() || error != std::errc() || stop != text.data() + text.size()) return {};
  return value;
}

bool all_digits(std::string_view text) {
  return !text.empty() && text.find_first_not_of("0123456789") == std::string_view::npos;
}

/// "there are no code cells", "code cells are numbered 1 to 14".
std::string range_of(const Notebook& notebook) {
  if (notebook.code_cells().empty()) return "the notebook has no code cells";
  return fmt::format("its code cells are numbered 1 to {}", notebook.code_cells().size());
}

Error no_such_cell(const Notebook& notebook, std::string_view name, std::string hint) {
  return usage_error(
      fmt::format("{}: there is no cell `{}`", notebook.path().string(), escape_control(name)),
      std::move(hint));
}

Result<std::size_t> by_ordinal(const Notebook& notebook, std::string_view name) {
  const auto ordinal = to_number(name);
  const auto index = ordinal ? notebook.index_of_ordinal(*ordinal) : std::nullopt;
  if (!index) return no_such_cell(notebook, name, range_of(notebook));
  return *index;
}

Result<std::size_t> by_id(const Notebook& notebook, std::string_view name, std::string_view id) {
  const auto& cells = notebook.cells();
  const auto has_id = [&](const Cell& cell) { return cell.id == id; };
  const auto found = std::find_if(cells.begin(), cells.end(), has_id);
  if (found == cells.end())
    return no_such_cell(
        notebook, name,
        "ids stand in the file as `\"id\"`, from nbformat 4.5 on; " + range_of(notebook));
  if (std::find_if(found + 1, cells.end(), has_id) != cells.end())
    return usage_error(fmt::format("{}: several cells have the id `{}`", notebook.path().string(),
                                   escape_control(id)),
                       range_of(notebook));
  if (found->type != CellType::kCode)
    return usage_error(fmt::format("{}: the cell `{}` is no code cell", notebook.path().string(),
                                   escape_control(name)),
                       range_of(notebook));
  return static_cast<std::size_t>(found - cells.begin());
}

/// Counts can repeat when the notebook was saved across kernel restarts.
Result<std::size_t> by_count(const Notebook& notebook, std::string_view name,
                             std::string_view digits) {
  const auto count = to_number(digits);
  std::optional<std::size_t> found;
  for (const std::size_t index : notebook.code_cells()) {
    const auto& recorded = notebook.cells()[index].execution_count;
    if (!count || !recorded || *recorded < 0 || static_cast<std::size_t>(*recorded) != *count)
      continue;
    if (found)
      return usage_error(
          fmt::format("{}: several cells are recorded as `{}`", notebook.path().string(), name),
          fmt::format("name one by its place: cell {} or cell {}", *notebook.ordinal_of(*found),
                      *notebook.ordinal_of(index)));
    found = index;
  }
  if (!found)
    return no_such_cell(notebook, name,
                        "no code cell was saved with this execution count; " + range_of(notebook));
  return *found;
}

Status append_range(const Notebook& notebook, std::string_view first, std::string_view last,
                    std::vector<std::size_t>& order) {
  NBREPLAY_TRY_VOID(by_ordinal(notebook, first));
  NBREPLAY_TRY_VOID(by_ordinal(notebook, last));
  const std::size_t from = *to_number(first);
  const std::size_t to = *to_number(last);
  for (std::size_t ordinal = from;; from <= to ? ++ordinal : --ordinal) {
    order.push_back(*notebook.index_of_ordinal(ordinal));
    if (ordinal == to) return {};
  }
}

Status append_item(const Notebook& notebook, std::string_view item,
                   std::vector<std::size_t>& order) {
  const std::size_t dash = item.find('-');
  if (dash != std::string_view::npos) {
    const std::string_view first = trim(item.substr(0, dash));
    const std::string_view last = trim(item.substr(dash + 1));
    if (all_digits(first) && all_digits(last)) return append_range(notebook, first, last, order);
  }
  NBREPLAY_TRY(const std::size_t index, parse_cell_name(notebook, item));
  order.push_back(index);
  return {};
}

}  // namespace

Result<std::size_t> parse_cell_name(const Notebook& notebook, std::string_view name) {
  name = trim(name);
  if (all_digits(name)) return by_ordinal(notebook, name);
  if (name.starts_with("id:")) return by_id(notebook, name, name.substr(3));
  if (name.starts_with("In[") && name.ends_with("]")) {
    const std::string_view digits = trim(name.substr(3, name.size() - 4));
    if (all_digits(digits)) return by_count(notebook, name, digits);
  }
  return usage_error(fmt::format("`{}` names no cell", escape_control(name)),
                     "name a code cell by its place from 1 (3), its id (id:abc) or its recorded "
                     "execution count (In[22])");
}

Result<std::vector<std::size_t>> parse_order(const Notebook& notebook, std::string_view text) {
  std::vector<std::size_t> order;
  std::string_view rest = text;
  for (;;) {
    const std::size_t comma = std::min(rest.find(','), rest.size());
    const std::string_view item = trim(rest.substr(0, comma));
    if (item.empty())
      return usage_error(fmt::format("the order `{}` has an empty place", escape_control(text)),
                         "give cells separated by commas, such as 1,3,2,3 or 1-5,9");
    NBREPLAY_TRY_VOID(append_item(notebook, item, order));
    if (order.size() > kMaxOrder)
      return usage_error(fmt::format("the order has more than {} executions", kMaxOrder),
                         "give a shorter one");
    if (comma == rest.size()) return order;
    rest.remove_prefix(comma + 1);
  }
}

}  // namespace nbreplay
