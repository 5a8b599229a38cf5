// One core, told what happens line by line, and asked what it decides. Times in milliseconds.
//
//   Story story({.self = 1, .voters = {1, 2, 3}});
//   story.wait(2000);                       time passes, timers fire
//   story.says(2, vote_granted());          node 2 answers the last request to it
//   EXPECT_EQ(story.sent(2), "vote 1@1");   what was sent to node 2 last
//   story.disk();                           the disk does all that it was told, and syncs
#include "raft/core.h"

#include <gtest/gtest.h>

#include <map>
#include <string>
#include <utility>
#include <vector>

namespace ottla::raft {
namespace {

using std::chrono::milliseconds;

Uuid directory(int node) {
  return {7, static_cast<std::uint64_t>(node)};
}
ReplicaKey key(int node) {
  return {NodeId(node), directory(node)};
}
Endpoints endpoints(int node) {
  return Endpoints({{"C", "n" + std::to_string(node), 9093}});
}

struct Begin {
  int self = 1;
  std::vector<int> voters = {1, 2, 3};
  ElectionState election = {};
  LogPosition end = {};  // of the recovered log
  bool dynamic = true;
  bool auto_join = false;
};

std::string name_of(const Request& request) {
  struct Names {
    std::string operator()(const VoteRequest& r) const {
      return (r.pre_vote ? "pre-vote " : "vote ") + r.epoch.to_string();
    }
    std::string operator()(const BeginEpochRequest& r) const { return "begin " + r.epoch.to_string(); }
    std::string operator()(const EndEpochRequest& r) const { return "end " + r.epoch.to_string(); }
    std::string operator()(const FetchRequest& r) const { return "fetch " + r.end.to_string(); }
    std::string operator()(const FetchSnapshotRequest& r) const {
      return "load " + r.snapshot.to_string() + " from " + std::to_string(r.position);
    }
    std::string operator()(const DescribeRequest&) const { return "describe"; }
    std::string operator()(const AddVoterRequest& r) const { return "add " + r.voter.id.to_string(); }
    std::string operator()(const RemoveVoterRequest& r) const { return "remove " + r.voter.id.to_string(); }
    std::string operator()(const UpdateVoterRequest& r) const {
      return "update " + r.voter.key.id.to_string();
    }
    std::string operator()(const VersionsRequest&) const { return "versions"; }
  };
  return std::visit(Names(), request.body);
}

class Story {
 public:
  explicit Story(Begin begin = {}) {
    CoreOptions options;
    options.self = key(begin.self);
    options.cluster = "here";
    options.listener = "C";
    options.endpoints = endpoints(begin.self);
    options.auto_join = begin.auto_join;
    Recovered recovered;
    recovered.election = begin.election;
    LogShape::Parts parts;
    parts.end = begin.end.offset;
    if (parts.end > Offset(0)) parts.epochs = {{begin.end.epoch, Offset(0)}};
    parts.snapshots = {{kBootstrapSnapshot, 1}};
    recovered.log = LogShape(parts);
    std::vector<VoterNode> voters;
    for (const int node : begin.voters) {
      const Uuid id = begin.dynamic ? directory(node) : kZeroUuid;
      voters.push_back({{NodeId(node), id}, endpoints(node), {0, 1}});
    }
    if (begin.dynamic) {
      recovered.control = {{Offset(-1), KRaftVersionChange{1}}, {Offset(-1), VotersChange{VoterSet(voters)}}};
    } else {
      options.configured_voters = VoterSet(voters);
    }
    core_.emplace(options, recovered, Random(1), now_);
    take();
  }

  Core& core() { return *core_; }

