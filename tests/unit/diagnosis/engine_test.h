#pragma once

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "nbreplay/diagnosis/engine.h"

#include "support/small_investigation.h"

namespace nbreplay {

using test::SmallCell;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

inline std::string name_error(const std::string& name) {
  return "NameError: name '" + name + "' is not defined";
}

class EngineTest : public testing::Test {
 protected:
  Cause cause_of(const std::vector<SmallCell>& cells) {
    finding = small.crash(cells);
    return finding.cause.value_or(Cause{});
  }
  Cause cause_in(const std::vector<SmallCell>& cells, std::size_t which) {
    NotebookFinding all = small.investigate(cells);
    if (which >= all.crashes.size()) return {};
    finding = std::move(all.crashes[which]);
    return finding.cause.value_or(Cause{});
  }
  /// The verdict on a label; unknown where no experiment decided.
  Verdict status(std::string_view sublabel) const {
    for (const LabelStatus& label : finding.labels)
      if (label.sublabel == sublabel) return label.verdict;
    return Verdict::kUnknown;
  }
  static void expect(const Cause& cause, Verdict verdict, const std::string& sublabel) {
    EXPECT_EQ(cause.sublabel, sublabel) << cause.explanation;
    EXPECT_EQ(to_string(cause.verdict), to_string(verdict)) << cause.explanation;
  }

  test::SmallInvestigation small;
  CrashFinding finding;
};

}  // namespace nbreplay
