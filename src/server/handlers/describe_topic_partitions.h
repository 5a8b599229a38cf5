// DescribeTopicPartitions: from the image, page by page.
#pragma once

#include "base/result.h"
#include "protocol/messages/describe_topic_partitions.h"
#include "server/request_context.h"

namespace ottla::server {

Result<> answer_describe_topic_partitions(RequestContext& context,
                                          const protocol::DescribeTopicPartitionsRequest& request,
                                          protocol::DescribeTopicPartitionsResponse& response);

}  // namespace ottla::server
