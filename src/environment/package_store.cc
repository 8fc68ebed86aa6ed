// Locks, and environments of the store: what of PackageTools a person asks for.

#include <fmt/format.h>

#include "nbreplay/environment/package_tools.h"

#include "environment/helper.h"
#include "environment/tool_json.h"

namespace nbreplay {
namespace {

using environment::AnswerFields;
using environment::Json;
using environment::json_of;

constexpr Duration kToResolve = std::chrono::minutes(10);

Removal read_removal(AnswerFields& fields) {
  return {fields.texts("removed"), Bytes{fields.number("bytes")}};
}

}  // namespace

Result<Resolution> PackageTools::resolve(const ResolveRequest& request,
                                         const Interpreter& interpreter) {
  NBREPLAY_TRY(const environment::ToolAnswer answer,
               helper_->demand("resolve",
                               {{"requirements", request.requirements},
                                {"constraints", request.constraints},
                                {"overrides", Json::array()},
                                {"as_of", request.as_of},
                                {"python", json_of(interpreter)}},
                               kToResolve));
  AnswerFields fields(answer.ok);
  Resolution resolution;
  if (const Json* lock = fields.object("lock")) {
    AnswerFields inner(*lock);
    resolution.lock = environment::read_lock(inner);
    fields.note(inner);
  }
  resolution.notes = fields.texts("notes");
  NBREPLAY_TRY_VOID(fields.status());
  return resolution;
}

Result<Environment> PackageTools::create(const Lock& lock, const Interpreter& interpreter,
                                         const MadeFor& made_for) {
  NBREPLAY_TRY(
      const environment::ToolAnswer answer,
      helper_->demand("install", {{"lock", json_of(lock)}, {"python", json_of(interpreter)}},
                      kToMake));
  AnswerFields fields(answer.ok);
  const Path folder = fields.path("folder");
  NBREPLAY_TRY_VOID(fields.status());
  return in_store(folder, made_for);
}

Status PackageTools::create_virtual(const Lock& lock, const Interpreter& interpreter,
                                    const Path& folder) {
  NBREPLAY_TRY([[maybe_unused]] const environment::ToolAnswer answer,
               helper_->demand("virtual_environment",
                               {{"lock", json_of(lock)},
                                {"python", json_of(interpreter)},
                                {"folder", environment::absolute_path(folder).string()}},
                               kToMake));
  return {};
}

Result<Inference> PackageTools::infer(const EnvironmentRequest& request,
                                      const Interpreter& interpreter,
                                      const std::vector<Path>& site_packages) {
  Json question = {{"imports", request.imports},
                   {"pip_lines", request.pip_lines},
                   {"folder", environment::absolute_path(request.notebook_folder).string()},
                   {"project_root", environment::absolute_path(request.project_root).string()},
                   {"notebook_python", request.notebook_python},
                   {"notebook_date", request.notebook_date},
                   {"as_of", request.as_of.value_or("")},
                   {"python", json_of(interpreter)},
                   {"site_packages", json_of(site_packages)}};
  question["files"] = Json::array();
  for (const Path& file : request.requirements)
    question["files"].push_back(environment::absolute_path(file).string());
  NBREPLAY_TRY(const environment::ToolAnswer answer,
               helper_->demand("infer", std::move(question), kToResolve));
  AnswerFields fields(answer.ok);
  Inference inference;
  inference.requirements = fields.texts("requirements");
  inference.constraints = fields.texts("constraints");
  if (const auto lock = answer.ok.find("lock"); lock != answer.ok.end() && lock->is_object()) {
    AnswerFields inner(*lock);
    inference.lock = environment::read_lock(inner);
    fields.note(inner);
  }
  inference.requires_python = fields.optional_text("requires_python");
  inference.source = fields.text("source");
  inference.why = fields.text("why");
  inference.as_of = fields.optional_text("as_of");
  inference.unknown = fields.texts("unknown");
  inference.notes = fields.texts("notes");
  NBREPLAY_TRY_VOID(fields.status());
  return inference;
}

Status PackageTools::reach_index(const Path& folder) {
  environment::Search search(machine_, children_);
  const auto all = search.all();
  if (all.empty()) return environment_error("no Python interpreter was found");
  NBREPLAY_TRY([[maybe_unused]] const environment::ToolAnswer answer,
               helper_->demand("releases",
                               {{"package", "pip"},
                                {"python", json_of(all.front().interpreter)},
                                {"cache", folder.string()}},
                               kToLook));
  return {};
}

Result<StoreFacts> PackageTools::store() {
  NBREPLAY_TRY(const environment::ToolAnswer answer,
               helper_->demand("environments", Json::object(), kToLook));
  AnswerFields fields(answer.ok);
  StoreFacts store;
  for (const Json* one : fields.objects("environments")) {
    AnswerFields entry(*one);
    StoredEnvironment& added = store.environments.emplace_back();
    added.hash = entry.text("hash");
    added.folder = entry.path("folder");
    added.python = entry.text("python");
    added.packages = entry.packages("packages");
    added.size = Bytes{entry.number("bytes")};
    added.made = entry.optional_text("made");
    added.used = entry.optional_text("used");
    fields.note(entry);
  }
  if (const Json* wheels = fields.object("wheels")) {
    AnswerFields inner(*wheels);
    store.packages = inner.number("count");
    store.packages_size = Bytes{inner.number("bytes")};
    fields.note(inner);
  }
  NBREPLAY_TRY_VOID(fields.status());
  return store;
}

Result<Removal> PackageTools::remove(const std::string& hash) {
  NBREPLAY_TRY(const environment::ToolAnswer answer,
               helper_->demand("remove", {{"hash", hash}}, kToLook));
  AnswerFields fields(answer.ok);
  Removal removal = read_removal(fields);
  NBREPLAY_TRY_VOID(fields.status());
  return removal;
}

Result<Removal> PackageTools::prune(int days) {
  NBREPLAY_TRY(const environment::ToolAnswer answer,
               helper_->demand("prune", {{"older_than_days", days}}, kToMake));
  AnswerFields fields(answer.ok);
  Removal removal = read_removal(fields);
  NBREPLAY_TRY_VOID(fields.status());
  return removal;
}

}  // namespace nbreplay
