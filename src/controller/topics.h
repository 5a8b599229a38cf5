// Topics and their partitions come and go.
#pragma once

#include "controller/call.h"
#include "controller/state.h"
#include "protocol/messages/create_partitions.h"
#include "protocol/messages/create_topics.h"
#include "protocol/messages/delete_topics.h"

namespace ottla::controller {

// create_topics.cc
ApiError create_topics(const State& state, const protocol::CreateTopicsRequest& request, Call& call,
                       protocol::CreateTopicsResponse& response);
Result<> refuse_create_topics(const protocol::CreateTopicsRequest& request, const ApiError& error,
                              Arena& arena, protocol::CreateTopicsResponse& response);

// delete_topics.cc
ApiError delete_topics(const State& state, const protocol::DeleteTopicsRequest& request, Call& call,
                       protocol::DeleteTopicsResponse& response);
Result<> refuse_delete_topics(const protocol::DeleteTopicsRequest& request, const ApiError& error,
                              Arena& arena, protocol::DeleteTopicsResponse& response);

// create_partitions.cc
ApiError create_partitions(const State& state, const protocol::CreatePartitionsRequest& request, Call& call,
                           protocol::CreatePartitionsResponse& response);
Result<> refuse_create_partitions(const protocol::CreatePartitionsRequest& request, const ApiError& error,
                                  Arena& arena, protocol::CreatePartitionsResponse& response);

}  // namespace ottla::controller
