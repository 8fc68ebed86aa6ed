#pragma once

#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "nbreplay/diagnosis/result.h"

#include "cli/session.h"

namespace nbreplay::cli {

/// The notebooks that a person meant by a list such as `*.ipynb`, which also matches what nbreplay
/// wrote beside them.
struct NotebookList {
  std::vector<Path> notebooks;
  std::vector<Path> skipped;  ///< Results of nbreplay, known by name and mark.
};

/// Leaves out nbreplay's own results, unless the list holds nothing else: they are meant then.
[[nodiscard]] NotebookList meant_notebooks(const std::vector<Path>& named);
/// One line that says what was left out; empty when nothing was.
[[nodiscard]] std::string skipped_words(const std::vector<Path>& skipped);
/// The notebooks meant; what is left out is said to the console.
[[nodiscard]] std::vector<Path> meant_notebooks(const std::vector<Path>& named,
                                                const Console& console);

/// What there is to say of one notebook.
struct NotebookAnswer {
  int exit = kExitGood;
  std::string text;              ///< For stdout; empty with --json, and where nothing was found.
  std::optional<Error> problem;  ///< For stderr, where there is no text.
  bool changed_environment = false;  ///< So that further notebooks would run in another one.
};

/// That a notebook is not run any more, since one before it changed the environment.
[[nodiscard]] Error left_out(const Path& notebook);
/// The same for a document.
[[nodiscard]] NotebookFinding left_out_finding(const Path& notebook);

struct NotebookWork {
  std::function<NotebookAnswer(Session& session, const Path& notebook)> answer;
  std::function<std::string()> document;  ///< For --json: one of all answers, asked for at the end.
  std::function<void(const Path& notebook)> leave_out;  ///< For the document, too.
};

/// One notebook after the other until a stop is requested or one has changed its environment; each
/// answer is printed as soon as it is there. Returns the exit code of all.
[[nodiscard]] int answer_each(const std::vector<Path>& notebooks, const CommonOptions& options,
                              const CommandContext& context, const NotebookWork& work);

/// The same for `command`, which finds out something about the crashes of each.
[[nodiscard]] int answer_findings(
    const std::string& command, const std::vector<Path>& notebooks, const CommonOptions& options,
    const CommandContext& context,
    const std::function<NotebookFinding(Session& session, const Path& notebook)>& find,
    const std::function<int(const NotebookFinding&)>& exit_of);

}  // namespace nbreplay::cli
