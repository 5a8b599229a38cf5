#include "controller/producer_ids.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstdint>
#include <limits>
#include <string>

#include "controller/testing/conversation.h"

namespace ottla::controller {
namespace {

using protocol::AllocateProducerIdsRequest;
using protocol::AllocateProducerIdsResponse;
using testing::Conversation;
using ::testing::ElementsAre;
using ::testing::IsEmpty;

class ProducerIdsTest : public ::testing::Test {
 protected:
  ProducerIdsTest() { talk_.have_broker(1, 5); }
  std::string ask(int broker, int epoch) {
    return talk_.ask<AllocateProducerIdsRequest, AllocateProducerIdsResponse>(
        R"({"brokerId":)" + std::to_string(broker) + R"(,"brokerEpoch":)" + std::to_string(epoch) + "}");
  }

  Conversation talk_;
};

TEST_F(ProducerIdsTest, BlocksFollowEachOther) {
  EXPECT_EQ(ask(1, 5), R"({"throttleTimeMs":0,"errorCode":0,"producerIdStart":0,"producerIdLen":1000})");
  EXPECT_THAT(talk_.records(),
              ElementsAre(R"(ProducerIdsRecord {"brokerId":1,"brokerEpoch":5,"nextProducerId":1000})"));
  EXPECT_EQ(ask(1, 5), R"({"throttleTimeMs":0,"errorCode":0,"producerIdStart":1000,"producerIdLen":1000})");
  talk_.cluster().fail_over();
  EXPECT_EQ(ask(1, 5), R"({"throttleTimeMs":0,"errorCode":0,"producerIdStart":2000,"producerIdLen":1000})");
}

TEST_F(ProducerIdsTest, OnlyBrokersThatAreThere) {
  EXPECT_EQ(ask(1, 4), R"({"throttleTimeMs":0,"errorCode":77,"producerIdStart":0,"producerIdLen":0})");
  EXPECT_EQ(ask(2, 5), R"({"throttleTimeMs":0,"errorCode":77,"producerIdStart":0,"producerIdLen":0})");
  EXPECT_THAT(talk_.records(), IsEmpty());
}

TEST_F(ProducerIdsTest, NumbersEnd) {
  constexpr std::int64_t kLast = std::numeric_limits<std::int64_t>::max() - 1000;
  protocol::ProducerIdsRecord record;
  record.next_producer_id = kLast;
  talk_.cluster().have(record);
  EXPECT_EQ(ask(1, 5), R"({"throttleTimeMs":0,"errorCode":0,"producerIdStart":)" + std::to_string(kLast) +
                           R"(,"producerIdLen":1000})");
  EXPECT_EQ(ask(1, 5), R"({"throttleTimeMs":0,"errorCode":-1,"producerIdStart":0,"producerIdLen":0})");
}

}  // namespace
}  // namespace ottla::controller
