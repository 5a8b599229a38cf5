// A topic of many partitions, asked over one connection of the same client, whoever answers.
//
// Errors: a node that does not answer, or goes on refusing for minutes, ends the benchmark with the reason.
#pragma once

#include <cstdint>

#include "bench/admin.h"

namespace ottla::bench {

// Seconds until each of its partitions tells where its log ends: their leaders are there, and their logs.
double await_served(std::uint16_t port, const NewTopic& topic);
// Seconds until each of its partitions has taken one record in: all in one request, then again who refused.
double fill(std::uint16_t port, const NewTopic& topic);

}  // namespace ottla::bench
