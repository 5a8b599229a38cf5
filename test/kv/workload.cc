#include "test/kv/workload.h"

#include <algorithm>
#include <utility>

#include "runtime/sleep.h"

namespace ottla::kv {

struct Workload::Teller final : AnswerSink {
  Teller(History& to, ClientId client) : history(to), id(client) {}
  void answered(std::uint32_t sequence, const Answer& answer) override {
    history.answered(id, sequence, answer);
  }
  History& history;
  ClientId id;
};

Task<void> Workload::run_client(ClientId id, Cancel cancel) {
  Random random = this_shard().random().fork();
  Client client(id, nodes_, random.fork());
  Teller teller(history_, id);
  std::uint32_t left = (options_.commands + options_.clients - 1) / options_.clients;
  Result<void> result;
  while (left > 0 && result.ok()) {
    const auto burst = std::min(left, static_cast<std::uint32_t>(random.between(1, options_.largest_burst)));
    left -= burst;
    result = co_await client.call(draw(client, id, burst, random), teller, cancel);
    if (!result.ok()) break;
    result = co_await sleep_for(Duration(random.between(0, options_.longest_pause.count())), cancel);
  }
  co_await client.close();
  if (result.ok()) ++finished_;
}

Task<void> Workload::audit(Cancel cancel) {
  const ClientId id(options_.clients);
  Client client(id, nodes_, this_shard().random().fork());
  Teller teller(history_, id);
  std::vector<Command> reads;
  for (std::uint16_t key = 0; key < options_.keys; ++key) {
    reads.push_back({Operation::read, id, client.next_sequence() + key, key, 0, 0});
    history_.asked(reads.back());
  }
  audited_ = (co_await client.call(std::move(reads), teller, cancel)).ok();
  co_await client.close();
}

std::vector<Command> Workload::draw(const Client& client, ClientId id, std::uint32_t count, Random& random) {
  std::vector<Command> commands(count);
  std::uint32_t sequence = client.next_sequence();
  for (Command& command : commands) {
    command.client = id;
    command.sequence = sequence++;
    command.key = static_cast<std::uint16_t>(random.below(options_.keys));
    if (random.chance(options_.reads, 100)) {
      command.operation = Operation::read;
    } else {
      const bool conditional = random.chance(options_.conditional, 100);
      command.operation = conditional ? Operation::compare_and_set : Operation::write;
      // Now and then a version that cannot be the right one.
      if (conditional) {
        command.expected_version = history_.newest(command.key) + (random.chance(1, 8) ? 1 : 0);
      }
      command.value = History::value_of(id, command.sequence);
    }
    history_.asked(command);
  }
  return commands;
}

}  // namespace ottla::kv
