#include <fmt/format.h>

#include <algorithm>
#include <cctype>

#include "nbreplay/base/utf8.h"
#include "nbreplay/notebook/notebook.h"

namespace nbreplay {
namespace {

bool is_python(std::string_view language) {
  std::string lower(language);
  std::transform(lower.begin(), lower.end(), lower.begin(),
                 [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
  return lower.empty() || lower == "python" || lower == "ipython" || lower == "python3";
}

bool has_code(const Cell& cell) {
  return cell.type == CellType::kCode &&
         cell.source.find_first_not_of(" \t\r\n\f\v") != std::string::npos;
}

}  // namespace

Status check_runnable(const Notebook& notebook) {
  const std::string name = notebook.path().string();
  if (!is_python(notebook.language()))
    return bad_input(
        fmt::format("{}: is written in {}, not Python", name, escape_control(notebook.language())),
        fmt::format("metadata.language_info or metadata.kernelspec says so (kernel `{}`)",
                    escape_control(notebook.kernel_name())),
        "nbreplay runs Python; if the metadata is wrong, choose a Python kernel in Jupyter and "
        "save the notebook");
  if (std::none_of(notebook.cells().begin(), notebook.cells().end(), has_code))
    return bad_input(
        fmt::format("{}: has no code to run", name),
        notebook.code_cells().empty()
            ? fmt::format("none of its {} cells is a code cell", notebook.cells().size())
            : fmt::format("all of its {} code cells are empty", notebook.code_cells().size()),
        "give a notebook with at least one code cell");
  return {};
}

}  // namespace nbreplay
