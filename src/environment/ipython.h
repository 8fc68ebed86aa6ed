#pragma once

#include <string>

#include "nbreplay/trial/environment.h"

namespace nbreplay::environment {

/// Says which IPython cells run through: the environment's own, or the one from `supply` for
/// environments that have none. The supply comes after the environment's own packages, so that
/// the notebook sees its own versions of everything; when one of those lies outside what the
/// supplied IPython asks for, the whole supply comes before them, and `why` says so.
void provide_ipython(Environment& environment, const Path& supply);

}  // namespace nbreplay::environment
