#include "branch_confinement.h"

#include <sys/prctl.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <cerrno>
#include <cstdint>
#include <cstring>

namespace nbreplay::worker {
namespace {

/// struct landlock_ruleset_attr and its flags as of Linux 6.12: older headers lack them.
struct RulesetAttributes {
  std::uint64_t handled_access_fs = 0;
  std::uint64_t handled_access_net = 0;
  std::uint64_t scoped = 0;
};
constexpr std::uint64_t kScopeAbstractSockets = 1U << 0;
constexpr std::uint64_t kScopeSignals = 1U << 1;
constexpr unsigned kAskVersion = 1U << 0;
constexpr long kFirstVersionWithScopes = 6;
/// LANDLOCK_MAX_NUM_LAYERS of the kernel.
constexpr int kMostDomains = 16;

/// That this process is in: those of its ancestors, and its own.
int g_domains = 0;

}  // namespace

void protect_frozen() {
  ::prctl(PR_SET_DUMPABLE, 0);
}

std::optional<std::string> confine_runner() {
  ::prctl(PR_SET_DUMPABLE, 1);
  // Without it the kernel refuses a domain, and there is no sandbox whose branches could be apart.
  if (::prctl(PR_GET_NO_NEW_PRIVS, 0, 0, 0, 0) != 1) return std::nullopt;
  if (::syscall(SYS_landlock_create_ruleset, nullptr, 0, kAskVersion) < kFirstVersionWithScopes)
    return std::nullopt;
  RulesetAttributes attributes;
  attributes.scoped = kScopeSignals | kScopeAbstractSockets;
  const long rules = ::syscall(SYS_landlock_create_ruleset, &attributes, sizeof attributes, 0);
  const bool confined = rules >= 0 && ::syscall(SYS_landlock_restrict_self, rules, 0) == 0;
  const int error = errno;
  if (rules >= 0) ::close(static_cast<int>(rules));
  if (!confined)
    return std::string("signals could not be kept in this branch (Landlock): ") +
           std::strerror(error);
  ++g_domains;
  return std::nullopt;
}

std::optional<std::string> no_more_confinement() {
  if (g_domains < kMostDomains) return std::nullopt;
  return "branches nest no deeper: the kernel sets signals apart at most " +
         std::to_string(kMostDomains) + " times (Landlock)";
}

}  // namespace nbreplay::worker
