#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <optional>

#include "nbreplay/base/file.h"
#include "nbreplay/trial/outcome.h"
#include "nbreplay/trial/trial.h"

#include "process/copy_out.h"

namespace nbreplay::process {

struct LaunchRequest;

/// How the files of a run were at some moment, so that a runner that goes on from there finds the
/// same ones. Of use to the space that saved them only.
class SavedFiles {
 public:
  virtual ~SavedFiles() = default;
  /// Enters what keeping it takes: parts that several share have the same key.
  virtual void add_sizes(std::map<const void*, std::uint64_t>& sizes) const = 0;
};

/// Where things are, as the notebook sees them.
struct Places {
  Path home;
  Path temporary;
  Path matplotlib;  ///< Its configuration folder, where it looks by itself, too.
  Path working_directory;
};

/// The files that one trial at a time works with: the project, HOME and TMPDIR, all of which it may
/// change without changing anything of the person's.
class FileSpace {
 public:
  virtual ~FileSpace() = default;
  /// Whether runs of `project` may work in it, one after the other.
  [[nodiscard]] virtual bool can_show(const Project& project) const = 0;
  [[nodiscard]] virtual Places places() const = 0;

  /// Says in `request`, for the first worker that works in it, what that one is to see.
  [[nodiscard]] virtual Status describe(const Trial&, LaunchRequest&) { return {}; }

  /// As before the first trial of `project`, which it can show. After an Error, here and in
  /// `go_back`, the space is of no use.
  [[nodiscard]] virtual Status reset(const std::shared_ptr<const Project>& project) = 0;
  /// How they are now. An Error when that cannot be kept: too much was written, or something that
  /// is no file.
  [[nodiscard]] virtual Result<std::shared_ptr<const SavedFiles>> save() = 0;
  /// Called once a copy was frozen that will find what `save` has just returned. True: the worker
  /// that goes on has to be told EnterView.
  [[nodiscard]] virtual Result<bool> part_from_saved() { return false; }
  /// As they were then.
  [[nodiscard]] virtual Status go_back(const std::shared_ptr<const SavedFiles>& saved) = 0;

  /// Puts a file for this trial only. Error when it would lie outside of the space.
  [[nodiscard]] virtual Status add(const ExtraFile& file) = 0;

  /// The folder to look at for what a trial wrote; unset: `full` knows.
  [[nodiscard]] virtual std::optional<Path> folder() const { return std::nullopt; }
  /// What it found written, of the same notebook, and does not lie there.
  [[nodiscard]] virtual Bytes written_before() const { return {}; }
  /// The limit that a trial has hit by writing files.
  [[nodiscard]] virtual std::optional<LimitExceeded> full() { return std::nullopt; }
  /// Copies what was written into the project to `to`. An Error where that cannot be told apart.
  [[nodiscard]] virtual Result<CopiedOut> copy_written(const Path& to) = 0;

  /// Matplotlib's lists of fonts (font_cache.h): from the folder of that name to where it looks for
  /// them, and, after a run that made them, the other way.
  virtual void lend_fonts(const Path& lists) = 0;
  virtual void keep_fonts(const Path& lists) = 0;
};

}  // namespace nbreplay::process
