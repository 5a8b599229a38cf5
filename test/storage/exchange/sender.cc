#include "test/storage/exchange/sender.h"

#include <fmt/format.h>

#include <cstddef>
#include <string_view>
#include <utility>
#include <vector>

#include "base/arena.h"
#include "base/budget.h"
#include "base/chain.h"
#include "protocol/array.h"
#include "protocol/fields.h"
#include "protocol/messages/produce.h"
#include "rpc/client_connection.h"
#include "runtime/shard.h"
#include "test/storage/exchange/stories.h"

namespace ottla::exchange {
namespace {

using namespace protocol;  // NOLINT(google-build-using-namespace): this file is all about its messages

// What write_idempotent() sent last by its first producer: nine batches of seven records.
constexpr std::int32_t kLastSequence = 56;
constexpr std::size_t kIdempotent = 5;

class Sender {
 public:
  explicit Sender(rpc::ClientConnection& connection) : connection_(connection) {}

  Task<Result<void>> send(std::string topic, std::int32_t partition, std::string what, BatchShape shape) {
    OTTLA_CO_TRY(const Slice batch, make_batch(shape, codecs_));
    const Chain records(batch);
    const ProduceRequest::PartitionProduceData part = {.index = partition, .records = Records(records)};
    const ProduceRequest::TopicProduceData one = {.name = topic, .partition_data = Array(&part, 1)};
    const ProduceRequest request = {.acks = -1, .timeout_ms = 30'000, .topic_data = Array(&one, 1)};
    arena_.reset();
    OTTLA_CO_TRY(const rpc::Reply reply, co_await connection_.call(Encodable(request, 9)));
    ProduceResponse response;
    OTTLA_CO_CHECK(reply.read(arena_, response));
    if (response.responses.size() != 1 || response.responses[0].partition_responses.size() != 1) {
      co_return Error(Errc::malformed, "not one answer for one partition");
    }
    const auto& said = response.responses[0].partition_responses[0];
    fmt::print("{} {} {} {} {}\n", topic, partition, what, said.error_code, said.base_offset);
    co_return Result<void>();
  }

 private:
  rpc::ClientConnection& connection_;
  record::CodecPool codecs_;
  Budget budget_{"storage exchange", std::size_t{64} << 20};
  Arena arena_{budget_};
};

Task<Result<void>> send_all(Sender& sender) {
  const std::size_t stories = all_stories().size();
  for (std::size_t i = 0; i < 2 * stories; ++i) {
    const auto partition = static_cast<std::int32_t>(i);
    const auto codec = static_cast<record::Compression>(i % 5);
    if (i % stories == kIdempotent) {
      const BatchShape last{.records = 7, .producer_id = 4000, .sequence = kLastSequence};
      BatchShape next = last;
      next.sequence += 7;
      BatchShape too_early = next;
      too_early.sequence += 70;
      OTTLA_CO_CHECK(co_await sender.send("ours", partition, "again", last));
      OTTLA_CO_CHECK(co_await sender.send("ours", partition, "early", too_early));
      OTTLA_CO_CHECK(co_await sender.send("ours", partition, "next", next));
    }
    OTTLA_CO_CHECK(co_await sender.send("ours", partition, "more", {.records = 4, .codec = codec}));
  }
  for (const std::int32_t partition : {0, 1}) {
    OTTLA_CO_CHECK(co_await sender.send("ours-appended", partition, "more", {.records = 4}));
  }
  co_return Result<void>();
}

}  // namespace

Task<Result<void>> send_more(std::string host, std::uint16_t port, Cancel cancel) {
  Network& network = Shard::current().network();
  OTTLA_CO_TRY(const auto addresses, co_await network.resolve(host, port, cancel));
  OTTLA_CO_TRY(const auto connection, co_await rpc::ClientConnection::connect(
                                          network, addresses.front(), {.client_id = "exchange"}, cancel));
  Sender sender(*connection);
  const Result<void> sent = co_await send_all(sender);
  co_await connection->close();
  co_return sent;
}

}  // namespace ottla::exchange
