#include "environment/helper.h"

#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>
#include <cstdlib>

#include "nbreplay/base/units.h"
#include "nbreplay/base/utf8.h"

#include "environment/versions.h"

namespace nbreplay {
namespace {

using environment::Found;
using environment::Json;

constexpr std::string_view kOldestHelperPython = "3.9";
constexpr Bytes kMaxAnswer = mib(64);
constexpr std::size_t kMaxCause = 2000;
/// What names proxies, certificates, indexes and folders; nothing else of the caller's variables
/// has anything to do with packages.
constexpr std::string_view kPassedOn[] = {
    "HOME",          "PATH",         "TMPDIR",     "LANG",
    "http_proxy",    "https_proxy",  "HTTP_PROXY", "HTTPS_PROXY",
    "ALL_PROXY",     "all_proxy",    "NO_PROXY",   "no_proxy",
    "SSL_CERT_FILE", "SSL_CERT_DIR", "NETRC",      "REQUESTS_CA_BUNDLE"};
constexpr std::string_view kPassedOnFamilies[] = {"UV_", "XDG_"};

bool is_passed_on(std::string_view name) {
  return std::ranges::find(kPassedOn, name) != std::end(kPassedOn) ||
         std::ranges::any_of(kPassedOnFamilies,
                             [&](std::string_view family) { return name.starts_with(family); });
}

/// The end of what a process said is where the reason stands.
std::string last_words(const std::string& text) {
  const std::size_t start = text.size() - std::min(text.size(), kMaxCause);
  return to_valid_utf8(std::string_view(text).substr(start));
}

}  // namespace

std::vector<std::pair<std::string, std::string>> packaging_variables() {
  std::vector<std::pair<std::string, std::string>> variables;
  for (char** entry = environ; *entry != nullptr; ++entry) {
    const std::string_view text = *entry;
    const std::size_t sign = text.find('=');
    if (sign != std::string_view::npos && is_passed_on(text.substr(0, sign)))
      variables.emplace_back(text.substr(0, sign), text.substr(sign + 1));
  }
  return variables;
}

Result<environment::ToolAnswer> PackageTools::Helper::ask(std::string_view name, Json request,
                                                          Duration timeout) {
  NBREPLAY_TRY(const ChildCommand child, command(name, std::move(request), timeout));
  NBREPLAY_TRY(const ChildResult result, children_.run(child));
  if (result.timed_out)
    return environment_error(
        fmt::format("the packaging tools did not finish in {}", format_duration(timeout)),
        fmt::format("asked for: {}", name),
        "try again: what was fetched so far is kept; or use --offline");
  if (result.exit_code != 0)
    return Error{ErrorCode::kInternal,
                 fmt::format("the packaging tools broke off (exit code {})", result.exit_code),
                 last_words(result.errors),
                 "if it happens again, prepare them anew with scripts/prepare_helper.sh"};
  return environment::parse_answer(result.output);
}

Result<environment::ToolAnswer> PackageTools::Helper::demand(std::string_view name, Json request,
                                                             Duration timeout) {
  NBREPLAY_TRY(environment::ToolAnswer answer, ask(name, std::move(request), timeout));
  if (answer.failure) return std::move(answer.failure->error);
  return answer;
}

Result<ChildCommand> PackageTools::Helper::command(std::string_view name, Json request,
                                                   Duration timeout) {
  const Path script = tools_.share / "python" / "run.py";
  if (!environment::is_there(script) || !environment::is_folder(tools_.share / "helper"))
    return environment_error(
        "nbreplay's packaging tools are missing",
        fmt::format("looked for {} and {}", script.string(), (tools_.share / "helper").string()),
        "prepare them with scripts/prepare_helper.sh");
  NBREPLAY_TRY(const Path python, interpreter());
  if (!request.contains("cache")) request["cache"] = machine_.cache_folder.string();
  request["offline"] = tools_.offline;
  request["build"] = tools_.build;
  ChildCommand child;
  child.argv = {python.string(), "-I", "-S", script.string(), std::string(name)};
  child.input = request.dump(-1, ' ', false, Json::error_handler_t::replace);
  child.variables = tools_.variables;
  child.working_directory = "/";
  child.timeout = timeout;
  child.output_cap = kMaxAnswer;
  return child;
}

void PackageTools::Helper::prefetch(Json request) {
  const auto child = command("prefetch", std::move(request), kToMake);
  if (child) tools_.start_in_background(*child);
}

Result<Path> PackageTools::Helper::interpreter() {
  if (!interpreter_.empty()) return interpreter_;
  environment::Search search(machine_, children_);
  std::vector<Found> all = search.all();
  std::erase_if(all, [](const Found& one) {
    return environment::compare_versions(one.interpreter.version, kOldestHelperPython) < 0;
  });
  if (all.empty())
    return environment_error(fmt::format("nbreplay's packaging tools need a CPython of {} or newer",
                                         kOldestHelperPython),
                             "none was found on PATH, nor of pyenv, uv or conda", "install one");
  const auto newest = std::ranges::max_element(all, [](const Found& a, const Found& b) {
    return environment::compare_versions(a.interpreter.version, b.interpreter.version) < 0;
  });
  interpreter_ = newest->interpreter.executable;
  return interpreter_;
}

}  // namespace nbreplay
