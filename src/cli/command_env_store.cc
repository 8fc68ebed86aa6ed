// env list, show, remove, prune: what the store holds.

#include <fmt/format.h>

#include "nbreplay/base/units.h"
#include "nbreplay/report/environments.h"

#include "cli/command_env.h"
#include "cli/session.h"

namespace nbreplay::cli {
namespace {

namespace fs = std::filesystem;

/// A hash must be told apart; shorter ones are slips.
constexpr std::size_t kShortestPrefix = 4;

/// A command that looks at the store: no notebook runs, so no sandbox is opened.
class StoreCommand : public Command {
 public:
  int run(const CommandContext& context) final {
    options_.sandbox = "off";
    options_.no_cache = true;
    auto session = Session::open(options_, context);
    const Status done = session ? act(**session, context.console) : session.error();
    if (context.stop.requested()) return kExitInterrupted;
    if (done) return kExitGood;
    context.console.error(done.error());
    return kExitError;
  }

 protected:
  virtual Status act(Session& session, const Console& console) = 0;

  static std::string exit_codes() {
    return "Exit codes:\n  0    done\n  2    usage, environment or internal error\n"
           "  130  interrupted\n";
  }

  static Path store_folder(const Session& session) { return session.cache_folder() / "packages"; }

  CommonOptions options_;
};

/// The environment whose hash begins so.
Result<StoredEnvironment> stored(Session& session, const std::string& prefix) {
  NBREPLAY_TRY(const StoreFacts store, session.packages().store());
  const StoredEnvironment* found = nullptr;
  for (const StoredEnvironment& one : store.environments) {
    if (prefix.size() < kShortestPrefix || !one.hash.starts_with(prefix)) continue;
    if (found != nullptr)
      return usage_error(fmt::format("'{}' begins the hash of several environments", prefix),
                         "write more of it; see 'nbreplay env list'");
    found = &one;
  }
  if (found == nullptr)
    return usage_error(fmt::format("'{}' is no environment of the store", prefix),
                       "see 'nbreplay env list'");
  return *found;
}

class ListCommand final : public StoreCommand {
 public:
  std::string name() const override { return "list"; }
  std::string purpose() const override { return "List the environments of the store"; }
  std::string details() const override {
    return "Examples:\n  nbreplay env list\n  nbreplay env list --json\n\n" + exit_codes();
  }
  void configure(CLI::App& app) override { add_env_options(app, options_); }

 private:
  Status act(Session& session, const Console& console) override {
    NBREPLAY_TRY(const StoreFacts store, session.packages().store());
    const Path folder = store_folder(session);
    console.data(options_.json ? store_json(store, folder) + "\n"
                               : store_text(store, folder, console.data_style()));
    return {};
  }
};

class ShowCommand final : public StoreCommand {
 public:
  std::string name() const override { return "show"; }
  std::string purpose() const override { return "Show what an environment consists of"; }
  std::string details() const override {
    return "Takes the hash of an environment of the store, or its beginning, or the folder of\n"
           "any virtual environment or conda prefix.\n\n"
           "Examples:\n  nbreplay env show 3f2a91c07d14\n  nbreplay env show .venv --json\n\n" +
           exit_codes();
  }
  void configure(CLI::App& app) override {
    app.add_option("environment", which_, "Hash or folder")->required()->type_name("HASH|DIR");
    add_env_options(app, options_);
  }

 private:
  Status act(Session& session, const Console& console) override {
    EnvironmentRequest request;
    std::error_code failed;
    if (fs::is_directory(which_, failed)) {
      request.environment = which_;
    } else if (which_.find('/') != std::string::npos) {
      return usage_error(fmt::format("{}: does not exist", which_), "see 'nbreplay env list'");
    } else {
      NBREPLAY_TRY(const StoredEnvironment found, stored(session, which_));
      request.environment = found.folder;
    }
    NBREPLAY_TRY(const Environment environment, session.environments().at_hand(request));
    console.data(options_.json ? environment_json(environment) + "\n"
                               : environment_text(environment, console.data_style()));
    return {};
  }

  std::string which_;
};

class RemoveCommand final : public StoreCommand {
 public:
  std::string name() const override { return "remove"; }
  std::string purpose() const override { return "Remove environments from the store"; }
  std::string details() const override {
    return "Their packages stay until 'nbreplay env prune' finds that nothing needs them.\n\n"
           "Examples:\n  nbreplay env remove 3f2a91c07d14\n\n" +
           exit_codes();
  }
  void configure(CLI::App& app) override {
    app.add_option("hashes", hashes_, "Hashes, or their beginnings")->required()->type_name("HASH");
    add_env_options(app, options_);
  }

 private:
  Status act(Session& session, const Console& console) override {
    std::vector<std::string> whole;  // all are known before any is removed
    for (const std::string& hash : hashes_) {
      NBREPLAY_TRY(StoredEnvironment found, stored(session, hash));
      whole.push_back(std::move(found.hash));
    }
    Removal removal;
    for (const std::string& hash : whole) {
      NBREPLAY_TRY(const Removal one, session.packages().remove(hash));
      removal.removed.insert(removal.removed.end(), one.removed.begin(), one.removed.end());
      removal.freed.count += one.freed.count;
    }
    if (options_.json) console.data(removal_json("remove", removal) + "\n");
    console.talk(fmt::format("removed {}", removal.removed.size()));
    return {};
  }

  std::vector<std::string> hashes_;
};

class PruneCommand final : public StoreCommand {
 public:
  std::string name() const override { return "prune"; }
  std::string purpose() const override {
    return "Remove environments that were not used for long, and packages that none needs";
  }
  std::string details() const override {
    return "Examples:\n  nbreplay env prune\n  nbreplay env prune --unused-for 0\n\n" +
           exit_codes();
  }
  void configure(CLI::App& app) override {
    app.add_option("--unused-for", days_, "Days without use after which an environment goes")
        ->check(CLI::Range(0, 100000))
        ->capture_default_str()
        ->type_name("DAYS");
    add_env_options(app, options_);
  }

 private:
  Status act(Session& session, const Console& console) override {
    NBREPLAY_TRY(const Removal removal, session.packages().prune(days_));
    if (options_.json) console.data(removal_json("prune", removal) + "\n");
    console.talk(fmt::format("removed {} environment{}, {} freed", removal.removed.size(),
                             removal.removed.size() == 1 ? "" : "s", format_bytes(removal.freed)));
    return {};
  }

  int days_ = 30;
};

}  // namespace

std::unique_ptr<Command> make_env_list() {
  return std::make_unique<ListCommand>();
}
std::unique_ptr<Command> make_env_show() {
  return std::make_unique<ShowCommand>();
}
std::unique_ptr<Command> make_env_remove() {
  return std::make_unique<RemoveCommand>();
}
std::unique_ptr<Command> make_env_prune() {
  return std::make_unique<PruneCommand>();
}

}  // namespace nbreplay::cli
