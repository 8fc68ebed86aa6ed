#pragma once

#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "nbreplay/diagnosis/result.h"

namespace nbreplay {

/// A sublabel of the taxonomy and the label it belongs to (docs/labels.md; Wang et al., "Why Do
/// Machine Learning Notebooks Crash?", TSE 2025).
struct TaxonomyEntry {
  std::string_view label;
  std::string_view sublabel;
};

/// The whole taxonomy. The label "unknown" has no sublabel and is not listed.
[[nodiscard]] std::span<const TaxonomyEntry> taxonomy();

/// A label that somebody gave to a crash.
struct GivenLabel {
  std::string label;
  std::string sublabel;  ///< May be empty: any sublabel of `label`.
};

/// Reads a label as people write it (case and white space do not matter; a bare sublabel is
/// taken as its label and itself). Nothing when the taxonomy has no such label.
[[nodiscard]] std::optional<GivenLabel> parse_label(std::string_view label,
                                                    std::string_view sublabel);

/// What the experiments say about a given label.
struct LabelJudgement {
  Verdict verdict = Verdict::kUnknown;
  std::string why;  ///< One line.
};

[[nodiscard]] LabelJudgement judge_label(const GivenLabel& given, const CrashFinding& finding);

}  // namespace nbreplay
