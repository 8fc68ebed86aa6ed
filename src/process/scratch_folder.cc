#include "process/scratch_folder.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <filesystem>
#include <optional>
#include <utility>

namespace nbreplay::process {
namespace {

constexpr std::string_view kScratchPrefix = "nbreplay-";

/// What lies at `path` itself; of a link that of the link.
std::optional<Stamp> stamp_at(const Path& path) {
  struct stat facts {};
  if (::lstat(path.c_str(), &facts) != 0) return std::nullopt;
  return stamp_of(facts);
}

/// Renamed into place once locked: nobody ever sees a lock that is free although it has an owner.
Result<Descriptor> make_lock(const Path& folder) {
  const Path path = folder / "lock";
  const Path before = folder / "lock.new";
  Descriptor lock(::open(before.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0600));
  if (!lock.valid() || ::flock(lock.get(), LOCK_EX | LOCK_NB) != 0 ||
      ::rename(before.c_str(), path.c_str()) != 0)
    return scratch_error(path);
  return lock;
}

}  // namespace

Error scratch_error(const Path& path) {
  return environment_error(fmt::format("{}: cannot be made", path.string()), std::strerror(errno),
                           "set TMPDIR to a folder with room for a copy of the project");
}

MadeFolder::MadeFolder(Path path)
    : path_(std::move(path)), made_(stamp_at(path_).value_or(Stamp())) {}

bool MadeFolder::in_place() const {
  const auto now = stamp_at(path_);
  return now && S_ISDIR(now->mode) && now->inode == made_.inode;
}

std::vector<Path> scratch_places() {
  std::error_code failed;
  return {std::filesystem::temp_directory_path(failed), "/var/tmp"};
}

Result<std::unique_ptr<ScratchFolder>> ScratchFolder::create(const Path& where) {
  std::unique_ptr<ScratchFolder> scratch(new ScratchFolder);
  std::error_code failed;
  std::string name = (where / (std::string(kScratchPrefix) + "XXXXXX")).string();
  if (::mkdtemp(name.data()) == nullptr) return scratch_error(name);
  scratch->folder_ = MadeFolder(std::filesystem::canonical(name, failed));
  NBREPLAY_TRY(scratch->lock_, make_lock(scratch->path()));
  return scratch;
}

ScratchFolder::~ScratchFolder() {
  // What cannot be removed now is found by its free lock next time.
  if (in_place()) [[maybe_unused]]
    const Status removed = remove_tree(path());
}

void ScratchFolder::remove_stale() {
  for (const Path& where : scratch_places()) remove_stale_in(where);
}

void ScratchFolder::remove_stale_in(const Path& where) {
  std::error_code failed;
  for (std::filesystem::directory_iterator entry(where, failed), end; !failed && entry != end;
       entry.increment(failed)) {
    if (!entry->path().filename().string().starts_with(kScratchPrefix)) continue;
    const Path lock = entry->path() / "lock";
    const Descriptor held(::open(lock.c_str(), O_RDWR | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK));
    struct stat facts {};
    if (!held.valid() || ::fstat(held.get(), &facts) != 0 || facts.st_uid != ::geteuid()) continue;
    if (::flock(held.get(), LOCK_EX | LOCK_NB) != 0) continue;
    [[maybe_unused]] const Status removed = remove_tree(entry->path());
  }
}

}  // namespace nbreplay::process
