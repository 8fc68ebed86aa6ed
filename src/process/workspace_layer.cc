// Workspace's other half: taking and restoring layers.
#include "process/workspace_layer.h"

#include <fmt/format.h>
#include <unistd.h>

#include <cerrno>
#include <ctime>
#include <filesystem>
#include <optional>
#include <set>

#include "process/workspace.h"

namespace nbreplay::process {
namespace {

Error cannot(const char* what) {
  return environment_error(fmt::format("the files of a run cannot be kept: {}", what));
}

/// Whether a file was changed within a tick of the clock that stamps files.
bool is_recent(const Stamp& stamp) {
  constexpr std::int64_t kTick = 20'000'000;
  timespec now{};
  ::clock_gettime(CLOCK_REALTIME, &now);
  return now.tv_sec * 1'000'000'000LL + now.tv_nsec - stamp.changed_ns < kTick;
}

std::optional<struct stat> facts_of(const Path& path) {
  struct stat facts {};
  if (::lstat(path.c_str(), &facts) != 0) return std::nullopt;
  return facts;
}

}  // namespace

SavedFile::~SavedFile() {
  ::unlink(path_.c_str());
}

void WorkspaceLayer::add_sizes(std::map<const void*, std::uint64_t>& sizes) const {
  for (const auto& [path, entry] : put)
    if (entry.file) sizes[entry.file.get()] = entry.file->stamp().size;
}

/// One walk over a workspace.
class Workspace::Capture {
 public:
  explicit Capture(Workspace& workspace) : workspace_(workspace) {}

  Status walk(const std::string& prefix) {
    std::error_code failed;
    const Path folder = workspace_.base() / prefix;
    for (std::filesystem::directory_iterator entry(folder, failed), end; !failed && entry != end;
         entry.increment(failed))
      NBREPLAY_TRY_VOID(visit(prefix + "/" + entry->path().filename().string()));
    return failed ? Status(cannot("a folder cannot be read")) : Status();
  }

  void note_removed() {
    for (const auto& [relative, wanted] : workspace_.wanted_)
      if (!seen_.contains(relative) && !layer->put.contains("project/" + relative))
        layer->removed.push_back(relative);
  }

  std::shared_ptr<WorkspaceLayer> layer = std::make_shared<WorkspaceLayer>();

 private:
  Status visit(const std::string& path) {
    const auto facts = facts_of(workspace_.base() / path);
    if (!facts) return {};  // gone meanwhile
    if (is_pristine(path, *facts)) return S_ISDIR(facts->st_mode) ? walk(path) : Status();
    if (layer->put.size() >= kMaxLayerEntries) return cannot("it made too many");
    WorkspaceLayer::Entry& entry = layer->put[path];
    entry.mode = facts->st_mode;
    if (S_ISDIR(facts->st_mode)) return walk(path);
    if (S_ISREG(facts->st_mode)) return save(path, *facts, entry);
    if (!S_ISLNK(facts->st_mode)) return cannot("a pipe, socket or device is among them");
    std::error_code failed;
    entry.link = std::filesystem::read_symlink(workspace_.base() / path, failed).string();
    return failed ? Status(cannot("a link cannot be read")) : Status();
  }

  bool is_pristine(const std::string& path, const struct stat& facts) {
    constexpr std::string_view kProject = "project/";
    if (!path.starts_with(kProject)) return false;
    const std::string relative = path.substr(kProject.size());
    const auto found = workspace_.wanted_.find(relative);
    if (found == workspace_.wanted_.end()) return false;
    const Wanted& wanted = found->second;
    const Stamp now = stamp_of(facts);
    const bool same = wanted.folder ? S_ISDIR(now.mode) && now.inode == wanted.made.inode &&
                                          now.mode == wanted.made.mode
                                    : now == wanted.made;
    if (same) seen_.insert(relative);
    return same;
  }

  Status save(const std::string& path, const struct stat& facts, WorkspaceLayer::Entry& entry) {
    const Stamp now = stamp_of(facts);
    auto& placed = workspace_.placed_[path];
    if (!placed.file || placed.stamp != now) {
      copied_.count += now.size;
      if (copied_.count > kLayerCap.count)
        return cannot(fmt::format("more than {}", format_bytes(kLayerCap)).c_str());
      const Path to = workspace_.layers() / std::to_string(++workspace_.saved_files_);
      NBREPLAY_TRY(const Stamp copy, copy_file(workspace_.base() / path, now, to));
      placed = {std::make_shared<const SavedFile>(to, copy), now};
    }
    entry.file = placed.file;
    // Written so lately that another write may leave the same times behind: copied again next time.
    if (is_recent(now)) workspace_.placed_.erase(path);
    return {};
  }

  Workspace& workspace_;
  std::set<std::string> seen_;
  Bytes copied_;
};

Path Workspace::layers() const {
  return base() / kLayersFolder;
}

Result<std::shared_ptr<const SavedFiles>> Workspace::save() {
  if (!in_place()) return cannot("its folder was moved or replaced");
  if (::mkdir(layers().c_str(), 0700) != 0 && errno != EEXIST)
    return cannot("there is no place for copies");
  Capture capture(*this);
  for (const char* folder : {"home", "tmp", "project"}) NBREPLAY_TRY_VOID(capture.walk(folder));
  capture.note_removed();
  return std::shared_ptr<const SavedFiles>(std::move(capture.layer));
}

Status Workspace::go_back(const std::shared_ptr<const SavedFiles>& saved) {
  const auto& layer = dynamic_cast<const WorkspaceLayer&>(*saved);
  NBREPLAY_TRY_VOID(reset(project_));
  for (const std::string& relative : layer.removed)
    NBREPLAY_TRY_VOID(remove_tree(base() / "project" / relative));
  for (const auto& [path, entry] : layer.put) {
    const Path to = base() / path;
    NBREPLAY_TRY_VOID(remove_unless_folder(to, S_ISDIR(entry.mode)));
    if (S_ISDIR(entry.mode)) {
      if (::mkdir(to.c_str(), 0700) != 0 && errno != EEXIST)
        return cannot("a folder cannot be made again");
    } else if (entry.file) {
      NBREPLAY_TRY(const Stamp made, copy_file(entry.file->path(), entry.file->stamp(), to));
      placed_[path] = {entry.file, made};
    } else if (::symlink(entry.link.c_str(), to.c_str()) != 0) {
      return cannot("a link cannot be made again");
    }
  }
  // Last, and from below: what may not be written to was filled before.
  for (auto put = layer.put.rbegin(); put != layer.put.rend(); ++put)
    if (S_ISDIR(put->second.mode) &&
        ::chmod((base() / put->first).c_str(), put->second.mode & 07777) != 0)
      return cannot("a folder cannot be made again");
  return {};
}

Status Workspace::remove_unless_folder(const Path& path, bool folder) {
  const auto facts = facts_of(path);
  if (!facts || (folder && S_ISDIR(facts->st_mode))) return {};
  return remove_tree(path);
}

}  // namespace nbreplay::process
