// The rows of `./dev bench runtime`, a function a group; each row stands beside a bare loop of the same shape.
#pragma once

#include <cstddef>
#include <functional>
#include <string_view>

#include "bench/report.h"
#include "runtime/process.h"
#include "runtime/task.h"

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

// Runs `measure` on the first of `shards` real shards and gives what it returns.
double in_process(std::size_t shards, const std::function<Task<double>(Process&, Cancel)>& measure);

// Monotonic nanoseconds, for bare loops.
double now_ns();
// CPU nanoseconds of the calling thread, of the whole process.
double thread_cpu_ns();
double process_cpu_ns();

}  // namespace ottla::bench
