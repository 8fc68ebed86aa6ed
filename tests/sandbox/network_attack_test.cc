// Cases 12 to 14: there is nobody to talk to.
#include <arpa/inet.h>
#include <fcntl.h>
#include <gmock/gmock.h>
#include <sys/mount.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/un.h>
#include <unistd.h>

#include <cstring>
#include <fstream>
#include <utility>

#include "nbreplay/process/project.h"

#include "process/descriptor.h"
#include "sandbox/attack_fixture.h"

namespace nbreplay::test {
namespace {

/// Something of the host that listens as long as this lives.
class Listener {
 public:
  explicit Listener(int family) : fd_(::socket(family, SOCK_STREAM | SOCK_CLOEXEC, 0)) {}
  Listener(const Listener&) = delete;
  Listener& operator=(const Listener&) = delete;
  ~Listener() { ::close(fd_); }

  bool listen_at(const void* address, socklen_t size) {
    return ::bind(fd_, static_cast<const sockaddr*>(address), size) == 0 && ::listen(fd_, 8) == 0;
  }
  [[nodiscard]] int port() const {
    sockaddr_in address{};
    socklen_t size = sizeof address;
    ::getsockname(fd_, reinterpret_cast<sockaddr*>(&address), &size);
    return ntohs(address.sin_port);
  }

 private:
  int fd_;
};

/// A file system of its own, as long as this lives.
class MountedFolder {
 public:
  explicit MountedFolder(Path at)
      : at_(std::move(at)), valid_(::mount("tmpfs", at_.c_str(), "tmpfs", 0, "size=64k") == 0) {}
  MountedFolder(const MountedFolder&) = delete;
  MountedFolder& operator=(const MountedFolder&) = delete;
  ~MountedFolder() {
    if (valid_) ::umount2(at_.c_str(), MNT_DETACH);
  }
  [[nodiscard]] bool valid() const { return valid_; }

