// The rows of `./dev bench runtime`, a function a group; each row stands beside a bare loop of the same shape.
#pragma once

#include <string_view>

#include "bench/measure.h"
#include "bench/report.h"

namespace ottla::bench {

void task_rows(Report& report, int pairs);
void cross_shard_rows(Report& report, int pairs);
void timer_rows(Report& report, int pairs);
void echo_rows(Report& report, int pairs);
void bulk_rows(Report& report, int pairs);
void tls_rows(Report& report, int pairs);
void append_rows(Report& report, int pairs);
void sync_rows(Report& report, int pairs);
void byte_rows(Report& report, int pairs);
void idle_rows(Report& report, int pairs);
void simulation_rows(Report& report, int pairs);

// This program started with the flag is the smallest server: two shards, a listener, one byte for each connection.
inline constexpr std::string_view kIdleServerFlag = "--idle-server";
int run_idle_server();

}  // namespace ottla::bench
