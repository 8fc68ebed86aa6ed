#include "nbreplay/notebook/notebook.h"

#include <fmt/format.h>

#include <algorithm>
#include <set>

#include "nbreplay/base/check.h"
#include "nbreplay/base/utf8.h"

#include "notebook/cell_reader.h"
#include "notebook/json_edit.h"
#include "notebook/output_text.h"
#include "notebook/upgrade.h"

namespace nbreplay {
namespace {

using json::Kind;
using json::View;

// How deep the parts of a document stand; decides the indentation of what is written.
constexpr std::size_t kRootDepth = 0;
constexpr std::size_t kCellMemberDepth = 3;
constexpr std::size_t kOutputDepth = 4;

/// The object's member `metadata` with one of its own members set.
std::string set_metadata(View object, std::string_view key, View value, const json::Style& style,
                         std::size_t depth) {
  const auto old = json::find(object, "metadata");
  const View metadata = old.value_or(View{"{}"});
  const std::string text =
      json::set_member(metadata, key, json::reformat(value, style, depth + 2), style, depth + 1);
  return json::set_member(object, "metadata", text, style, depth);
}

std::optional<std::string_view> find_metadata(View object, std::string_view key) {
  const auto metadata = json::find(object, "metadata");
  if (!metadata) return {};
  const auto value = json::find(*metadata, key);
  if (!value) return {};
  return value->text;
}

std::string_view type_name(CellType type) {
  switch (type) {
    case CellType::kCode:
      return "code";
    case CellType::kMarkdown:
      return "markdown";
    case CellType::kRaw:
    case CellType::kOther:
      break;
  }
  return "raw";
}

}  // namespace

std::optional<std::size_t> Notebook::ordinal_of(std::size_t index) const {
  const auto found = std::lower_bound(code_cells_.begin(), code_cells_.end(), index);
  if (found == code_cells_.end() || *found != index) return {};
  return static_cast<std::size_t>(found - code_cells_.begin()) + 1;
}

std::optional<std::size_t> Notebook::index_of_ordinal(std::size_t ordinal) const {
  if (ordinal == 0 || ordinal > code_cells_.size()) return {};
  return code_cells_[ordinal - 1];
}

std::vector<std::string_view> Notebook::outputs(std::size_t index) const {
  CHECK(index < cells_.size(), "the cell exists");
  std::vector<std::string_view> result;
  const auto outputs = json::find(View{cell_texts_[index].view}, "outputs");
  if (cells_[index].type != CellType::kCode || !outputs) return result;
  for (const View output : json::items(*outputs)) result.push_back(output.text);
  return result;
}

std::optional<std::string_view> Notebook::cell_metadata(std::size_t index,
                                                        std::string_view key) const {
  CHECK(index < cells_.size(), "the cell exists");
  return find_metadata(View{cell_texts_[index].view}, key);
}

std::optional<std::string_view> Notebook::notebook_metadata(std::string_view key) const {
  return find_metadata(json::whole(frame_), key);
}

Status Notebook::set_execution(std::size_t index, std::optional<int> count,
                               const std::vector<OutputJson>& outputs) {
  CHECK(index < cells_.size() && cells_[index].type == CellType::kCode, "a code cell");
  std::vector<std::string> texts;
  for (const OutputJson& output : outputs) {
    const std::string what = fmt::format("output {} of cells[{}]", texts.size(), index);
    NBREPLAY_TRY_VOID(checked_json(output, what));
    texts.push_back(json::whole(output).kind() == Kind::kObject
                        ? format_output(json::whole(output), *style_, kOutputDepth)
                        : output);
  }
  const View cell{cell_texts_[index].view};
  std::string text = json::set_member(
      cell, "execution_count", count ? std::to_string(*count) : "null", *style_, json::kCellDepth);
  text = json::set_member(View{text}, "outputs", json::join_list(texts, *style_, kCellMemberDepth),
                          *style_, json::kCellDepth);
  return try_replace_cell(index, std::move(text));
}

void Notebook::set_source(std::size_t index, std::string_view source) {
  CHECK(index < cells_.size(), "the cell exists");
  const View cell{cell_texts_[index].view};
  const auto old = json::find(cell, "source");
  const bool one_string = old && old->kind() == Kind::kString;
  const std::string value = one_string ? json::quote(source, *style_)
                                       : json::quote_lines(source, *style_, kCellMemberDepth);
  replace_cell(index, json::set_member(cell, "source", value, *style_, json::kCellDepth));
}

Status Notebook::set_cell_metadata(std::size_t index, std::string_view key,
                                   std::string_view value) {
  CHECK(index < cells_.size(), "the cell exists");
  NBREPLAY_TRY_VOID(checked_json(value, fmt::format("cells[{}].metadata.{}", index, key)));
  return try_replace_cell(index, set_metadata(View{cell_texts_[index].view}, key,
                                              json::whole(value), *style_, json::kCellDepth));
}

Status Notebook::set_notebook_metadata(std::string_view key, std::string_view value) {
  NBREPLAY_TRY_VOID(checked_json(value, fmt::format("metadata.{}", key)));
  const View root = json::whole(frame_);
  frame_ = json::splice(frame_, root.text,
                        set_metadata(root, key, json::whole(value), *style_, kRootDepth));
  unedited_.reset();
  return {};
}

void Notebook::add_tag(std::size_t index, std::string_view tag) {
  CHECK(index < cells_.size(), "the cell exists");
  if (cells_[index].has_tag(tag)) return;
  std::vector<std::string> tags;
  for (const std::string& old : cells_[index].tags) tags.push_back(json::quote(old, *style_));
  tags.push_back(json::quote(tag, *style_));
  const std::string list = json::join_list(tags, *style_, kCellMemberDepth + 1);
  replace_cell(index, set_metadata(View{cell_texts_[index].view}, "tags", View{list}, *style_,
                                   json::kCellDepth));
}

void Notebook::remove_cell(std::size_t index) {
  CHECK(index < cells_.size(), "the cell exists");
  cells_.erase(cells_.begin() + static_cast<std::ptrdiff_t>(index));
  cell_texts_.erase(cell_texts_.begin() + static_cast<std::ptrdiff_t>(index));
  unedited_.reset();
  list_code_cells();
}

void Notebook::insert_cell(std::size_t index, CellType type, std::string_view source) {
  CHECK(index <= cells_.size(), "the place exists");
  json::Fields fields{
      {"cell_type", json::quote(type_name(type), *style_)},
      {"metadata", "{}"},
      {"source", json::quote_lines(source, *style_, kCellMemberDepth)},
  };
  if (type == CellType::kCode) {
    fields["execution_count"] = "null";
    fields["outputs"] = "[]";
  }
  if (nbformat_minor_ >= 5) fields["id"] = json::quote(fresh_id(), *style_);
  const auto place = static_cast<std::ptrdiff_t>(index);
  cells_.insert(cells_.begin() + place, Cell{});
  cell_texts_.insert(cell_texts_.begin() + place, Text{});
  replace_cell(index, json::join_object(fields, *style_, json::kCellDepth));
}

Notebook Notebook::keep_cells(const std::vector<std::size_t>& order) const {
  Notebook result = *this;
  result.unedited_.reset();
  result.cells_.clear();
  result.cell_texts_.clear();
  for (const std::size_t index : order) {
    CHECK(index < cells_.size(), "the cell exists");
    result.cells_.push_back(cells_[index]);
    result.cell_texts_.push_back(cell_texts_[index]);
  }
  std::set<std::size_t> seen;
  for (std::size_t place = 0; place < order.size(); ++place) {
    if (seen.insert(order[place]).second || !result.cells_[place].id) continue;
    const View cell{result.cell_texts_[place].view};
    result.replace_cell(place, json::set_member(cell, "id", json::quote(result.fresh_id(), *style_),
                                                *style_, json::kCellDepth));
  }
  result.list_code_cells();
  return result;
}

std::string Notebook::to_json() const {
  if (unedited_) return std::string(unedited_->view);
  std::vector<std::string_view> texts;
  const auto cells = json::find(json::whole(frame_), "cells");
  CHECK(cells, "the frame has a place for the cells");
  const std::size_t begin = static_cast<std::size_t>(cells->text.data() - frame_.data());
  std::size_t size = frame_.size();
  for (const Text& text : cell_texts_) size += text.view.size() + 16;
  std::string result;
  result.reserve(size);
  result.append(frame_, 0, begin);
  result += '[';
  for (std::size_t i = 0; i < cell_texts_.size(); ++i) {
    result += i == 0 ? style_->line_break(json::kCellDepth) : style_->separator(json::kCellDepth);
    result += cell_texts_[i].view;
  }
  if (!cell_texts_.empty()) result += style_->line_break(json::kCellDepth - 1);
  result += ']';
  result.append(frame_, begin + cells->text.size());
  return result;
}

void Notebook::replace_cell(std::size_t index, std::string text) {
  const Status replaced = try_replace_cell(index, std::move(text));
  CHECK(replaced.has_value(), "an edit of ours leaves a valid cell");
}

Status Notebook::try_replace_cell(std::size_t index, std::string text) {
  const auto owner = std::make_shared<const std::string>(std::move(text));
  const Source source{path_.string()};
  NBREPLAY_TRY(Cell cell, read_cell(source, View{*owner}, fmt::format("cells[{}]", index)));
  cells_[index] = std::move(cell);
  cell_texts_[index] = {owner, *owner};
  unedited_.reset();
  list_code_cells();
  return {};
}

void Notebook::list_code_cells() {
  code_cells_.clear();
  for (std::size_t i = 0; i < cells_.size(); ++i)
    if (cells_[i].type == CellType::kCode) code_cells_.push_back(i);
}

std::string Notebook::fresh_id() {
  for (;;) {
    std::string id = derived_id(sha256_, ids_made_++);
    if (std::none_of(cells_.begin(), cells_.end(), [&](const Cell& c) { return c.id == id; }))
      return id;
  }
}

Status Notebook::checked_json(std::string_view value, std::string_view what) const {
  const auto refuse = [&](std::string cause) {
    return bad_input(fmt::format("{}: {} cannot be written", path_.string(), what),
                     std::move(cause), "what made this value is at fault, not the notebook");
  };
  // Room for the levels above it, so that what is written can be read again.
  if (const auto fault = json::find_fault(value, nullptr, json::kMaxDepth - kOutputDepth - 1))
    return refuse(fmt::format("not JSON at byte {}: {}", fault->offset, fault->what));
  if (const std::size_t bad = find_invalid_utf8(value); bad != std::string_view::npos)
    return refuse(fmt::format("not UTF-8 at byte {}", bad));
  return {};
}

}  // namespace nbreplay
