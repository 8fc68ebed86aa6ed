#include "nbreplay/environment/package_tools.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include "nbreplay/base/hash.h"

#include "environment/helper.h"
#include "environment/tool_json.h"

namespace nbreplay {
namespace {

using environment::AnswerFields;
using environment::Json;
using environment::json_of;

Json base_of(const Environment& base) {
  return {{"prefix", base.interpreter.prefix.string()},
          {"site_packages", json_of(base.site_packages)}};
}

std::string words_of(const PackageEdit& edit) {
  std::vector<std::string> parts;
  for (const PackageVersion& one : edit.set)
    parts.push_back(fmt::format("{} {}", one.name, one.version));
  for (const std::string& name : edit.removed) parts.push_back("no " + name);
  return fmt::format("{}", fmt::join(parts, ", "));
}

template <typename Value>
Json list_of(const std::vector<Value>& values) {
  Json list = Json::array();
  for (const Value& value : values) list.push_back(json_of(value));
  return list;
}

}  // namespace

PackageTools::PackageTools(PackageToolSettings tools, EnvironmentSettings machine,
                           ChildRunner& children)
    : tools_(std::move(tools)),
      machine_(std::move(machine)),
      children_(children),
      helper_(std::make_unique<Helper>(tools_, machine_, children_)) {}

PackageTools::~PackageTools() = default;

Status PackageTools::available() {
  const auto command = helper_->command("environments", Json::object(), kToLook);
  if (!command) return command.error();
  return {};
}

Result<std::vector<Release>> PackageTools::releases(const std::string& package,
                                                    const Interpreter& interpreter) {
  NBREPLAY_TRY(const environment::ToolAnswer answer,
               helper_->demand("releases", {{"package", package}, {"python", json_of(interpreter)}},
                               kToLook));
  AnswerFields fields(answer.ok);
  std::vector<Release> releases;
  for (const Json* one : fields.objects("releases")) {
    AnswerFields release(*one);
    Release& added = releases.emplace_back();
    added.version = release.text("version");
    added.uploaded = release.optional_text("uploaded");
    added.wheel = release.flag("wheel");
    added.source = release.flag("source");
    added.yanked = release.flag("yanked");
    added.prerelease = release.flag("prerelease");
    fields.note(release);
  }
  NBREPLAY_TRY_VOID(fields.status());
  return releases;
}

Result<EditedEnvironment> PackageTools::edit(const Environment& base, const PackageEdit& edit) {
  const std::string key =
      sha256_hex(base.hash + base.interpreter.prefix.string() + json_of(edit).dump());
  if (const auto known = edited_.find(key); known != edited_.end()) return known->second;
  NBREPLAY_TRY(EditedEnvironment made, make_edited("edit", base, base.interpreter, edit));
  if (made.environment || made.trouble != PackageTrouble::kUnreachable) edited_[key] = made;
  return made;
}

Result<EditedEnvironment> PackageTools::with_interpreter(const Environment& base,
                                                         const Interpreter& interpreter) {
  return make_edited("with_interpreter", base, interpreter, {});
}

Result<EditedEnvironment> PackageTools::make_edited(const char* command, const Environment& base,
                                                    const Interpreter& interpreter,
                                                    const PackageEdit& edit) {
  Json request = {{"base", base_of(base)}, {"python", json_of(interpreter)}};
  const bool other_python = interpreter.minor != base.interpreter.minor;
  const std::string change = edit == PackageEdit{}
                                 ? fmt::format("under Python {}", interpreter.version)
                                 : fmt::format("with {}", words_of(edit));
  if (edit != PackageEdit{}) request["edit"] = json_of(edit);
  NBREPLAY_TRY(const environment::ToolAnswer answer,
               helper_->ask(command, std::move(request), kToMake));
  EditedEnvironment made;
  if (answer.failure) {
    const auto trouble = answer.failure->trouble();
    if (!trouble) return answer.failure->error;
    made.trouble = *trouble;
    made.why = answer.failure->error.message;
    return made;
  }
  AnswerFields fields(answer.ok);
  const Path folder = fields.path("folder");
  made.added = fields.packages("added");
  made.conflicts = environment::read_conflicts(fields);
  if (other_python) made.replaced = environment::read_changed(fields);
  NBREPLAY_TRY_VOID(fields.status());
  NBREPLAY_TRY(Environment environment,
               in_store(folder, {base.source, fmt::format("{}, {}", base.why, change),
                                 fmt::format("{} {}", base.display_name, change)}));
  made.environment = std::move(environment);
  return made;
}

void PackageTools::prepare(const Environment& base, const std::vector<PackageEdit>& edits) {
  if (!tools_.start_in_background || edits.empty()) return;
  helper_->prefetch(
      {{"base", base_of(base)}, {"python", json_of(base.interpreter)}, {"edits", list_of(edits)}});
}

void PackageTools::prepare_interpreters(const Environment& base,
                                        const std::vector<Interpreter>& interpreters) {
  if (!tools_.start_in_background || interpreters.empty()) return;
  helper_->prefetch({{"base", base_of(base)}, {"pythons", list_of(interpreters)}});
}

Result<Environment> PackageTools::in_store(const Path& folder, const MadeFor& made_for) {
  environment::Search search(machine_, children_);
  NBREPLAY_TRY(environment::Found found, search.in_folder(folder, made_for.source));
  return environment::environment_of(
      std::move(found), {made_for.source, made_for.why, made_for.name}, machine_.ipython_supply);
}

}  // namespace nbreplay
