// InitProducerId: an id and an epoch for a producer. Without a transactional id any broker gives a fresh id.
#pragma once

#include "protocol/messages/init_producer_id.h"
#include "server/handler.h"

namespace ottla::server {

Task<Result<Outcome>> answer_init_producer_id(RequestContext& context,
                                              const protocol::InitProducerIdRequest& request,
                                              protocol::InitProducerIdResponse& response);

}  // namespace ottla::server
