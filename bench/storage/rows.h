// The rows of `./dev bench storage`, a function a group; each row stands beside a bare loop of the same shape.
#pragma once

#include "bench/measure.h"
#include "bench/report.h"

namespace ottla::bench {

void validate_rows(Report& report, int pairs);
void append_rows(Report& report, int pairs);
void durable_rows(Report& report, int pairs);
void read_rows(Report& report, int pairs);
void recover_rows(Report& report, int pairs);
void many_rows(Report& report, int pairs);
void compact_rows(Report& report, int pairs);

}  // namespace ottla::bench
