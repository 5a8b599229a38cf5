#include "controller/producer_ids.h"

#include <algorithm>
#include <cstdint>
#include <limits>

#include "controller/brokers.h"

namespace ottla::controller {
namespace {

constexpr std::int32_t kBlock = 1000;

}  // namespace

ApiError allocate_producer_ids(const State& state, const protocol::AllocateProducerIdsRequest& request,
                               Call& call, protocol::AllocateProducerIdsResponse& response) {
  if (ApiError stale = check_broker_epoch(state.image(), request.broker_id, request.broker_epoch);
      !stale.ok()) {
    return stale;
  }
  const std::int64_t first = std::max(state.image().next_producer_id, std::int64_t{0});
  if (first > std::numeric_limits<std::int64_t>::max() - kBlock) {
    return {ErrorCode::unknown_server_error,
            "Exhausted all producerIds as the next block's end producerId has exceeded the int64 type limit"};
  }
  protocol::ProducerIdsRecord record;
  record.broker_id = request.broker_id;
  record.broker_epoch = request.broker_epoch;
  record.next_producer_id = first + kBlock;
  call.records.add(record, 0);
  response.producer_id_start = first;
  response.producer_id_len = kBlock;
  return {};
}

}  // namespace ottla::controller
