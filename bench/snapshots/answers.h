#pragma once

#include <cstddef>
#include <string>
#include <vector>

#include "stage.h"

namespace nbreplay::bench {

/// What a trial took that differs from an earlier one in its last cell only, in milliseconds.
struct AnswerTimes {
  std::vector<double> whole;       ///< From submitting it to its answer.
  std::vector<double> until_cell;  ///< Of that, until the runner was told to execute its cell.
  std::vector<double> cell;        ///< The cell.
  std::vector<double> after_cell;  ///< From its end to the answer.
};

/// Asks `count` such trials of a WorkerTrialRunner, all from the snapshot after `prefix`.
[[nodiscard]] AnswerTimes time_answers(const Stage& stage, const Prefix& prefix, std::size_t count);

}  // namespace nbreplay::bench
