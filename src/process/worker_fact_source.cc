#include "nbreplay/process/worker_fact_source.h"

#include <fmt/format.h>

#include <boost/asio/io_context.hpp>
#include <optional>
#include <utility>

#include "nbreplay/base/utf8.h"

#include "process/scratch_folder.h"
#include "process/translate.h"
#include "process/variables.h"
#include "process/waiting.h"
#include "process/worker_connection.h"

namespace nbreplay::process {
namespace {

constexpr Bytes kFileSize = mib(64);
constexpr std::size_t kMaxWords = 4096;

}  // namespace

class WorkerFactSource::State {
 public:
  explicit State(FactSettings settings)
      : settings_(std::move(settings)), launcher_(settings_.installation.launcher) {}

  ~State() { end_worker(); }

  Result<std::vector<CellFacts>> facts(const std::vector<std::string>& sources) {
    Result<std::vector<CellFacts>> result = attempt(sources);
    if (result || (settings_.stop != nullptr && settings_.stop->requested())) return result;
    end_worker();
    return attempt(sources);
  }

 private:
  Result<std::vector<CellFacts>> attempt(const std::vector<std::string>& sources) {
    const TimePoint deadline = std::chrono::steady_clock::now() + settings_.timeout;
    if (!connection_) NBREPLAY_TRY_VOID(open());
    reply_.reset();
    connection_->send(protocol::ParseCells{sources});
    while (!reply_ && !trouble_) {
      if (settings_.stop != nullptr && settings_.stop->requested())
        return trouble("was interrupted");
      if (std::chrono::steady_clock::now() >= deadline)
        return trouble(fmt::format("gave no answer within {}", format_duration(settings_.timeout)));
      io_.restart();
      io_.run_one_for(kSlice);
    }
    if (trouble_) return *trouble_;
    if (reply_->cells.size() != sources.size())
      return trouble("answered for another number of cells");
    std::vector<CellFacts> facts;
    for (std::size_t i = 0; i < sources.size(); ++i)
      facts.push_back(to_facts(reply_->cells[i], sources[i].size()));
    return facts;
  }

  Status open() {
    trouble_.reset();
    NBREPLAY_TRY(auto command, worker_command(settings_.installation, *settings_.environment));
    if (!scratch_) {
      NBREPLAY_TRY(scratch_, ScratchFolder::create());
    }
    const Path& folder = scratch_->path();
    LaunchRequest request;
    request.argv = std::move(command);
    request.working_directory = folder;
    request.variables =
        notebook_variables({*settings_.environment, folder, folder, folder, 1, 0}, {});
    request.file_size = kFileSize;
    request.confined = settings_.confined;
    ConnectionEvents events;
    events.message = [this](protocol::Message message) { take(std::move(message)); };
    events.text = [this](StreamName, std::string_view text) {
      words_ += text.substr(0, kMaxWords - std::min(kMaxWords, words_.size()));
    };
    events.violation = [this](const std::string& why) {
      trouble_ = Error{ErrorCode::kProtocol, "the worker that parses cells: " + why};
    };
    events.ended = [this](const WorkerEnd& end) {
      ended_ = true;
      if (!trouble_) trouble_ = ended_error(end);
    };
    ended_ = false;
    NBREPLAY_TRY(connection_, WorkerConnection::open(io_, launcher_, request, std::move(events)));
    connection_->send(configuration());
    return {};
  }

  [[nodiscard]] protocol::Configure configuration() const {
    protocol::Configure configure;
    const Environment& environment = *settings_.environment;
    configure.python_executable = environment.interpreter.executable.string();
    configure.worker_package = settings_.installation.worker_package.string();
    for (const Path& path : environment.append_path) configure.append_path.push_back(path.string());
    for (const Path& path : environment.prepend_path)
      configure.prepend_path.push_back(path.string());
    configure.parse_only = true;
    return configure;
  }

  void take(protocol::Message message) {
    if (auto* reply = std::get_if<protocol::CellFactsReply>(&message)) reply_ = std::move(*reply);
    if (std::holds_alternative<protocol::Sync>(message)) connection_->send(protocol::Proceed{});
    if (const auto* failed = std::get_if<protocol::SetupFailed>(&message))
      trouble_ = environment_error("the worker that parses cells cannot start: " +
                                   to_valid_utf8(failed->message));
  }

  Error ended_error(const WorkerEnd& end) {
    if (end.failure) return *end.failure;
    return environment_error("the worker that parses cells ended early", to_valid_utf8(words_));
  }

  Error trouble(const std::string& what) {
    return environment_error("the worker that parses cells " + what, to_valid_utf8(words_));
  }

  /// Kills the worker and waits until it is collected.
  void end_worker() {
    words_.clear();
    if (connection_) {
      connection_->kill();
      const TimePoint deadline = std::chrono::steady_clock::now() + kFarewell;
      while (!ended_ && std::chrono::steady_clock::now() < deadline) {
        io_.restart();
        io_.run_one_for(kSlice);
      }
      connection_.reset();
    }
    scratch_.reset();
  }

  FactSettings settings_;
  boost::asio::io_context io_;
  GroupLauncher launcher_;
  std::shared_ptr<WorkerConnection> connection_;
  std::optional<protocol::CellFactsReply> reply_;
  std::optional<Error> trouble_;
  std::string words_;  ///< What it wrote to its streams, for a message.
  bool ended_ = true;
  std::unique_ptr<ScratchFolder> scratch_;  ///< Its HOME and working directory.
};

WorkerFactSource::WorkerFactSource(FactSettings settings)
    : state_(std::make_unique<State>(std::move(settings))) {}
WorkerFactSource::~WorkerFactSource() = default;

Result<std::vector<CellFacts>> WorkerFactSource::facts(const std::vector<std::string>& sources) {
  return state_->facts(sources);
}

}  // namespace nbreplay::process
