#include "process/sandbox_space.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <linux/openat2.h>
#include <sys/statfs.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <filesystem>
#include <set>
#include <utility>

#include "process/font_cache.h"
#include "process/launcher.h"
#include "process/limit_watch.h"
#include "process/sandbox_spec.h"

namespace nbreplay::process {
namespace {

/// What a snapshot keeps is a part of the cap: more is written again sooner than kept.
constexpr std::uint64_t kKeptShare = 4;

std::vector<std::uint32_t> numbers(const auto& chain) {
  std::vector<std::uint32_t> ids;
  for (const auto& layer : chain) ids.push_back(layer->id);
  return ids;
}

}  // namespace

/// One tmpfs or folder; unmounted, and removed, once neither a view nor what was saved needs it.
struct SandboxSpace::Layer {
  Layer(std::uint32_t number, std::shared_ptr<std::vector<std::uint32_t>> gone)
      : id(number), unused(std::move(gone)) {}
  Layer(const Layer&) = delete;
  Layer& operator=(const Layer&) = delete;
  ~Layer() {
    folder.reset();
    unused->push_back(id);
  }
  [[nodiscard]] struct statfs usage() const {
    struct statfs facts {};
    if (!folder.valid() || ::fstatfs(folder.get(), &facts) != 0) return {};
    return facts;
  }

  /// Bytes.
  [[nodiscard]] std::uint64_t used() const {
    if (on_disk) return on_disk->count;
    const auto facts = usage();
    return (facts.f_blocks - facts.f_bfree) * static_cast<std::uint64_t>(facts.f_bsize);
  }

