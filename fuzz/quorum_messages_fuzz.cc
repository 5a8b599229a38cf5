// fuzz: base protocol raft record quorum
// Any bytes as a request to the quorum's APIs, or as a peer's response: they mean something to raft or are refused, and
// what is answered can be encoded. A request that raft understood, sent on to a peer, means the same there.
#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <span>
#include <string>
#include <utility>
#include <variant>

#include "base/arena.h"
#include "base/budget.h"
#include "base/invariant.h"
#include "base/slice.h"
#include "protocol/api.h"
#include "protocol/codec.h"
#include "quorum/messages/asking.h"
#include "quorum/messages/serving.h"

namespace ottla::quorum {
namespace {

using protocol::ApiKey;

constexpr std::size_t kMostMemory = std::size_t{8} << 20;
constexpr std::string_view kCluster = "AAAAAAAAAAAAAAAAAAAAAQ";
constexpr std::array kApis = {ApiKey::vote,           ApiKey::begin_quorum_epoch, ApiKey::end_quorum_epoch,
                              ApiKey::fetch,          ApiKey::fetch_snapshot,     ApiKey::describe_quorum,
                              ApiKey::add_raft_voter, ApiKey::remove_raft_voter,  ApiKey::update_raft_voter};

struct Ground {
  Budget budget{"fuzzed message", kMostMemory};
  Arena arena{budget};
  ServingTerms terms;
};

decltype(raft::Reply::body) body_for(ApiKey api) {
  switch (api) {
    case ApiKey::vote:
      return raft::VoteReply{true};
    case ApiKey::begin_quorum_epoch:
      return raft::BeginEpochReply();
    case ApiKey::end_quorum_epoch:
      return raft::EndEpochReply();
    case ApiKey::fetch: {
      raft::FetchReply fetch;
      fetch.diverging = raft::LogPosition{LeaderEpoch(3), Offset(4)};
      return fetch;
    }
    case ApiKey::fetch_snapshot: {
      raft::FetchSnapshotReply piece;
      piece.bytes = Slice::from_static("bytes");
      return piece;
    }
    case ApiKey::describe_quorum: {
      raft::DescribeReply describe;
      describe.voters.emplace_back();
      describe.voters.back().endpoints = raft::Endpoints({{"C", "h", 1}});
      return describe;
    }
    default:
      return raft::VoterChangeReply();
  }
}

// What raft understood says the same at a peer, when that is sent what can be sent.
template <typename Request, typename Response>
void send_on(const raft::Request& asked, const ServingTerms& terms) {
  Ground ground;
  const Result<protocol::Encodable> message =
      make_request(asked, {kCluster, "C"}, Request::message().versions.last, ground.arena);
  if (!message.ok()) return;
  const Result<Chain> bytes = protocol::encode(std::span(&*message, 1), protocol::Prefix::none);
  if (!bytes.ok()) return;
  const Slice flat = bytes->flatten();
  Request decoded;
  const auto size = protocol::decode({.bytes = flat.as_span(), .version = Request::message().versions.last},
                                     ground.arena, decoded);
  OTTLA_INVARIANT(size.ok(), "a request that we made cannot be read", size.error().text());
  raft::Request again;
  Response response;
  const Result<bool> valid = read_request(decoded, terms, ground.arena, again, response);
  OTTLA_INVARIANT(valid.ok() && *valid, "a request that we made is refused");
  OTTLA_INVARIANT(again.body.index() == asked.body.index(), "a request became another one");
}

template <typename Request, typename Response>
void serve(std::span<const std::byte> bytes, std::int16_t version, ApiKey api, std::uint8_t bits) {
  Ground ground;
  ground.terms.version = version;
  ground.terms.cluster = kCluster;
  ground.terms.listener = "C";
  ground.terms.leader_endpoints = raft::Endpoints({{"C", "host", 9093}});
  Request request;
  if (!protocol::decode({.bytes = bytes, .version = version}, ground.arena, request).ok()) return;
  raft::Request asked;
  Response response;
  const Result<bool> valid = read_request(request, ground.terms, ground.arena, asked, response);
  Chain records;
  if (valid.ok() && *valid) {
    send_on<Request, Response>(asked, ground.terms);
    raft::Reply reply;
    reply.top = (bits & 1) != 0 ? raft::ErrorCode::invalid_request : raft::ErrorCode::none;
    reply.error = (bits & 2) != 0 ? raft::ErrorCode::fenced_leader_epoch : raft::ErrorCode::none;
    reply.leader = NodeId(bits % 4 - 1);
    reply.epoch = LeaderEpoch(static_cast<std::int32_t>(bits));
    reply.leader_endpoints = ground.terms.leader_endpoints;
    reply.body = body_for(api);
    const Result<> written = write_response(reply, ground.terms, ground.arena, records, response);
    if (!written.ok()) return;
  }
  if (!valid.ok()) return;
  const Result<Chain> encoded = protocol::encode(response, version);
  OTTLA_INVARIANT(encoded.ok(), "an answer that cannot be sent", encoded.error().text());
}

void serve_any(std::span<const std::byte> bytes, std::int16_t version, ApiKey api, std::uint8_t bits) {
  switch (api) {
    case ApiKey::vote:
      return serve<protocol::VoteRequest, protocol::VoteResponse>(bytes, version, api, bits);
    case ApiKey::begin_quorum_epoch:
      return serve<protocol::BeginQuorumEpochRequest, protocol::BeginQuorumEpochResponse>(bytes, version, api,
                                                                                          bits);
    case ApiKey::end_quorum_epoch:
      return serve<protocol::EndQuorumEpochRequest, protocol::EndQuorumEpochResponse>(bytes, version, api,
                                                                                      bits);
    case ApiKey::fetch:
      return serve<protocol::FetchRequest, protocol::FetchResponse>(bytes, version, api, bits);
    case ApiKey::fetch_snapshot:
      return serve<protocol::FetchSnapshotRequest, protocol::FetchSnapshotResponse>(bytes, version, api,
                                                                                    bits);
    case ApiKey::describe_quorum:
      return serve<protocol::DescribeQuorumRequest, protocol::DescribeQuorumResponse>(bytes, version, api,
                                                                                      bits);
    case ApiKey::add_raft_voter:
      return serve<protocol::AddRaftVoterRequest, protocol::AddRaftVoterResponse>(bytes, version, api, bits);
    case ApiKey::remove_raft_voter:
      return serve<protocol::RemoveRaftVoterRequest, protocol::RemoveRaftVoterResponse>(bytes, version, api,
                                                                                        bits);
    default:
      return serve<protocol::UpdateRaftVoterRequest, protocol::UpdateRaftVoterResponse>(bytes, version, api,
                                                                                        bits);
  }
}

void ask_any(std::span<const std::byte> bytes, std::int16_t version, ApiKey api) {
  Ground ground;
  record::CodecPool codecs;
  const ResponseBytes response{Slice::copy_of(bytes), 0, version};
  static_cast<void>(read_response(api, response, {kCluster, "C"}, ground.arena, codecs));
  static_cast<void>(read_response(ApiKey::api_versions,
                                  {response.frame, 0, std::min<std::int16_t>(version, 5)}, {kCluster, "C"},
                                  ground.arena, codecs));
}

}  // namespace
}  // namespace ottla::quorum

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace ottla::quorum;
  if (size < 3) return 0;
  const ApiKey api = kApis[data[0] % kApis.size()];
  const ottla::protocol::ApiInfo* info = ottla::protocol::find_api(static_cast<std::int16_t>(api));
  const ottla::protocol::Versions versions = info->request->versions;
  const auto version =
      static_cast<std::int16_t>(versions.first + data[1] % (versions.last - versions.first + 1));
  const auto bytes = std::as_bytes(std::span(data + 3, size - 3));
  if ((data[2] & 128) != 0) {
    ask_any(bytes, version, api);
  } else {
    serve_any(bytes, version, api, data[2]);
  }
  return 0;
}
