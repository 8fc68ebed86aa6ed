#pragma once

#include <string>
#include <string_view>
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

/// The type of a death by signal, where one is compared as a crash.
inline constexpr std::string_view kSignalType = "signal";
/// The crash that a death by signal is: its message is the signal's name.
[[nodiscard]] Crash signal_crash(const Signaled& signaled, std::size_t cell);

/// Judges how `trial` ended against `reference`. The crash under test is looked for in every
/// execution of the reference's cell (in every cell when the reference names none). Executions
/// that may fail are passed over unless they are the last of that cell. A run that ends in any
/// way after the last execution of that cell completed passes, except that an exception raised
/// later is Different, marked so. A death by signal is compared when the reference is one
/// (signal_crash) and is Unresolved otherwise, as is a notebook that ends its own process.
[[nodiscard]] Judgement judge(const Trial& trial, const Outcome& outcome, const Crash& reference,
                              Level level);

/// Whether no execution was left out. What becomes of the process after the last one says nothing
/// of the notebook: exit handlers run when nobody looks any more.
[[nodiscard]] bool reached_all(const Outcome& outcome);

}  // namespace nbreplay
