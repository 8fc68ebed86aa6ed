#pragma once

#include <cstddef>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "nbreplay/base/file.h"
#include "nbreplay/base/result.h"
#include "nbreplay/base/units.h"

namespace nbreplay {

namespace json {
struct Style;
}  // namespace json

/// What is read at most. Real notebooks of more than 100 MB exist; nothing above is one that
/// anybody opens.
inline constexpr Bytes kMaxNotebook = mib(512);

/// Tags that executors honour (nbclient, papermill, nbmake agree on both).
inline constexpr std::string_view kTagRaisesException = "raises-exception";
inline constexpr std::string_view kTagSkipExecution = "skip-execution";

enum class CellType { kCode, kMarkdown, kRaw, kOther };

/// An output of type `error`, as the file has it: ANSI codes kept, texts in WTF-8. A field that
/// the file lacks is empty. Never print one without escape_control.
struct RecordedError {
  std::string ename;
  std::string evalue;
  std::vector<std::string> traceback;
};

/// What a cell says, decoded. The file's own text stays with the Notebook.
struct Cell {
  CellType type = CellType::kOther;
  std::optional<std::string> id;
  /// Joined from the file's lines. UTF-8, except that a lone surrogate escape such as "\ud800"
  /// becomes its three-byte form (WTF-8), so that it can be written back.
  std::string source;
  /// Of code cells: the last execution count, absent when the file says null or nothing.
  std::optional<int> execution_count;
  std::vector<std::string> tags;
  /// Every `error` output of a code cell, in the order of the file.
  std::vector<RecordedError> errors;

  [[nodiscard]] bool has_tag(std::string_view tag) const;
  /// The error that ended the recorded execution: the last one, or null.
  [[nodiscard]] const RecordedError* error() const {
    return errors.empty() ? nullptr : &errors.back();
  }
  /// Tagged as one that may fail; the notebook goes on after it.
  [[nodiscard]] bool may_raise() const { return has_tag(kTagRaisesException); }
  /// Tagged as one that executors pass over.
  [[nodiscard]] bool is_skipped() const { return has_tag(kTagSkipExecution); }
};

/// The JSON text of one output object.
using OutputJson = std::string;

/// A notebook of nbformat 4 and the edits made to it. Everything that was not edited is written
/// back from the bytes it was read from: number forms, key orders, duplicate keys, `NaN` and odd
/// white space survive, and `to_json` of an unedited notebook is the file, byte for byte. What
/// was edited is written as nbformat writes it (sorted keys, text split into lines), with the
/// file's own indentation and escaping. Version 3 is converted to 4.5 on reading.
///
/// A cell's *index* is its zero-based place among all cells of the file, its *ordinal* its
/// one-based place among the code cells. Passing an index that does not exist is a bug (CHECK).
///
/// A value: copying shares the unedited text and is cheap. Not safe for concurrent edits.
class Notebook {
 public:
  /// As given to read_notebook, for messages; not resolved.
  [[nodiscard]] const Path& path() const { return path_; }
  /// SHA-256 of the file as read, in hexadecimal; edits do not change it.
  [[nodiscard]] const std::string& sha256() const { return sha256_; }
  /// The version that to_json writes: 4, and its minor. `read_version` is what the file had.
  [[nodiscard]] int nbformat() const { return 4; }
  [[nodiscard]] int nbformat_minor() const { return nbformat_minor_; }
  [[nodiscard]] int read_version() const { return read_version_; }

  /// language_info.name, else kernelspec.language, else guessed from the kernel's name, else "".
  [[nodiscard]] const std::string& language() const { return language_; }
  /// language_info.version, such as "3.11.4", else the Python that the kernel's name or display
  /// name tells ("3.8" of "Python 3.8 (ipykernel)"), else "".
  [[nodiscard]] const std::string& language_version() const { return language_version_; }
  /// kernelspec.name, such as "python3", or "".
  [[nodiscard]] const std::string& kernel_name() const { return kernel_name_; }

  [[nodiscard]] const std::vector<Cell>& cells() const { return cells_; }
  /// Indices of the code cells, ascending.
  [[nodiscard]] const std::vector<std::size_t>& code_cells() const { return code_cells_; }
  /// Empty when `index` is no code cell.
  [[nodiscard]] std::optional<std::size_t> ordinal_of(std::size_t index) const;
  /// Empty when there are fewer code cells, or for 0.
  [[nodiscard]] std::optional<std::size_t> index_of_ordinal(std::size_t ordinal) const;

