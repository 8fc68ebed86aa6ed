#include "diagnosis/obstacle.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <string_view>

#include "nbreplay/crash/missing.h"

#include "diagnosis/reproduce.h"

namespace nbreplay {
namespace {

/// Orders that end at the same crash before others that run the same cell are left out. A cell that
/// an earlier one prepares for would have met its preparation in one of them: candidates come
/// likeliest first.
constexpr std::size_t kOrdersUntilSure = 5;

/// Of Python's own library, urllib3 and requests.
constexpr std::array<std::string_view, 8> kNetworkErrors = {"gaierror",
                                                            "URLError",
                                                            "NewConnectionError",
                                                            "NameResolutionError",
                                                            "ConnectTimeoutError",
                                                            "MaxRetryError",
                                                            "ConnectionRefusedError",
                                                            "ConnectTimeout"};

bool is_network_error(std::string_view type) {
  return std::find(kNetworkErrors.begin(), kNetworkErrors.end(), type) != kNetworkErrors.end();
}

bool misses_network(const Crash& crash) {
  return is_network_error(crash.type) ||
         std::any_of(crash.chain.begin(), crash.chain.end(),
                     [](const ChainLink& link) { return is_network_error(link.type); });
}

}  // namespace

std::string missing_resource(const Investigation& investigation, const Crash& crash) {
  const std::string where =
      crash.cell ? investigation.name(*crash.cell) : std::string("the notebook");
  if (const std::string module = missing_module(crash); !module.empty())
    return fmt::format("{} needs the module '{}', which the environment lacks", where, module);
  if (const std::string path = missing_path(crash); !path.empty())
    return fmt::format("{} needs the file '{}', which is not there", where, path);
  if (misses_network(crash))
    return fmt::format("{} needs the network, which did not answer: {}", where,
                       crash_summary(crash));
  return {};
}

void Obstacle::note(const ExecutionOrder& order, const Judgement& judgement) {
  const auto* different = std::get_if<Different>(&judgement);
  const bool before = different != nullptr && !different->later && different->crash.cell &&
                      different->crash.cell != target_ && different->position + 1 < order.size();
  if (before && crash_ && crash_->cell == different->crash.cell &&
      compare(*crash_, different->crash, Level::kA).same) {
    ++seen_;
  } else if (before && !crash_) {
    crash_ = different->crash;
    seen_ = 1;
  } else {
    other_ends_ = true;
  }
}

const Crash* Obstacle::crash() const {
  return !other_ends_ && seen_ >= kOrdersUntilSure ? &*crash_ : nullptr;
}

bool Obstacle::stands_before(const ExecutionOrder& order) const {
  const Crash* found = crash();
  return found != nullptr && std::find(order.begin(), order.end(), *found->cell) != order.end();
}

}  // namespace nbreplay
