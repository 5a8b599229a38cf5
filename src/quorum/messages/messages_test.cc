// The quorum's APIs in all their versions: what one side says the other one understands, and what is refused is refused
// as the reference does it.
#include <gtest/gtest.h>

#include <span>
#include <string>
#include <utility>
#include <variant>

#include "base/arena.h"
#include "base/budget.h"
#include "protocol/codec.h"
#include "quorum/messages/asking.h"
#include "quorum/messages/serving.h"
#include "quorum/metadata_topic.h"

namespace ottla::quorum {
namespace {

using protocol::ErrorCode;

constexpr std::string_view kCluster = "AAAAAAAAAAAAAAAAAAAAAQ";

class MessagesTest : public testing::Test {
 protected:
  MessagesTest() {
    terms_.cluster = kCluster;
    terms_.listener = "C";
    terms_.now_ms = 10'000;
    terms_.leader = NodeId(2);
    terms_.epoch = LeaderEpoch(7);
    terms_.leader_endpoints = leader_at();
  }
  static raft::Endpoints leader_at() { return raft::Endpoints({{"C", "leader.host", 9093}}); }

  // To a server and back: what it understood.
  template <typename Request, typename Response>
  raft::Request asked(const raft::Request& request, std::int16_t version) {
    const auto message = make_request(request, {kCluster, "C"}, version, arena_);
    EXPECT_TRUE(message.ok()) << message.error().text();
    frame_ = protocol::encode(std::span(&*message, 1), protocol::Prefix::none)->flatten();
    Request decoded;
    EXPECT_TRUE(protocol::decode({.bytes = frame_.as_span(), .version = version}, arena_, decoded).ok());
    raft::Request understood;
    Response response;
    terms_.version = version;
    EXPECT_TRUE(*read_request(decoded, terms_, arena_, understood, response)) << response.error_code;
    EXPECT_EQ(api_of(understood), api_of(request));
    return understood;
  }
  // And its answer, at who asked.
  template <typename Response>
  raft::Reply answered(const raft::Reply& reply, protocol::ApiKey api, std::int16_t version) {
    terms_.version = version;
    Response response;
    Chain records;
    EXPECT_TRUE(write_response(reply, terms_, arena_, records, response).ok());
    frame_ = protocol::encode(response, version)->flatten();
    const auto read = read_response(api, {frame_, 0, version}, {kCluster, "C"}, arena_, codecs_);
    EXPECT_TRUE(read.ok()) << read.error().text();
    return *read;
  }
  static raft::Reply reply(decltype(raft::Reply::body) body, ErrorCode error = ErrorCode::none) {
    return {ErrorCode::none, error, {}, NodeId(2), LeaderEpoch(7), leader_at(), std::move(body)};
  }
  void expect_head(const raft::Reply& got, bool names_leader = true) {
    EXPECT_EQ(got.leader, NodeId(2));
    EXPECT_EQ(got.epoch, LeaderEpoch(7));
    EXPECT_EQ(got.leader_endpoints, names_leader ? leader_at() : raft::Endpoints());
  }
  template <typename Request, typename Response>
  ErrorCode refused(const Request& request) {
    raft::Request understood;
    Response response;
    EXPECT_FALSE(*read_request(request, terms_, arena_, understood, response));
    return static_cast<ErrorCode>(response.error_code);
  }

