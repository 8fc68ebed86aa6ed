#pragma once

#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "nbreplay/trial/trial.h"

#include "process/copy.h"
#include "process/file_space.h"
#include "process/project_tree.h"
#include "process/scratch_folder.h"
#include "process/workspace_layer.h"

namespace nbreplay::process {

/// The copy of a project that one trial at a time works in:
///
///   $TMPDIR/nbreplay-XXXXXX/   a scratch folder
///     home/  tmp/      HOME and TMPDIR, empty at the start of every trial
///     layers/          copies of what runs had changed, for going on from there
///     project/NAME/    the copy, under the project's own name
///
/// Inputs are symbolic links to the original folders, at the same place relative to the project.
/// Removed when it is destroyed.
class Workspace final : public FileSpace {
 public:
  /// A pristine copy. Errors as `copy_file`, and kEnvironment when no folder can be made.
  [[nodiscard]] static Result<std::unique_ptr<Workspace>> create(
      std::shared_ptr<const Project> project, std::shared_ptr<const ProjectTree> tree);
  ~Workspace() override;

  [[nodiscard]] bool can_show(const Project& project) const override;
  /// Undoes what a trial did: every entry that is new is removed, every one whose stamp differs
  /// is copied again. An Error means that the workspace is of no use any more.
  [[nodiscard]] Status reset(const std::shared_ptr<const Project>& project) override;
  [[nodiscard]] Result<std::shared_ptr<const SavedFiles>> save() override;
  [[nodiscard]] Status go_back(const std::shared_ptr<const SavedFiles>& saved) override;
  [[nodiscard]] Status add(const ExtraFile& file) override;
  [[nodiscard]] Places places() const override;
  [[nodiscard]] std::optional<Path> folder() const override { return base(); }
  [[nodiscard]] Result<CopiedOut> copy_written(const Path& to) override;
  void lend_fonts(const Path& lists) override;
  void keep_fonts(const Path& lists) override;

 private:
  Workspace(std::shared_ptr<const Project> project, std::shared_ptr<const ProjectTree> tree);

  [[nodiscard]] const Path& base() const { return scratch_->path(); }
  [[nodiscard]] Path home() const { return base() / "home"; }
  [[nodiscard]] Path temporary() const { return base() / "tmp"; }
  [[nodiscard]] Path working_directory() const;

  class Capture;
  [[nodiscard]] Path layers() const;
  [[nodiscard]] static Status remove_unless_folder(const Path& path, bool folder);
  [[nodiscard]] bool in_place() const;
  [[nodiscard]] Status empty_scratch();
  void plan();
  [[nodiscard]] Status restore_folder(const Path& folder, const std::string& prefix);
  [[nodiscard]] Status restore_entry(const Path& path, const std::string& relative);
  [[nodiscard]] Status put_missing();

  /// What belongs at one place below `project/`.
  struct Wanted {
    const TreeEntry* source = nullptr;  ///< In the project's tree; null for what is ours.
    bool folder = false;
    std::string link;  ///< Target of a symbolic link; empty for files and folders.
    Stamp made;        ///< As the copy was when it was pristine.
    bool seen = false;
  };
  [[nodiscard]] Status put(const std::string& relative, Wanted& wanted);
  [[nodiscard]] std::string link_target(const TreeEntry& entry) const;

  std::shared_ptr<const Project> project_;
  std::shared_ptr<const ProjectTree> tree_;
  std::unique_ptr<ScratchFolder> scratch_;
  MadeFolder copy_;  ///< `project/`, which `wanted_` does not list.
  Path root_;
  /// Files that a run made or changed, with the copy that was kept of them.
  struct Placed {
    std::shared_ptr<const SavedFile> file;
    Stamp stamp;  ///< Of the file in the workspace.
  };
  std::map<std::string, Placed> placed_;  ///< By path below the workspace.
  std::uint64_t saved_files_ = 0;
  std::map<std::string, Wanted> wanted_;  ///< By path below `project/`; parents come first.
};

}  // namespace nbreplay::process
