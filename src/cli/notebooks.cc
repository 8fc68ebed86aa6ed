#include "cli/notebooks.h"

namespace nbreplay::cli {

int answer_each(const std::vector<Path>& notebooks, const CommonOptions& options,
                const CommandContext& context, const NotebookWork& work) {
  auto session = Session::open(options, context);
  if (!session) {
    context.console.error(session.error());
    return kExitError;
  }
  int exit = kExitGood;
  bool first = true;
  for (const Path& path : notebooks) {
    if (context.stop.requested()) break;
    const NotebookAnswer answer = work.answer(**session, path);
    (*session)->progress().clear();
    exit = worse_exit(exit, answer.exit);
    if (!answer.text.empty()) {
      context.console.data((first ? "" : "\n") + answer.text);
    } else if (answer.problem) {
      context.console.error(*answer.problem);
    }
    first = false;
  }
  if (options.json) context.console.data(work.document() + "\n");
  return context.stop.requested() ? kExitInterrupted : exit;
}

}  // namespace nbreplay::cli
