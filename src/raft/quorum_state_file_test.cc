// quorum-state: the reference's bytes, both versions, and each way to be wrong.
#include "raft/quorum_state_file.h"

#include <gtest/gtest.h>

#include <array>

namespace ottla::raft {
namespace {

const Uuid kDirectory = *Uuid::parse("ASNFZ4mrze_-3LqYdlQyEA");

ElectionState voted_for(int node, Uuid directory) {
  return {LeaderEpoch(7), kNoNode, ReplicaKey{NodeId(node), directory}};
}
ElectionState led_by(int node) {
  return {LeaderEpoch(9), NodeId(node), std::nullopt};
}

// As text: what was read, or the complaint.
std::string read(std::string_view text) {
  const Result<ElectionState> state = parse_quorum_state(text, "/d/quorum-state");
  if (!state.ok()) return std::string(state.error().text());
  return "epoch " + state->epoch.to_string() + " leader " + state->leader.to_string() + " voted " +
         (state->voted ? state->voted->to_string() : "nobody");
}

TEST(QuorumStateFile, IsWrittenAsTheReferenceWritesIt) {
  EXPECT_EQ(
      encode_quorum_state(voted_for(2, kDirectory), 1),
      R"({"leaderId":-1,"leaderEpoch":7,"votedId":2,"votedDirectoryId":"ASNFZ4mrze_-3LqYdlQyEA","data_version":1})");
  EXPECT_EQ(
      encode_quorum_state(led_by(3), 1),
      R"({"leaderId":3,"leaderEpoch":9,"votedId":-1,"votedDirectoryId":"AAAAAAAAAAAAAAAAAAAAAA","data_version":1})");
  const std::array voters{NodeId(1), NodeId(2)};
  EXPECT_EQ(encode_quorum_state(led_by(1), 0, voters),
            R"({"clusterId":"","leaderId":1,"leaderEpoch":9,"votedId":-1,"appliedOffset":0,)"
            R"("currentVoters":[{"voterId":1},{"voterId":2}],"data_version":0})");
}

TEST(QuorumStateFile, ComesBack) {
  for (const ElectionState& state : {voted_for(2, kDirectory), led_by(3), ElectionState()}) {
    EXPECT_EQ(*parse_quorum_state(encode_quorum_state(state, 1), "f"), state);
  }
  EXPECT_EQ(*parse_quorum_state(encode_quorum_state(voted_for(2, kZeroUuid), 0), "f"),
            voted_for(2, kZeroUuid));
  EXPECT_EQ(read(R"({"clusterId":"x","leaderId":-1,"leaderEpoch":0,"votedId":-1,"appliedOffset":3,)"
                 R"("currentVoters":null,"data_version":0})"),
            "epoch 0 leader -1 voted nobody");
}

// Each part of a good file, broken.
TEST(QuorumStateFile, RefusesWhatItCannotReadWholly) {
  const std::string good = encode_quorum_state(voted_for(2, kDirectory), 1);
  const auto with = [&](std::string_view from, std::string_view to) {
    std::string text = good;
    text.replace(text.find(from), from.size(), to);
    return read(text);
  };
  const auto expect = [](const std::string& got, std::string_view part) {
    EXPECT_NE(got.find(part), std::string::npos) << got;
    EXPECT_TRUE(got.starts_with("/d/quorum-state: ")) << got;
    EXPECT_NE(got.find("put back the file"), std::string::npos) << got;
  };
  expect(read(""), "");
  expect(read("[]"), "not a JSON object");
  expect(read(good.substr(0, good.size() - 1)), "");
  expect(with("leaderId", "leaderid"), "leaderId is missing");
  expect(with("\"leaderEpoch\":7", "\"leaderEpoch\":-1"), "leaderEpoch is not a number from 0");
  expect(with("\"leaderEpoch\":7", "\"leaderEpoch\":2147483648"), "leaderEpoch is not");
  expect(with("\"leaderId\":-1", "\"leaderId\":\"1\""), "leaderId is not");
  expect(with("\"votedId\":2", "\"votedId\":-2"), "votedId is not");
  expect(with("\"votedId\":2", "\"votedId\":-1"), "nobody who got it");
  expect(with("ASNFZ", "!"), "votedDirectoryId is not");
  expect(with("\"data_version\":1", "\"data_version\":2"), "0 and 1 are known");
  expect(with("\"data_version\":1", "\"data_version\":0"), "clusterId is missing");
  expect(with("\"data_version\":1", "\"other\":1"), "data_version is missing");
  expect(with("\"data_version\":1", "\"data_version\":1,\"more\":1"),
         "members that its version does not know");
  expect(read(std::string(kMostQuorumStateBytes + 1, ' ')), "too long");
}

TEST(QuorumStateFile, OldVotersMustBeAListOfVoters) {
  const auto with = [](std::string_view voters) {
    return read(
        R"({"clusterId":"","leaderId":-1,"leaderEpoch":0,"votedId":-1,"appliedOffset":0,"currentVoters":)" +
        std::string(voters) + R"(,"data_version":0})");
  };
  EXPECT_EQ(with(R"([{"voterId":1}])"), "epoch 0 leader -1 voted nobody");
  for (const char* bad : {"3", "[1]", "[{}]", R"([{"voterId":"1"}])", R"([{"voterId":1,"x":2}])"}) {
    EXPECT_NE(with(bad).find("currentVoters is not"), std::string::npos) << bad;
  }
}

}  // namespace
}  // namespace ottla::raft
