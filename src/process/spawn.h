#pragma once

#include <boost/asio/io_context.hpp>
#include <boost/process/v2/process.hpp>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "nbreplay/base/file.h"

namespace nbreplay::process {

/// A child of ours. Its end is awaited by process_end.h. Destroying one that still runs kills it
/// and waits.
using SpawnedProcess = boost::process::v2::basic_process<boost::asio::io_context::executor_type>;

/// A plain child. Everything that is not said is empty or at end of file, never inherited.
struct SpawnRequest {
  std::vector<std::string> argv;  ///< argv[0] is the path that is executed.
  std::vector<std::pair<std::string, std::string>> variables;  ///< The whole environment.
  std::optional<Path> working_directory;
  int input = -1;  ///< Becomes 0; -1: /dev/null. So for the next two.
  int output = -1;
  int errors = -1;
  std::vector<int> passed_descriptors;  ///< Inherited under their own numbers.
  /// Lists of the members of control groups (ControlGroup::doors), which it enters.
  std::vector<int> control_groups;
  bool own_group = false;  ///< Leads a process group, so that it can be killed as a whole.
};

/// Errors are kEnvironment and name the program.
[[nodiscard]] Result<SpawnedProcess> spawn(boost::asio::io_context& io,
                                           const SpawnRequest& request);

}  // namespace nbreplay::process
