#include "server/producer_ids.h"

#include <chrono>
#include <cstddef>

#include "base/arena.h"
#include "base/budget.h"
#include "protocol/error_code.h"
#include "protocol/error_info.h"
#include "protocol/messages/allocate_producer_ids.h"
#include "runtime/cross_shard.h"

namespace ottla::server {
namespace {

using protocol::AllocateProducerIdsRequest;
using protocol::AllocateProducerIdsResponse;
using protocol::ErrorCode;

constexpr std::size_t kMostReplyMemory = std::size_t{64} << 10;
// A producer is told to come again before it gives up by itself.
constexpr Duration kPatience = std::chrono::seconds(10);

}  // namespace

Task<Result<std::int64_t>> ProducerIds::next() {
  while (next_ >= end_) {
    OTTLA_CO_TRY(const Semaphore::Permit turn, co_await asking_.acquire(1));
    if (next_ < end_) break;  // somebody else has asked meanwhile
    OTTLA_CO_CHECK(co_await take_block());
  }
  co_return next_++;
}

Task<Result<void>> ProducerIds::take_block() {
  const AllocateProducerIdsRequest request = {.broker_id = broker_.raw(), .broker_epoch = epoch_()};
  OTTLA_CO_TRY(const rpc::Reply reply, co_await link_.call(Asking(request), kPatience, {}));
  Budget budget("producer ids", kMostReplyMemory);
  Arena arena(budget);
  AllocateProducerIdsResponse block;
  OTTLA_CO_CHECK(reply.read(arena, block));
  if (block.error_code != 0) {
    co_return Error(Errc::unsupported, protocol::info_of(static_cast<ErrorCode>(block.error_code)).name);
  }
  if (block.producer_id_start < 0 || block.producer_id_len <= 0 ||
      block.producer_id_start > INT64_MAX - block.producer_id_len) {
    co_return Error(Errc::malformed, "the controller gave a block of producer ids that is none");
  }
  next_ = block.producer_id_start;
  end_ = next_ + block.producer_id_len;
  co_return Result<void>();
}

Task<Result<std::int64_t>> ProducerIdDoor::next() {
  if (&home_ == &this_shard()) co_return co_await ids_.next();
  co_return co_await on(home_, [ids = &ids_]() -> Task<Result<std::int64_t>> { return ids->next(); });
}

}  // namespace ottla::server
