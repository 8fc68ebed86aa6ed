#include "environment/probe_cache.h"

#include <fmt/format.h>
#include <sys/stat.h>
#include <unistd.h>

#include <nlohmann/json.hpp>

namespace nbreplay::environment {
namespace {

using Json = nlohmann::json;

constexpr int kFormat = 1;
constexpr Bytes kMaxCache = mib(4);
constexpr std::size_t kMaxProbes = 1000;

/// Empty when the file cannot be told from a later one.
std::string stamp_of(const Path& file) {
  struct stat status {};
  if (::stat(file.c_str(), &status) != 0 || !S_ISREG(status.st_mode)) return {};
  return fmt::format("{}.{:09}-{}-{}", status.st_mtim.tv_sec, status.st_mtim.tv_nsec,
                     status.st_size, status.st_ino);
}

bool is_our_own(const Path& file) {
  struct stat status {};
  return ::lstat(file.c_str(), &status) == 0 && S_ISREG(status.st_mode) &&
         status.st_uid == ::geteuid() && (status.st_mode & (S_IWGRP | S_IWOTH)) == 0;
}

}  // namespace

ProbeCache::ProbeCache(const Path& folder) {
  if (folder.empty()) return;
  file_ = folder / "interpreters.json";
  load();
}

void ProbeCache::load() {
  if (!is_our_own(file_)) return;
  const auto text = read_file(file_, kMaxCache);
  if (!text) return;
  const Json json = Json::parse(*text, nullptr, false);
  if (!json.is_object() || json.value("format", Json()) != Json(kFormat)) return;
  const auto entries = json.find("entries");
  if (entries == json.end() || !entries->is_object()) return;
  for (const auto& [path, entry] : entries->items()) {
    if (!entry.is_object() || entries_.size() >= kMaxProbes) continue;
    const auto stamp = entry.find("stamp");
    const auto answer = entry.find("answer");
    if (stamp == entry.end() || answer == entry.end() || !stamp->is_string() ||
        !answer->is_string())
      continue;
    entries_[path] = {stamp->get<std::string>(), answer->get<std::string>()};
  }
}

ProbeCache::~ProbeCache() {
  if (!changed_ || file_.empty()) return;
  Json json;
  json["format"] = kFormat;
  json["entries"] = Json::object();
  for (const auto& [path, entry] : entries_)
    json["entries"][path] = {{"stamp", entry.stamp}, {"answer", entry.answer}};
  std::error_code failed;
  std::filesystem::create_directories(file_.parent_path(), failed);
  [[maybe_unused]] const auto written =
      write_file(file_, json.dump(-1, ' ', false, Json::error_handler_t::replace));
}

Result<ProbeFacts> ProbeCache::facts(ChildRunner& children, const Path& executable) {
  const std::string stamp = stamp_of(executable);
  const auto known = entries_.find(executable.string());
  if (known != entries_.end() && !stamp.empty() && known->second.stamp == stamp) {
    std::error_code failed;
    auto facts = parse_probe(known->second.answer);
    if (facts && (facts->libpython.empty() || std::filesystem::exists(facts->libpython, failed)))
      return facts;
  }
  NBREPLAY_TRY(ProbeFacts facts, ask(children, executable));
  if (!stamp.empty()) {
    entries_[executable.string()] = {stamp, probe_json(facts)};
    changed_ = true;
  }
  return facts;
}

}  // namespace nbreplay::environment
