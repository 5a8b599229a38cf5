#include "server/handlers/init_producer_id.h"

#include <cstdint>

#include "protocol/error_code.h"
#include "server/producer_ids.h"

namespace ottla::server {
namespace {

using protocol::ErrorCode;
using protocol::InitProducerIdRequest;
using protocol::InitProducerIdResponse;

// Both are said, or none.
bool half_said(const InitProducerIdRequest& request) {
  return (request.producer_id == -1) != (request.producer_epoch == -1);
}

void refuse(InitProducerIdResponse& response, ErrorCode error) {
  response.error_code = static_cast<std::int16_t>(error);
  response.producer_id = -1;
  response.producer_epoch = -1;
}

}  // namespace

Task<Result<Outcome>> answer_init_producer_id(RequestContext& context, const InitProducerIdRequest& request,
                                              InitProducerIdResponse& response) {
  if (half_said(request)) {
    refuse(response, ErrorCode::invalid_request);
  } else if (!request.transactional_id.is_null()) {
    // Transactional ids have coordinators, and this broker is nobody's.
    refuse(response, request.transactional_id.value_or("").empty() ? ErrorCode::invalid_request
                                                                   : ErrorCode::not_coordinator);
  } else {
    const Result<std::int64_t> id = co_await context.node.producer_ids->next();
    if (!id.ok()) {
      context.node.log.info("no id for a producer", field("reason", id.error()));
      refuse(response, ErrorCode::coordinator_load_in_progress);
    } else {
      response.producer_id = *id;
      response.producer_epoch = 0;
    }
  }
  co_return Outcome::reply;
}

}  // namespace ottla::server
