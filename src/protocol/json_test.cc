#include "protocol/json.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstddef>
#include <cstdint>
#include <limits>
#include <span>
#include <string>
#include <string_view>

#include "base/arena.h"
#include "base/budget.h"
#include "base/chain.h"
#include "base/error.h"
#include "base/slice.h"
#include "base/uuid.h"
#include "protocol/array.h"
#include "protocol/fields.h"
#include "protocol/messages/alter_client_quotas.h"
#include "protocol/messages/api_versions.h"
#include "protocol/messages/consumer_group_heartbeat.h"
#include "protocol/messages/fetch.h"
#include "protocol/messages/headers.h"
#include "protocol/messages/metadata.h"
#include "protocol/messages/produce.h"
#include "protocol/messages/sasl_authenticate.h"

namespace ottla::protocol {
namespace {

using testing::HasSubstr;

class MessageJson : public testing::Test {
 protected:
  template <Message T>
  T read(std::string_view text, std::int16_t version) {
    T message;
    const auto done = from_json(text, version, arena_, message);
    EXPECT_TRUE(done.ok()) << done.error().to_string();
    return message;
  }
  template <Message T>
  std::string why_not(std::string_view text, std::int16_t version) {
    T message;
    const auto done = from_json(text, version, arena_, message);
    return done.ok() ? "read" : done.error().to_string();
  }

