#pragma once

#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "cli/session.h"

namespace nbreplay::cli {

/// What there is to say of one notebook.
struct NotebookAnswer {
  int exit = kExitGood;
  std::string text;              ///< For stdout; empty with --json, and where nothing was found.
  std::optional<Error> problem;  ///< For stderr, where there is no text.
};

struct NotebookWork {
  std::function<NotebookAnswer(Session& session, const Path& notebook)> answer;
  std::function<std::string()> document;  ///< For --json: one of all answers, asked for at the end.
};

/// One notebook after the other until a stop is requested; each answer is printed as soon as it is
/// there. Returns the exit code of all.
[[nodiscard]] int answer_each(const std::vector<Path>& notebooks, const CommonOptions& options,
                              const CommandContext& context, const NotebookWork& work);

}  // namespace nbreplay::cli
