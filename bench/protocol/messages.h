// The messages that are measured: as large as a busy cluster's, all fields set as a client or broker sets them.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "base/chain.h"
#include "protocol/messages/fetch.h"
#include "protocol/messages/metadata.h"
#include "protocol/messages/produce.h"

namespace ottla::bench {

// Owns what the message points into.
struct ProduceSample {
  explicit ProduceSample(std::size_t partitions);

  Chain batch;
  std::vector<protocol::ProduceRequest::PartitionProduceData> partitions;
  protocol::ProduceRequest::TopicProduceData topic;
  protocol::ProduceRequest message;
};

struct FetchSample {
  explicit FetchSample(std::size_t partitions);

  std::vector<protocol::FetchRequest::FetchPartition> partitions;
  protocol::FetchRequest::FetchTopic topic;
  protocol::FetchRequest message;
};

struct FetchedSample {
  explicit FetchedSample(std::size_t partitions);

  Chain batch;
  std::vector<protocol::FetchResponse::PartitionData> partitions;
  protocol::FetchResponse::FetchableTopicResponse topic;
  protocol::FetchResponse message;
};

struct MetadataSample {
  MetadataSample(std::size_t topic_count, std::size_t partition_count);

  std::vector<std::string> names;
  std::vector<std::int32_t> replicas;
  std::vector<protocol::MetadataResponse::MetadataResponseBroker> brokers;
  std::vector<protocol::MetadataResponse::MetadataResponsePartition> partitions;
  std::vector<protocol::MetadataResponse::MetadataResponseTopic> topics;
  protocol::MetadataResponse message;
};

}  // namespace ottla::bench
