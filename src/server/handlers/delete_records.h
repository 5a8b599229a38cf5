// DeleteRecords: leaders forget what lies before an offset.
#pragma once

#include "base/result.h"
#include "protocol/messages/delete_records.h"
#include "runtime/task.h"
#include "server/handler.h"
#include "server/request_context.h"

namespace ottla::server {

Task<Result<Outcome>> answer_delete_records(RequestContext& context,
                                            const protocol::DeleteRecordsRequest& request,
                                            protocol::DeleteRecordsResponse& response);

}  // namespace ottla::server
