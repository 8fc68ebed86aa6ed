// Arbitrary bytes through the notebook reader: it refuses them with a complete Error, or what it
// read can be written, edited and read again.
#include <cstdint>
#include <string>

#include "nbreplay/base/check.h"
#include "nbreplay/base/utf8.h"
#include "nbreplay/notebook/cell_name.h"
#include "nbreplay/notebook/notebook.h"
#include "nbreplay/notebook/parameters.h"

namespace {

using nbreplay::Cell;
using nbreplay::CellType;
using nbreplay::Notebook;

Notebook read_again(const std::string& text) {
  auto notebook = nbreplay::parse_notebook(text, "again");
  CHECK(notebook.has_value(), "what was written can be read");
  return std::move(notebook).value();
}

void check_same(const Notebook& a, const Notebook& b) {
  CHECK(a.cells().size() == b.cells().size(), "no cell comes or goes");
  for (std::size_t i = 0; i < a.cells().size(); ++i) {
    const Cell& x = a.cells()[i];
    const Cell& y = b.cells()[i];
    CHECK(x.type == y.type && x.source == y.source && x.tags == y.tags && x.id == y.id &&
              x.execution_count == y.execution_count && x.errors.size() == y.errors.size(),
          "cells come back as they went");
  }
}

/// Writes every part of it anew, in the layout of the file.
void rewrite(Notebook& notebook) {
  for (std::size_t i = 0; i < notebook.cells().size(); ++i) {
    const std::string source = notebook.cells()[i].source;
    notebook.set_source(i, source);
    notebook.add_tag(i, "seen");
    if (notebook.cells()[i].type != CellType::kCode) continue;
    std::vector<nbreplay::OutputJson> outputs;
    for (const std::string_view output : notebook.outputs(i)) outputs.emplace_back(output);
    // Refused only when nested too deep to be written one level deeper.
    (void)notebook.set_execution(i, notebook.cells()[i].execution_count, outputs);
  }
  CHECK(notebook.set_notebook_metadata("nbreplay", "{\"k\": [1]}").has_value(), "valid JSON");
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string text(reinterpret_cast<const char*>(data), size);
  auto read = nbreplay::parse_notebook(text, "fuzz");
  if (!read) {
    const nbreplay::Error& error = read.error();
    CHECK(!error.message.empty() && !error.hint.empty(), "an error says what to do");
    CHECK(nbreplay::find_invalid_utf8(error.message + error.cause) == std::string::npos,
          "an error can be shown");
    return 0;
  }
  Notebook notebook = std::move(read).value();
  const std::string written = notebook.to_json();
  const Notebook second = read_again(written);
  CHECK(second.to_json() == written, "writing is a fixpoint");
  check_same(notebook, second);
  (void)nbreplay::check_runnable(notebook);
  (void)nbreplay::parse_order(notebook, text);

  rewrite(notebook);
  check_same(notebook, read_again(notebook.to_json()));
  std::vector<std::size_t> order;
  for (std::size_t i = notebook.cells().size(); i-- > 0;) order.insert(order.end(), {i, i});
  Notebook kept = notebook.keep_cells(order);
  nbreplay::inject_parameters(kept, {{"x", "1"}});
  kept.insert_cell(0, CellType::kMarkdown, text.substr(0, 40));
  (void)read_again(kept.to_json());
  return 0;
}
