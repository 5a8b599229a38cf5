#include "bench/load/flow.h"

#include <fmt/format.h>

#include <stdexcept>
#include <utility>

#include "bench/load/readers.h"
#include "runtime/sleep.h"
#include "runtime/task_group.h"

namespace ottla::bench {

Flow::Flow(const Arguments& arguments, Topic topic, Prepared prepared, Window& window)
    : arguments_(arguments),
      topic_(std::move(topic)),
      prepared_(std::move(prepared)),
      window_(window),
      schedule_(clock_ns(), arguments.rate) {
  if (arguments.consumers > 0 && topic_.partitions != static_cast<std::int32_t>(arguments.connections))
    throw std::runtime_error("a flow that is read wants as many partitions as connections");
}

std::int64_t Flow::due(std::size_t lane, std::uint64_t batch) const {
  return schedule_.due_ns((batch * arguments_.connections + lane) *
                          static_cast<std::uint64_t>(prepared_.records));
}

Task<void> Flow::send(rpc::ClientConnection& connection, std::int32_t partition, std::int64_t due) {
  if (window_.holds(due)) late_.add(clock_ns() - due);
  co_await produce_once(connection, topic_, partition, prepared_.batch, arguments_.acks);
  if (window_.holds(due)) acked_.add(clock_ns() - due, static_cast<std::uint64_t>(prepared_.records));
}

Task<void> Flow::send_all(rpc::ClientConnection& connection, std::size_t lane) {
  TaskGroup under_way;
  const std::int64_t end = window_.end_ns();
  for (std::uint64_t batch = 0; due(lane, batch) < end; ++batch) {
    (void)co_await sleep_until(Instant(Duration(due(lane, batch))));
    const std::uint64_t turn = lane + batch * arguments_.connections;
    const auto partition = static_cast<std::int32_t>(turn % static_cast<std::uint64_t>(topic_.partitions));
    under_way.spawn(send(connection, partition, due(lane, batch)));
  }
  co_await under_way.wait();
}

void Flow::read(std::int32_t partition, const record::BatchView& batch) {
  const auto number = static_cast<std::uint64_t>(batch.base_offset().raw() / prepared_.records);
  const std::int64_t meant = due(static_cast<std::size_t>(partition), number);
  if (window_.holds(meant)) read_.add(clock_ns() - meant, static_cast<std::uint64_t>(batch.count()));
}

Task<void> Flow::run(Cancel cancel) {
  Connections connections = co_await connect(arguments_.port, arguments_.connections, cancel);
  window_.begin_warmup();
  schedule_ = Schedule(clock_ns(), arguments_.rate);
  Readers readers(arguments_.port, topic_, arguments_.consumers,
                  [this](std::int32_t partition, const record::BatchView& batch) { read(partition, batch); });
  TaskGroup reading(cancel);
  reading.spawn([&readers](Cancel inner) { return readers.run(Readers::Until::cancelled, inner); });
  TaskGroup sending;
  sending.spawn(window_.watch());
  for (std::size_t lane = 0; lane < connections.size(); ++lane)
    sending.spawn(send_all(*connections[lane], lane));
  co_await sending.wait();
  co_await reading.stop();
  co_await close(std::move(connections));
}

std::string Flow::json() const {
  return fmt::format(
      R"({{"seconds": {:.3f}, "records": {}, "broker": {}, "late_ns": {}, "acked_ns": {}, "read_ns": {}}})",
      window_.seconds(), acked_.count(), window_.json(), late_.json(), acked_.json(), read_.json());
}

}  // namespace ottla::bench
