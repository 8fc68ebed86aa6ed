#include "branch_confinement.h"

#include <sys/prctl.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <cstdint>

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

}  // namespace

void protect_frozen() {
  ::prctl(PR_SET_DUMPABLE, 0);
}

void confine_runner() {
  ::prctl(PR_SET_DUMPABLE, 1);
  // Without it the kernel refuses a domain, and there is no sandbox whose branches could be apart.
  if (::prctl(PR_GET_NO_NEW_PRIVS, 0, 0, 0, 0) != 1) return;
  if (::syscall(SYS_landlock_create_ruleset, nullptr, 0, kAskVersion) < kFirstVersionWithScopes)
    return;
  RulesetAttributes attributes;
  attributes.scoped = kScopeSignals | kScopeAbstractSockets;
  const long rules = ::syscall(SYS_landlock_create_ruleset, &attributes, sizeof attributes, 0);
  if (rules < 0) return;
  ::syscall(SYS_landlock_restrict_self, rules, 0);
  ::close(static_cast<int>(rules));
}

}  // namespace nbreplay::worker
