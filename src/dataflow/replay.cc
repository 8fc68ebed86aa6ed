#include "nbreplay/dataflow/replay.h"

#include <algorithm>

#include "nbreplay/base/check.h"

namespace nbreplay {
namespace {

constexpr std::uint64_t kFnvOffset = 14695981039346656037U;
constexpr std::uint64_t kFnvPrime = 1099511628211U;

std::uint64_t mixed(std::uint64_t hash, std::uint64_t value) {
  for (int shift = 0; shift < 64; shift += 8) hash = (hash ^ (value >> shift & 0xff)) * kFnvPrime;
  return hash;
}

std::uint64_t mixed(std::uint64_t hash, const std::string& text) {
  for (const char c : text) hash = (hash ^ static_cast<unsigned char>(c)) * kFnvPrime;
  return mixed(hash, text.size());
}

bool touches_any(const Effects& effects, const std::set<std::string>& places) {
  return std::ranges::any_of(places,
                             [&](const std::string& place) { return effects.touches(place); });
}

}  // namespace

Replay::Replay(std::vector<std::size_t> base, std::vector<Effects> measured,
               std::vector<Effects> parsed)
    : base_(std::move(base)), measured_(std::move(measured)) {
  CHECK(measured_.size() == parsed.size(), "effects are by cell index");
  for (std::size_t cell = 0; cell < parsed.size(); ++cell)
    widest_.push_back(both(measured_[cell], parsed[cell]));
  Versions versions;
  for (const std::size_t cell : base_) {
    const std::uint64_t found = signature(cell, measured_[cell], versions);
    known_.insert(found);
    leave(measured_[cell], found, versions);
  }
}

std::uint64_t Replay::signature(std::size_t cell, const Effects& effects,
                                const Versions& versions) {
  std::uint64_t hash = mixed(kFnvOffset, cell);
  if (effects.reads_anything) {
    for (const auto& [place, version] : versions) hash = mixed(mixed(hash, place), version);
    return hash;
  }
  std::set<std::string> inputs = effects.reads;
  inputs.insert(effects.changes.begin(), effects.changes.end());
  for (const std::string& place : inputs) {
    const auto known = versions.find(place);
    hash = mixed(mixed(hash, place), known == versions.end() ? 0 : known->second);
  }
  return hash;
}

void Replay::leave(const Effects& effects, std::uint64_t signature, Versions& versions) {
  for (const auto* places : {&effects.writes, &effects.changes})
    for (const std::string& place : *places) versions[place] = mixed(signature, place);
}

Replay::Plan Replay::plan(const std::vector<std::size_t>& changed) const {
  Plan plan;
  while (plan.shared < std::min(base_.size(), changed.size()) &&
         base_[plan.shared] == changed[plan.shared])
    ++plan.shared;
  Versions versions;
  std::vector<bool> affected(changed.size(), false);
  for (std::size_t i = 0; i < changed.size(); ++i) {
    const std::size_t cell = changed[i];
    const std::uint64_t found = signature(cell, measured_[cell], versions);
    affected[i] = !known_.contains(found);
    if (affected[i]) plan.affected.push_back(i);
    leave(affected[i] ? widest_[cell] : measured_[cell], found, versions);
  }
  if (plan.affected.empty()) return plan;

  std::vector<bool> wanted(changed.size(), false);
  std::set<std::string> needed;
  bool all = false;
  for (std::size_t i = changed.size(); i-- > plan.shared;) {
    const Effects& effects = affected[i] ? widest_[changed[i]] : measured_[changed[i]];
    wanted[i] = affected[i] || all || touches_any(effects, needed);
    if (!wanted[i]) continue;
    if (effects.exact)
      for (const std::string& place : effects.writes) needed.erase(place);
    needed.insert(effects.reads.begin(), effects.reads.end());
    needed.insert(effects.changes.begin(), effects.changes.end());
    all = all || effects.reads_anything;
  }
  for (std::size_t i = 0; i < changed.size(); ++i)
    if (i < plan.shared || wanted[i]) plan.order.push_back(changed[i]);
  return plan;
}

std::vector<std::vector<std::size_t>> Replay::consistent_orders() const {
  const std::size_t n = base_.size();
  std::vector<std::vector<std::size_t>> after(n);  // positions that must come later
  std::vector<std::size_t> before(n, 0);
  for (std::size_t i = 0; i < n; ++i) {
    for (std::size_t j = i + 1; j < n; ++j) {
      if (base_[i] != base_[j] && !conflicting(base_[i], base_[j])) continue;
      after[i].push_back(j);
      ++before[j];
    }
  }
  const auto linear = [&](bool depth_first) {
    std::vector<std::size_t> left = before;
    std::vector<std::size_t> ready;
    std::vector<std::size_t> order;
    for (std::size_t i = 0; i < n; ++i)
      if (left[i] == 0) ready.push_back(i);
    while (!ready.empty()) {
      // The last of the file, or what was made possible last: what belongs together.
      const auto next =
          depth_first ? ready.end() - 1 : std::max_element(ready.begin(), ready.end());
      const std::size_t position = *next;
      ready.erase(next);
      order.push_back(base_[position]);
      for (const std::size_t later : after[position])
        if (--left[later] == 0) ready.push_back(later);
    }
    return order;
  };
  std::vector<std::vector<std::size_t>> orders;
  for (const bool depth_first : {false, true}) {
    std::vector<std::size_t> order = linear(depth_first);
    if (order != base_ && std::ranges::find(orders, order) == orders.end())
      orders.push_back(std::move(order));
  }
  return orders;
}

}  // namespace nbreplay
