// The quorum's own APIs.
#include <utility>

#include "base/invariant.h"
#include "quorum/messages/serving.h"
#include "quorum/metadata_quorum.h"
#include "runtime/shard.h"

namespace ottla::quorum {
namespace {

using protocol::ApiKey;
using protocol::ErrorCode;

}  // namespace

bool MetadataQuorum::serves(ApiKey api) {
  switch (api) {
    case ApiKey::vote:
    case ApiKey::begin_quorum_epoch:
    case ApiKey::end_quorum_epoch:
    case ApiKey::fetch:
    case ApiKey::fetch_snapshot:
    case ApiKey::describe_quorum:
    case ApiKey::add_raft_voter:
    case ApiKey::remove_raft_voter:
    case ApiKey::update_raft_voter:
      return true;
    default:
      return false;
  }
}

ServingTerms MetadataQuorum::terms_for(const Asked& asked) const {
  const raft::Core& core = node_->core();
  ServingTerms terms;
  terms.version = asked.version;
  terms.cluster = options_.raft.cluster;
  terms.listener = asked.listener;
  terms.now_ms = to_epoch_millis(this_shard().wall_now());
  terms.log_start = core.log().start();
  terms.leader = core.leader();
  terms.epoch = core.epoch();
  terms.leader_endpoints =
      core.leader() == node() ? options_.raft.endpoints : voters().endpoints(core.leader());
  return terms;
}

template <typename Request, typename Response>
Task<void> MetadataQuorum::serve_as(Call call) {
  const auto& request = *static_cast<const Request*>(call.request);
  auto& response = *static_cast<Response*>(call.response);
  raft::Request ask;
  const Result<bool> read = read_request(request, terms_for(call.asked), *call.arena, ask, response);
  if (!read.ok()) refuse(ErrorCode::unknown_server_error, response);
  if (!read.ok() || !*read) co_return;
  const Result<raft::Reply> reply = co_await node_->handle(std::move(ask));
  if (!reply.ok()) {
    refuse(ErrorCode::broker_not_available, response);
    co_return;
  }
  const Result<> written =
      write_response(*reply, terms_for(call.asked), *call.arena, *call.records, response);
  if (!written.ok()) refuse(ErrorCode::unknown_server_error, response);
}

Task<void> MetadataQuorum::serve(ApiKey api, Asked asked, const void* request, Arena& arena, Chain& records,
                                 void* response) {
  const Call call{asked, request, &arena, &records, response};
  switch (api) {
    case ApiKey::vote:
      return serve_as<protocol::VoteRequest, protocol::VoteResponse>(call);
    case ApiKey::begin_quorum_epoch:
      return serve_as<protocol::BeginQuorumEpochRequest, protocol::BeginQuorumEpochResponse>(call);
    case ApiKey::end_quorum_epoch:
      return serve_as<protocol::EndQuorumEpochRequest, protocol::EndQuorumEpochResponse>(call);
    case ApiKey::fetch:
      return serve_as<protocol::FetchRequest, protocol::FetchResponse>(call);
    case ApiKey::fetch_snapshot:
      return serve_as<protocol::FetchSnapshotRequest, protocol::FetchSnapshotResponse>(call);
    case ApiKey::describe_quorum:
      return serve_as<protocol::DescribeQuorumRequest, protocol::DescribeQuorumResponse>(call);
    case ApiKey::add_raft_voter:
      return serve_as<protocol::AddRaftVoterRequest, protocol::AddRaftVoterResponse>(call);
    case ApiKey::remove_raft_voter:
      return serve_as<protocol::RemoveRaftVoterRequest, protocol::RemoveRaftVoterResponse>(call);
    case ApiKey::update_raft_voter:
      return serve_as<protocol::UpdateRaftVoterRequest, protocol::UpdateRaftVoterResponse>(call);
    default:
      break;
  }
  OTTLA_INVARIANT(false, "an API that is not the quorum's", static_cast<int>(api));
}

}  // namespace ottla::quorum
