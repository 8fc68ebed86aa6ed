#include "environment/probe.h"

#include <fmt/format.h>

#include <nlohmann/json.hpp>

#include "nbreplay/base/utf8.h"

#include "environment/versions.h"

namespace nbreplay::environment {
namespace {

using Json = nlohmann::json;

constexpr std::size_t kMaxPath = 4096;
constexpr std::size_t kMaxVersion = 64;
constexpr std::size_t kMaxFolders = 64;
constexpr Bytes kMaxAnswer = kib(256);

/// The same rules as cmake/python_facts.py has for libpython: conda's interpreter is linked
/// statically and still has the shared library beside it. -S keeps site-packages out, and with
/// them whatever their .pth files would run.
constexpr std::string_view kScript = R"python(
import json, os, site, sys, sysconfig
get = sysconfig.get_config_var
tag = "%d.%d" % sys.version_info[:2]
lib = get("LIBDIR") or ""
names = [get("INSTSONAME") or "", "libpython%s.so.1.0" % tag, "libpython%s.so" % tag]
folders = [lib, os.path.join(lib, get("MULTIARCH") or ""), os.path.join(sys.base_prefix, "lib")]
paths = [os.path.join(f, n) for f in folders for n in names if ".so" in n]
level = {"alpha": "a", "beta": "b", "candidate": "rc"}.get(sys.version_info.releaselevel)
json.dump({
    "implementation": sys.implementation.name
        + ("-free-threaded" if get("Py_GIL_DISABLED") else ""),
    "version": "%d.%d.%d" % sys.version_info[:3]
        + ("%s%d" % (level, sys.version_info.serial) if level else ""),
    "libpython": next((p for p in paths if os.path.isfile(p)), ""),
    "base_prefix": sys.base_prefix,
    "site_packages": site.getsitepackages() if hasattr(site, "getsitepackages") else [],
}, sys.stdout)
)python";

bool is_plain(std::string_view text, std::size_t longest) {
  return text.size() <= longest && text.find('\0') == std::string_view::npos &&
         find_invalid_utf8(text) == std::string_view::npos;
}

Error malformed_probe(std::string_view what) {
  return environment_error("the interpreter's answer makes no sense",
                           fmt::format("{} is missing or not what it must be", what));
}

Result<std::string> text_of(const Json& json, const char* key, std::size_t longest) {
  const auto found = json.find(key);
  if (found == json.end() || !found->is_string()) return malformed_probe(key);
  std::string text = found->get<std::string>();
  if (!is_plain(text, longest)) return malformed_probe(key);
  return text;
}

Result<Path> path_of(const Json& json, const char* key, bool may_be_empty) {
  NBREPLAY_TRY(std::string text, text_of(json, key, kMaxPath));
  if (text.empty() && may_be_empty) return Path();
  if (text.empty() || text.front() != '/') return malformed_probe(key);
  return Path(std::move(text));
}

}  // namespace

Result<ProbeFacts> parse_probe(std::string_view text) {
  const Json json = Json::parse(text, nullptr, false);
  if (!json.is_object()) return malformed_probe("an object");
  ProbeFacts facts;
  NBREPLAY_TRY(facts.implementation, text_of(json, "implementation", kMaxVersion));
  NBREPLAY_TRY(facts.version, text_of(json, "version", kMaxVersion));
  if (minor_of(facts.version).empty() ||
      facts.version.find_first_not_of("0123456789.abrc+") != std::string::npos)
    return malformed_probe("version");
  NBREPLAY_TRY(facts.libpython, path_of(json, "libpython", true));
  NBREPLAY_TRY(facts.base_prefix, path_of(json, "base_prefix", false));
  const auto folders = json.find("site_packages");
  if (folders == json.end() || !folders->is_array() || folders->size() > kMaxFolders)
    return malformed_probe("site_packages");
  for (const Json& folder : *folders) {
    if (!folder.is_string()) return malformed_probe("site_packages");
    const std::string& path = folder.get_ref<const std::string&>();
    if (!is_plain(path, kMaxPath) || path.empty() || path.front() != '/')
      return malformed_probe("site_packages");
    facts.site_packages.emplace_back(path);
  }
  return facts;
}

std::string probe_json(const ProbeFacts& facts) {
  Json json;
  json["implementation"] = facts.implementation;
  json["version"] = facts.version;
  json["libpython"] = facts.libpython.string();
  json["base_prefix"] = facts.base_prefix.string();
  json["site_packages"] = Json::array();
  for (const Path& folder : facts.site_packages) json["site_packages"].push_back(folder.string());
  return json.dump(-1, ' ', false, Json::error_handler_t::replace);
}

Result<ProbeFacts> ask(ChildRunner& children, const Path& executable) {
  ChildCommand command;
  command.argv = {executable.string(), "-I", "-S", "-c", std::string(kScript)};
  command.variables = {{"PATH", "/usr/bin:/bin"}, {"LANG", "C.UTF-8"}};
  command.working_directory = "/";
  command.timeout = std::chrono::seconds(20);
  command.output_cap = kMaxAnswer;
  NBREPLAY_TRY(const ChildResult result, children.run(command));
  const std::string name = executable.string();
  if (result.timed_out) return environment_error(fmt::format("{}: did not answer in 20 s", name));
  if (result.exit_code != 0)
    return environment_error(fmt::format("{}: does not run (exit code {})", name, result.exit_code),
                             result.errors.substr(0, 2000));
  auto facts = parse_probe(result.output);
  if (!facts) {
    Error error = facts.error();
    error.message = fmt::format("{}: {}", name, error.message);
    error.hint = "is it a Python 3 interpreter?";
    return error;
  }
  return facts;
}

}  // namespace nbreplay::environment
