#include "bench/load/verbs.h"

#include <fmt/format.h>

#include <algorithm>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <stdexcept>
#include <utility>

#include "bench/load/flow.h"
#include "bench/load/producers.h"
#include "bench/load/readers.h"
#include "bench/load/topic.h"
#include "bench/load/window.h"
#include "record/batch_layout.h"
#include "runtime/address.h"
#include "runtime/shard.h"
#include "runtime/sleep.h"
#include "runtime/task_group.h"

namespace ottla::bench {
namespace {

// Until it is there: a node that starts refuses connections.
Task<std::unique_ptr<rpc::ClientConnection>> reach(std::uint16_t port, Cancel cancel) {
  while (true) {
    auto connected = co_await rpc::ClientConnection::connect(this_shard().network(), Address::loopback(port),
                                                             {.client_id = "load"}, cancel);
    if (connected.ok()) co_return std::move(connected).value();
    (void)co_await sleep_for(std::chrono::microseconds(500), cancel);
  }
}

Task<Topic> topic_of(const Arguments& arguments, Cancel cancel) {
  const auto connection = co_await reach(arguments.port, cancel);
  Topic topic = co_await make_topic(*connection, arguments.topic, arguments.partitions, arguments.configs);
  co_await connection->close();
  co_return topic;
}

Task<std::string> produce(const Arguments& arguments, Cancel cancel) {
  Topic topic = co_await topic_of(arguments, cancel);
  Window window(arguments);
  Producers producers(arguments, std::move(topic), prepare(arguments), window);
  co_await producers.run(cancel);
  co_return producers.json();
}

// The times in it are those of the process that wrote it.
void verify(const record::BatchView& batch, const Prepared& sent) {
  const bool whole = batch.crc_holds() && batch.count() == sent.records &&
                     batch.last_offset_delta() == sent.records - 1 && batch.size() == sent.batch.size();
  if (!whole)
    throw std::runtime_error(
        fmt::format("the batch at offset {} is not what was written", batch.base_offset().raw()));
  const auto records = sent.batch.as_span().subspan(record::kRecordsAt);
  if (!std::ranges::equal(batch.records(), records))
    throw std::runtime_error(
        fmt::format("the records at offset {} are not what was written", batch.base_offset().raw()));
}

Task<std::string> consume(const Arguments& arguments, Cancel cancel) {
  const auto connection = co_await reach(arguments.port, cancel);
  Topic topic = co_await find_topic(*connection, arguments.topic);
  co_await connection->close();
  const Prepared sent = prepare(arguments);
  std::uint64_t records = 0;
  Readers readers(arguments.port, std::move(topic), arguments.connections,
                  [&](std::int32_t, const record::BatchView& batch) {
                    records += static_cast<std::uint64_t>(batch.count());
                    if (arguments.verify) verify(batch, sent);
                  });
  Window window(arguments);
  window.open();
  co_await readers.run(Readers::Until::end, cancel);
  window.close();
  const double seconds = window.seconds();
  const auto bytes = static_cast<double>(records * arguments.record);
  co_return fmt::format(
      R"({{"seconds": {:.3f}, "fetches": {}, "records": {}, "bytes": {:.0f}, "wire_bytes": {}, "mb_per_s": {:.2f}, "broker": {}}})",
      seconds, readers.fetches(), records, bytes, readers.bytes(), bytes / 1e6 / seconds, window.json());
}

Task<std::string> tail(const Arguments& arguments, Cancel cancel) {
  Topic topic = co_await topic_of(arguments, cancel);
  Window window(arguments);
  std::uint64_t records = 0;
  Readers readers(arguments.port, topic, arguments.consumers,
                  [&](std::int32_t, const record::BatchView& batch) {
                    if (window.holds(clock_ns())) records += static_cast<std::uint64_t>(batch.count());
                  });
  Producers producers(arguments, std::move(topic), prepare(arguments), window);
  TaskGroup reading(cancel);
  reading.spawn([&readers](Cancel inner) { return readers.run(Readers::Until::cancelled, inner); });
  co_await producers.run(cancel);
  co_await reading.stop();
  co_return fmt::format(R"({{"read_records": {}, "read_mb_per_s": {:.2f}, "produced": {}}})", records,
                        static_cast<double>(records * arguments.record) / 1e6 / window.seconds(),
                        producers.json());
}

Task<std::string> flow(const Arguments& arguments, Cancel cancel) {
  Topic topic = co_await topic_of(arguments, cancel);
  Window window(arguments);
  Flow under_way(arguments, std::move(topic), prepare(arguments), window);
  co_await under_way.run(cancel);
  co_return under_way.json();
}

// The first record that a node takes in, of each partition: what one who starts it waits for.
Task<std::string> first(const Arguments& arguments, Cancel cancel) {
  const auto connection = co_await reach(arguments.port, cancel);
  const std::int64_t reached = clock_ns();
  const Topic topic =
      co_await make_topic(*connection, arguments.topic, arguments.partitions, arguments.configs);
  const Prepared prepared = prepare(arguments);
  for (std::int32_t partition = 0; partition < topic.partitions; ++partition)
    co_await produce_once(*connection, topic, partition, prepared.batch, arguments.acks);
  const std::int64_t accepted = clock_ns();
  co_await connection->close();
  co_return fmt::format(R"({{"reached_ms": {:.3f}, "accepted_ms": {:.3f}}})",
                        static_cast<double>(reached - arguments.since) / 1e6,
                        static_cast<double>(accepted - arguments.since) / 1e6);
}

Task<std::string> create(const Arguments& arguments, Cancel cancel) {
  const std::int64_t begin = clock_ns();
  const Topic topic = co_await topic_of(arguments, cancel);
  co_return fmt::format(R"({{"partitions": {}, "seconds": {:.4f}}})", topic.partitions,
                        static_cast<double>(clock_ns() - begin) / 1e9);
}

Task<std::string> drop(const Arguments& arguments, Cancel cancel) {
  const auto connection = co_await reach(arguments.port, cancel);
  co_await drop_topic(*connection, arguments.topic);
  co_await connection->close();
  co_return "{}";
}

using Verb = Task<std::string> (*)(const Arguments&, Cancel);
constexpr std::pair<std::string_view, Verb> kVerbs[] = {
    {"produce", produce}, {"consume", consume}, {"tail", tail}, {"flow", flow},
    {"first", first},     {"create", create},   {"drop", drop}};

Verb find_verb(std::string_view wanted) {
  for (const auto& [name, verb] : kVerbs) {
    if (name == wanted) return verb;
  }
  return nullptr;
}

}  // namespace

bool is_verb(std::string_view name) {
  return find_verb(name) != nullptr;
}

Task<std::string> run_verb(const Arguments& arguments, Cancel cancel) {
  return find_verb(arguments.verb)(arguments, cancel);
}

}  // namespace ottla::bench
