#include "nbreplay/report/environments.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>

#include "nbreplay/base/units.h"
#include "nbreplay/base/utf8.h"

#include "report/json_parts.h"
#include "report/text_layout.h"

namespace nbreplay {
namespace {

/// What is shown of a hash; commands take it as it is shown.
constexpr std::size_t kShownHash = 12;
constexpr std::size_t kShownDate = 10;

std::string rows(std::string_view key, const std::vector<std::string>& values,
                 const TextStyle& style) {
  std::string text;
  for (const std::string& value : values)
    text += row_text(text.empty() ? key : std::string_view(), escape_control(value), "",
                     Colour::kNone, style);
  return text;
}

Json json_of(const Lock& lock) {
  Json packages = Json::array();
  for (const LockedPackage& one : lock.packages)
    packages.push_back({{"name", one.name}, {"version", one.version}, {"hashes", one.hashes}});
  return {{"python", lock.python}, {"packages", std::move(packages)}, {"hash", lock.hash}};
}

Json json_of(const InferredEnvironment& inferred) {
  Json json;
  json["notebook"] = inferred.notebook.string();
  json["plan"] = Json();
  json["error"] = inferred.problem ? nbreplay::json_of(*inferred.problem) : Json();
  if (!inferred.plan) return json;
  const auto& [inference, interpreter, python_why] = *inferred.plan;
  Json plan;
  plan["python"] = interpreter.version;
  plan["executable"] = interpreter.executable.string();
  plan["python_why"] = python_why;
  plan["requirements"] = inference.requirements;
  plan["constraints"] = inference.constraints;
  plan["lock"] = inference.lock ? json_of(*inference.lock) : Json();
  plan["requires_python"] = inference.requires_python;
  plan["source"] = inference.source;
  plan["why"] = inference.why;
  plan["as_of"] = inference.as_of.empty() ? Json() : Json(inference.as_of);
  plan["unknown"] = inference.unknown;
  plan["notes"] = inference.notes;
  json["plan"] = std::move(plan);
  return json;
}

std::string document(std::string_view action, std::string_view key, Json value) {
  Json json = envelope("env");
  json["env"] = Json{{"action", action}, {std::string(key), std::move(value)}};
  return to_text(json, true);
}

}  // namespace

std::string inferred_text(const InferredEnvironment& inferred, const TextStyle& style) {
  if (!inferred.plan) return {};
  std::string text =
      paint(style, Colour::kBold, escape_control(inferred.notebook.string())) + "\n\n";
  const auto& [inference, interpreter, python_why] = *inferred.plan;
  text += row_text("python", fmt::format("{}, {}", interpreter.version, python_why), "",
                   Colour::kNone, style);
  text += rows("needs", {inference.why}, style);
  if (inference.lock)
    text += row_text("lock",
                     fmt::format("{} packages, {}", inference.lock->packages.size(),
                                 inference.lock->hash.substr(0, kShownHash)),
                     "", Colour::kNone, style);
  text += rows("packages", inference.requirements, style);
  text += rows("constraints", inference.constraints, style);
  if (!inference.unknown.empty())
    text += rows("not known", {fmt::format("{}", fmt::join(inference.unknown, ", "))}, style);
  return text + rows("notes", inference.notes, style);
}

std::string inferred_json(const std::vector<InferredEnvironment>& inferred) {
  Json list = Json::array();
  for (const InferredEnvironment& one : inferred) list.push_back(json_of(one));
  return document("infer", "notebooks", std::move(list));
}

std::string created_json(const std::vector<CreatedEnvironment>& created) {
  Json list = Json::array();
  for (const CreatedEnvironment& one : created) {
    Json json;
    json["notebook"] = one.notebook.empty() ? Json() : Json(one.notebook.string());
    json["folder"] = one.folder.empty() ? Json() : Json(one.folder.string());
    json["virtual_environment"] = one.virtual_environment;
    json["environment"] = one.environment ? nbreplay::json_of(*one.environment) : Json();
    json["lock_hash"] = one.lock_hash.empty() ? Json() : Json(one.lock_hash);
    json["error"] = one.problem ? nbreplay::json_of(*one.problem) : Json();
    list.push_back(std::move(json));
  }
  return document("create", "created", std::move(list));
}

std::string store_text(const StoreFacts& store, const Path& folder, const TextStyle& style) {
  std::string text;
  if (!store.environments.empty())
    text += paint(style, Colour::kBold,
                  fmt::format("{:{}}  {:6}  {:>8}  {:10}  {}", "hash", kShownHash, "python",
                              "packages", "last used", "folder")) +
            "\n";
  for (const StoredEnvironment& one : store.environments)
    text += fmt::format(
        "{:{}}  {:6}  {:8}  {:10}  {}\n", escape_control(one.hash.substr(0, kShownHash)),
        kShownHash, escape_control(one.python), one.packages.size(),
        escape_control(one.used.substr(0, kShownDate)), escape_control(one.folder.string()));
  return text + fmt::format("{}{}: {} environment{}, {} unpacked package{}, {}\n",
                            text.empty() ? "" : "\n", escape_control(folder.string()),
                            store.environments.size(), store.environments.size() == 1 ? "" : "s",
                            store.packages, store.packages == 1 ? "" : "s",
                            format_bytes(store.packages_size));
}

std::string store_json(const StoreFacts& store, const Path& folder) {
  Json list = Json::array();
  for (const StoredEnvironment& one : store.environments)
    list.push_back({{"hash", one.hash},
                    {"folder", one.folder.string()},
                    {"python", one.python},
                    {"packages", nbreplay::json_of(one.packages)},
                    {"size_bytes", one.size.count},
                    {"made", one.made},
                    {"used", one.used}});
  return document("list", "store",
                  {{"folder", folder.string()},
                   {"environments", std::move(list)},
                   {"packages", store.packages},
                   {"packages_bytes", store.packages_size.count}});
}

std::string environment_text(const Environment& environment, const TextStyle& style) {
  std::string text = paint(style, Colour::kBold, escape_control(environment.display_name)) + "\n\n";
  const auto row = [&](std::string_view key, const std::string& value) {
    text += row_text(key, escape_control(value), "", Colour::kNone, style);
  };
  row("python", environment.interpreter.version);
  row("folder", environment.interpreter.prefix.string());
  row("why", environment.why);
  row("ipython", environment.ipython_version.empty()
                     ? "none"
                     : fmt::format("{}{}", environment.ipython_version,
                                   environment.has_ipython ? "" : ", nbreplay's own"));
  row("hash", environment.hash.substr(0, kShownHash));
  std::size_t widest = 0;
  for (const PackageVersion& one : environment.packages) widest = std::max(widest, one.name.size());
  std::vector<std::string> packages;
  for (const PackageVersion& one : environment.packages)
    packages.push_back(fmt::format("{:{}}  {}", one.name, widest, one.version));
  if (packages.empty()) packages.emplace_back("none");
  return text + rows("packages", packages, style);
}

std::string environment_json(const Environment& environment) {
  Json json = nbreplay::json_of(environment);
  json["folder"] = environment.interpreter.prefix.string();
  return document("show", "environment", std::move(json));
}

std::string lock_text(const Lock& lock) {
  Json json;
  json["nbreplay_lock"] = 1;
  json.update(json_of(lock));
  return to_text(json, true) + "\n";
}

std::string lock_as_requirements(const Lock& lock) {
  std::string text = fmt::format("# nbreplay lock {}, for Python {}\n", lock.hash, lock.python);
  for (const LockedPackage& one : lock.packages) {
    text += fmt::format("{}=={}", one.name, one.version);
    for (const std::string& hash : one.hashes) text += fmt::format(" \\\n    --hash={}", hash);
    text += '\n';
  }
  return text;
}

std::string lock_json(const Resolution& resolution, const std::optional<Path>& file) {
  Json json = json_of(resolution.lock);
  json["file"] = file ? Json(file->string()) : Json();
  json["notes"] = resolution.notes;
  return document("lock", "lock", std::move(json));
}

std::string removal_json(std::string_view action, const Removal& removal) {
  return document(action, "removal",
                  {{"removed", removal.removed}, {"freed_bytes", removal.freed.count}});
}

}  // namespace nbreplay
