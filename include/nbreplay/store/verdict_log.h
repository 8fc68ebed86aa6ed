#pragma once

#include <fstream>
#include <map>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "nbreplay/base/file.h"

namespace nbreplay {

/// What `verify` found out about one row.
struct VerdictRow {
  std::size_t line = 0;             ///< Of the labels file.
  std::vector<std::string> fields;  ///< The row as it stands.
  std::string identity;             ///< The row's text: a changed row is judged again.
  std::string notebook_sha256;      ///< Of the notebook that was judged; a changed one is again.
  std::string verdict;              ///< "confirmed" … "unknown", or "not-judged".
  std::string label_found;
  std::string sublabel_found;
  std::string reproduction;
  std::string why;
  std::string evidence_json;  ///< The finding's document; empty when there is none.
};

/// Which row of the labels file: its line, and its text, so that a changed row is another one.
using RowKey = std::pair<std::size_t, std::string>;

/// The results of `verify`, written row by row: `NAME.verdicts.csv` for people and
/// `NAME.verdicts.jsonl` with the evidence. The second is also what a later call resumes from:
/// its first line is a header that carries nbreplay's mark, each further line one row. Lines that
/// an interruption cut short, rows that could not be judged, and rows that the labels file no
/// longer holds are dropped, and the CSV is written anew from the rows that count.
class VerdictLog {
 public:
  [[nodiscard]] static Result<VerdictLog> open(const Path& labels, std::optional<Path> output_dir,
                                               bool force, bool restart,
                                               std::vector<std::string> header,
                                               const std::vector<RowKey>& rows);

  struct Known {
    std::string verdict;
    std::string notebook_sha256;
    friend bool operator==(const Known&, const Known&) = default;
  };
  /// What an earlier call wrote of a row.
  [[nodiscard]] std::optional<Known> find(std::size_t line, const std::string& identity) const;
  [[nodiscard]] Status add(const VerdictRow& row);
  /// Brings the rows into the order of the labels file, which rows judged again have left.
  [[nodiscard]] Status finish();

  [[nodiscard]] const Path& csv() const { return csv_; }
  [[nodiscard]] const Path& jsonl() const { return jsonl_; }

 private:
  VerdictLog() = default;
  struct Lines {
    std::string csv;
    std::string jsonl;
  };

  [[nodiscard]] Status load(const std::vector<RowKey>& rows);
  [[nodiscard]] Status start();

  Path csv_;
  Path jsonl_;
  std::vector<std::string> header_;
  std::map<RowKey, Known> known_;
  std::map<std::size_t, Lines> lines_;  ///< What is written, by the line of the labels file.
  bool in_order_ = true;
  std::ofstream csv_out_;
  std::ofstream jsonl_out_;
};

}  // namespace nbreplay
