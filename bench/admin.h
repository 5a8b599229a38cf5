// What an administrator asks a node, timed: over one connection of the same client, whoever answers.
//
// Errors: a reply that tells an error, or none within minutes, ends the benchmark with the reason.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

namespace ottla::bench {

struct NewTopic {
  std::string name;
  std::int32_t partitions = 1;
};

// Seconds until all are created, one request each, one after the other; each has one replica.
double create_topics(std::uint16_t port, const std::vector<NewTopic>& topics);
// Seconds until every partition of the cluster has a leader, as Metadata tells it.
double await_leaders(std::uint16_t port, std::size_t partitions);
// Milliseconds that one Metadata of all topics takes: the median of `times`.
double metadata_ms(std::uint16_t port, int times);

}  // namespace ottla::bench
