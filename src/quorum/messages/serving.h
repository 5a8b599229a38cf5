// The quorum's APIs as a server sees them: a request becomes what raft understands, or is refused with the reference's
// error; raft's reply becomes a response.
//
// Use:         raft::Request ask;
//              OTTLA_TRY(bool valid, read_request(request, terms, arena, ask, response));
//              if (valid) OTTLA_CHECK(write_response(reply, terms, arena, records, response));
// Lifetime:    responses refer to the reply, the arena and `records`: all of them live until it is encoded.
// Concurrency: pure.
// Errors:      out_of_budget, when the arena has no room. `refuse()` needs none.
#pragma once

#include <cstdint>
#include <string_view>

#include "base/arena.h"
#include "base/chain.h"
#include "base/result.h"
#include "protocol/error_code.h"
#include "protocol/messages/add_raft_voter.h"
#include "protocol/messages/begin_quorum_epoch.h"
#include "protocol/messages/describe_quorum.h"
#include "protocol/messages/end_quorum_epoch.h"
#include "protocol/messages/fetch.h"
#include "protocol/messages/fetch_snapshot.h"
#include "protocol/messages/remove_raft_voter.h"
#include "protocol/messages/update_raft_voter.h"
#include "protocol/messages/vote.h"
#include "raft/message.h"

namespace ottla::quorum {

// What an answer depends on besides the request.
struct ServingTerms {
  std::int16_t version = 0;
  std::string_view cluster;         // this one
  std::string_view listener;        // on which the request came: leaders are told by their addresses there
  std::string_view voter_listener;  // on which voters talk to each other
  std::int64_t now_ms = 0;
  Offset log_start = Offset(0);  // of this replica's log
  NodeId leader = kNoNode;       // as this replica knows it, for what is refused before it reaches the core
  LeaderEpoch epoch = kUnknownLeaderEpoch;
  raft::Endpoints leader_endpoints = {};
};

// False: the request cannot be what it says, and `response` tells so.
Result<bool> read_request(const protocol::VoteRequest& request, const ServingTerms& terms, Arena& arena,
                          raft::Request& out, protocol::VoteResponse& response);
Result<bool> read_request(const protocol::BeginQuorumEpochRequest& request, const ServingTerms& terms,
                          Arena& arena, raft::Request& out, protocol::BeginQuorumEpochResponse& response);
Result<bool> read_request(const protocol::EndQuorumEpochRequest& request, const ServingTerms& terms,
                          Arena& arena, raft::Request& out, protocol::EndQuorumEpochResponse& response);
Result<bool> read_request(const protocol::FetchRequest& request, const ServingTerms& terms, Arena& arena,
                          raft::Request& out, protocol::FetchResponse& response);
Result<bool> read_request(const protocol::FetchSnapshotRequest& request, const ServingTerms& terms,
                          Arena& arena, raft::Request& out, protocol::FetchSnapshotResponse& response);
Result<bool> read_request(const protocol::DescribeQuorumRequest& request, const ServingTerms& terms,
                          Arena& arena, raft::Request& out, protocol::DescribeQuorumResponse& response);
Result<bool> read_request(const protocol::AddRaftVoterRequest& request, const ServingTerms& terms,
                          Arena& arena, raft::Request& out, protocol::AddRaftVoterResponse& response);
Result<bool> read_request(const protocol::RemoveRaftVoterRequest& request, const ServingTerms& terms,
                          Arena& arena, raft::Request& out, protocol::RemoveRaftVoterResponse& response);
Result<bool> read_request(const protocol::UpdateRaftVoterRequest& request, const ServingTerms& terms,
                          Arena& arena, raft::Request& out, protocol::UpdateRaftVoterResponse& response);

// `reply` is one to that API.
Result<> write_response(const raft::Reply& reply, const ServingTerms& terms, Arena& arena, Chain& records,
                        protocol::VoteResponse& response);
Result<> write_response(const raft::Reply& reply, const ServingTerms& terms, Arena& arena, Chain& records,
                        protocol::BeginQuorumEpochResponse& response);
Result<> write_response(const raft::Reply& reply, const ServingTerms& terms, Arena& arena, Chain& records,
                        protocol::EndQuorumEpochResponse& response);
Result<> write_response(const raft::Reply& reply, const ServingTerms& terms, Arena& arena, Chain& records,
                        protocol::FetchResponse& response);
Result<> write_response(const raft::Reply& reply, const ServingTerms& terms, Arena& arena, Chain& records,
                        protocol::FetchSnapshotResponse& response);
Result<> write_response(const raft::Reply& reply, const ServingTerms& terms, Arena& arena, Chain& records,
                        protocol::DescribeQuorumResponse& response);
Result<> write_response(const raft::Reply& reply, const ServingTerms& terms, Arena& arena, Chain& records,
                        protocol::AddRaftVoterResponse& response);
Result<> write_response(const raft::Reply& reply, const ServingTerms& terms, Arena& arena, Chain& records,
                        protocol::RemoveRaftVoterResponse& response);
Result<> write_response(const raft::Reply& reply, const ServingTerms& terms, Arena& arena, Chain& records,
                        protocol::UpdateRaftVoterResponse& response);

// The request as a whole.
template <typename Response>
void refuse(protocol::ErrorCode error, Response& response) {
  response = {};
  response.error_code = static_cast<std::int16_t>(error);
}

}  // namespace ottla::quorum
