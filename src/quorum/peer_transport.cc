#include "quorum/peer_transport.h"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "base/arena.h"
#include "base/budget.h"
#include "base/endian.h"
#include "base/invariant.h"
#include "protocol/codec.h"
#include "protocol/messages/api_versions.h"
#include "quorum/messages/asking.h"
#include "quorum/metadata_topic.h"
#include "runtime/network.h"
#include "runtime/shard.h"
#include "runtime/when.h"

namespace ottla::quorum {
namespace {

using protocol::ErrorCode;

// What a request or response may take when it is decoded: its records are not among it.
constexpr std::size_t kMostDecodedBytes = std::size_t{16} << 20;
// Every broker since 2.4 knows it; a response in version 0 says that the peer is older.
constexpr std::int16_t kApiVersionsVersion = 3;

Result<protocol::ApiVersionsResponse> read_versions(const rpc::Reply& reply, Arena& arena) {
  protocol::ApiVersionsResponse response;
  const std::span<const std::byte> body = reply.frame.as_span().subspan(reply.body);
  const bool refused = body.size() >= 2 && load_big_endian<std::int16_t>(body.data()) ==
                                               static_cast<std::int16_t>(ErrorCode::unsupported_version);
  if (!refused) {
    OTTLA_CHECK(reply.read(arena, response));
    return response;
  }
  const auto size =
      protocol::decode({.bytes = body, .version = 0, .rest = protocol::Rest::left}, arena, response);
  if (!size.ok()) return size.error();
  response.error_code = 0;
  return response;
}

}  // namespace

PeerTransport::PeerTransport(PeerTransportOptions options)
    : options_(std::move(options)), logger_(this_shard().log().logger(kQuorumLog)) {}

PeerTransport::~PeerTransport() = default;

Task<Result<raft::Reply>> PeerTransport::ask(raft::Destination to, raft::Request request, Cancel cancel) {
  PeerPtr& known = peers_[fmt::format("{}:{}", to.host, to.port)];
  if (known == nullptr) known = std::make_shared<Peer>();
  const PeerPtr peer = known;
  const Instant deadline = this_shard().exact_now() + options_.request_timeout;
  Result<raft::Reply> reply = co_await with_deadline(
      deadline, cancel, [&](Cancel inner) { return ask_peer(peer, to, request, inner); });
  if (reply.ok()) co_return reply;
  if (reply.error() == Errc::unsupported && std::holds_alternative<raft::VoteRequest>(request.body)) {
    // The peer would say the same.
    raft::Reply refused;
    refused.top = ErrorCode::unsupported_version;
    refused.body = raft::VoteReply();
    co_return refused;
  }
  logger_.debug("a peer did not answer", field("host", to.host), field("port", to.port),
                field("error", reply.error()));
  co_await drop(peer);
  co_return reply;
}

Task<Result<raft::Reply>> PeerTransport::ask_peer(PeerPtr peer, raft::Destination to,
                                                  const raft::Request& request, Cancel cancel) {
  OTTLA_CO_CHECK(co_await connect(peer, std::move(to), cancel));
  const protocol::ApiInfo* api = protocol::find_api(static_cast<std::int16_t>(api_of(request)));
  OTTLA_INVARIANT(api != nullptr, "an API of the quorum is not known");
  OTTLA_CO_TRY(const std::int16_t version, version_for(*peer, *api));
  Budget budget("a peer's message", kMostDecodedBytes);
  Arena arena(budget);
  const AskingTerms terms{options_.cluster, options_.listener};
  OTTLA_CO_TRY(const protocol::Encodable message, make_request(request, terms, version, arena));
  // Who drops the peer closes the connection, but it stays until the call has ended.
  const std::shared_ptr<rpc::ClientConnection> connection = peer->connection;
  if (connection == nullptr) co_return Errc::closed;
  OTTLA_CO_TRY(const rpc::Reply reply, co_await connection->call(message, cancel));
  co_return read_response(api->key, {reply.frame, reply.body, reply.version}, terms, arena, codecs_);
}

Task<Result<void>> PeerTransport::connect(PeerPtr peer, raft::Destination to, Cancel cancel) {
  OTTLA_CO_TRY(const Semaphore::Permit turn, co_await peer->turn.acquire(1, cancel));
  if (peer->connection != nullptr) co_return Result<void>();
  Network& network = this_shard().network();
  OTTLA_CO_TRY(const std::vector<Address> addresses, co_await network.resolve(to.host, to.port, cancel));
  Error failure(Errc::not_found, "no address of " + to.host);
  for (const Address& address : addresses) {
    rpc::ClientConnectionOptions options;
    options.client_id = options_.client_id;
    options.largest_reply = options_.largest_reply;
    options.connect.timeout = options_.request_timeout;
    auto connection = co_await rpc::ClientConnection::connect(network, address, std::move(options), cancel);
    if (connection.ok()) {
      peer->connection = *std::move(connection);
      Result<void> learned = co_await learn_versions(peer, cancel);
      if (learned.ok()) co_return learned;
      failure = std::move(learned).error();
      co_await drop(peer);
    } else {
      failure = std::move(connection).error();
    }
    if (cancel.requested()) break;
  }
  co_return failure;
}

Task<Result<void>> PeerTransport::learn_versions(PeerPtr peer, Cancel cancel) {
  protocol::ApiVersionsRequest request;
  request.client_software_name = "ottla";
  request.client_software_version = "1";
  const std::shared_ptr<rpc::ClientConnection> connection = peer->connection;
  OTTLA_CO_TRY(const rpc::Reply reply,
               co_await connection->call(protocol::Encodable(request, kApiVersionsVersion), cancel));
  Budget budget("a peer's versions", kMostDecodedBytes);
  Arena arena(budget);
  OTTLA_CO_TRY(const protocol::ApiVersionsResponse response, read_versions(reply, arena));
  if (response.error_code != 0) {
    co_return Error(Errc::unsupported,
                    fmt::format("a peer does not tell which APIs it serves (error {})", response.error_code));
  }
  peer->versions.clear();
  for (const auto& each : response.api_keys) {
    peer->versions[each.api_key] = {each.min_version, each.max_version};
  }
  co_return Result<void>();
}

Result<std::int16_t> PeerTransport::version_for(const Peer& peer, const protocol::ApiInfo& api) {
  const auto known = peer.versions.find(static_cast<std::int16_t>(api.key));
  if (known != peer.versions.end()) {
    const std::int16_t version = std::min(known->second.greatest, api.request->versions.last);
    if (version >= std::max(known->second.least, api.request->versions.first)) return version;
  }
  return Error(Errc::unsupported, fmt::format("a peer serves no version of {} that is known here", api.name));
}

Task<void> PeerTransport::drop(PeerPtr peer) {
  const std::shared_ptr<rpc::ClientConnection> connection = std::move(peer->connection);
  if (connection != nullptr) co_await connection->close();
}

Task<void> PeerTransport::close() {
  for (auto& [address, peer] : std::exchange(peers_, {})) co_await drop(peer);
}

}  // namespace ottla::quorum
