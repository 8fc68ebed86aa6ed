#pragma once

// What `env` and `doctor` show of environments that nbreplay makes itself: plain data.

#include <optional>
#include <string>
#include <vector>

#include "nbreplay/base/file.h"
#include "nbreplay/base/units.h"
#include "nbreplay/trial/environment.h"
#include "nbreplay/trial/packages.h"

namespace nbreplay {

/// A lock that was found for some requirements, and what the person must know about it.
struct Resolution {
  Lock lock;
  std::vector<std::string> notes;
};

/// What a notebook needs, read from the files beside it or concluded from what it imports.
struct Inference {
  std::vector<std::string> requirements;  ///< "pandas==1.5.3", "scikit-learn"
  std::vector<std::string> constraints;   ///< Hold for what the requirements bring along.
  std::optional<Lock> lock;               ///< In place of requirements: nothing is left to resolve.
  std::string requires_python;            ///< ">=3.8,<3.11"; empty: any.
  std::string source;                     ///< "requirements.txt", "imports"
  std::string why;                        ///< One line.
  std::string as_of;                      ///< "2023-06-01": nothing newer is meant; may be empty.
  std::vector<std::string> unknown;       ///< Imports that no package is known for.
  std::vector<std::string> notes;
};

/// What would be made for a notebook.
struct EnvironmentPlan {
  Inference inference;
  Interpreter interpreter;
  std::string python_why;  ///< Why this one: "as the notebook was saved by".
};

/// An environment of the store.
struct StoredEnvironment {
  std::string hash;  ///< Names it; of its lock.
  Path folder;
  std::string python;  ///< "3.11"
  std::vector<PackageVersion> packages;
  Bytes size;        ///< What it alone holds, without the packages, which are shared.
  std::string made;  ///< "2023-06-01T10:00:00Z"
  std::string used;  ///< Last; likewise.
};

/// The store of unpacked packages and the environments made of it.
struct StoreFacts {
  std::vector<StoredEnvironment> environments;
  std::size_t packages = 0;  ///< Unpacked ones, each release and build once.
  Bytes packages_size;
};

/// What removing came to.
struct Removal {
  std::vector<std::string> removed;  ///< Hashes of environments.
  Bytes freed;
};

}  // namespace nbreplay
