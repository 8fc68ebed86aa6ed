#pragma once

#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "nbreplay/environment/local_environments.h"
#include "nbreplay/trial/packages.h"
#include "nbreplay/trial/runner.h"
#include "nbreplay/trial/stored_environments.h"

namespace nbreplay {

struct PackageToolSettings {
  Path share;            ///< Holds python/ (the helper package) and helper/ (what it needs).
  bool offline = false;  ///< Nothing but what is cached.
  bool build = false;    ///< Source distributions may be built, which runs their code.
  /// The variables that its processes get: proxies, index settings of uv, HOME and the like.
  std::vector<std::pair<std::string, std::string>> variables;
  /// Starts a process that nobody waits for, and that ends with us at the latest. Null: nothing
  /// is prepared ahead.
  std::function<void(const ChildCommand&)> start_in_background;
};

struct ResolveRequest {
  std::vector<std::string> requirements;
  std::vector<std::string> constraints;
  std::string as_of;  ///< "2023-06-01": nothing uploaded later is taken; empty: anything.
};

/// What an environment was made for, as `source` and `why` of it say.
struct MadeFor {
  std::string source;
  std::string why;
  std::string name;  ///< Short, for the terminal.
};

/// The variables of this process that packaging tools need.
[[nodiscard]] std::vector<std::pair<std::string, std::string>> packaging_variables();

/// Releases of packages, locks, and environments made from a store of unpacked wheels.
///
/// The work is done by the helper package (python/README.md): a child process per question, with
/// JSON in and out, in any CPython from 3.9 of this machine. It reads what strangers wrote, so
/// whatever it answers is checked. The store lies in the cache folder: every wheel is unpacked and
/// compiled once, and an environment is a small virtual environment that names the folders of its
/// packages (docs/environments.md). Several processes may use it at the same time.
class PackageTools final : public ReleaseSource, public EnvironmentEditor {
 public:
  /// `children` must outlive this.
  PackageTools(PackageToolSettings tools, EnvironmentSettings machine, ChildRunner& children);
  ~PackageTools() override;

  [[nodiscard]] Result<std::vector<Release>> releases(const std::string& package,
                                                      const Interpreter& interpreter) override;

  [[nodiscard]] Result<EditedEnvironment> edit(const Environment& base,
                                               const PackageEdit& edit) override;
  void prepare(const Environment& base, const std::vector<PackageEdit>& edits) override;
  void prepare_interpreters(const Environment& base,
                            const std::vector<Interpreter>& interpreters) override;
  [[nodiscard]] Result<EditedEnvironment> with_interpreter(const Environment& base,
                                                           const Interpreter& interpreter) override;

  /// Nothing when the tools can be run, else what they lack.
  [[nodiscard]] Status available();
  /// Asks the index for something, and keeps what it learns in `folder` instead of the cache.
  [[nodiscard]] Status reach_index(const Path& folder);

  /// A complete lock for requirements (PEP 508). kUsage when they exclude each other or name what
  /// does not exist; kEnvironment when the index cannot be reached.
  [[nodiscard]] Result<Resolution> resolve(const ResolveRequest& request,
                                           const Interpreter& interpreter);
  /// An environment of the store with exactly the packages of a lock.
  [[nodiscard]] Result<Environment> create(const Lock& lock, const Interpreter& interpreter,
                                           const MadeFor& made_for);
  /// A virtual environment of its own in `folder`, without links into the store.
  [[nodiscard]] Status create_virtual(const Lock& lock, const Interpreter& interpreter,
                                      const Path& folder);
  /// What a notebook needs. `site_packages`, where there are some, answer first which package an
  /// import belongs to.
  [[nodiscard]] Result<Inference> infer(const EnvironmentRequest& request,
                                        const Interpreter& interpreter,
                                        const std::vector<Path>& site_packages);

  [[nodiscard]] Result<StoreFacts> store();
  /// kUsage when there is no such environment. Packages stay until they are pruned.
  [[nodiscard]] Result<Removal> remove(const std::string& hash);
  /// Removes environments that were not used for `days`, then packages that none needs.
  [[nodiscard]] Result<Removal> prune(int days);

 private:
  class Helper;

  Result<EditedEnvironment> make_edited(const char* command, const Environment& base,
                                        const Interpreter& interpreter, const PackageEdit& edit);
  Result<Environment> in_store(const Path& folder, const MadeFor& made_for);

  PackageToolSettings tools_;
  EnvironmentSettings machine_;
  ChildRunner& children_;
  std::unique_ptr<Helper> helper_;
  /// What was answered, by base and edit: an investigation asks for the same thing often.
  std::map<std::string, EditedEnvironment> edited_;
};

}  // namespace nbreplay
