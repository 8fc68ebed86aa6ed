#pragma once

#include <memory>

#include "nbreplay/base/stop_request.h"
#include "nbreplay/process/installation.h"
#include "nbreplay/trial/runner.h"

namespace nbreplay::process {

struct FactSettings {
  Installation installation;
  /// Whose parser reads the cells: syntax differs between minors.
  std::shared_ptr<const Environment> environment;
  const StopRequest* stop = nullptr;            ///< Borrowed; may be null.
  bool confined = false;                        ///< As RunnerSettings::confined.
  Duration timeout = std::chrono::seconds(60);  ///< Of one call, set-up included.
};

/// Facts from a worker that only parses, started at the first call and kept for the next ones.
/// One that dies, hangs or breaks the protocol is killed and replaced once per call; then the
/// call is an Error (kEnvironment; kProtocol when it answered nonsense).
class WorkerFactSource final : public FactSource {
 public:
  explicit WorkerFactSource(FactSettings settings);
  ~WorkerFactSource() override;
  [[nodiscard]] Result<std::vector<CellFacts>> facts(
      const std::vector<std::string>& sources) override;

 private:
  class State;
  std::unique_ptr<State> state_;
};

}  // namespace nbreplay::process
