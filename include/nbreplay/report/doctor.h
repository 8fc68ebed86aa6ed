#pragma once

#include <optional>
#include <string>
#include <vector>

#include "nbreplay/base/file.h"
#include "nbreplay/diagnosis/result.h"
#include "nbreplay/report/terminal.h"
#include "nbreplay/trial/environment.h"
#include "nbreplay/trial/limits.h"
#include "nbreplay/trial/machine.h"
#include "nbreplay/trial/probe_result.h"

namespace nbreplay {

/// One interpreter of this machine, and whether notebooks can run in it.
struct InterpreterStatus {
  Interpreter interpreter;
  bool has_worker = false;
  std::string supplied_ipython;  ///< Version that comes along; empty when none does.

  [[nodiscard]] bool usable() const { return has_worker && !interpreter.libpython.empty(); }
};

/// Something that is missing, what that means, and how to get it.
struct Lack {
  std::string what;
  std::string how;
};

/// The tools that make environments, and their store.
struct PackagingStatus {
  bool available = false;
  Path folder;
  std::size_t environments = 0;
  std::size_t packages = 0;
  Bytes packages_size;
  /// What came of asking the package index; only when that was wished.
  std::optional<std::string> index_problem;  ///< Empty: it answers.
};

/// Everything that `doctor` shows.
struct DoctorFacts {
  MachineFacts machine;
  std::vector<InterpreterStatus> interpreters;
  std::vector<std::string> worker_minors;
  Limits limits;
  std::size_t jobs = 1;
  std::vector<std::string> missing_limits;  ///< Limits of the documentation not yet in force.
  SandboxFacts sandbox;
  Path cache_folder;
  Bytes cache_size;
  PackagingStatus packaging;
  std::vector<Lack> lacks;
  std::optional<SnapshotFacts> snapshots;  ///< When they were tried out.

  /// Whether some notebook can be run at all.
  [[nodiscard]] bool ready() const;
};

[[nodiscard]] std::string doctor_text(const DoctorFacts& facts, const TextStyle& style);
[[nodiscard]] std::string doctor_json(const DoctorFacts& facts, bool pretty);

}  // namespace nbreplay
