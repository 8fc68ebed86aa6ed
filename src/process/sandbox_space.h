#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "nbreplay/process/worker_trial_runner.h"

#include "process/broker.h"
#include "process/disk_layers.h"
#include "process/file_space.h"
#include "process/project_tree.h"

namespace nbreplay::process {

/// The files of one sandbox, which is made with the first worker that works in it and ends with
/// this. Nothing is copied: what a run writes goes into layers that its broker puts over the
/// project, each a tmpfs of limited size or a folder on disk, and that can be shown in any chain.
class SandboxSpace final : public FileSpace {
 public:
  SandboxSpace(const RunnerSettings& settings, std::shared_ptr<const Project> project,
               std::shared_ptr<const ProjectTree> tree);
  ~SandboxSpace() override;

  /// Of the same root and inputs: what else is hidden can differ from trial to trial.
  [[nodiscard]] bool can_show(const Project& project) const override;
  [[nodiscard]] Places places() const override;
  [[nodiscard]] Status describe(const Trial& trial, LaunchRequest& request) override;
  [[nodiscard]] Status reset(const std::shared_ptr<const Project>& project) override;
  [[nodiscard]] Result<std::shared_ptr<const SavedFiles>> save() override;
  [[nodiscard]] Result<bool> part_from_saved() override;
  [[nodiscard]] Status go_back(const std::shared_ptr<const SavedFiles>& saved) override;
  [[nodiscard]] Status add(const ExtraFile& file) override;
  [[nodiscard]] std::optional<Path> folder() const override;
  [[nodiscard]] Bytes written_before() const override;
  [[nodiscard]] std::optional<LimitExceeded> full() override;
  [[nodiscard]] Result<CopiedOut> copy_written(const Path& to) override;
  void lend_fonts(const Path& lists) override;
  void keep_fonts(const Path& lists) override;

 private:
  struct Layer;
  struct Saved;
  using Chain = std::vector<std::shared_ptr<const Layer>>;

  [[nodiscard]] std::vector<std::string> hidden(const Project& project) const;
  [[nodiscard]] Status show(Chain below);
  [[nodiscard]] Result<std::uint32_t> mask_for(const Project& project);
  [[nodiscard]] std::shared_ptr<Layer> new_layer();
  [[nodiscard]] Status look_at_current();

  const RunnerSettings& settings_;
  std::shared_ptr<const Project> project_;
  std::shared_ptr<const ProjectTree> tree_;
  std::optional<DiskLayers> disk_;  ///< Unset: layers lie in memory.
  std::optional<Broker> broker_;
  Descriptor inherited_;  ///< The launcher's end, until it was started.
  Path shown_;            ///< The prefix of the environment.
  Bytes cap_;
  std::size_t most_files_ = 0;

  Chain below_;                 ///< What the view in use stands on.
  std::shared_ptr<Layer> top_;  ///< The layer that is written to.
  std::vector<std::vector<std::string>> masks_;
  std::uint32_t mask_ = 0;
  std::uint32_t layers_made_ = 0;
  /// Layers that nobody needs any more, to be unmounted with the next request. Shared with layers.
  std::shared_ptr<std::vector<std::uint32_t>> unused_;
};

}  // namespace nbreplay::process
