#pragma once

#include <map>
#include <string>
#include <vector>

#include "nbreplay/trial/outcome.h"
#include "nbreplay/trial/trial.h"

namespace nbreplay {

/// The trial with code before it that prints which files are opened for reading, by Python's audit
/// events (PEP 578). It is run for that only.
[[nodiscard]] Trial opened_files_probe(const Trial& trial);

/// What the probe printed: paths from where the notebook's code starts, by execution of the trial.
/// A notebook can print the same, so they are no more than a hint.
[[nodiscard]] std::map<std::size_t, std::vector<std::string>> opened_files(const Outcome& outcome);

}  // namespace nbreplay
