// From bytes to a Notebook: what the file is, whether it is JSON, which version, which cells.
#include <fmt/format.h>

#include <regex>

#include "nbreplay/base/hash.h"
#include "nbreplay/base/utf8.h"
#include "nbreplay/notebook/notebook.h"

#include "notebook/cell_reader.h"
#include "notebook/json_edit.h"
#include "notebook/upgrade.h"

namespace nbreplay {
namespace {

using json::Kind;
using json::View;

constexpr std::string_view kByteOrderMark = "\xef\xbb\xbf";

/// Each costs some hundred bytes even when empty; people stay below a thousand.
constexpr std::size_t kMaxCells = 100'000;

/// Longer ones are not searched for a version.
constexpr std::size_t kMaxKernelName = 200;

/// What can be told from the first bytes.
Status check_encoding(const Source& source) {
  const std::string_view text = source.text;
  if (text.find_first_not_of(" \t\r\n") == std::string_view::npos)
    return bad_input(fmt::format("{}: the file is empty", source.name),
                     "a notebook is a JSON document",
                     "restore the last version that Jupyter saved, such as from "
                     "`.ipynb_checkpoints`");
  const bool marked = text.starts_with("\xff\xfe") || text.starts_with("\xfe\xff");
  // ASCII in UTF-16 has a NUL in every second byte; JSON begins with two ASCII characters.
  const bool wide = text.size() > 1 && ((text[0] == '\0') != (text[1] == '\0'));
  if (marked || wide)
    return bad_input(fmt::format("{}: not UTF-8 but UTF-16", source.name),
                     "the file begins as UTF-16 text does",
                     "convert it: `iconv -f UTF-16 -t UTF-8 OLD > NEW`");
  return {};
}

/// Checks that the text is JSON in UTF-8, and notes how it is written.
Result<json::Facts> check_text(const Source& source) {
  json::Facts facts;
  if (const auto fault = json::find_fault(source.text, &facts)) return source.not_json(*fault);
  if (facts.non_ascii) {
    const std::size_t bad = find_invalid_utf8(source.text);
    if (bad != std::string_view::npos) return source.not_utf8(bad);
  }
  return facts;
}

/// "3.8" in "python3.8", "Python 3.8.5 64-bit", "conda-env-python-3.8"; nothing in "Python 3",
/// "py38" and "IPython 3.2". A name that tells two tells nothing.
std::string python_in(std::string_view name) {
  static const std::regex form("(?:^|[^A-Za-z0-9_])python[ _-]?(3\\.[0-9]{1,2})(?![0-9A-Za-z_])",
                               std::regex::icase);
  if (name.size() > kMaxKernelName) return {};
  std::string found;
  for (std::cregex_iterator match(name.data(), name.data() + name.size(), form), end; match != end;
       ++match) {
    const std::string version = (*match)[1].str();
    if (!found.empty() && version != found) return {};
    found = version;
  }
  return found;
}

Error not_a_notebook(const Source& source, std::string cause) {
  return bad_input(fmt::format("{}: is JSON but not a notebook", source.name), std::move(cause),
                   "check the path: a notebook has `nbformat`, `metadata` and `cells` at its top "
                   "level");
}

Result<int> read_version(const Source& source, const std::vector<json::Member>& all) {
  const auto version = json::find(all, "nbformat");
  if (!version) {
    const bool old = json::find(all, "cells") || json::find(all, "worksheets");
    return not_a_notebook(source, old ? "`nbformat` is missing, which says the format's version"
                                      : "it has neither `nbformat` nor `cells`");
  }
  const auto number = version->kind() == Kind::kNumber ? json::to_int(*version) : std::nullopt;
  if (!number) return source.wrong(*version, "nbformat", "expected a whole number");
  if (*number == 3 || *number == 4) return *number;
  return bad_input(fmt::format("{}: nbformat {} is not supported", source.name, *number),
                   "nbreplay reads versions 3 and 4",
                   *number < 3 ? "convert it: `jupyter nbconvert --to notebook NOTEBOOK`"
                               : "save it as nbformat 4 with the program that wrote it");
}

}  // namespace

/// Fills a Notebook; the friend that may.
class NotebookReader {
 public:
  NotebookReader(Source source, std::shared_ptr<const std::string> owner)
      : source_(std::move(source)), owner_(std::move(owner)) {}

  /// `root` is an object of nbformat 4 in the owner's text.
  Status fill(View root, const json::Facts& facts) {
    const std::vector<json::Member> all = json::members(root);
    nb_.unedited_ = Notebook::Text{owner_, source_text()};
    nb_.style_ = std::make_shared<json::Style>(json::detect_style(root, all, facts));
    NBREPLAY_TRY_VOID(read_minor(all));
    NBREPLAY_TRY_VOID(read_metadata(all));
    const auto cells = json::find(all, "cells");
    if (!cells) return not_a_notebook(source_, "`cells` is missing");
    if (cells->kind() != Kind::kArray) return source_.wrong_kind(*cells, "cells", "a list");
    nb_.frame_ = json::splice(source_text(), cells->text, "[]");
    return read_cells(*cells);
  }

  void name(const Path& path, std::string sha256, int version) {
    nb_.path_ = path;
    nb_.sha256_ = std::move(sha256);
    nb_.read_version_ = version;
  }

  Notebook take() { return std::move(nb_); }

 private:
  [[nodiscard]] std::string_view source_text() const {
    std::string_view text = *owner_;
    if (text.starts_with(kByteOrderMark)) text.remove_prefix(kByteOrderMark.size());
    return text;
  }

