#pragma once

// What the controller asks the launcher of a sandbox, which is its broker: the only process that
// may mount, and that no process of the notebook can see.
//
// Over a socket of packets (SOCK_SEQPACKET) the controller sends one BrokerRequest at a time and
// gets one BrokerReply. A view of the files is a chain of layers, each a capped tmpfs over the ones
// before it, over the project; only the last one is written to. Layer 0 is mounted when the worker
// starts. End of file on the launcher's side ends the run.

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "nbreplay/protocol/launch.h"

namespace nbreplay::protocol {

struct BrokerRequest {
  enum class Kind : std::uint32_t {
    kMask,      ///< Makes `mask`, which hides `names` of the project. Mask 0 is the LaunchSpec's.
    kView,      ///< Mounts the view of `layers`, in their order, over `mask`; the last is new.
    kLayer,     ///< Only looks at the layer in use.
    kDrop,      ///< Unmounts `layers`, which no view that is still needed holds.
    kPutFile,   ///< Writes a file at `path`, folders made as needed. A descriptor of the content
                ///< comes along.
    kPutFolder  ///< Makes the folder `path`.
  };
  Kind kind = Kind::kView;
  std::uint32_t mask = 0;
  std::vector<std::uint32_t> layers;
  std::string path;
  std::vector<std::string> names;
  bool over_first = false;  ///< Mask 0 hides as well.
};

/// The reply to kView and kLayer brings a descriptor of the last layer's folder, by which to look
/// at what it holds: `s/` with home, tmp and shm, and `p/`, the project's.
struct BrokerReply {
  std::int32_t error = 0;  ///< errno; 0: done.
  std::int32_t stage = 0;  ///< LaunchReport::Stage of what failed.
};

/// More layers than this are no view: the option of overlayfs that lists them is one page.
inline constexpr std::size_t kMaxLayers = 400;
inline constexpr std::size_t kMaxBrokerRequest = 128U << 10;

[[nodiscard]] inline std::string encode(const BrokerRequest& request) {
  launch_detail::Writer to;
  to.number(static_cast<std::uint64_t>(request.kind));
  to.number(request.mask);
  to.number(request.layers.size());
  for (const std::uint32_t layer : request.layers) to.number(layer);
  to.text(request.path);
  to.texts(request.names);
  to.number(request.over_first ? 1 : 0);
  return to.body();
}

[[nodiscard]] inline std::optional<BrokerRequest> decode_broker_request(std::string_view body) {
  launch_detail::Reader from(body);
  BrokerRequest request;
  request.kind = static_cast<BrokerRequest::Kind>(from.number());
  request.mask = static_cast<std::uint32_t>(from.number());
  for (std::uint64_t left = from.count(); left > 0; --left)
    request.layers.push_back(static_cast<std::uint32_t>(from.number()));
  request.path = from.text();
  request.names = from.texts();
  request.over_first = from.number() != 0;
  if (!from.done() || request.layers.size() > kMaxLayers) return std::nullopt;
  return request;
}

}  // namespace nbreplay::protocol
