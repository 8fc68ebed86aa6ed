#pragma once

#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "nbreplay/diagnosis/result.h"
#include "nbreplay/regression/test_result.h"
#include "nbreplay/report/run_result.h"

namespace nbreplay {

/// Raised when a field is removed or changes its meaning; the minor part when one is added.
inline constexpr std::string_view kSchemaVersion = "1.1";

// Every command's result document: one object with `schema_version`, `tool`, `command` and
// `notebooks` (docs/result-document.md; JSON Schemas in schemas/). Texts from a notebook are
// valid UTF-8 there whatever they were; a document is one line unless `pretty`.

[[nodiscard]] std::string findings_json(std::string_view command,
                                        const std::vector<NotebookFinding>& findings, bool pretty);
[[nodiscard]] std::string runs_json(const std::vector<RunResult>& runs, bool pretty);
[[nodiscard]] std::string tests_json(const std::vector<TestResult>& tests,
                                     const SandboxFacts& sandbox, bool pretty);
/// `verify` carries one object in place of `notebooks`: how many rows got which verdict, and where
/// the rows themselves were written. `resumed` were judged by an earlier call.
[[nodiscard]] std::string verify_json(const std::map<std::string, std::size_t>& verdicts,
                                      std::size_t rows, std::size_t resumed, const Path& csv,
                                      const Path& jsonl, bool pretty);

}  // namespace nbreplay