  Budget budget_{"test", std::size_t{1} << 24};
  Arena arena_{budget_};
  record::CodecPool codecs_;
  ServingTerms terms_;
  Slice frame_;
};

const raft::ReplicaKey kOne{NodeId(1), Uuid(1, 1)};
const raft::ReplicaKey kTwo{NodeId(2), Uuid(2, 2)};

TEST_F(MessagesTest, Vote) {
  raft::VoteRequest vote{kOne, LeaderEpoch(5), kTwo, {LeaderEpoch(4), Offset(99)}, false};
  for (std::int16_t version = 0; version <= 2; ++version) {
    vote.pre_vote = version == 2;
    const auto got = std::get<raft::VoteRequest>(
        asked<protocol::VoteRequest, protocol::VoteResponse>({{}, vote}, version).body);
    EXPECT_EQ(got.candidate, version == 0 ? raft::ReplicaKey{NodeId(1)} : kOne);
    EXPECT_EQ(got.voter, version == 0 ? raft::ReplicaKey{} : kTwo);
    EXPECT_EQ(got.end, vote.end);
    EXPECT_EQ(got.pre_vote, vote.pre_vote);
    const raft::Reply back =
        answered<protocol::VoteResponse>(reply(raft::VoteReply{true}), protocol::ApiKey::vote, version);
    EXPECT_TRUE(std::get<raft::VoteReply>(back.body).granted);
    expect_head(back, version >= 1);
  }
  vote.pre_vote = true;
  EXPECT_EQ(make_request({{}, vote}, {kCluster, "C"}, 1, arena_).error(), Errc::unsupported);
}

TEST_F(MessagesTest, BeginAndEndOfAnEpoch) {
  for (std::int16_t version = 0; version <= 1; ++version) {
    const raft::BeginEpochRequest begin{NodeId(2), LeaderEpoch(5), kOne, leader_at()};
    const auto began = std::get<raft::BeginEpochRequest>(
        asked<protocol::BeginQuorumEpochRequest, protocol::BeginQuorumEpochResponse>({{}, begin}, version)
            .body);
    EXPECT_EQ(began.epoch, begin.epoch);
    EXPECT_EQ(began.voter, version == 0 ? raft::ReplicaKey{} : kOne);
    EXPECT_EQ(began.endpoints, version == 0 ? raft::Endpoints() : leader_at());
    expect_head(answered<protocol::BeginQuorumEpochResponse>(reply(raft::BeginEpochReply()),
                                                             protocol::ApiKey::begin_quorum_epoch, version),
                version >= 1);
    const raft::EndEpochRequest end{NodeId(2), LeaderEpoch(5), {kOne, kTwo}, leader_at()};
    const auto ended = std::get<raft::EndEpochRequest>(
        asked<protocol::EndQuorumEpochRequest, protocol::EndQuorumEpochResponse>({{}, end}, version).body);
    EXPECT_EQ(ended.preferred.size(), 2U);
    EXPECT_EQ(ended.preferred.front(), version == 0 ? raft::ReplicaKey{NodeId(1)} : kOne);
    expect_head(answered<protocol::EndQuorumEpochResponse>(
                    reply(raft::EndEpochReply(), ErrorCode::fenced_leader_epoch),
                    protocol::ApiKey::end_quorum_epoch, version),
                version >= 1);
  }
}

TEST_F(MessagesTest, Fetch) {
  const raft::FetchRequest fetch{
      kOne, LeaderEpoch(5), {LeaderEpoch(4), Offset(99)}, Offset(98), std::chrono::milliseconds(500), 4096};
  for (std::int16_t version = 13; version <= 18; ++version) {
    const auto got = std::get<raft::FetchRequest>(
        asked<protocol::FetchRequest, protocol::FetchResponse>({{}, fetch}, version).body);
    EXPECT_EQ(got.replica, version < 17 ? raft::ReplicaKey{NodeId(1)} : kOne);
    EXPECT_EQ(got.end, fetch.end);
    EXPECT_EQ(got.high_watermark, version < 18 ? Offset::max() : Offset(98));
    EXPECT_EQ(got.max_wait, fetch.max_wait);
    EXPECT_EQ(got.max_bytes, 4096);
    raft::FetchReply body;
    body.high_watermark = Offset(50);
    body.log_start = Offset(3);
    body.diverging = raft::LogPosition{LeaderEpoch(2), Offset(40)};
    body.snapshot = raft::LogPosition{LeaderEpoch(3), Offset(45)};
    const raft::Reply back = answered<protocol::FetchResponse>(reply(body), protocol::ApiKey::fetch, version);
    const auto& read = std::get<raft::FetchReply>(back.body);
    EXPECT_EQ(read.high_watermark, Offset(50));
    EXPECT_EQ(read.log_start, Offset(3));
    EXPECT_EQ(read.diverging, body.diverging);
    EXPECT_EQ(read.snapshot, body.snapshot);
    expect_head(back, version >= 17);
  }
}

TEST_F(MessagesTest, AFetchOfSomethingElseIsInvalid) {
  protocol::FetchRequest request;
  EXPECT_EQ((refused<protocol::FetchRequest, protocol::FetchResponse>(request)), ErrorCode::invalid_request);
  const protocol::FetchRequest::FetchPartition partitions[2] = {};
  protocol::FetchRequest::FetchTopic topics[1];
  topics[0].topic_id = kMetadataTopicId;
  topics[0].partitions = std::span(partitions);
  request.topics = topics;
  EXPECT_EQ((refused<protocol::FetchRequest, protocol::FetchResponse>(request)), ErrorCode::invalid_request);
  topics[0].partitions = std::span(partitions).first(1);
  topics[0].topic_id = Uuid(5, 5);
  EXPECT_EQ((refused<protocol::FetchRequest, protocol::FetchResponse>(request)), ErrorCode::invalid_request);
  request.cluster_id = "another";
  EXPECT_EQ((refused<protocol::FetchRequest, protocol::FetchResponse>(request)),
            ErrorCode::inconsistent_cluster_id);
}

TEST_F(MessagesTest, FetchSnapshot) {
  const raft::FetchSnapshotRequest fetch{kOne, LeaderEpoch(5), {LeaderEpoch(4), Offset(99)}, 12, 4096};
  for (std::int16_t version = 0; version <= 1; ++version) {
    const auto got = std::get<raft::FetchSnapshotRequest>(
        asked<protocol::FetchSnapshotRequest, protocol::FetchSnapshotResponse>({{}, fetch}, version).body);
    EXPECT_EQ(got.replica, version == 0 ? raft::ReplicaKey{NodeId(1)} : kOne);
    EXPECT_EQ(got.snapshot, fetch.snapshot);
    EXPECT_EQ(got.position, 12);
    const raft::FetchSnapshotReply piece{fetch.snapshot, 5, 2, 3, Slice::from_static("abc")};
    const raft::Reply back =
        answered<protocol::FetchSnapshotResponse>(reply(piece), protocol::ApiKey::fetch_snapshot, version);
    const auto& read = std::get<raft::FetchSnapshotReply>(back.body);
    EXPECT_EQ(read.snapshot, fetch.snapshot);
    EXPECT_EQ(read.size, 5);
    EXPECT_EQ(read.position, 2);
    EXPECT_EQ(read.bytes.as_string_view(), "abc");
    expect_head(back, version >= 1);
  }
}

TEST_F(MessagesTest, ASnapshotOfAnotherTopicIsNotHere) {
  protocol::FetchSnapshotRequest::PartitionSnapshot partitions[1];
  partitions[0].partition = 3;
  protocol::FetchSnapshotRequest::TopicSnapshot topics[1];
  topics[0].name = "other";
  topics[0].partitions = partitions;
  protocol::FetchSnapshotRequest request;
  EXPECT_EQ((refused<protocol::FetchSnapshotRequest, protocol::FetchSnapshotResponse>(request)),
            ErrorCode::invalid_request);
  request.topics = topics;
  raft::Request understood;
  protocol::FetchSnapshotResponse response;
  terms_.version = 1;
  EXPECT_FALSE(*read_request(request, terms_, arena_, understood, response));
  EXPECT_EQ(response.error_code, 0);
  EXPECT_EQ(response.topics[0].name, "other");
  EXPECT_EQ(response.topics[0].partitions[0].index, 3);
  EXPECT_EQ(response.topics[0].partitions[0].error_code,
            static_cast<std::int16_t>(ErrorCode::unknown_topic_or_partition));
  EXPECT_EQ(response.node_endpoints[0].host, "leader.host");
}

TEST_F(MessagesTest, DescribeQuorum) {
  raft::DescribeReply describe;
  describe.high_watermark = Offset(77);
  describe.voters.push_back(
      {kTwo, leader_at(), Offset(80), Duration::zero(), std::chrono::milliseconds(250)});
  describe.observers.push_back({kOne, {}, Offset(-1), {}, {}});
  Chain records;
  protocol::DescribeQuorumResponse response;
  terms_.version = 2;
  EXPECT_TRUE(write_response(reply(describe), terms_, arena_, records, response).ok());
  const auto& partition = response.topics[0].partitions[0];
  EXPECT_EQ(partition.leader_id, 2);
  EXPECT_EQ(partition.high_watermark, 77);
  EXPECT_EQ(partition.current_voters[0].last_fetch_timestamp, 10'000);
  EXPECT_EQ(partition.current_voters[0].last_caught_up_timestamp, 9'750);
  EXPECT_EQ(partition.current_voters[0].replica_directory_id, kTwo.directory);
  EXPECT_EQ(partition.observers[0].last_fetch_timestamp, -1);
  EXPECT_EQ(response.nodes.size(), 1U) << "voters alone";
  EXPECT_EQ(response.nodes[0].listeners[0].host, "leader.host");
  EXPECT_TRUE(write_response(reply(raft::DescribeReply(), ErrorCode::not_leader_or_follower), terms_, arena_,
                             records, response)
                  .ok());
  EXPECT_EQ(response.topics[0].partitions[0].error_code, 6);
  EXPECT_TRUE(
      (*response.topics[0].partitions[0].error_message).starts_with("For requests intended only for"));
  EXPECT_EQ(response.topics[0].partitions[0].leader_id, 0);
}

TEST_F(MessagesTest, OtherTopicsAreNotDescribed) {
  protocol::DescribeQuorumRequest::PartitionData partitions[2];
  partitions[1].partition_index = 1;
  protocol::DescribeQuorumRequest::TopicData topics[1];
  topics[0].topic_name = kMetadataTopic;
  topics[0].partitions = partitions;
  protocol::DescribeQuorumRequest request;
  request.topics = topics;
  raft::Request understood;
  protocol::DescribeQuorumResponse response;
  EXPECT_FALSE(*read_request(request, terms_, arena_, understood, response));
  EXPECT_EQ(response.error_code, 0);
  EXPECT_EQ(response.topics[0].partitions.size(), 2U);
  for (const auto& each : response.topics[0].partitions) EXPECT_EQ(each.error_code, 3);
}

TEST_F(MessagesTest, ChangesOfVoters) {
  const raft::AddVoterRequest add{kOne, leader_at(), false};
  for (std::int16_t version = 0; version <= 1; ++version) {
    const auto got = std::get<raft::AddVoterRequest>(
        asked<protocol::AddRaftVoterRequest, protocol::AddRaftVoterResponse>({{}, add}, version).body);
    EXPECT_EQ(got.voter, kOne);
    EXPECT_EQ(got.endpoints, leader_at());
    EXPECT_EQ(got.ack_when_committed, version == 0);
  }
  EXPECT_EQ(std::get<raft::RemoveVoterRequest>(
                asked<protocol::RemoveRaftVoterRequest, protocol::RemoveRaftVoterResponse>(
                    {{}, raft::RemoveVoterRequest{kOne}}, 0)
                    .body)
                .voter,
            kOne);
  const raft::UpdateVoterRequest update{LeaderEpoch(4), {kOne, leader_at(), {0, 1}}};
  const auto got = std::get<raft::UpdateVoterRequest>(
      asked<protocol::UpdateRaftVoterRequest, protocol::UpdateRaftVoterResponse>({{}, update}, 0).body);
  EXPECT_EQ(got.voter, update.voter);
  EXPECT_EQ(got.epoch, update.epoch);
  expect_head(answered<protocol::UpdateRaftVoterResponse>(reply(raft::VoterChangeReply()),
                                                          protocol::ApiKey::update_raft_voter, 0));
}

TEST_F(MessagesTest, AnotherClusterIsNamed) {
  protocol::RemoveRaftVoterRequest request;
  request.cluster_id = "mine";
  raft::Request understood;
  protocol::RemoveRaftVoterResponse response;
  EXPECT_FALSE(*read_request(request, terms_, arena_, understood, response));
  EXPECT_EQ(response.error_code, static_cast<std::int16_t>(ErrorCode::inconsistent_cluster_id));
  EXPECT_EQ(*response.error_message,
            "The given id \"mine\" doesn't match the cluster id \"AAAAAAAAAAAAAAAAAAAAAQ\"");
  request.cluster_id = nullptr;
  EXPECT_TRUE(*read_request(request, terms_, arena_, understood, response));
}

TEST_F(MessagesTest, ADoneChangeSaysSoInTheReferencesWay) {
  Chain records;
  protocol::AddRaftVoterResponse response;
  EXPECT_TRUE(write_response(reply(raft::VoterChangeReply()), terms_, arena_, records, response).ok());
  EXPECT_EQ(*response.error_message, "NONE");
  EXPECT_TRUE(write_response(reply(raft::VoterChangeReply(), ErrorCode::not_leader_or_follower), terms_,
                             arena_, records, response)
                  .ok());
  EXPECT_EQ(*response.error_message, "");
}

TEST_F(MessagesTest, AResponseAboutSomethingElseIsNone) {
  protocol::VoteResponse response;
  frame_ = protocol::encode(response, 1)->flatten();
  EXPECT_EQ(read_response(protocol::ApiKey::vote, {frame_, 0, 1}, {kCluster, "C"}, arena_, codecs_).error(),
            Errc::malformed);
  response.error_code = static_cast<std::int16_t>(ErrorCode::inconsistent_cluster_id);
  frame_ = protocol::encode(response, 1)->flatten();
  EXPECT_EQ(read_response(protocol::ApiKey::vote, {frame_, 0, 1}, {kCluster, "C"}, arena_, codecs_)->top,
            ErrorCode::inconsistent_cluster_id);
}

}  // namespace
}  // namespace ottla::quorum
