// Cases 8 to 11: what a host knows and a notebook must not.
#include <gmock/gmock.h>

#include <cstdlib>

#include "sandbox/attack_fixture.h"

namespace nbreplay::test {
namespace {

TEST_P(Attack, Case08_KeysAndPasswords) {
  const char* home = std::getenv("HOME");
  EXPECT_EQ(saw(R"(
hosts_home = ')" +
                std::string(home == nullptr ? "/root" : home) +
                R"('
canary = ')" + canary().string() +
                R"('
names = ['/etc/shadow', '/etc/gshadow', '/etc/sudoers', '/etc/ssh', '/etc/machine-id', '/var/lib',
         '/boot', '/srv', canary, canary + '/.ssh/id_rsa', canary + '/credentials']
for home in (hosts_home, '/root', os.path.expanduser('~')):
    names += [home + name for name in ('/.ssh', '/.aws', '/.config/gcloud', '/.azure', '/.kube', '/.netrc',
                                       '/.gnupg', '/.docker', '/.bash_history', '/.gitconfig', '/.pypirc')]
saw = [name for name in names if os.path.lexists(name)] + os.listdir('/.nbreplay')
)"),
            "[]");
}

TEST_P(Attack, Case08_NamesOfAccounts) {
  EXPECT_EQ(saw("import pwd\nsaw = sorted(entry.pw_name for entry in pwd.getpwall())"),
            "['nobody', 'notebook', 'root']");
}

TEST_P(Attack, Case09_VariablesOfTheHost) {
  EXPECT_EQ(saw(R"(
secret = ('canary-' + '9f3c2e71').encode()
def holds(path):
    try:
        return secret in open(path, 'rb').read()
    except OSError:
        return False
paths = glob.glob('/proc/[0-9]*/environ') + glob.glob('/proc/[0-9]*/cmdline')
paths += glob.glob('/proc/[0-9]*/task/*/environ')
saw = [[path for path in paths if holds(path)], 'NBREPLAY_TEST_SECRET' in os.environ,
       tried(open, '/proc/1/environ'), len(paths) > 3]
)"),
            "[[], False, 'EACCES', True]");
}

TEST_P(Attack, Case10_RootOfTheReaper) {
  EXPECT_EQ(saw("saw = [tried(os.listdir, '/proc/1/root'), tried(os.listdir, '/proc/1/cwd'),\n"
                "       tried(os.listdir, '/proc/1/fd'), os.listdir('/proc/self/root') == "
                "os.listdir('/')]"),
            "['EACCES', 'EACCES', 'EACCES', True]");
}

TEST_P(Attack, Case10_DescriptorsOfOurs) {
  // Sockets and pipes of ours are not handed on, and no folder or file of the host is open.
  EXPECT_EQ(saw(R"(
listing = subprocess.run(['ls', '/proc/self/fd'], capture_output=True, close_fds=False, text=True)
folders = [fd for fd in map(int, os.listdir('/proc/self/fd'))
           if os.path.isdir('/proc/self/fd/%d' % fd) and not os.readlink('/proc/self/fd/%d' % fd).startswith('/proc/')]
kinds = set()
for fd in os.listdir('/proc/self/fd'):
    try:
        target = os.readlink('/proc/self/fd/' + fd)
    except OSError:
        continue
    kinds.add(target if target.startswith('/dev') else target.partition(':')[0] if ':[' in target else
              os.path.basename(target))
saw = [listing.stdout.split(), folders, sorted(kinds - {'socket', 'pipe', 'fd', 'anon_inode', 'log.txt', '/dev/null', str(os.getpid())})]
)"),
            "[['0', '1', '2', '3'], [], []]");
}

TEST_P(Attack, Case11_MemoryAndMessagesOfTheKernel) {
  EXPECT_EQ(saw(R"(
refused = ('EACCES', 'EPERM', 'ENOENT', 'EROFS')
reads = ('/proc/kcore', '/proc/kmsg', '/dev/kmsg', '/dev/mem', '/dev/port', '/proc/kpagemap',
         '/proc/1/pagemap', '/proc/slabinfo', '/proc/vmallocinfo', '/sys/kernel/debug', '/dev/sda', '/dev/vda')
writes = ('/proc/sysrq-trigger', '/proc/sys/kernel/core_pattern', '/proc/sys/kernel/modprobe',
          '/proc/sys/vm/drop_caches', '/proc/sys/kernel/hostname', '/proc/sys/vm/overcommit_memory',
          '/sys/kernel/uevent_helper', '/sys/devices/system/cpu/cpu0/online', '/proc/irq/0/smp_affinity')
saw = [path for path in reads if tried(os.open, path, os.O_RDONLY) not in refused]
saw += [path for path in writes if tried(os.open, path, os.O_WRONLY) not in refused]
saw.append(kernel(103, 3, 0, 0))
)"),
            "['EPERM']");
}

}  // namespace
}  // namespace nbreplay::test
