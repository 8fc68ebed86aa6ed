#include "cli/notebooks.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>

#include "nbreplay/base/utf8.h"
#include "nbreplay/report/json.h"
#include "nbreplay/report/terminal.h"

namespace nbreplay::cli {
namespace {

/// More names would not fit into the one line.
constexpr std::size_t kMostNamed = 3;

std::string in_one_line(const Path& path) {
  std::string text = escape_control(path.string());
  std::replace(text.begin(), text.end(), '\n', ' ');
  return text;
}

}  // namespace

NotebookList meant_notebooks(const std::vector<Path>& named) {
  NotebookList list;
  for (const Path& path : named) (is_result(path) ? list.skipped : list.notebooks).push_back(path);
  if (list.notebooks.empty()) std::swap(list.notebooks, list.skipped);
  return list;
}

std::string skipped_words(const std::vector<Path>& skipped) {
  if (skipped.empty()) return {};
  std::vector<std::string> names;
  for (std::size_t i = 0; i < std::min(skipped.size(), kMostNamed); ++i)
    names.push_back(in_one_line(skipped[i]));
  if (skipped.size() > kMostNamed)
    names.push_back(fmt::format("and {} more", skipped.size() - kMostNamed));
  return skipped.size() == 1
             ? fmt::format("skipped, since nbreplay wrote it: {} (alone it is taken)", names[0])
             : fmt::format("skipped, since nbreplay wrote them: {} (alone they are taken)",
                           fmt::join(names, ", "));
}

std::vector<Path> meant_notebooks(const std::vector<Path>& named, const Console& console) {
  NotebookList list = meant_notebooks(named);
  if (!list.skipped.empty()) console.talk(skipped_words(list.skipped));
  return std::move(list.notebooks);
}

Error left_out(const Path& notebook) {
  return environment_error(fmt::format("{}: was left out", notebook.string()),
                           "another notebook changed the environment",
                           "restore it, then give this notebook again");
}

NotebookFinding left_out_finding(const Path& notebook) {
  NotebookFinding finding;
  finding.path = notebook;
  finding.problem = left_out(notebook);
  return finding;
}

int answer_each(const std::vector<Path>& notebooks, const CommonOptions& options,
                const CommandContext& context, const NotebookWork& work) {
  auto session = Session::open(options, context);
  if (!session) {
    context.console.error(session.error());
    return kExitError;
  }
  int exit = kExitGood;
  bool first = true;
  const std::vector<Path> meant = meant_notebooks(notebooks, context.console);
  for (std::size_t i = 0; i < meant.size(); ++i) {
    if (context.stop.requested()) break;
    const NotebookAnswer answer = work.answer(**session, meant[i]);
    (*session)->progress().clear();
    exit = worse_exit(exit, answer.exit);
    if (!answer.text.empty()) {
      context.console.data((first ? "" : "\n") + answer.text);
    } else if (answer.problem) {
      context.console.error(*answer.problem);
    }
    first = false;
    if (!answer.changed_environment) continue;
    while (++i < meant.size()) {
      context.console.error(left_out(meant[i]));
      work.leave_out(meant[i]);
    }
  }
  if (options.json) context.console.data(work.document() + "\n");
  return context.stop.requested() ? kExitInterrupted : exit;
}

int answer_findings(
    const std::string& command, const std::vector<Path>& notebooks, const CommonOptions& options,
    const CommandContext& context,
    const std::function<NotebookFinding(Session& session, const Path& notebook)>& find,
    const std::function<int(const NotebookFinding&)>& exit_of) {
  std::vector<NotebookFinding> findings;
  const auto answer = [&](Session& session, const Path& path) {
    const NotebookFinding& finding = findings.emplace_back(find(session, path));
    const bool nothing_found = finding.problem && finding.crashes.empty();
    const bool shown = !options.json && !nothing_found;
    return NotebookAnswer{
        exit_of(finding),
        shown ? finding_text(finding, context.console.data_style()) : std::string(),
        finding.problem, !finding.environment_change.empty()};
  };
  return answer_each(notebooks, options, context,
                     {answer, [&] { return findings_json(command, findings, true); },
                      [&](const Path& path) { findings.push_back(left_out_finding(path)); }});
}

}  // namespace nbreplay::cli
