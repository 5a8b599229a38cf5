// Rows of a node with very many partitions.
#pragma once

#include "bench/report.h"

namespace ottla::bench {

void partition_rows(Report& report, int pairs);

}  // namespace ottla::bench