 private:
  Path at_;
  bool valid_;
};

TEST_P(Attack, Case12_TheNetwork) {
  EXPECT_EQ(saw(R"(
def connect(family, address, kind=socket.SOCK_STREAM):
    with socket.socket(family, kind) as one:
        one.connect(address)
saw = {'tcp': tried(connect, socket.AF_INET, ('192.0.2.1', 80)),
       'metadata': tried(connect, socket.AF_INET, ('169.254.169.254', 80)),
       'udp': tried(socket.socket(type=socket.SOCK_DGRAM).sendto, b'x', ('192.0.2.1', 53)),
       'ipv6': tried(connect, socket.AF_INET6, ('2001:db8::1', 80)),
       'broadcast': tried(connect, socket.AF_INET, ('255.255.255.255', 9), socket.SOCK_DGRAM),
       'name': tried(socket.getaddrinfo, 'example.com', 80)}
saw['name'] = saw['name'] != 'allowed'
)"),
            "{'tcp': 'ENETUNREACH', 'metadata': 'ENETUNREACH', 'udp': 'ENETUNREACH', 'ipv6': "
            "'ENETUNREACH', 'broadcast': 'ENETUNREACH', 'name': True}");
}

TEST_P(Attack, Case12_AServerOfTheHostsOwn) {
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  Listener host(AF_INET);
  ASSERT_TRUE(host.listen_at(&address, sizeof address));
  EXPECT_EQ(saw(R"(
own = socket.create_server(('127.0.0.1', 0))
saw = [tried(socket.create_connection, ('127.0.0.1', )" +
                std::to_string(host.port()) + R"()),
       tried(socket.create_connection, own.getsockname())]
own.close()
)"),
            "['ECONNREFUSED', 'allowed']");
}

TEST_P(Attack, Case13_SocketsOfTheHost) {
  const std::string name = "nbreplay-attack-" + std::to_string(::getpid());
  sockaddr_un abstract{};
  abstract.sun_family = AF_UNIX;
  std::memcpy(abstract.sun_path + 1, name.data(), name.size());
  Listener host(AF_UNIX);
  ASSERT_TRUE(host.listen_at(
      &abstract, static_cast<socklen_t>(offsetof(sockaddr_un, sun_path) + 1 + name.size())));
  const std::string path = folder_.path() / "s";
  sockaddr_un named{};
  named.sun_family = AF_UNIX;
  ASSERT_LT(path.size(), sizeof named.sun_path);
  std::memcpy(named.sun_path, path.data(), path.size());
  Listener in_folder(AF_UNIX);
  ASSERT_TRUE(in_folder.listen_at(&named, sizeof named));
  EXPECT_EQ(saw(R"(
def connect(address):
    with socket.socket(socket.AF_UNIX) as one:
        one.connect(address)
saw = {address: tried(connect, address) for address in (
    '\0)" + name +
                R"(', ')" + path +
                R"(', '\0/tmp/.X11-unix/X0', '/tmp/.X11-unix/X0', '/run/dbus/system_bus_socket',
    '/run/systemd/private', '/var/run/docker.sock')}
saw = sorted(set(saw.values()))
)"),
            "['ECONNREFUSED', 'ENOENT']");
}

/// Shows a folder beside the project, as --input does.
auto with_input(const Path& folder) {
  return [folder](Trial& trial) {
    process::ProjectRequest request;
    request.notebook = trial.project->notebook;
    request.inputs = {folder};
    auto project = process::make_project(request);
    ASSERT_TRUE(project) << project.error().message;
    trial.project = *project;
  };
}

TEST_P(Attack, Case13_SocketsAndPipesInAnInputFolder) {
  const Path input = folder_.path() / "input";
  std::filesystem::create_directories(input / "deeper");
  std::ofstream(input / "deeper" / "data.csv") << "1,2";
  const std::string path = input / "deeper" / "s";
  sockaddr_un named{};
  named.sun_family = AF_UNIX;
  ASSERT_LT(path.size(), sizeof named.sun_path);
  std::memcpy(named.sun_path, path.data(), path.size());
  Listener service(AF_UNIX);
  ASSERT_TRUE(service.listen_at(&named, sizeof named));
  ASSERT_EQ(::chmod(path.c_str(), 0777), 0);
  const std::string pipe = input / "deeper" / "pipe";
  ASSERT_EQ(::mkfifo(pipe.c_str(), 0777), 0);
  ASSERT_EQ(::chmod(pipe.c_str(), 0777), 0);
  const process::Descriptor reader(::open(pipe.c_str(), O_RDONLY | O_NONBLOCK | O_CLOEXEC));
  for (const std::string round : {"# once", "# again"}) {
    const Answer ended = attack("os.chdir('" + (input / "deeper").string() + R"(')
def connect():
    with socket.socket(socket.AF_UNIX) as one:
        one.connect('s')
raise ValueError([sorted(os.listdir()), open('data.csv').read(), tried(connect),
                  tried(os.open, 'pipe', os.O_WRONLY | os.O_NONBLOCK), tried(open, 'new', 'w')])
)" + round,
                                with_input(input));
    EXPECT_EQ(crash_of(ended.outcome, 1).message,
              "[['data.csv', 'pipe', 's'], '1,2', 'ECONNREFUSED', 'ENXIO', 'EROFS']");
    EXPECT_THAT(ended.outcome.notes, testing::IsEmpty());
  }
  char byte = 0;
  EXPECT_LE(::read(reader.get(), &byte, 1), 0);
}

TEST_P(Attack, Case13_AnInputFolderThatCannotBeCovered) {
  if (forked()) GTEST_SKIP() << "notes on a sandbox are those of fresh runs";
  const Path input = folder_.path() / "input";
  std::filesystem::create_directories(input / "mounted");
  const MountedFolder mounted(input / "mounted");
  if (!mounted.valid()) GTEST_SKIP() << "mounting something into an input folder needs root";
  const Answer ended = attack("os.listdir('" + input.string() + "')", with_input(input));
  EXPECT_EQ(ends(ended.outcome), "completed completed");
  EXPECT_THAT(ended.outcome.notes,
              testing::Contains(testing::AllOf(testing::HasSubstr(input.string()),
                                               testing::HasSubstr("sockets and FIFOs"))));
}

TEST_P(Attack, Case13_SocketsOfAnAncestor) {
  if (forked() && landlock_version() < 6)
    GTEST_SKIP() << "keeping a branch from its ancestors needs Landlock ABI 6, this kernel has "
                 << landlock_version();
  EXPECT_EQ(saw(R"(
own = socket.socket(socket.AF_UNIX)
own.bind('\0mine')
own.listen()
def connect():
    with socket.socket(socket.AF_UNIX) as one:
        one.connect('\0mine')
saw = tried(connect)
own.close()
)"),
            "allowed");
}

TEST_P(Attack, Case14_OtherFamilies) {
  EXPECT_EQ(
      saw(R"(
high = 1 << 32
families = {'netlink': 16, 'packet': 17, 'key': 15, 'tipc': 30, 'alg': 38, 'vsock': 40, 'xdp': 44}
saw = {tried(socket.socket, family, socket.SOCK_RAW) for family in families.values()}
saw |= {kernel()" +
          std::to_string(SYS_socket) + R"(, family, 3, 0) for family in families.values()}
saw |= {kernel()" +
          std::to_string(SYS_socket) + R"(, family | high, 3, 0) for family in families.values()}
saw |= {kernel()" +
          std::to_string(SYS_socketpair) + R"(, family, 3, 0, 0) for family in families.values()}
)"),
      "{'EAFNOSUPPORT'}");
}

}  // namespace
}  // namespace nbreplay::test