  Status read_minor(const std::vector<json::Member>& all) {
    const auto minor = json::find(all, "nbformat_minor");
    if (!minor) return {};  // nbformat takes it for 0
    const auto number = minor->kind() == Kind::kNumber ? json::to_int(*minor) : std::nullopt;
    if (!number || *number < 0)
      return source_.wrong(*minor, "nbformat_minor", "expected a whole number");
    nb_.nbformat_minor_ = *number;
    return {};
  }

  Status read_metadata(const std::vector<json::Member>& all) {
    const auto metadata = json::find(all, "metadata");
    if (!metadata) return {};
    if (metadata->kind() != Kind::kObject)
      return source_.wrong_kind(*metadata, "metadata", "an object");
    NBREPLAY_TRY(nb_.kernel_name_, string_in(*metadata, "kernelspec", "name"));
    NBREPLAY_TRY(nb_.language_version_, string_in(*metadata, "language_info", "version"));
    NBREPLAY_TRY(nb_.language_, string_in(*metadata, "language_info", "name"));
    if (nb_.language_.empty()) {
      NBREPLAY_TRY(nb_.language_, string_in(*metadata, "kernelspec", "language"));
    }
    if (nb_.language_.empty()) nb_.language_ = language_of_kernel(nb_.kernel_name_);
    if (nb_.language_version_.empty() && (nb_.language_.empty() || nb_.language_ == "python"))
      nb_.language_version_ = python_of_kernel(*metadata);
    return {};
  }

  [[nodiscard]] std::string python_of_kernel(View metadata) const {
    std::string version = python_in(nb_.kernel_name_);
    if (!version.empty()) return version;
    const auto kernel = json::find(metadata, "kernelspec");
    if (!kernel || kernel->kind() != Kind::kObject) return {};
    const auto display = json::find(*kernel, "display_name");
    return display && display->kind() == Kind::kString ? python_in(json::decode(*display))
                                                       : std::string();
  }

  Result<std::string> string_in(View metadata, std::string_view group, std::string_view key) {
    const std::string path = fmt::format("metadata.{}", group);
    const auto object = json::find(metadata, group);
    if (!object || object->kind() == Kind::kNull) return std::string();
    if (object->kind() != Kind::kObject) return source_.wrong_kind(*object, path, "an object");
    // Some editors write a version as a bare number.
    const auto value = json::find(*object, key);
    if (value && value->kind() == Kind::kNumber) return std::string(value->text);
    return read_optional_string(source_, *object, key, path);
  }

  /// Kernels that often come without a language in the metadata, such as on Colab.
  static std::string language_of_kernel(std::string_view kernel) {
    if (kernel.starts_with("python")) return "python";
    if (kernel == "ir") return "R";
    for (const char* language : {"julia", "bash", "octave", "matlab", "scala", "javascript"})
      if (kernel.starts_with(language)) return language;
    return {};
  }

  Status read_cells(View cells) {
    const std::vector<View> views = json::items(cells);
    if (views.size() > kMaxCells)
      return source_.wrong(
          cells, "cells",
          fmt::format("{} cells, more than the {} that are read", views.size(), kMaxCells));
    for (const View view : views) {
      NBREPLAY_TRY(Cell cell,
                   read_cell(source_, view, fmt::format("cells[{}]", nb_.cells_.size())));
      nb_.cells_.push_back(std::move(cell));
      nb_.cell_texts_.push_back({owner_, view.text});
    }
    nb_.list_code_cells();
    return {};
  }

  Source source_;
  std::shared_ptr<const std::string> owner_;
  Notebook nb_;
};

Result<Notebook> read_notebook(const Path& path) {
  auto text = read_file(path, kMaxNotebook);
  if (!text) {
    Error error = std::move(text).error();
    if (error.hint.empty()) {
      error.hint = "give the path of a notebook (.ipynb)";
      if (std::filesystem::is_directory(path))
        error.hint += "; nbreplay test runs the notebooks of a folder";
    }
    return error;
  }
  return parse_notebook(std::move(*text), path);
}

Result<Notebook> parse_notebook(std::string text, const Path& name) {
  Source source{name.string()};
  if (text.size() > kMaxNotebook.count)
    return bad_input(fmt::format("{}: is larger than {}", source.name, format_bytes(kMaxNotebook)),
                     "nothing larger is read", "clear the outputs of the notebook");
  const std::string sha256 = sha256_hex(text);
  auto owner = std::make_shared<const std::string>(std::move(text));
  source.text = *owner;
  NBREPLAY_TRY_VOID(check_encoding(source));
  if (source.text.starts_with(kByteOrderMark)) source.text.remove_prefix(kByteOrderMark.size());
  NBREPLAY_TRY(json::Facts facts, check_text(source));
  View root = json::whole(source.text);
  if (root.kind() != Kind::kObject)
    return not_a_notebook(
        source, fmt::format("its top level is {}, not an object", json::kind_name(root.kind())));
  NBREPLAY_TRY(const int version, read_version(source, json::members(root)));
  if (version == 3) {
    NBREPLAY_TRY(std::string upgraded, upgrade_v3(source, root, sha256));
    owner = std::make_shared<const std::string>(std::move(upgraded));
    root = json::whole(*owner);
    source.text = {};  // lines of the converted text would mislead
    facts = {};        // and it is in nbformat's layout
  }
  NotebookReader reader(source, owner);
  reader.name(name, sha256, version);
  NBREPLAY_TRY_VOID(reader.fill(root, facts));
  return reader.take();
}

}  // namespace nbreplay
