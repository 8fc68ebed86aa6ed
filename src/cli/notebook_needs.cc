#include "cli/notebook_needs.h"

#include <algorithm>
#include <cctype>
#include <set>

#include "nbreplay/crash/missing.h"
#include "nbreplay/crash/recorded.h"

namespace nbreplay::cli {
namespace {

constexpr std::size_t kMostNames = 2000;
constexpr std::size_t kLongestName = 200;
/// Keys under which front ends keep when a cell ran: JupyterLab and Kaggle, ExecuteTime, papermill.
constexpr std::string_view kTimeKeys[] = {"\"iopub.execute_input\"", "\"shell.execute_reply\"",
                                          "\"end_time\"", "\"start_time\""};
/// Options of pip install that are followed by a value.
constexpr std::string_view kWithValue[] = {"-r",
                                           "--requirement",
                                           "-c",
                                           "--constraint",
                                           "-i",
                                           "--index-url",
                                           "--extra-index-url",
                                           "-f",
                                           "--find-links",
                                           "-t",
                                           "--target",
                                           "-e",
                                           "--editable",
                                           "--trusted-host",
                                           "--timeout",
                                           "--upgrade-strategy",
                                           "--only-binary",
                                           "--no-binary",
                                           "--progress-bar",
                                           "--prefix",
                                           "--root",
                                           "--proxy",
                                           "--cache-dir",
                                           "--platform",
                                           "--python-version"};

bool is_name(char c) {
  return std::isalnum(static_cast<unsigned char>(c)) != 0 || c == '_' ||
         static_cast<unsigned char>(c) >= 0x80;
}

std::string_view trimmed(std::string_view text) {
  const std::size_t first = text.find_first_not_of(" \t\r");
  if (first == std::string_view::npos) return {};
  return text.substr(first, text.find_last_not_of(" \t\r") - first + 1);
}

std::string_view next_part(std::string_view& text, std::string_view separators) {
  const std::size_t end = std::min(text.find_first_of(separators), text.size());
  const std::string_view part = text.substr(0, end);
  text.remove_prefix(std::min(end + 1, text.size()));
  return part;
}

std::string_view name_at_front(std::string_view text) {
  std::size_t end = 0;
  while (end < text.size() && is_name(text[end])) ++end;
  return text.substr(0, end);
}

/// Takes `word` and the blanks after it from the front.
bool skip_word(std::string_view& text, std::string_view word) {
  if (!text.starts_with(word) || text.size() <= word.size()) return false;
  if (text[word.size()] != ' ' && text[word.size()] != '\t') return false;
  text = trimmed(text.substr(word.size()));
  return true;
}

template <class Use>
void for_each_line(const Notebook& notebook, Use use) {
  for (const std::size_t index : notebook.code_cells()) {
    std::string_view rest = notebook.cells()[index].source;
    while (!rest.empty()) use(trimmed(next_part(rest, "\n")));
  }
}

void add(std::set<std::string>& names, std::string_view name) {
  if (!name.empty() && name.size() <= kLongestName && names.size() < kMostNames)
    names.emplace(name);
}

/// The name that "pandas[all]>=1.5" begins with, as import statements would most often write it.
std::string module_of(std::string_view requirement) {
  std::string name;
  for (const char c : requirement) {
    if (!is_name(c) && c != '-' && c != '.') break;
    name += c == '-' ? '_' : c;
  }
  return name;
}

/// What stands behind "pip install" in a line that runs it; empty for all other lines.
std::string_view arguments_of_pip(std::string_view line) {
  if (!line.empty() && (line.front() == '!' || line.front() == '%')) line = trimmed(line.substr(1));
  if (!line.empty() && line.front() == '!') line = trimmed(line.substr(1));  // "!!pip"
  for (const std::string_view python : {"python", "python3", "{sys.executable}"})
    if (skip_word(line, python) && !skip_word(line, "-m")) return {};
  if (skip_word(line, "uv") && !line.starts_with("pip ")) return {};
  for (const std::string_view pip : {"pip", "pip3"})
    if (skip_word(line, pip)) return skip_word(line, "install") ? line : std::string_view();
  return {};
}

/// Names and versions that pip can look up; no paths, no addresses, nothing with variables in it.
bool is_requirement(std::string_view word) {
  return !word.empty() && std::isalnum(static_cast<unsigned char>(word.front())) != 0 &&
         word.find_first_of("/\\{}$:@") == std::string_view::npos && word.size() <= kLongestName;
}

bool is_date(std::string_view text) {
  constexpr std::string_view kForm = "0000-00-00";
  if (text.size() < kForm.size()) return false;
  for (std::size_t i = 0; i < kForm.size(); ++i)
    if (kForm[i] == '-' ? text[i] != '-' : std::isdigit(static_cast<unsigned char>(text[i])) == 0)
      return false;
  return true;
}

}  // namespace

std::vector<std::string> seeming_imports(const Notebook& notebook) {
  std::set<std::string> names;
  for_each_line(notebook, [&](std::string_view line) {
    while (!line.empty()) {
      std::string_view statement = trimmed(next_part(line, ";:"));
      if (skip_word(statement, "from")) {
        add(names, name_at_front(statement));
      } else if (skip_word(statement, "import")) {
        while (!statement.empty()) add(names, name_at_front(trimmed(next_part(statement, ","))));
      }
    }
  });
  return {names.begin(), names.end()};
}

std::vector<std::string> imports_of(const Notebook& notebook, const std::vector<CellFacts>& facts) {
  std::set<std::string> names;
  for (const CellFacts& cell : facts)
    for (const ImportFact& import : cell.imports) {
      if (import.module.empty() || import.module.front() == '.') continue;
      const bool whole = import.name.empty() || import.name == "*";
      add(names, whole ? import.module : import.module + "." + import.name);
    }
  std::set<std::string> installed;
  for (const std::string& line : pip_lines_of(notebook)) installed.insert(module_of(line));
  for (const std::size_t index : notebook.code_cells())
    for (const RecordedError& error : notebook.cells()[index].errors) {
      const std::string missing =
          missing_module(read_recorded_crash({error.ename, error.evalue, error.traceback},
                                             {index, notebook.cells()[index].source, nullptr}));
      if (missing.empty() || installed.contains(missing)) continue;
      std::erase_if(names, [&](const std::string& name) {
        return name == missing || name.starts_with(missing + ".");
      });
    }
  return {names.begin(), names.end()};
}

std::vector<std::string> pip_lines_of(const Notebook& notebook) {
  std::set<std::string> found;
  for_each_line(notebook, [&](std::string_view line) {
    std::string_view arguments = arguments_of_pip(line);
    bool is_value = false;
    while (!arguments.empty()) {
      std::string_view word = next_part(arguments, " \t");
      if (word == "&&" || word == "|" || word == ";" || word.starts_with('#')) break;
      if (word.size() > 1 && (word.front() == '\'' || word.front() == '"') &&
          word.back() == word.front())
        word = word.substr(1, word.size() - 2);
      if (!is_value && is_requirement(word)) add(found, word);
      is_value = std::ranges::find(kWithValue, word) != std::end(kWithValue);
    }
  });
  return {found.begin(), found.end()};
}

std::string last_run_of(std::string_view json) {
  std::string_view last;
  for (const std::string_view key : kTimeKeys) {
    // Inside a JSON string the quotes would be escaped: what is found is a key.
    for (std::size_t at = json.find(key); at != std::string_view::npos;
         at = json.find(key, at + key.size())) {
      std::string_view rest = json.substr(at + key.size());
      for (const char expected : {':', '"'}) {
        while (!rest.empty() && rest.front() == ' ') rest.remove_prefix(1);
        if (!rest.empty() && rest.front() == expected) rest.remove_prefix(1);
      }
      if (is_date(rest)) last = std::max(last, rest.substr(0, 10));
    }
  }
  return std::string(last);
}

std::string commit_date(ChildRunner& children, const Path& file) {
  ChildCommand command;
  for (const char* git : {"/usr/bin/git", "/usr/local/bin/git", "/bin/git"})
    if (std::error_code failed; command.argv.empty() && std::filesystem::exists(git, failed))
      command.argv = {git};
  if (command.argv.empty()) return {};
  // What a repository's own settings could make git start: signature checks, a file monitor, a
  // pager, and helpers that fetch what a partial clone lacks.
  for (const char* setting : {"log.showSignature=false", "core.fsmonitor=false", "core.pager=cat",
                              "core.sshCommand=false", "protocol.allow=never"})
    command.argv.insert(command.argv.end(), {"-c", setting});
  const Path folder = file.parent_path();
  command.argv.insert(command.argv.end(), {"-C", folder.string(), "--no-pager", "log", "-1",
                                           "--format=%cs", "--", file.filename().string()});
  command.variables = {{"PATH", "/usr/bin:/bin"},      {"LANG", "C.UTF-8"},
                       {"GIT_CONFIG_NOSYSTEM", "1"},   {"GIT_NO_LAZY_FETCH", "1"},
                       {"GIT_ALLOW_PROTOCOL", "none"}, {"GIT_TERMINAL_PROMPT", "0"},
                       {"GIT_OPTIONAL_LOCKS", "0"}};
  command.working_directory = "/";
  command.timeout = std::chrono::seconds(10);
  command.output_cap = kib(64);
  const auto result = children.run(command);
  if (!result || result->timed_out || result->exit_code != 0 || !is_date(result->output)) return {};
  return result->output.substr(0, 10);
}

}  // namespace nbreplay::cli
