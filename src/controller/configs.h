// Configurations of topics, brokers, all brokers together, groups and subscriptions to client metrics: how they change.
//
// Errors: as call.h; of single resources in the response, in the reference's words.
// Order:  of the response: resources that mean nothing or were named twice, the others, loggers; each in the order of
//         the request.
// Notes:  what one broker alone can judge (values of its own keys, levels of its loggers) is checked where it is
//         (broker_alterations.h), before requests come here.
#pragma once

#include <cstddef>

#include "base/arena.h"
#include "base/result.h"
#include "controller/call.h"
#include "controller/record_list.h"
#include "controller/state.h"
#include "protocol/messages/alter_configs.h"
#include "protocol/messages/incremental_alter_configs.h"

namespace ottla::controller {

ApiError incremental_alter_configs(const State& state,
                                   const protocol::IncrementalAlterConfigsRequest& request, Call& call,
                                   protocol::IncrementalAlterConfigsResponse& response);
// What is not named goes.
ApiError alter_configs(const State& state, const protocol::AlterConfigsRequest& request, Call& call,
                       protocol::AlterConfigsResponse& response);

Result<> refuse_incremental_alter_configs(const protocol::IncrementalAlterConfigsRequest& request,
                                          const ApiError& error, Arena& arena,
                                          protocol::IncrementalAlterConfigsResponse& response);
Result<> refuse_alter_configs(const protocol::AlterConfigsRequest& request, const ApiError& error,
                              Arena& arena, protocol::AlterConfigsResponse& response);

// Where eligible replicas are tracked, min.insync.replicas stands for all brokers and for no single one: the records
// that make it so, when that begins.
void add_elr_safety_records(const State& state, RecordList& records);

}  // namespace ottla::controller
