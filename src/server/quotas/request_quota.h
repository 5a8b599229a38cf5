// The time that requests take of a node, as their clients' quotas count it: in percent of one processor.
//
// Concurrency: confined to the shard of the request.
#pragma once

#include <chrono>
#include <cstdint>
#include <string>

#include "runtime/task.h"
#include "server/quotas/quota_door.h"
#include "server/request_context.h"

namespace ottla::server {

// Counts what the request took until now; gives for how many milliseconds its client must wait.
inline Task<std::int64_t> record_request(QuotaDoor& door, const RequestContext& context) {
  if (!door.any(QuotaKind::request)) co_return 0;
  const double percent = std::chrono::duration<double>(context.busy).count() * 100;
  co_return co_await door.record(QuotaKind::request, context.client.principal.name,
                                 std::string(context.incoming.head.client_id), percent);
}

}  // namespace ottla::server
