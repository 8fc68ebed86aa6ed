#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "nbreplay/base/result.h"
#include "nbreplay/protocol/broker.h"

#include "process/descriptor.h"

namespace nbreplay::process {

/// The controller's end of a sandbox's broker (protocol/broker.h). Every call waits for the answer,
/// which takes about a millisecond, and nothing else is done meanwhile; a broker that is silent for
/// ten seconds, or gone, is an Error, then and ever after, as is what it could not do. The notebook
/// cannot reach it.
class Broker {
 public:
  /// Also gives the descriptor that the launcher inherits.
  [[nodiscard]] static Result<std::pair<Broker, Descriptor>> make();

  [[nodiscard]] Status make_mask(std::uint32_t mask, const std::vector<std::string>& names,
                                 bool over_first);
  /// The folder of the last of `layers`, which is new.
  [[nodiscard]] Result<Descriptor> show(std::uint32_t mask,
                                        const std::vector<std::uint32_t>& layers);
  /// The folder of the layer in use.
  [[nodiscard]] Result<Descriptor> current();
  [[nodiscard]] Status drop(const std::vector<std::uint32_t>& layers);
  [[nodiscard]] Status put_file(const std::string& path, std::string_view content);
  [[nodiscard]] Status put_folder(const std::string& path);

 private:
  explicit Broker(Descriptor socket) : socket_(std::move(socket)) {}
  [[nodiscard]] Result<Descriptor> ask(const protocol::BrokerRequest& request, int content = -1);
  [[nodiscard]] Result<Descriptor> ask_for_layer(const protocol::BrokerRequest& request);

  Descriptor socket_;
};

}  // namespace nbreplay::process
