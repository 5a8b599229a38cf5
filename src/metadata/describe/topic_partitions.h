// What DescribeTopicPartitions answers: a page of topics by name, with the replicas that may be elected.
//
// Lifetime:    the response points into the image, the request and the arena.
// Concurrency: pure.
// Errors:      out_of_budget.
// Notes:       a cursor far behind a topic's partitions is at its end here; the reference counts beyond the largest
//              number there and answers with a cursor that it would refuse.
#pragma once

#include <cstdint>

#include "base/arena.h"
#include "base/result.h"
#include "metadata/describe/brokers.h"
#include "protocol/error_code.h"
#include "protocol/messages/describe_topic_partitions.h"

namespace ottla::metadata {

// `most` is the node's max.request.partition.size.limit.
Result<> describe_topic_partitions(const Viewpoint& viewpoint, std::int32_t most,
                                   const protocol::DescribeTopicPartitionsRequest& request, Arena& arena,
                                   protocol::DescribeTopicPartitionsResponse& response);

Result<> refuse_topic_partitions(const protocol::DescribeTopicPartitionsRequest& request,
                                 protocol::ErrorCode error, Arena& arena,
                                 protocol::DescribeTopicPartitionsResponse& response);

}  // namespace ottla::metadata
