#include "shared_maps.h"

#include <fmt/format.h>
#include <sys/ioctl.h>
#include <sys/mman.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cinttypes>
#include <climits>
#include <cstring>
#include <string_view>

#include "procfs.h"

namespace nbreplay::worker {
namespace {

/// More is not copied for every child.
constexpr std::size_t kMostCopied = std::size_t{1} << 20;

struct Map {
  std::uintptr_t begin = 0;
  std::uintptr_t end = 0;
  std::string rights;  ///< "rw-s"
  std::string device;
  std::uint64_t inode = 0;
  std::string path;
};

/// As in Linux's uapi/linux/fs.h since 6.11, which headers need not have yet.
struct MapQuery {
  std::uint64_t size = sizeof(MapQuery);
  std::uint64_t flags = 0;
  std::uint64_t address = 0;
  std::uint64_t results[6] = {};
  std::uint32_t numbers[4] = {};
  std::uint64_t buffers[2] = {};
};

/// Asks the kernel instead of reading thousands of lines. True when it cannot say.
bool may_have_writable_shared_maps() {
  constexpr std::uint64_t kWritable = 0x02;
  constexpr std::uint64_t kShared = 0x08;
  constexpr std::uint64_t kOrNext = 0x10;
  const TextFile file = open_text("/proc/self/maps");
  MapQuery query;
  query.flags = kWritable | kShared | kOrNext;
  return file == nullptr || ::ioctl(::fileno(file.get()), _IOWR('f', 17, MapQuery), &query) == 0 ||
         errno != ENOENT;
}

/// All shared maps, those of files that are only read left out.
std::vector<Map> writable_shared_maps() {
  std::vector<Map> maps;
  if (!may_have_writable_shared_maps()) return maps;
  const TextFile file = open_text("/proc/self/maps");
  if (file == nullptr) return maps;
  std::array<char, PATH_MAX + 256> line{};
  while (std::fgets(line.data(), line.size(), file.get()) != nullptr) {
    // "7f…-7f… rw-s 00000000 00:01 2050   /dev/zero (deleted)": most lines end here.
    const char* rights = std::strchr(line.data(), ' ');
    if (rights == nullptr || std::strlen(rights) < 5 || rights[2] != 'w' || rights[4] != 's')
      continue;
    Map map;
    std::array<char, 5> letters{};
    std::array<char, 16> device{};
    int name = 0;
    if (std::sscanf(line.data(), "%" SCNxPTR "-%" SCNxPTR " %4s %*x %15s %" SCNu64 " %n",
                    &map.begin, &map.end, letters.data(), device.data(), &map.inode, &name) < 5)
      continue;
    map.rights = letters.data();
    map.device = device.data();
    map.path = line.data() + name;
    strip_newline(map.path);
    maps.push_back(std::move(map));
  }
  return maps;
}

/// Memory that mmap(), shm_open(), sem_open() and memfd_create() give, and that has no name now.
/// System V's looks as if it had none, but has a number; a device's is more than memory.
bool is_nameless_memory(std::string_view path) {
  constexpr std::string_view kGone = " (deleted)";
  if (path.size() < kGone.size() || path.substr(path.size() - kGone.size()) != kGone) return false;
  for (const std::string_view start : {"/dev/zero", "/dev/shm/", "/memfd:"})
    if (path.substr(0, start.size()) == start) return true;
  return false;
}

/// The file of a semaphore gets its name after it is mapped, which then shows as deleted.
bool has_name_in_memory_folder(std::uint64_t inode) {
  const OpenFolder folder(::opendir("/dev/shm"));
  if (folder == nullptr) return false;
  while (const dirent* entry = ::readdir(folder.get()))
    if (entry->d_ino == inode) return true;
  return false;
}

bool is_own(const Map& map, const std::vector<Map>& all) {
  const auto same_file = [&map](const Map& other) {
    return other.inode == map.inode && other.device == map.device;
  };
  // Two maps of one file show each other's changes, which two copies would not.
  return is_nameless_memory(map.path) && map.rights == "rw-s" &&
         std::count_if(all.begin(), all.end(), same_file) == 1 &&
         !has_name_in_memory_folder(map.inode);
}

/// Splits all writable shared maps into those that can be copied and the others.
void sort_maps(std::vector<Map>& own, std::vector<Map>& others) {
  const std::vector<Map> all = writable_shared_maps();
  std::size_t total = 0;
  for (const Map& map : all) {
    const std::size_t size = map.end - map.begin;
    const bool copied = is_own(map, all) && size <= kMostCopied - total;
    if (copied) total += size;
    (copied ? own : others).push_back(map);
  }
}

}  // namespace

std::vector<std::string> map_hazards() {
  std::vector<Map> own;
  std::vector<Map> others;
  sort_maps(own, others);
  std::vector<std::string> hazards;
  hazards.reserve(others.size());
  for (const Map& map : others)
    hazards.push_back(fmt::format("shared memory ({})", map.path.empty() ? "no name" : map.path));
  return hazards;
}

std::vector<SharedMap> own_shared_maps() {
  std::vector<Map> own;
  std::vector<Map> others;
  sort_maps(own, others);
  std::vector<SharedMap> maps;
  maps.reserve(own.size());
  for (const Map& map : own) {
    const auto* bytes = reinterpret_cast<const char*>(map.begin);
    maps.push_back({map.begin, std::string(bytes, map.end - map.begin)});
  }
  return maps;
}

std::string renew_maps(const std::vector<SharedMap>& maps) {
  for (const SharedMap& map : maps) {
    void* place = reinterpret_cast<void*>(map.address);
    if (::mmap(place, map.content.size(), PROT_READ | PROT_WRITE,
               MAP_SHARED | MAP_ANONYMOUS | MAP_FIXED, -1, 0) != place)
      return fmt::format("shared memory: {}", std::strerror(errno));
    std::memcpy(place, map.content.data(), map.content.size());
  }
  return "";
}

}  // namespace nbreplay::worker
