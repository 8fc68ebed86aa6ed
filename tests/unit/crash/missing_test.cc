#include "nbreplay/crash/missing.h"

#include <gtest/gtest.h>

namespace nbreplay {
namespace {

Crash crash(const std::string& type, const std::string& message) {
  Crash made;
  made.type = type;
  made.message = message;
  return made;
}

TEST(MissingModule, IsWhatImportErrorsName) {
  for (const auto& [message, module] :
       {std::pair("No module named 'google.colab'", "google.colab"),
        std::pair("No module named 'os.gone'; 'os' is not a package", "os.gone"),
        std::pair("No module named \"seaborn\"", "seaborn"),
        std::pair("No module named seaborn", "seaborn"),
        std::pair("No module named 'größe'", "größe"),
        std::pair("cannot import name 'gcd' from 'fractions'", ""),
        std::pair("No module named '\x1b[31m'", "")}) {
    EXPECT_EQ(missing_module(crash("ModuleNotFoundError", message)), module) << message;
    EXPECT_EQ(missing_module(crash("ImportError", message)), module) << message;
    EXPECT_EQ(missing_module(crash("RuntimeError", message)), "") << message;
  }
  EXPECT_EQ(missing_module(Crash{}), "");
}

TEST(MissingPath, IsWhatErrorsOfFilesName) {
  EXPECT_EQ(missing_path(crash("FileNotFoundError",
                               "[Errno 2] No such file or directory: 'data/rides.csv'")),
            "data/rides.csv");
  EXPECT_EQ(missing_path(crash("OSError", "rides.npy not found.")), "rides.npy");
  EXPECT_EQ(missing_path(crash("ValueError", "No such file or directory: 'rides.csv'")), "");
}

TEST(UndefinedName, IsThatOfANameError) {
  EXPECT_EQ(undefined_name(crash("NameError", "name 'rides' is not defined")), "rides");
  EXPECT_EQ(undefined_name(crash("KeyError", "name 'rides' is not defined")), "");
}

TEST(MissingKey, IsThatOfAKeyError) {
  EXPECT_EQ(missing_key(crash("KeyError", "'tenure'")), "tenure");
  EXPECT_EQ(missing_key(crash("KeyError", "7")), "");
  EXPECT_EQ(missing_key(crash("IndexError", "'tenure'")), "");
}

}  // namespace
}  // namespace nbreplay
