// What the load is: the words of a command line, understood.
//
// Errors: a word that is not understood ends the program with what it may be told; so does --help, in good order.
#pragma once

#include <sys/types.h>

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>

#include "bench/load/topic.h"
#include "record/batch_layout.h"

namespace ottla::bench {

// For the limits of the machine.
struct MachineArguments {
  std::string directory = "/tmp";
  int threads = 16;
  int files = 16;
};

struct Arguments {
  std::string verb;
  std::uint16_t port = 9092;
  std::string topic = "load";
  std::int32_t partitions = 1;
  TopicConfigs configs;
  std::size_t connections = 1;
  std::size_t consumers = 1;
  std::size_t in_flight = 5;  // requests, on each connection
  std::size_t record = 1024;
  std::size_t batch = std::size_t{128} << 10U;
  record::Compression codec = record::Compression::none;
  std::int16_t acks = -1;
  std::uint64_t rate = 20'000;  // records a second, of open loops
  std::uint64_t amount = 0;     // bytes before compression after which it ends; 0: by time
  double warmup_s = 1;
  double seconds = 5;
  bool verify = false;
  pid_t watch = 0;         // the process whose use of the machine counts
  std::int64_t since = 0;  // on the monotonic clock
  MachineArguments machine;
};

Arguments parse(std::span<char* const> words);

}  // namespace ottla::bench
