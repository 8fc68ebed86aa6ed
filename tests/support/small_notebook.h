#pragma once

// Notebooks in the language of small_language.h.

#include <gtest/gtest.h>

#include <cstddef>
#include <optional>
#include <string>
#include <vector>

#include "nbreplay/dataflow/facts.h"
#include "nbreplay/notebook/notebook.h"

#include "support/small_language.h"

namespace nbreplay::test {

/// One code cell; sources hold no quotes or backslashes, errors nothing but "Type: message".
struct SmallCell {
  std::string source;
  std::optional<int> count = std::nullopt;
  std::string error = "";
  std::string tag = "";
};

inline std::string json_text(const std::string& text) {
  std::string result = "\"";
  for (const char c : text) {
    if (c == '\n') {
      result += "\\n";
    } else {
      if (c == '"' || c == '\\') result += '\\';
      result += c;
    }
  }
  return result + "\"";
}

/// A notebook whose code cells are `cells`; cell index and place in the list agree.
inline Notebook small_notebook(const std::vector<SmallCell>& cells) {
  std::string text;
  for (const SmallCell& cell : cells) {
    std::string outputs;
    if (!cell.error.empty()) {
      const std::size_t colon = cell.error.find(": ");
      const std::string type = cell.error.substr(0, colon);
      const std::string message = colon == std::string::npos ? "" : cell.error.substr(colon + 2);
      outputs = R"({"output_type": "error", "ename": )" + json_text(type) + R"(, "evalue": )" +
                json_text(message) + R"(, "traceback": []})";
    }
    text += (text.empty() ? "" : ", ") + std::string(R"({"cell_type": "code", "metadata": {)") +
            (cell.tag.empty() ? "" : R"("tags": [)" + json_text(cell.tag) + "]") +
            R"(}, "execution_count": )" + (cell.count ? std::to_string(*cell.count) : "null") +
            R"(, "outputs": [)" + outputs + R"(], "source": )" + json_text(cell.source) + "}";
  }
  auto notebook = parse_notebook(
      R"({"cells": [)" + text + R"(], "metadata": {}, "nbformat": 4, "nbformat_minor": 4})",
      "small.ipynb");
  if (!notebook) ADD_FAILURE() << notebook.error().message << "\n" << text;
  return std::move(notebook).value();
}

inline std::vector<CellFacts> small_facts(const Notebook& notebook) {
  std::vector<CellFacts> facts;
  for (const Cell& cell : notebook.cells()) facts.push_back(SmallLanguage::facts(cell.source));
  return facts;
}

}  // namespace nbreplay::test
