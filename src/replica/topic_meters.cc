#include "replica/topic_meters.h"

#include <initializer_list>
#include <string>
#include <string_view>

#include "base/metric_family.h"

namespace ottla::replica {
namespace {

using protocol::ErrorCode;

constexpr CounterFamily kMessagesIn("kafka_server_brokertopicmetrics_messagesin", "records",
                                    "Records produced");
constexpr CounterFamily kBytesIn("kafka_server_brokertopicmetrics_bytesin", "bytes",
                                 "Bytes of records produced");
constexpr CounterFamily kBytesOut("kafka_server_brokertopicmetrics_bytesout", "bytes",
                                  "Bytes of records sent to consumers");
constexpr CounterFamily kBytesRejected("kafka_server_brokertopicmetrics_bytesrejected", "bytes",
                                       "Bytes of batches that were too large");
constexpr CounterFamily kProduceRequests("kafka_server_brokertopicmetrics_totalproducerequests", "requests",
                                         "Appends to a partition that were asked for");
constexpr CounterFamily kFetchRequests("kafka_server_brokertopicmetrics_totalfetchrequests", "requests",
                                       "Reads of a partition that were asked for");
constexpr CounterFamily kFailedProduceRequests("kafka_server_brokertopicmetrics_failedproducerequests",
                                               "requests", "Appends to a partition that failed");
constexpr CounterFamily kFailedFetchRequests("kafka_server_brokertopicmetrics_failedfetchrequests",
                                             "requests", "Reads of a partition that failed");
constexpr CounterFamily kNoKey("kafka_server_brokertopicmetrics_nokeycompactedtopicrecords", "records",
                               "Records without a key for a topic that is compacted");
constexpr CounterFamily kMagic("kafka_server_brokertopicmetrics_invalidmagicnumberrecords", "records",
                               "Batches of another format than their neighbours");
constexpr CounterFamily kChecksum("kafka_server_brokertopicmetrics_invalidmessagecrcrecords", "records",
                                  "Batches that fail their checksum");
constexpr CounterFamily kOffsetOrSequence("kafka_server_brokertopicmetrics_invalidoffsetorsequencerecords",
                                          "records", "Batches whose offsets or sequence do not fit");

// What the reference does not count as a failure of its own.
bool is_expected(ErrorCode error) {
  switch (error) {
    case ErrorCode::unknown_topic_or_partition:
    case ErrorCode::not_leader_or_follower:
    case ErrorCode::fenced_leader_epoch:
    case ErrorCode::unknown_leader_epoch:
    case ErrorCode::offset_out_of_range:
    case ErrorCode::message_too_large:
    case ErrorCode::record_list_too_large:
    case ErrorCode::kafka_storage_error:
      return true;
    default:
      return false;
  }
}

TopicMeters make(MetricRegistry& registry, std::initializer_list<MetricLabelView> labels) {
  return {.messages_in = registry.counter(kMessagesIn, labels),
          .bytes_in = registry.counter(kBytesIn, labels),
          .bytes_out = registry.counter(kBytesOut, labels),
          .bytes_rejected = registry.counter(kBytesRejected, labels),
          .produce_requests = registry.counter(kProduceRequests, labels),
          .fetch_requests = registry.counter(kFetchRequests, labels),
          .failed_produce_requests = registry.counter(kFailedProduceRequests, labels),
          .failed_fetch_requests = registry.counter(kFailedFetchRequests, labels)};
}

}  // namespace

TopicMeterSet::TopicMeterSet(MetricRegistry& registry)
    : registry_(registry),
      all_(make(registry, {})),
      refusals_{.no_key = registry.counter(kNoKey),
                .magic = registry.counter(kMagic),
                .checksum = registry.counter(kChecksum),
                .offset_or_sequence = registry.counter(kOffsetOrSequence)} {}

TopicMeters& TopicMeterSet::of(std::string_view topic) {
  const auto known = topics_.find(topic);
  if (known != topics_.end()) return known->second;
  return topics_.emplace(std::string(topic), make(registry_, {{"topic", topic}})).first->second;
}

void TopicMeterSet::count(TopicMeters& topic, Metric<Counter> TopicMeters::* meter, std::uint64_t amount) {
  (all_.*meter)->add(amount);
  (topic.*meter)->add(amount);
}

void TopicMeterSet::count_append(std::string_view topic, std::size_t bytes, const AppendAnswer& answer) {
  TopicMeters& meters = of(topic);
  count(meters, &TopicMeters::produce_requests);
  if (!answer.ok()) return count_refusal(meters, bytes, answer);
  count(meters, &TopicMeters::messages_in,
        static_cast<std::uint64_t>(answer.last_offset - answer.first_offset + 1));
  count(meters, &TopicMeters::bytes_in, bytes);
}

void TopicMeterSet::count_refusal(TopicMeters& meters, std::size_t bytes, const AppendAnswer& answer) {
  if (!is_expected(answer.error)) count(meters, &TopicMeters::failed_produce_requests);
  const auto metered = static_cast<std::uint64_t>(answer.metered);
  switch (answer.meter) {
    case record::RejectMeter::none:
      return;
    case record::RejectMeter::magic:
      return refusals_.magic->add(metered);
    case record::RejectMeter::crc:
      return refusals_.checksum->add(metered);
    case record::RejectMeter::offset_or_sequence:
      return refusals_.offset_or_sequence->add(metered);
    case record::RejectMeter::no_key:
      return refusals_.no_key->add(metered);
    case record::RejectMeter::bytes:
      return count(meters, &TopicMeters::bytes_rejected, bytes);
  }
}

void TopicMeterSet::count_read(std::string_view topic, ErrorCode error) {
  TopicMeters& meters = of(topic);
  count(meters, &TopicMeters::fetch_requests);
  if (error != ErrorCode::none && !is_expected(error)) count(meters, &TopicMeters::failed_fetch_requests);
}

void TopicMeterSet::count_sent(std::string_view topic, std::size_t bytes) {
  if (bytes != 0) count(of(topic), &TopicMeters::bytes_out, bytes);
}

void TopicMeterSet::forget(const std::function<bool(std::string_view topic)>& is_gone) {
  std::erase_if(topics_, [&](const auto& entry) { return is_gone(entry.first); });
}

}  // namespace ottla::replica
