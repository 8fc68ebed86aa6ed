#include "nbreplay/diagnosis/labels.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <set>

namespace nbreplay {
namespace {

constexpr std::array kTaxonomy = {
    TaxonomyEntry{"API misuse", "misunderstanding of APIs"},
    TaxonomyEntry{"API misuse", "invalid argument"},
    TaxonomyEntry{"API misuse", "misunderstanding of libraries"},
    TaxonomyEntry{"NB specific", "execution order"},
    TaxonomyEntry{"NB specific", "previous cell error"},
    TaxonomyEntry{"NB specific", "need execute future cells"},
    TaxonomyEntry{"implementation error", "wrong implementation"},
    TaxonomyEntry{"implementation error", "undefined variable"},
    TaxonomyEntry{"implementation error", "typo"},
    TaxonomyEntry{"implementation error", "undefined function"},
    TaxonomyEntry{"implementation error", "did not import"},
    TaxonomyEntry{"environment setting", "file/path not found or exist"},
    TaxonomyEntry{"environment setting", "module not installed"},
    TaxonomyEntry{"environment setting", "settings(permission, environment)"},
    TaxonomyEntry{"environment setting", "library versions incompatible"},
    TaxonomyEntry{"environment setting", "external control"},
    TaxonomyEntry{"environment setting", "change of environment"},
    TaxonomyEntry{"data confusion", "data confusion"},
    TaxonomyEntry{"ML model confusion", "ML model confusion"},
    TaxonomyEntry{"insufficient resource", "insufficient resource"},
    TaxonomyEntry{"library cause", "API change"},
    TaxonomyEntry{"library cause", "error inside library"},
};

/// Lower case, white space and underscores folded, none around punctuation.
std::string folded(std::string_view text) {
  std::string result;
  bool gap = false;
  for (const char raw : text) {
    const char c = raw == '_' || raw == '\t' || raw == '\n' || raw == '\r' ? ' ' : raw;
    if (c == ' ') {
      gap = true;
      continue;
    }
    const bool punctuation = c == '(' || c == ')' || c == ',' || c == '/';
    const bool after_punctuation =
        !result.empty() && (result.back() == '(' || result.back() == ',' || result.back() == '/');
    if (gap && !result.empty() && !punctuation && !after_punctuation) result.push_back(' ');
    gap = false;
    result.push_back(c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c);
  }
  return result;
}

std::string full_name(std::string_view label, std::string_view sublabel) {
  if (sublabel.empty() || sublabel == label) return std::string(label);
  return fmt::format("{}: {}", label, sublabel);
}

bool covers(const GivenLabel& given, std::string_view label, std::string_view sublabel) {
  return given.label == label && (given.sublabel.empty() || given.sublabel == sublabel);
}

std::string reproduction_reason(const Reproduction& reproduction) {
  return fmt::format("{}: {}", to_string(reproduction.verdict), reproduction.why);
}

/// The verdict from the statuses of the sublabels that `given` covers, when they all agree.
std::optional<LabelJudgement> judge_by_statuses(const GivenLabel& given,
                                                const CrashFinding& finding) {
  std::size_t wanted = 0;
  for (const TaxonomyEntry& entry : kTaxonomy)
    if (covers(given, entry.label, entry.sublabel)) ++wanted;
  std::size_t refuted = 0;
  std::set<std::string> counted;
  std::string why;
  for (const LabelStatus& status : finding.labels) {
    if (!covers(given, status.label, status.sublabel)) continue;
    if (status.verdict == Verdict::kConfirmed || status.verdict == Verdict::kAmbiguous ||
        status.verdict == Verdict::kBlocked)
      return LabelJudgement{status.verdict, status.why};
    if (status.verdict == Verdict::kRefuted && counted.insert(status.sublabel).second) {
      ++refuted;
      why += (why.empty() ? "" : "; ") + status.why;
    }
  }
  if (wanted > 0 && refuted == wanted) return LabelJudgement{Verdict::kRefuted, why};
  return std::nullopt;
}

}  // namespace

std::span<const TaxonomyEntry> taxonomy() {
  return kTaxonomy;
}

std::optional<GivenLabel> parse_label(std::string_view label, std::string_view sublabel) {
  const std::string wanted_label = folded(label);
  const std::string wanted_sublabel = folded(sublabel);
  if (wanted_label == "unknown" && wanted_sublabel.empty()) return GivenLabel{"unknown", ""};
  for (const TaxonomyEntry& entry : kTaxonomy) {
    const bool label_fits = folded(entry.label) == wanted_label;
    const bool sublabel_fits = folded(entry.sublabel) == wanted_sublabel;
    if (label_fits && wanted_sublabel.empty()) return GivenLabel{std::string(entry.label), ""};
    if (label_fits && sublabel_fits)
      return GivenLabel{std::string(entry.label), std::string(entry.sublabel)};
    if (wanted_sublabel.empty() && folded(entry.sublabel) == wanted_label)
      return GivenLabel{std::string(entry.label), std::string(entry.sublabel)};
  }
  return std::nullopt;
}

LabelJudgement judge_label(const GivenLabel& given, const CrashFinding& finding) {
  if (!finding.cause || finding.reproduction.verdict == ReproductionVerdict::kBlocked)
    return {Verdict::kBlocked, reproduction_reason(finding.reproduction)};
  if (finding.reproduction.verdict != ReproductionVerdict::kReproduced)
    return {Verdict::kUnknown, reproduction_reason(finding.reproduction)};
  if (!finding.recorded)
    return {Verdict::kUnknown,
            fmt::format("cell {} records no crash: the one found there by running top to bottom "
                        "need not be the one that the label is about",
                        finding.cell.ordinal)};
  const Cause& cause = *finding.cause;
  const bool same_label = covers(given, cause.label, cause.sublabel);
  if (cause.verdict == Verdict::kConfirmed && same_label)
    return {Verdict::kConfirmed, cause.explanation};
  if (cause.verdict == Verdict::kConfirmed) {
    return {Verdict::kRefuted,
            fmt::format("the experiments confirm {}: {}", full_name(cause.label, cause.sublabel),
                        cause.explanation)};
  }
  if (auto judgement = judge_by_statuses(given, finding)) return *judgement;
  return {Verdict::kUnknown, cause.explanation};
}

}  // namespace nbreplay
