#pragma once

#include <dirent.h>

#include <algorithm>
#include <array>
#include <cstdio>
#include <cstdlib>
#include <memory>
#include <string>
#include <vector>

// Reading what the kernel tells of this process under /proc.

namespace nbreplay::worker {

struct CloseFolder {
  void operator()(DIR* folder) const { ::closedir(folder); }
};
struct CloseFile {
  void operator()(std::FILE* file) const { (void)std::fclose(file); }
};
using OpenFolder = std::unique_ptr<DIR, CloseFolder>;
using TextFile = std::unique_ptr<std::FILE, CloseFile>;

inline TextFile open_text(const std::string& path) {
  return TextFile(std::fopen(path.c_str(), "re"));
}

/// The entries of a folder whose names are numbers, without the descriptor that reads it.
inline std::vector<int> numbers_in(const char* path) {
  std::vector<int> numbers;
  const OpenFolder folder(::opendir(path));
  if (folder == nullptr) return numbers;
  while (const dirent* entry = ::readdir(folder.get())) {
    char* end = nullptr;
    const long number = std::strtol(entry->d_name, &end, 10);
    if (end != entry->d_name && *end == '\0' && number != ::dirfd(folder.get()))
      numbers.push_back(static_cast<int>(number));
  }
  std::sort(numbers.begin(), numbers.end());
  return numbers;
}

inline void strip_newline(std::string& line) {
  if (!line.empty() && line.back() == '\n') line.pop_back();
}

inline std::string first_line(const std::string& path) {
  const TextFile file = open_text(path);
  std::array<char, 512> line{};
  if (file == nullptr || std::fgets(line.data(), line.size(), file.get()) == nullptr) return "";
  std::string text(line.data());
  strip_newline(text);
  return text;
}

template <class T>
bool contains(const std::vector<T>& list, T value) {
  return std::find(list.begin(), list.end(), value) != list.end();
}

}  // namespace nbreplay::worker
