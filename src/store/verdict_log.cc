#include "nbreplay/store/verdict_log.h"

#include <fmt/format.h>

#include <nlohmann/json.hpp>
#include <set>

#include "nbreplay/base/csv.h"

namespace nbreplay {
namespace {

using OrderedJson = nlohmann::ordered_json;

constexpr Bytes kMaxLog = gib(8);
constexpr std::string_view kColumns[] = {"verdict", "label_found", "sublabel_found", "reproduction",
                                         "why"};
/// Rows that could not be judged are tried again: a notebook may have been missing.
constexpr std::string_view kNotJudged = "not-judged";

std::string csv_of(const VerdictRow& row) {
  std::vector<std::string> fields = row.fields;
  fields.insert(fields.end(),
                {row.verdict, row.label_found, row.sublabel_found, row.reproduction, row.why});
  return csv_line(fields);
}

std::string text_of(const OrderedJson& json) {
  return json.dump(-1, ' ', false, OrderedJson::error_handler_t::replace) + "\n";
}

std::string header_line() {
  return text_of({{"tool", {{"name", "nbreplay"}}}, {"log", "verify"}});
}

std::string jsonl_of(const VerdictRow& row) {
  OrderedJson json;
  json["line"] = row.line;
  json["row"] = row.identity;
  json["fields"] = row.fields;
  json["notebook_sha256"] = row.notebook_sha256;
  json["verdict"] = row.verdict;
  json["label_found"] = row.label_found;
  json["sublabel_found"] = row.sublabel_found;
  json["reproduction"] = row.reproduction;
  json["why"] = row.why;
  json["evidence"] = row.evidence_json.empty() ? OrderedJson()
                                               : OrderedJson::parse(row.evidence_json, nullptr,
                                                                    /*allow_exceptions=*/false);
  return text_of(json);
}

/// A row as an earlier call wrote it; nothing when the line is not one.
std::optional<VerdictRow> row_from(const std::string& line) {
  try {
    const OrderedJson json = OrderedJson::parse(line);
    VerdictRow row;
    row.line = json.at("line");
    row.identity = json.at("row");
    row.fields = json.at("fields").get<std::vector<std::string>>();
    row.notebook_sha256 = json.at("notebook_sha256");
    row.verdict = json.at("verdict");
    row.label_found = json.at("label_found");
    row.sublabel_found = json.at("sublabel_found");
    row.reproduction = json.at("reproduction");
    row.why = json.at("why");
    return row;
  } catch (const OrderedJson::exception&) {
    return std::nullopt;
  }
}

}  // namespace

Result<VerdictLog> VerdictLog::open(const Path& labels, std::optional<Path> output_dir, bool force,
                                    bool restart, std::vector<std::string> header,
                                    const std::vector<RowKey>& rows) {
  VerdictLog log;
  const Path stem = (output_dir ? *output_dir : labels.parent_path()) / labels.stem();
  log.csv_ = stem.string() + ".verdicts.csv";
  log.jsonl_ = stem.string() + ".verdicts.jsonl";
  log.header_ = std::move(header);
  log.header_.insert(log.header_.end(), std::begin(kColumns), std::end(kColumns));
  std::error_code ignored;
  if (output_dir) std::filesystem::create_directories(*output_dir, ignored);
  const bool log_exists = std::filesystem::exists(log.jsonl_, ignored);
  const bool csv_exists = std::filesystem::exists(log.csv_, ignored);
  if (log_exists) {
    const Status loaded = log.load(rows);
    if (!loaded && !force) return loaded.error();
  } else if (csv_exists && !force) {
    return usage_error(
        fmt::format("{}: exists, and nbreplay did not write it", log.csv_.string()),
        "move it away, write elsewhere with --output-dir, or overwrite with --force");
  }
  if (restart) {
    log.known_.clear();
    log.lines_.clear();
  }
  NBREPLAY_TRY_VOID(log.start());
  return log;
}

Status VerdictLog::load(const std::vector<RowKey>& rows) {
  const std::set<RowKey> asked(rows.begin(), rows.end());
  NBREPLAY_TRY(const std::string text, read_file(jsonl_, kMaxLog));
  if (text.rfind(header_line(), 0) != 0)
    return usage_error(
        fmt::format("{}: exists, and nbreplay did not write it", jsonl_.string()),
        "move it away, write elsewhere with --output-dir, or overwrite with --force");
  std::size_t at = header_line().size();
  while (at < text.size()) {
    const std::size_t end = text.find('\n', at);
    if (end == std::string::npos) break;  // cut short by an interruption
    const std::string line = text.substr(at, end - at + 1);
    at = end + 1;
    const auto row = row_from(line);
    if (!row || row->verdict == kNotJudged) continue;
    const RowKey key{row->line, row->identity};
    if (asked.count(key) == 0 ||
        !known_.emplace(key, Known{row->verdict, row->notebook_sha256}).second)
      continue;
    lines_[row->line] = {csv_of(*row), line};
  }
  return {};
}

/// Both files anew with what counts, whole or not at all; then open for the rows to come.
Status VerdictLog::start() {
  std::string csv = csv_line(header_);
  std::string jsonl = header_line();
  for (const auto& [number, line] : lines_) {
    csv += line.csv;
    jsonl += line.jsonl;
  }
  NBREPLAY_TRY_VOID(write_file(csv_, csv));
  NBREPLAY_TRY_VOID(write_file(jsonl_, jsonl));
  csv_out_.open(csv_, std::ios::app | std::ios::binary);
  jsonl_out_.open(jsonl_, std::ios::app | std::ios::binary);
  if (!csv_out_ || !jsonl_out_)
    return environment_error(fmt::format("{}: cannot be written", csv_.string()));
  return {};
}

std::optional<VerdictLog::Known> VerdictLog::find(std::size_t line,
                                                  const std::string& identity) const {
  const auto found = known_.find({line, identity});
  if (found == known_.end()) return std::nullopt;
  return found->second;
}

Status VerdictLog::add(const VerdictRow& row) {
  Lines lines{csv_of(row), jsonl_of(row)};
  csv_out_ << lines.csv << std::flush;
  jsonl_out_ << lines.jsonl << std::flush;
  if (!csv_out_ || !jsonl_out_)
    return environment_error(fmt::format("{}: cannot be written", csv_.string()),
                             "the disk may be full", "the same command goes on from here");
  if (!lines_.empty() && lines_.rbegin()->first > row.line) in_order_ = false;
  lines_[row.line] = std::move(lines);
  return {};
}

Status VerdictLog::finish() {
  if (in_order_) return {};
  csv_out_.close();
  jsonl_out_.close();
  in_order_ = true;
  return start();
}

}  // namespace nbreplay