  /// The JSON text of each output of a code cell, or of a metadata value. The views hold until
  /// this notebook is edited or gone.
  [[nodiscard]] std::vector<std::string_view> outputs(std::size_t index) const;
  [[nodiscard]] std::optional<std::string_view> cell_metadata(std::size_t index,
                                                              std::string_view key) const;
  [[nodiscard]] std::optional<std::string_view> notebook_metadata(std::string_view key) const;

  /// Replaces the execution count and all outputs of a code cell. Fails, changing nothing, when
  /// an output is not a JSON object with a string `output_type`. Text of outputs is split into
  /// lines as nbformat does.
  [[nodiscard]] Status set_execution(std::size_t index, std::optional<int> count,
                                     const std::vector<OutputJson>& outputs);
  void set_source(std::size_t index, std::string_view source);
  /// `value` is JSON text. Fails, changing nothing, when it is not.
  [[nodiscard]] Status set_cell_metadata(std::size_t index, std::string_view key,
                                         std::string_view value);
  [[nodiscard]] Status set_notebook_metadata(std::string_view key, std::string_view value);
  /// Does nothing when the cell has the tag.
  void add_tag(std::size_t index, std::string_view tag);

  void remove_cell(std::size_t index);
  /// Puts a new cell without outputs before the cell at `index` (or last, at cells().size()).
  /// It gets an id from 4.5 on, never below. Ids are derived from the file and the place, so
  /// that the same edits give the same bytes.
  void insert_cell(std::size_t index, CellType type, std::string_view source);
  /// A notebook of the same metadata with copies of the cells at `order`, which may omit, repeat
  /// and permute. Of repeated cells all but the first get fresh ids where they had one.
  [[nodiscard]] Notebook keep_cells(const std::vector<std::size_t>& order) const;

  /// What to write to the file.
  [[nodiscard]] std::string to_json() const;

 private:
  friend class NotebookReader;
  Notebook() = default;

  /// JSON text and who keeps it alive.
  struct Text {
    std::shared_ptr<const std::string> owner;
    std::string_view view;
  };

  /// Takes `text` for the cell at `index` and decodes it; fails, changing nothing, when it is no
  /// valid cell. The other form is for edits that cannot make it invalid.
  [[nodiscard]] Status try_replace_cell(std::size_t index, std::string text);
  void replace_cell(std::size_t index, std::string text);
  void list_code_cells();
  [[nodiscard]] std::string fresh_id();
  [[nodiscard]] Status checked_json(std::string_view value, std::string_view what) const;

  Path path_;
  std::string sha256_;
  int read_version_ = 4;
  int nbformat_minor_ = 0;
  std::string language_;
  std::string language_version_;
  std::string kernel_name_;

  std::shared_ptr<const json::Style> style_;
  std::optional<Text> unedited_;  // the whole document, as long as nothing was edited
  std::string frame_;             // the document with `[]` in place of its cells
  std::vector<Text> cell_texts_;  // one JSON object each, same indices as cells_
  std::vector<Cell> cells_;       // decoded from cell_texts_
  std::vector<std::size_t> code_cells_;
  std::size_t ids_made_ = 0;
};

/// Reads nbformat 4.x and 3. Everything else is an Error (kBadInput, kEnvironment when the file
/// cannot be opened) naming the file, the place (line and column, or a JSON path such as
/// `cells[3].source[1]`), the reason and the next step. Tolerated although nbformat refuses it:
/// a UTF-8 byte order mark (dropped), minor versions above 5, a missing `metadata`, `outputs` or
/// `execution_count`. Refused although JSON: more than kMaxNotebook, 500 levels, 20 million
/// values, 100,000 cells or a million lines in one source. A notebook without code or of another
/// language is read: see check_runnable.
[[nodiscard]] Result<Notebook> read_notebook(const Path& path);
/// The same for text already in memory; `name` is used in messages and as path().
[[nodiscard]] Result<Notebook> parse_notebook(std::string text, const Path& name);

/// Whether nbreplay can execute it: there is at least one code cell with code in it, and the
/// language is Python or not said.
[[nodiscard]] Status check_runnable(const Notebook& notebook);

}  // namespace nbreplay