  Budget budget_{"test", 1 << 20};
  Arena arena_{budget_};
};

// What the reference's own converters print for the same messages.
TEST_F(MessageJson, HasTheFieldsOfTheVersionInTheirOrder) {
  EXPECT_EQ(
      to_json(FetchRequest{}, 4),
      R"({"replicaId":-1,"maxWaitMs":0,"minBytes":0,"maxBytes":2147483647,"isolationLevel":0,"topics":[]})");
  EXPECT_EQ(to_json(ProduceRequest{}, 9),
            R"({"transactionalId":null,"acks":0,"timeoutMs":0,"topicData":[]})");
}

TEST_F(MessageJson, HasTaggedFieldsOnlyWhenTheyDiffer) {
  EXPECT_THAT(to_json(FetchRequest{}, 18), testing::Not(HasSubstr("clusterId")));
  EXPECT_THAT(to_json(FetchRequest{.cluster_id = "a"}, 18), HasSubstr(R"({"clusterId":"a","maxWaitMs")"));
}

TEST_F(MessageJson, ShowsEveryKindOfValue) {
  using Quotas = AlterClientQuotasRequest;
  const Quotas::OpData ops[] = {{.key = "k", .value = 100, .remove = true}};
  const Quotas::EntityData entity[] = {{.entity_type = "user", .entity_name = nullptr}};
  const Quotas::EntryData entries[] = {{.entity = entity, .ops = ops}};
  EXPECT_EQ(to_json(Quotas{.entries = entries}, 1),
            R"({"entries":[{"entity":[{"entityType":"user","entityName":null}],)"
            R"("ops":[{"key":"k","value":100.0,"remove":true}]}],"validateOnly":false})");
}

TEST_F(MessageJson, PrettyLooksLikeTheReferences) {
  const ConsumerGroupHeartbeatResponse::Assignment assignment;
  const ConsumerGroupHeartbeatResponse response{.member_id = nullptr, .assignment = &assignment};
  EXPECT_EQ(to_json(response, 0, {.layout = JsonLayout::pretty}), R"({
  "throttleTimeMs" : 0,
  "errorCode" : 0,
  "errorMessage" : null,
  "memberId" : null,
  "memberEpoch" : 0,
  "heartbeatIntervalMs" : 0,
  "assignment" : {
    "topicPartitions" : [ ]
  }
})");
}

TEST_F(MessageJson, RecordsAreASizeOrTheirBytes) {
  const Chain chain(Slice::copy_of(std::string_view("abc")));
  for (const Records& records : {Records(chain), Records(std::as_bytes(std::span("abc", 3)))}) {
    const ProduceRequest::PartitionProduceData partition{.records = records};
    const ProduceRequest::TopicProduceData topic{.partition_data = Array(&partition, 1)};
    const ProduceRequest request{.topic_data = Array(&topic, 1)};
    EXPECT_THAT(to_json(request, 9), HasSubstr(R"("recordsSizeInBytes":3})"));
    EXPECT_THAT(to_json(request, 9, kWholeJson), HasSubstr(R"("records":"YWJj"})"));
  }
  const ProduceRequest::PartitionProduceData nothing{.records = nullptr};
  const ProduceRequest::TopicProduceData topic{.partition_data = Array(&nothing, 1)};
  EXPECT_THAT(to_json(ProduceRequest{.topic_data = Array(&topic, 1)}, 9), HasSubstr(R"("records":null)"));
}

TEST_F(MessageJson, SecretsAreHiddenUnlessAskedFor) {
  const SaslAuthenticateRequest request{.auth_bytes = std::as_bytes(std::span("secret", 6))};
  EXPECT_EQ(to_json(request, 2), R"({"authBytes":"[redacted]"})");
  EXPECT_EQ(to_json(request, 2, {.secrets = JsonSecrets::shown}), R"({"authBytes":"c2VjcmV0"})");
}

TEST_F(MessageJson, TextThatIsNotUtf8IsShownAllTheSame) {
  EXPECT_EQ(to_json(ApiVersionsRequest{.client_software_name = "a\xFF"}, 3),
            "{\"clientSoftwareName\":\"a\xEF\xBF\xBD\",\"clientSoftwareVersion\":\"\"}");
}

TEST_F(MessageJson, IsReadInAnyOrderAndWithBlanks) {
  const auto request =
      read<ApiVersionsRequest>("{ \"clientSoftwareVersion\" : \"1\",\n\"clientSoftwareName\" : \"ab\" }", 3);
  EXPECT_EQ(request, (ApiVersionsRequest{.client_software_name = "ab", .client_software_version = "1"}));
}

TEST_F(MessageJson, ReadsWhatHasNoNumberInJson) {
  const std::string before = R"({"entries":[{"entity":[],"ops":[{"key":"k","remove":false,"value":)";
  for (const double value : {0.5, 3.0, std::numeric_limits<double>::infinity()}) {
    const std::string text = before + (value == 3 ? "3" : value == 0.5 ? "5e-1" : "\"Infinity\"");
    const auto request = read<AlterClientQuotasRequest>(text + "}]}],\"validateOnly\":true}", 1);
    EXPECT_EQ(request.entries[0].ops[0].value, value);
  }
  EXPECT_THAT(why_not<AlterClientQuotasRequest>(before + "\"1\"}]}],\"validateOnly\":true}", 1),
              HasSubstr("entries[0].ops[0].value: a number is expected, not a string"));
}

TEST_F(MessageJson, MandatoryFieldsAreMandatory) {
  EXPECT_EQ(why_not<ApiVersionsRequest>(R"({"clientSoftwareName":"a"})", 3),
            "invalid_argument: ApiVersionsRequest.clientSoftwareVersion: missing (version 3)");
  EXPECT_EQ(why_not<ApiVersionsRequest>("{}", 0), "read");
}

TEST_F(MessageJson, UnknownFieldsAreRefused) {
  EXPECT_EQ(why_not<ApiVersionsRequest>(R"({"x\n":1})", 0),
            R"(invalid_argument: ApiVersionsRequest: there is no field "x\n" (version 0))");
  EXPECT_THAT(why_not<ApiVersionsRequest>(R"({"clientSoftwareName":"a"})", 2),
              HasSubstr("there is no field"));
}

TEST_F(MessageJson, FaultsNameTheirPlace) {
  const auto topic = [](std::string_view id) {
    return R"({"topics":[{"topicId":"AAAAAAAAAAAAAAAAAAAAAA","name":null},)" + std::string(id) +
           R"(],"allowAutoTopicCreation":true,"includeTopicAuthorizedOperations":false})";
  };
  EXPECT_THAT(why_not<MetadataRequest>(topic(R"({"topicId":5,"name":null})"), 12),
              HasSubstr("MetadataRequest.topics[1].topicId: an identifier is expected, not an integer"));
  EXPECT_THAT(why_not<MetadataRequest>(topic(R"({"topicId":"AA","name":null})"), 12),
              HasSubstr("topics[1].topicId: an identifier of 22 characters"));
  EXPECT_THAT(why_not<MetadataRequest>(topic("7"), 12),
              HasSubstr("topics[1]: an object is expected, not an integer"));
}

TEST_F(MessageJson, NumbersHaveTheirRange) {
  const auto with_key = [&](std::string_view key) {
    const std::string text = R"({"requestApiKey":)" + std::string(key) +
                             R"(,"requestApiVersion":1,"correlationId":2,"clientId":null})";
    return why_not<RequestHeader>(text, 1);
  };
  EXPECT_EQ(with_key("32767"), "read");
  for (const std::string_view bad : {"32768", "-32769", "1.0", "9223372036854775808", "1e3"})
    EXPECT_THAT(with_key(bad), HasSubstr("requestApiKey: an integer from -32768 to 32767 is expected"))
        << bad;
  EXPECT_THAT(with_key("true"), HasSubstr("an integer is expected, not a boolean"));
}

TEST_F(MessageJson, NullIsRefusedWhereTheVersionHasNone) {
  EXPECT_THAT(why_not<MetadataRequest>(R"({"topics":null})", 0), HasSubstr("topics: may not be null"));
  EXPECT_EQ(why_not<MetadataRequest>(R"({"topics":null})", 1), "read");
}

TEST_F(MessageJson, BytesAreBase64) {
  EXPECT_THAT(why_not<SaslAuthenticateRequest>(R"({"authBytes":"_-"})", 2), HasSubstr("not base64"));
  EXPECT_THAT(why_not<SaslAuthenticateRequest>(R"({"authBytes":[]})", 2),
              HasSubstr("base64 is expected, not an array"));
}

TEST_F(MessageJson, WhatIsNotJsonIsMalformed) {
  EXPECT_EQ(why_not<ApiVersionsRequest>("{", 3),
            "malformed: ApiVersionsRequest: malformed: not JSON at byte 2");
  EXPECT_THAT(why_not<ApiVersionsRequest>(std::string(1000, '['), 3), HasSubstr("nested more than 24 deep"));
  EXPECT_THAT(why_not<FetchRequest>("{}", 3), HasSubstr("unsupported: FetchRequest: there is no version 3"));
}

TEST_F(MessageJson, ASpentBudgetIsAnError) {
  Budget small("small", 300);
  Arena arena(small, {.first_chunk = 64, .kept = 0});
  SaslAuthenticateRequest request;
  const std::string text = R"({"authBytes":")" + std::string(160, 'A') + "\"}";
  EXPECT_EQ(from_json(text, 2, arena, request).error(), Errc::out_of_budget);
  EXPECT_EQ(from_json(std::string(200, '['), 2, arena, request).error().code(), Errc::out_of_budget);
}

}  // namespace
}  // namespace ottla::protocol