  // --- What happens
  void wait(int millis) {
    const Instant until = now_ + milliseconds(millis);
    while (core_->deadline() <= until) {
      now_ = std::max(now_ + Duration(1), core_->deadline());
      core_->tick(now_);
      take();
    }
    now_ = until;
    core_->tick(now_);
    take();
  }
  void disk() {
    while (!steps_.empty()) {
      const std::vector<DiskStep> steps = std::exchange(steps_, {});
      for (const DiskStep& step : steps) {
        if (const auto* save = std::get_if<SaveElection>(&step)) core_->election_saved(save->version, now_);
        if (const auto* cut = std::get_if<TruncateLog>(&step)) generation_ = cut->generation;
        if (const auto* restart = std::get_if<RestartLog>(&step)) generation_ = restart->generation;
      }
      core_->log_synced(core_->log().end(), generation_, now_);
      take();
    }
  }
  // What the core answers to a request; empty while it does not.
  std::string asks(decltype(Request::body) body, std::string cluster = "here") {
    core_->request(++token_, Request{std::move(cluster), std::move(body)}, now_);
    take();
    return answered(token_);
  }
  std::string answered(RequestToken token) const {
    const auto answer = answers_.find(token);
    return answer == answers_.end() ? "" : answer->second;
  }
  RequestToken last_token() const { return token_; }
  const Reply& reply() const { return last_reply_; }
  void says(int node, Reply reply) {
    const Correlation correlation = pending_.at(node);
    core_->reply(correlation, reply, now_);
    take();
  }
  void fails(int node) {
    core_->request_failed(pending_.at(node), now_);
    take();
  }
  // This core becomes leader of its next epoch with the votes of these nodes.
  void elected_by(std::vector<int> nodes) {
    wait(2100);
    disk();
    for (const int node : nodes) says(node, answer(VoteReply{true}));
    disk();
    for (const int node : nodes) says(node, answer(VoteReply{true}));
    disk();
  }
  Reply answer(decltype(Reply::body) body, int leader = -1) const {
    Reply reply;
    reply.epoch = core_->epoch();
    reply.leader = NodeId(leader);
    if (leader >= 0) reply.leader_endpoints = endpoints(leader);
    reply.body = std::move(body);
    return reply;
  }

  // --- What was decided
  std::string role() const {
    static constexpr const char* kNames[] = {"unattached", "prospective", "candidate",
                                             "leader",     "follower",    "resigned"};
    return kNames[core_->role().index()] + (" " + core_->epoch().to_string());
  }
  // Since it was asked last.
  std::string sent(int node) {
    const auto sent = sent_.find(node);
    std::string text = sent == sent_.end() ? "" : sent->second;
    if (sent != sent_.end()) sent_.erase(sent);
    return text;
  }
  bool shut_down() const { return shut_down_; }
  std::string oddities() const { return oddities_; }

 private:
  void take() {
    Decisions decided = core_->take();
    for (DiskStep& step : decided.steps) steps_.push_back(std::move(step));
    for (const Outgoing& outgoing : decided.requests) {
      const int node = std::stoi(outgoing.to.host.substr(1));
      sent_[node] = name_of(outgoing.request);
      pending_[node] = outgoing.correlation;
    }
    for (const Answer& answer : decided.answers) {
      last_reply_ = answer.reply;
      std::string text = "ok";
      if (answer.reply.error != ErrorCode::none)
        text = "error " + std::to_string(static_cast<int>(answer.reply.error));
      if (answer.reply.top != ErrorCode::none)
        text = "refused " + std::to_string(static_cast<int>(answer.reply.top));
      const auto* vote = std::get_if<VoteReply>(&answer.reply.body);
      if (vote != nullptr && text == "ok") text = vote->granted ? "granted" : "rejected";
      answers_[answer.token] = text;
    }
    for (const Notice& notice : decided.notices) {
      if (std::holds_alternative<ShutDown>(notice)) shut_down_ = true;
      if (const auto* oddity = std::get_if<Oddity>(&notice)) oddities_ += oddity->text;
    }
  }

