#include "nbreplay/base/result.h"

#include "nbreplay/base/check.h"

namespace nbreplay {

void throw_exception_from_error(const Error& error, const boost::source_location& where) {
  check_failed(error.message, where.file_name(), static_cast<int>(where.line()),
               "value() of a Result that holds an error");
}

}  // namespace nbreplay
