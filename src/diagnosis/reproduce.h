#pragma once

#include <optional>
#include <string>
#include <vector>

#include "diagnosis/investigation.h"

namespace nbreplay {

/// The crash to explain: what the notebook recorded, if it did.
struct Target {
  std::size_t cell = 0;
  std::optional<Crash> recorded;
  std::optional<int> count;  ///< In[N] of the crashed cell.
  /// A fresh run in this call crashed here: how the target was found where nothing is recorded.
  bool seen = false;
};

/// R0: the run that crashes, which every counterfactual changes in one way.
struct BaseRun {
  ExecutionOrder order;  ///< Ends with the crashed cell.
  Crash observed;
  std::vector<std::string> placeholder_modules;
};

/// Crashes that the notebook recorded, in the order of the cells. A cell that is tagged
/// raises-exception is meant to fail: its error is no crash.
[[nodiscard]] std::vector<Target> recorded_targets(const Notebook& notebook);

/// The error that a cell recorded, tagged or not; nothing when it recorded none.
[[nodiscard]] std::optional<Crash> recorded_error(const Notebook& notebook, std::size_t cell);

/// Runs top to bottom and returns the first crash as a target without a record; nothing when
/// nothing raises. `why_not` is filled when the run says nothing (time-out, limit).
[[nodiscard]] std::optional<Target> first_failure(Investigation& investigation,
                                                  std::string& why_not);

/// Tries candidate orders, likeliest first, until one crashes as recorded, and confirms it in
/// fresh processes with different hash seeds.
[[nodiscard]] Reproduction reproduce(Investigation& investigation, const Target& target);

/// R0 of a reproduction that succeeded.
[[nodiscard]] BaseRun base_run(const Reproduction& reproduction);

/// The trial of R0 with another order. Everything else stays as in R0.
[[nodiscard]] Trial trial_like(const Investigation& investigation, const BaseRun& base,
                               const ExecutionOrder& order);

}  // namespace nbreplay