  Instant now_ = Instant(milliseconds(1));
  std::optional<Core> core_;
  std::vector<DiskStep> steps_;
  std::uint64_t generation_ = 0;
  RequestToken token_ = 0;
  Reply last_reply_;
  std::map<RequestToken, std::string> answers_;
  std::map<int, std::string> sent_;
  std::map<int, Correlation> pending_;
  bool shut_down_ = false;
  std::string oddities_;
};

VoteRequest vote_of(int node, int epoch, LogPosition end = {}, bool pre_vote = false) {
  return {key(node), LeaderEpoch(epoch), key(1), end, pre_vote};
}
FetchRequest fetch_of(int node, int epoch, LogPosition end) {
  return {key(node), LeaderEpoch(epoch), end, Offset(0), milliseconds(500), 1000};
}
LogPosition at(int epoch, int offset) {
  return {LeaderEpoch(epoch), Offset(offset)};
}
std::string code(ErrorCode error) {
  return "error " + std::to_string(static_cast<int>(error));
}

// --- Elections

TEST(Election, OneVoterLeadsAtOnce) {
  Story story({.voters = {1}});
  EXPECT_EQ(story.role(), "leader 1");
  EXPECT_EQ(story.core().committed(), Offset(0));
  story.disk();
  EXPECT_EQ(story.core().committed(), Offset(3)) << "the epoch's beginning, kraft.version and the voters";
}

TEST(Election, AsksBeforeItStands) {
  Story story;
  EXPECT_EQ(story.role(), "unattached 0");
  story.wait(2100);
  EXPECT_EQ(story.role(), "prospective 0");
  EXPECT_EQ(story.sent(2), "pre-vote 0");
  story.says(2, story.answer(VoteReply{true}));
  EXPECT_EQ(story.role(), "candidate 1");
  EXPECT_EQ(story.sent(2), "") << "its vote for itself is not saved";
  story.disk();
  EXPECT_EQ(story.sent(2), "vote 1");
  story.says(3, story.answer(VoteReply{true}));
  EXPECT_EQ(story.role(), "leader 1");
  story.disk();
  EXPECT_EQ(story.sent(2), "begin 1");
}

TEST(Election, WithoutAMajorityItStaysInItsEpoch) {
  Story story;
  story.wait(2100);
  story.says(2, story.answer(VoteReply{false}));
  story.says(3, story.answer(VoteReply{false}));
  EXPECT_EQ(story.role(), "unattached 0");
  story.wait(20000);
  EXPECT_EQ(story.core().epoch(), LeaderEpoch(0));
}

TEST(Election, ALostElectionIsFollowedByAPreVote) {
  Story story;
  story.wait(2100);
  story.says(2, story.answer(VoteReply{true}));
  story.disk();
  story.says(2, story.answer(VoteReply{false}));
  story.says(3, story.answer(VoteReply{false}));
  EXPECT_EQ(story.role(), "candidate 1");
  story.wait(2100);
  EXPECT_EQ(story.role(), "prospective 1");
}

TEST(Vote, IsGivenOnceAndAfterItIsSaved) {
  Story story;
  EXPECT_EQ(story.asks(vote_of(2, 5)), "") << "not before it is saved";
  story.disk();
  EXPECT_EQ(story.answered(story.last_token()), "granted");
  EXPECT_EQ(story.asks(vote_of(3, 5)), "rejected");
  EXPECT_EQ(story.asks(vote_of(2, 5)), "granted") << "again";
  EXPECT_EQ(story.core().election().voted, key(2));
}

TEST(Vote, IsRefusedToWhoHasLess) {
  Story story({.election = {LeaderEpoch(4), kNoNode, {}}, .end = at(4, 10)});
  (void)story.asks(vote_of(2, 5, at(4, 9)));
  story.disk();
  EXPECT_EQ(story.answered(story.last_token()), "rejected");
  EXPECT_EQ(story.asks(vote_of(2, 5, at(3, 99))), "rejected");
  (void)story.asks(vote_of(2, 5, at(4, 10)));
  story.disk();
  EXPECT_EQ(story.answered(story.last_token()), "granted");
}

TEST(Vote, APreVotePromisesNothing) {
  Story story;
  EXPECT_EQ(story.asks(vote_of(2, 0, at(0, 0), true)), "granted");
  EXPECT_EQ(story.asks(vote_of(3, 0, at(0, 0), true)), "granted");
  EXPECT_EQ(story.core().election(), ElectionState());
}

TEST(Vote, WrongRequestsGetTheReferencesErrors) {
  Story story({.election = {LeaderEpoch(4), kNoNode, {}}});
  EXPECT_EQ(story.asks(vote_of(2, 4), "elsewhere"), "refused 104");
  EXPECT_EQ(story.asks(vote_of(2, 3)), code(ErrorCode::fenced_leader_epoch));
  EXPECT_EQ(story.asks(vote_of(-1, 4)), code(ErrorCode::invalid_request));
  EXPECT_EQ(story.asks(vote_of(2, 4, at(4, 1))), code(ErrorCode::invalid_request))
      << "it wrote in that epoch";
  EXPECT_EQ(story.asks(vote_of(2, 4, at(0, -1))), code(ErrorCode::invalid_request));
  EXPECT_EQ(story.asks(vote_of(2, 4, at(-1, 0))), code(ErrorCode::invalid_request));
  EXPECT_EQ(story.asks(vote_of(2, 2'147'483'647)), code(ErrorCode::invalid_request));
  VoteRequest other = vote_of(2, 4);
  other.voter.directory = directory(9);
  EXPECT_EQ(story.asks(other), code(ErrorCode::invalid_voter_key));
  EXPECT_EQ(story.role(), "unattached 4");
}

// --- A life after another

TEST(Restart, ALeaderDoesNotLeadInItsEpochAgain) {
  Story story({.election = {LeaderEpoch(3), NodeId(1), {}}, .end = at(3, 5)});
  EXPECT_EQ(story.role(), "resigned 3");
  EXPECT_EQ(story.sent(2), "end 3");
  EXPECT_EQ(story.core().append(LeaderEpoch(3), 1, {}, Instant()), std::nullopt);
  story.wait(2100);
  EXPECT_EQ(story.role(), "prospective 4");
}

TEST(Restart, ACandidateStaysOneUnlessAnotherWon) {
  EXPECT_EQ(Story({.election = {LeaderEpoch(3), kNoNode, key(1)}}).role(), "candidate 3");
  EXPECT_EQ(Story({.election = {LeaderEpoch(3), NodeId(2), key(1)}}).role(), "follower 3");
}

TEST(Restart, ALogAheadOfTheElectionCounts) {
  EXPECT_EQ(Story({.election = {LeaderEpoch(3), NodeId(2), {}}, .end = at(6, 5)}).role(), "unattached 6");
}

// --- Followers

Story follower_of(int leader, LogPosition end = {}) {
  return Story({.election = {LeaderEpoch(7), NodeId(leader), {}}, .end = end});
}
Reply fetched(const Story& story, std::vector<Batch> batches, int high_watermark) {
  FetchReply reply;
  reply.batches = std::move(batches);
  reply.high_watermark = Offset(high_watermark);
  return story.answer(std::move(reply), 2);
}
Batch batch(int base, int last, int epoch) {
  return {Offset(base), Offset(last), LeaderEpoch(epoch), {}, {}};
}

TEST(Follower, FetchesBehindWhatItSynced) {
  Story story = follower_of(2);
  EXPECT_EQ(story.sent(2), "fetch 0@0");
  story.says(2, fetched(story, {batch(0, 4, 7)}, 3));
  EXPECT_EQ(story.core().committed(), Offset(3));
  EXPECT_EQ(story.sent(2), "");
  story.disk();
  EXPECT_EQ(story.sent(2), "fetch 5@7");
}

TEST(Follower, TakesOnlyWhatContinuesItsLog) {
  Story story = follower_of(2, at(6, 5));
  for (const Batch& bad : {batch(4, 4, 7), batch(6, 6, 7), batch(5, 5, 8), batch(5, 5, 5), batch(5, 4, 7)}) {
    story.says(2, fetched(story, {bad}, 0));
    EXPECT_EQ(story.core().log().end(), Offset(5));
    EXPECT_NE(story.oddities(), "");
    story.wait(30);
  }
}

TEST(Follower, CutsWhereTheLogsPart) {
  Story story = follower_of(2, at(6, 5));
  FetchReply diverging;
  diverging.diverging = at(5, 3);
  story.says(2, story.answer(diverging, 2));
  EXPECT_EQ(story.core().log().end(), Offset(0)) << "all of epoch 6";
  story.disk();
  EXPECT_EQ(story.sent(2), "fetch 0@0");
}

TEST(Follower, NeverCutsWhatIsCommitted) {
  Story story = follower_of(2);
  story.says(2, fetched(story, {batch(0, 4, 7)}, 4));
  story.disk();
  FetchReply diverging;
  diverging.diverging = at(7, 3);
  story.says(2, story.answer(diverging, 2));
  EXPECT_EQ(story.core().log().end(), Offset(5));
  EXPECT_NE(story.oddities(), "");
}

TEST(Follower, LoadsASnapshotPieceByPiece) {
  Story story = follower_of(2);
  FetchReply offer;
  offer.snapshot = at(5, 100);
  story.says(2, story.answer(offer, 2));
  EXPECT_EQ(story.sent(2), "load 100@5 from 0");
  story.says(2, story.answer(FetchSnapshotReply{at(5, 100), 7, 0, 0, Slice::from_static("four")}, 2));
  EXPECT_EQ(story.sent(2), "load 100@5 from 4");
  story.says(2, story.answer(FetchSnapshotReply{at(5, 100), 7, 4, 0, Slice::from_static("end")}, 2));
  EXPECT_EQ(story.sent(2), "") << "it is not on the disk yet";
  story.core().snapshot_installed({at(5, 100), 7}, {}, Instant(milliseconds(1)));
  EXPECT_EQ(story.core().log().end_position(), at(5, 100));
  EXPECT_EQ(story.core().committed(), Offset(100));
}

TEST(Follower, WithoutItsLeaderItAsksForVotes) {
  Story story = follower_of(2);
  EXPECT_EQ(story.asks(vote_of(3, 7, at(0, 0), true)), "granted") << "it never heard its leader";
  story.says(2, fetched(story, {}, 0));
  EXPECT_EQ(story.asks(vote_of(3, 7, at(0, 0), true)), "rejected");
  story.wait(2001);
  EXPECT_EQ(story.role(), "prospective 7");
  story.says(2, story.answer(VoteReply{false}, 2));
  story.says(3, story.answer(VoteReply{false}, 2));
  EXPECT_EQ(story.role(), "follower 7") << "the others still hear it";
}

TEST(Follower, TheBestSuccessorStandsAtOnce) {
  Story story = follower_of(2);
  EXPECT_EQ(story.asks(EndEpochRequest{NodeId(2), LeaderEpoch(7), {key(1), key(3)}, endpoints(2)}), "ok");
  EXPECT_EQ(story.role(), "prospective 7");
  Story second = follower_of(2);
  EXPECT_EQ(second.asks(EndEpochRequest{NodeId(2), LeaderEpoch(7), {key(3), key(1)}, endpoints(2)}), "ok");
  EXPECT_EQ(second.role(), "follower 7");
}

// --- Leaders

TEST(Leader, CommitsWhatAMajorityHasOfItsOwnEpoch) {
  Story story({.election = {LeaderEpoch(4), kNoNode, {}}, .end = at(4, 10)});
  story.elected_by({2});
  ASSERT_EQ(story.role(), "leader 5");
  EXPECT_EQ(story.core().log().end(), Offset(13));
  EXPECT_EQ(story.asks(fetch_of(2, 5, at(4, 10))), "ok");
  EXPECT_EQ(story.core().committed(), Offset(0)) << "all before is of an older epoch";
  EXPECT_EQ(story.asks(fetch_of(2, 5, at(5, 13))), "ok") << "the high watermark is news";
  EXPECT_EQ(story.core().committed(), Offset(13));
}

TEST(Leader, CountsItselfWhenItHasSynced) {
  Story story({.voters = {1}});
  story.disk();
  EXPECT_EQ(story.core().append(LeaderEpoch(1), 2, Slice(), Instant(milliseconds(1))), Offset(4));
  EXPECT_EQ(story.core().committed(), Offset(3));
  story.wait(0);
  story.disk();
  EXPECT_EQ(story.core().committed(), Offset(5));
}

TEST(Leader, AFetchWaitsForRecords) {
  Story story;
  story.elected_by({2});
  EXPECT_EQ(story.asks(fetch_of(2, 1, at(1, 3))), "ok");
  FetchRequest fetch = fetch_of(2, 1, at(1, 3));
  fetch.high_watermark = Offset(3);
  EXPECT_EQ(story.asks(fetch), "");
  (void)story.core().append(LeaderEpoch(1), 1, Slice(), Instant(milliseconds(3000)));
  story.wait(0);
  EXPECT_EQ(story.answered(story.last_token()), "ok");
  EXPECT_EQ(std::get<FetchReply>(story.reply().body).read_from, Offset(3));
}

TEST(Leader, FetchesGetTheReferencesErrors) {
  Story story;
  story.elected_by({2});
  EXPECT_EQ(story.asks(fetch_of(2, 0, at(0, 0))), code(ErrorCode::fenced_leader_epoch));
  EXPECT_EQ(story.asks(fetch_of(2, 2, at(0, 0))), code(ErrorCode::unknown_leader_epoch));
  EXPECT_EQ(story.asks(fetch_of(2, 1, at(2, 0))), code(ErrorCode::invalid_request));
  EXPECT_EQ(story.asks(fetch_of(2, 1, at(0, -1))), code(ErrorCode::invalid_request));
  EXPECT_EQ(story.asks(fetch_of(1, 1, at(0, 0))), code(ErrorCode::unknown_server_error));
  EXPECT_EQ(story.asks(fetch_of(2, 1, {}), "elsewhere"), "refused 104");
  EXPECT_EQ(follower_of(2).asks(fetch_of(3, 7, {})), code(ErrorCode::not_leader_or_follower));
  EXPECT_EQ(story.asks(FetchSnapshotRequest{key(2), LeaderEpoch(1), at(1, 2), 0, 9}),
            code(ErrorCode::snapshot_not_found));
}

TEST(Leader, TellsAFollowerWhereTheLogsPart) {
  Story story({.election = {LeaderEpoch(4), kNoNode, {}}, .end = at(4, 10)});
  story.elected_by({2});
  EXPECT_EQ(story.asks(fetch_of(2, 5, at(3, 12))), "ok");
  EXPECT_EQ(std::get<FetchReply>(story.reply().body).diverging, at(3, 0));
  EXPECT_EQ(story.asks(fetch_of(2, 5, at(4, 12))), "ok");
  EXPECT_EQ(std::get<FetchReply>(story.reply().body).diverging, at(4, 10));
}

TEST(Leader, ResignsWhenNobodyListens) {
  Story story;
  story.elected_by({2});
  story.wait(2900);
  EXPECT_EQ(story.role(), "leader 1");
  story.wait(200);
  EXPECT_EQ(story.role(), "resigned 1");
}

TEST(Leader, ShutsDownWhenAnotherLeads) {
  Story story;
  story.elected_by({2});
  story.core().shut_down(std::chrono::seconds(5), Instant(milliseconds(3000)));
  story.wait(0);
  EXPECT_EQ(story.role(), "resigned 1");
  EXPECT_FALSE(story.shut_down());
  EXPECT_EQ(story.asks(BeginEpochRequest{NodeId(2), LeaderEpoch(2), key(1), endpoints(2)}), "");
  EXPECT_TRUE(story.shut_down());
}

// --- Voters

TEST(Voters, ANewOneIsAskedThenWrittenThenCommitted) {
  Story story({.voters = {1}});
  story.disk();
  EXPECT_EQ(story.asks(fetch_of(4, 1, at(1, 3))), "ok") << "an observer that has all";
  EXPECT_EQ(story.asks(AddVoterRequest{key(4), endpoints(4), true}), "");
  const RequestToken addition = story.last_token();
  EXPECT_EQ(story.sent(4), "versions");
  EXPECT_EQ(story.asks(AddVoterRequest{key(5), endpoints(5), true}), code(ErrorCode::request_timed_out))
      << "one at a time";
  story.says(4, story.answer(VersionsReply{VersionRange{0, 1}}));
  story.disk();
  EXPECT_EQ(story.core().history().voters().size(), 2U);
  EXPECT_EQ(story.answered(addition), "") << "the new voter has to have it";
  (void)story.asks(fetch_of(4, 1, at(1, 4)));
  EXPECT_EQ(story.answered(addition), "ok");
}

TEST(Voters, OneThatLagsOrKnowsTooLittleIsNotAdded) {
  Story story({.voters = {1}});
  story.disk();
  (void)story.asks(AddVoterRequest{key(4), endpoints(4), true});
  story.says(4, story.answer(VersionsReply{VersionRange{0, 1}}));
  EXPECT_EQ(story.answered(story.last_token()), code(ErrorCode::request_timed_out));
  (void)story.asks(fetch_of(4, 1, at(1, 3)));
  (void)story.asks(AddVoterRequest{key(4), endpoints(4), true});
  story.says(4, story.answer(VersionsReply{VersionRange{0, 0}}));
  EXPECT_EQ(story.answered(story.last_token()), code(ErrorCode::invalid_request));
  (void)story.asks(AddVoterRequest{key(4), endpoints(4), true});
  story.fails(4);
  EXPECT_EQ(story.answered(story.last_token()), code(ErrorCode::request_timed_out));
}

TEST(Voters, WrongChangesGetTheReferencesErrors) {
  Story story({.voters = {1}});
  EXPECT_EQ(story.asks(RemoveVoterRequest{key(1)}), "") << "held until the epoch is saved";
  story.disk();
  EXPECT_EQ(story.answered(story.last_token()), code(ErrorCode::request_timed_out))
      << "nothing was committed";
  EXPECT_EQ(story.asks(AddVoterRequest{{NodeId(4), kZeroUuid}, endpoints(4), true}),
            code(ErrorCode::invalid_request));
  EXPECT_EQ(story.asks(AddVoterRequest{key(4), {}, true}), code(ErrorCode::invalid_request));
  EXPECT_EQ(story.asks(AddVoterRequest{key(1), endpoints(1), true}), code(ErrorCode::duplicate_voter));
  EXPECT_EQ(story.asks(RemoveVoterRequest{key(4)}), code(ErrorCode::voter_not_found));
  EXPECT_EQ(story.asks(RemoveVoterRequest{key(1)}), code(ErrorCode::voter_not_found)) << "the last one stays";
  EXPECT_EQ(story.asks(RemoveVoterRequest{{NodeId(1), kZeroUuid}}), code(ErrorCode::invalid_request));
  EXPECT_EQ(story.asks(RemoveVoterRequest{key(1)}, "elsewhere"), "refused 104");
  Story configured({.voters = {1}, .dynamic = false});
  configured.disk();
  EXPECT_EQ(configured.asks(AddVoterRequest{key(4), endpoints(4), true}),
            code(ErrorCode::unsupported_version));
}

TEST(Voters, KRaftVersionIsRaisedWhenAllReported) {
  Story story({.voters = {1, 2}, .dynamic = false});
  story.elected_by({2});
  ASSERT_EQ(story.role(), "leader 1");
  (void)story.asks(fetch_of(2, 1, at(1, 1)));
  const auto raise = [&] {
    return story.core().raise_kraft_version(LeaderEpoch(1), 1, false, Instant(milliseconds(1)));
  };
  EXPECT_FALSE(raise().ok());
  EXPECT_EQ(story.asks(UpdateVoterRequest{LeaderEpoch(1), {key(2), endpoints(2), {0, 1}}}), "ok");
  EXPECT_TRUE(raise().ok());
  EXPECT_EQ(story.core().history().kraft_version(), 1);
  EXPECT_TRUE(story.core().history().voters().knows_all_directories());
}

TEST(Observer, JoinsByItselfWhenItMay) {
  Story story({.self = 4, .election = {LeaderEpoch(7), NodeId(2), {}}, .auto_join = true});
  EXPECT_EQ(story.sent(2), "fetch 0@0");
  story.says(2, fetched(story, {}, 0));
  story.wait(100);
  story.says(2, fetched(story, {}, 0));
  story.wait(1950);
  story.fails(2);
  story.wait(30);
  EXPECT_EQ(story.sent(2), "add 4");
}

}  // namespace
}  // namespace ottla::raft