  std::uint32_t id;
  std::shared_ptr<std::vector<std::uint32_t>> unused;
  Descriptor folder;
  std::optional<Bytes> on_disk;  ///< As it was saved.
};

struct SandboxSpace::Saved final : SavedFiles {
  void add_sizes(std::map<const void*, std::uint64_t>& sizes) const override {
    for (const auto& layer : chain) {
      sizes[layer.get()] = layer->used();
    }
  }
  Chain chain;
  std::shared_ptr<const Project> project;
};

SandboxSpace::SandboxSpace(const RunnerSettings& settings, std::shared_ptr<const Project> project,
                           std::shared_ptr<const ProjectTree> tree)
    : settings_(settings),
      project_(std::move(project)),
      tree_(std::move(tree)),
      unused_(std::make_shared<std::vector<std::uint32_t>>()) {}

SandboxSpace::~SandboxSpace() = default;

bool SandboxSpace::can_show(const Project& project) const {
  return project_->root == project.root && project_->inputs == project.inputs;
}

Places SandboxSpace::places() const {
  const Path home = protocol::kSandboxHome;
  return {home, protocol::kSandboxTemporary, home / ".config" / "matplotlib",
          project_->working_directory};
}

/// The environment, which is shown in its place also in a project, is not among them. Outermost
/// ones only.
std::vector<std::string> SandboxSpace::hidden(const Project& project) const {
  std::vector<Path> paths;
  for (const std::string& name : tree_->left_out)
    if (!is_within(shown_, project_->root / name)) paths.emplace_back(name);
  for (const Path& path : project.hidden) {
    const Path relative = path.lexically_relative(project.root);
    if (!relative.empty() && *relative.begin() != ".." && relative != ".")
      paths.push_back(relative);
  }
  std::sort(paths.begin(), paths.end());  // part by part: what is inside follows
  std::vector<Path> outermost;
  for (Path& path : paths)
    if (outermost.empty() || !is_within(path, outermost.back()))
      outermost.push_back(std::move(path));
  std::vector<std::string> names;
  for (const Path& path : outermost) names.push_back(path.string());
  return names;
}

Status SandboxSpace::describe(const Trial& trial, LaunchRequest& request) {
  if (broker_) return {};  // it runs already
  shown_ = trial.environment->interpreter.prefix;
  std::vector<std::string> names = hidden(*project_);
  request.sandbox = sandbox_spec(settings_, trial, names);
  // What HOME holds at first.
  const Path first = font_folder(settings_.cache_folder, *trial.environment);
  std::error_code failed;
  std::filesystem::create_directories(first / kFontLists, failed);
  // Bubblewrap, which root runs as nobody, may not be able to reach it.
  const bool reachable = settings_.sandbox->bubblewrap.empty() || ::geteuid() != 0;
  if (reachable && std::filesystem::is_directory(first, failed))
    request.sandbox->scratch = first.string();
  request.bubblewrap = settings_.sandbox->bubblewrap;
  if (settings_.sandbox->layers_on_disk) {
    NBREPLAY_TRY(disk_, DiskLayers::create(project_->root, !request.bubblewrap.empty()));
    request.sandbox->layers = disk_->path().string();
  }
  cap_ = trial.limits.files_written;
  most_files_ = trial.limits.files;
  masks_ = {std::move(names)};
  NBREPLAY_TRY(auto made, Broker::make());
  broker_ = std::move(made.first);
  inherited_ = std::move(made.second);
  request.broker = inherited_.get();
  top_ = new_layer();
  return {};
}

std::shared_ptr<SandboxSpace::Layer> SandboxSpace::new_layer() {
  return std::make_shared<Layer>(layers_made_++, unused_);
}

/// Nothing is known of a layer before it is looked at; the first one is there once the worker is.
Status SandboxSpace::look_at_current() {
  if (top_->folder.valid()) return {};
  inherited_.reset();
  if (!disk_) {
    NBREPLAY_TRY(top_->folder, broker_->current());
    return {};
  }
  // Also once the broker has ended.
  top_->folder = Descriptor(
      ::open(disk_->layer(top_->id).c_str(), O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC));
  if (!top_->folder.valid())
    return environment_error("what the notebook wrote cannot be read", std::strerror(errno));
  return {};
}

Status SandboxSpace::show(Chain below) {
  std::shared_ptr<Layer> top = new_layer();
  std::vector<std::uint32_t> chain = numbers(below);
  chain.push_back(top->id);  // not too many: `save` sees to that
  inherited_.reset();
  NBREPLAY_TRY(top->folder, broker_->show(mask_, chain));
  top_ = std::move(top);
  below_ = std::move(below);
  if (const auto unused = std::exchange(*unused_, {}); !unused.empty()) {
    NBREPLAY_TRY_VOID(broker_->drop(unused));
    if (disk_) disk_->remove(unused);
  }
  return {};
}

Result<std::uint32_t> SandboxSpace::mask_for(const Project& project) {
  std::vector<std::string> names = hidden(project);
  const auto known = std::find(masks_.begin(), masks_.end(), names);
  const auto mask = static_cast<std::uint32_t>(known - masks_.begin());
  if (known == masks_.end()) {
    // Of what is hidden most is hidden from all, and only the rest is sent.
    const std::set<std::string> all(names.begin(), names.end());
    const std::vector<std::string>& first = masks_.front();
    const bool over_first = std::all_of(first.begin(), first.end(),
                                        [&](const auto& name) { return all.contains(name); });
    std::vector<std::string> rest;
    const std::set<std::string> sent(first.begin(), first.end());
    for (const std::string& name : names)
      if (!over_first || !sent.contains(name)) rest.push_back(name);
    NBREPLAY_TRY_VOID(broker_->make_mask(mask, rest, over_first));
    masks_.push_back(std::move(names));
  }
  return mask;
}

Status SandboxSpace::reset(const std::shared_ptr<const Project>& project) {
  project_ = project;
  if (!broker_) return {};
  NBREPLAY_TRY(mask_, mask_for(*project));
  return show({});
}

Result<std::shared_ptr<const SavedFiles>> SandboxSpace::save() {
  NBREPLAY_TRY_VOID(look_at_current());
  if (below_.size() + 2 > protocol::kMaxLayers)
    return environment_error("the files of a run cannot be kept: too many layers");
  if (disk_) top_->on_disk = space_used(disk_->layer(top_->id)).size;
  if (written_before().count + top_->used() > cap_.count / kKeptShare)
    return environment_error("the files of a run cannot be kept: too much was written");
  auto saved = std::make_shared<Saved>();
  saved->chain = below_;
  saved->chain.push_back(top_);
  saved->project = project_;
  return std::shared_ptr<const SavedFiles>(std::move(saved));
}

Result<bool> SandboxSpace::part_from_saved() {
  Chain chain = below_;
  chain.push_back(top_);
  NBREPLAY_TRY_VOID(show(std::move(chain)));
  return true;
}

Status SandboxSpace::go_back(const std::shared_ptr<const SavedFiles>& saved) {
  const auto& files = dynamic_cast<const Saved&>(*saved);
  project_ = files.project;
  NBREPLAY_TRY(mask_, mask_for(*project_));
  return show(files.chain);
}

Status SandboxSpace::add(const ExtraFile& file) {
  // As os.path.expanduser reads it.
  const bool at_home = file.path.starts_with("~/");
  const Path base = at_home ? places().home : project_->working_directory;
  const std::string path = (base / file.path.substr(at_home ? 2 : 0)).lexically_normal().string();
  inherited_.reset();
  return file.folder ? broker_->put_folder(path) : broker_->put_file(path, file.content);
}

std::optional<Path> SandboxSpace::folder() const {
  if (!disk_ || !top_) return std::nullopt;
  return disk_->layer(top_->id);
}

/// To the layers below.
Bytes SandboxSpace::written_before() const {
  Bytes sum;
  for (const auto& layer : below_) sum.count += layer->used();
  return sum;
}

std::optional<LimitExceeded> SandboxSpace::full() {
  if (!broker_ || disk_ || !look_at_current()) return std::nullopt;
  const auto usage = top_->usage();
  if ((usage.f_blocks > 0 && usage.f_bavail == 0) ||
      written_before().count + top_->used() > cap_.count)
    return LimitExceeded{Resource::kDisk, fmt::format("{0} written of {0}", format_bytes(cap_))};
  if (usage.f_files > 0 && usage.f_ffree == 0)
    return LimitExceeded{Resource::kDisk, fmt::format("{0} files written of {0}", most_files_)};
  return std::nullopt;
}

Result<CopiedOut> SandboxSpace::copy_written(const Path& to) {
  NBREPLAY_TRY_VOID(look_at_current());
  const Descriptor project(
      ::openat(top_->folder.get(), "p", O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC));
  if (!project.valid())
    return environment_error("what the notebook wrote cannot be read", std::strerror(errno));
  return copy_out(project.get(), to, cap_);
}

/// They are in the lowest layer of HOME (`describe`).
void SandboxSpace::lend_fonts(const Path&) {}

void SandboxSpace::keep_fonts(const Path& lists) {
  if (!broker_ || !look_at_current()) return;
  open_how how{};
  how.flags = O_RDONLY | O_DIRECTORY | O_CLOEXEC;
  // Every part of the way is the notebook's.
  how.resolve = RESOLVE_BENEATH | RESOLVE_NO_SYMLINKS;
  const std::string path = std::string("s/") + kFontLists;
  const Descriptor left(
      static_cast<int>(::syscall(SYS_openat2, top_->folder.get(), path.c_str(), &how, sizeof how)));
  if (left.valid()) copy_font_lists(fmt::format("/proc/self/fd/{}", left.get()), lists);
}

}  // namespace nbreplay::process
