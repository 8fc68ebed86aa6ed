#pragma once

#include <string>
#include <variant>

#include "nbreplay/crash/signature.h"
#include "nbreplay/trial/outcome.h"
#include "nbreplay/trial/trial.h"

namespace nbreplay {

/// What a trial says about a given crash.
struct Same {
  Level level = Level::kA;  ///< The strictest level reached.
};
struct Different {
  Crash crash;
  std::size_t position = 0;
  bool later = false;  ///< The target's own execution completed; the failure came after it.
};
struct Passes {};
/// Says nothing about the crash: time-out, limit, set-up failure, changed environment, signal.
struct Unresolved {
  std::string why;
};

using Judgement = std::variant<Same, Different, Passes, Unresolved>;

/// Judges how `trial` ended against `reference`. The crash under test is looked for in every
/// execution of the reference's cell; executions that may fail are passed over unless they are
/// the last of that cell. A death by signal is compared as a crash of type "signal".
[[nodiscard]] Judgement judge(const Trial& trial, const Outcome& outcome, const Crash& reference,
                              Level level);

}  // namespace nbreplay
