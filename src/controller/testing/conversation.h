// Requests, answers and records as JSON, for tests of what is decided about settings.
//
// Use:  Conversation talk;   talk.cluster().have(…);
//       EXPECT_EQ(talk.ask<Request, Response>(R"({…})", 1), R"({…})");
//       EXPECT_THAT(talk.records(), ElementsAre("ConfigRecord {…}"));
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "base/arena.h"
#include "base/budget.h"
#include "controller/testing/test_cluster.h"
#include "metadata/feature.h"
#include "protocol/codec.h"
#include "protocol/json.h"
#include "protocol/record_codec.h"

namespace ottla::controller::testing {

class Conversation {
 public:
  explicit Conversation(const TestSetup& setup = {}) : cluster_(setup) {
    cluster_.tamper = [this](RecordList& records) { note(records); };
  }

  TestCluster& cluster() { return cluster_; }

  // One that supports everything.
  void have_broker(std::int32_t id, std::int64_t epoch = 0) {
    std::vector<protocol::RegisterBrokerRecord::BrokerFeature> features;
    const auto supports = [&features](std::string_view name, std::int16_t least, std::int16_t most) {
      features.emplace_back();
      features.back().name = name;
      features.back().min_supported_version = least;
      features.back().max_supported_version = most;
    };
    for (const metadata::Feature& each : metadata::all_features()) supports(each.name, 0, each.latest());
    supports(metadata::kMetadataVersionFeature, metadata::level_of(metadata::kOldestMetadataVersion),
             metadata::level_of(metadata::kLatestMetadataVersion));
    protocol::RegisterBrokerRecord record;
    record.broker_id = id;
    record.broker_epoch = epoch;
    record.features = features;
    cluster_.have(record);
  }

  template <protocol::Message Request, protocol::Message Response>
  std::string ask(std::string_view json, std::int16_t version = Request::message().versions.last) {
    records_.clear();
    Budget budget("conversation", std::size_t{16} << 20U);
    Arena arena(budget);
    Request request;
    const Result<> read = protocol::from_json(json, version, arena, request);
    OTTLA_INVARIANT(read.ok(), "a test's request is wrong", read.error().to_string());
    const Response response = cluster_.ask<Response>(request, version);
    const auto encoded = protocol::encode(response, version);
    OTTLA_INVARIANT(encoded.ok(), "a response cannot be encoded", encoded.error().to_string());
    return protocol::to_json(response, version, protocol::kWholeJson);
  }

  // What the last request would have written: "TopicRecord {…}". Of one that only validates, what it counted.
  const std::vector<std::string>& records() const { return records_; }

 private:
  void note(const RecordList& records) {
    Budget budget("records", std::size_t{16} << 20U);
    for (const Slice& value : records.values()) {
      Arena arena(budget);
      const auto opened = protocol::open_metadata_record("__cluster_metadata", value.as_span());
      OTTLA_INVARIANT(opened.ok(), "a record cannot be read", opened.error().to_string());
      void* record = arena.allocate(opened->message->root->size);
      const auto read = protocol::decode(*opened->message,
                                         {.bytes = opened->body, .version = opened->version}, &arena, record);
      OTTLA_INVARIANT(read.ok(), "a record cannot be read", read.error().to_string());
      std::string text(opened->message->name);
      text += ' ';
      protocol::append_json(text, *opened->message, opened->version, record, protocol::kWholeJson);
      records_.push_back(std::move(text));
    }
  }

  TestCluster cluster_;
  std::vector<std::string> records_;
};

}  // namespace ottla::controller::testing
