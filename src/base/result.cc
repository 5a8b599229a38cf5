#include "base/result.h"

#include "base/invariant.h"

namespace ottla::result_internal {

void no_value(const Error& error) {
  OTTLA_INVARIANT(false, "value() of a failure", error.to_string());
}
void no_error() {
  OTTLA_INVARIANT(false, "error() of a success");
}

}  // namespace ottla::result_internal
