#include "bench/runtime/rows.h"

namespace ottla::bench {

void simulation_rows(Report&, int) {}

}  // namespace ottla::bench
