#include "diagnosis/opened_files.h"

#include <algorithm>
#include <string_view>

#include "diagnosis/hexadecimal.h"

namespace nbreplay {
namespace {

constexpr std::string_view kBeginMark = "nbreplay-read:";
constexpr std::string_view kEndMark = ":end";

/// Files of libraries lie elsewhere and are left out, and so is what is opened to be written.
constexpr std::string_view kWatcher = R"(def _nbreplay_watch():
    import os, sys
    start, seen = os.getcwd(), set()
    def hook(event, arguments):
        if event != "open" or not isinstance(arguments[0], (str, bytes)):
            return
        if any(letter in str(arguments[1] or "") for letter in "wax+"):
            return
        path = os.path.relpath(os.path.abspath(os.fsdecode(arguments[0])), start)
        if path in seen or path.startswith("../../..") or len(seen) > 200:
            return
        seen.add(path)
        sys.stdout.write("nbreplay-read:" + os.fsencode(path).hex() + ":end\n")
    sys.addaudithook(hook)
_nbreplay_watch()
del _nbreplay_watch
)";

}  // namespace

Trial opened_files_probe(const Trial& trial) {
  Trial probe = trial;
  Execution watcher;
  watcher.source = kWatcher;
  probe.executions.insert(probe.executions.begin(), std::move(watcher));
  for (ExtraFile& file : probe.extra_files) ++file.before;
  probe.keep_outputs = true;
  return probe;
}

std::map<std::size_t, std::vector<std::string>> opened_files(const Outcome& outcome) {
  std::map<std::size_t, std::vector<std::string>> opened;
  for (const CellOutcome& cell : outcome.cells) {
    if (cell.position == 0) continue;  // the watcher itself
    for (const OutputJson& output : cell.outputs) {
      std::string_view text = output;
      for (std::size_t at = text.find(kBeginMark); at != std::string_view::npos;
           at = text.find(kBeginMark)) {
        text.remove_prefix(at + kBeginMark.size());
        const auto path = from_hexadecimal(text.substr(0, text.find(kEndMark)));
        if (path && !path->empty()) opened[cell.position - 1].push_back(*path);
      }
    }
  }
  return opened;
}

}  // namespace nbreplay
