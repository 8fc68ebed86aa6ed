#pragma once

#include <fstream>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "nbreplay/base/file.h"

namespace nbreplay {

/// What `verify` found out about one row.
struct VerdictRow {
  std::size_t line = 0;             ///< Of the labels file.
  std::vector<std::string> fields;  ///< The row as it stands.
  std::string identity;             ///< The row's text: a changed row is judged again.
  std::string verdict;              ///< "confirmed" … "unknown", or "not-judged".
  std::string label_found;
  std::string sublabel_found;
  std::string reproduction;
  std::string why;
  std::string evidence_json;  ///< The finding's document; empty when there is none.
};

/// The results of `verify`, written row by row: `NAME.verdicts.csv` for people and
/// `NAME.verdicts.jsonl` with the evidence. The second is also what a later call resumes from:
/// its first line is a header that carries nbreplay's mark, each further line one row. A line that
/// an interruption cut short is dropped, and the CSV is written anew from the rows that count.
class VerdictLog {
 public:
  [[nodiscard]] static Result<VerdictLog> open(const Path& labels, std::optional<Path> output_dir,
                                               bool force, bool restart,
                                               std::vector<std::string> header);

  /// The verdict of a row that an earlier call wrote.
  [[nodiscard]] std::optional<std::string> find(std::size_t line,
                                                const std::string& identity) const;
  [[nodiscard]] Status add(const VerdictRow& row);

  [[nodiscard]] const Path& csv() const { return csv_; }
  [[nodiscard]] const Path& jsonl() const { return jsonl_; }

 private:
  VerdictLog() = default;
  [[nodiscard]] Status load();
  [[nodiscard]] Status start();

  Path csv_;
  Path jsonl_;
  std::vector<std::string> header_;
  std::map<std::pair<std::size_t, std::string>, std::string> known_;  ///< → verdict
  std::vector<std::string> kept_csv_;  ///< Lines of rows that an earlier call wrote.
  std::vector<std::string> kept_jsonl_;
  std::ofstream csv_out_;
  std::ofstream jsonl_out_;
};

}  // namespace nbreplay
