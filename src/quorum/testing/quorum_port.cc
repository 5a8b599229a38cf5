#include "quorum/testing/quorum_port.h"

#include <cstring>
#include <span>
#include <utility>
#include <vector>

#include "base/arena.h"
#include "base/budget.h"
#include "base/invariant.h"
#include "protocol/api.h"
#include "protocol/codec.h"
#include "protocol/messages/api_versions.h"
#include "protocol/request_header.h"
#include "protocol/schema.h"
#include "raft/voter_set.h"
#include "runtime/shard.h"

namespace ottla::quorum::testing {
namespace {

constexpr std::size_t kMostMemory = std::size_t{16} << 20;

}  // namespace

Task<Result<void>> QuorumPort::open(Address address) {
  OTTLA_CO_TRY(listener_, co_await this_shard().network().listen(std::move(address)));
  tasks_.spawn([this](Cancel cancel) { return accept(cancel); });
  co_return Result<void>();
}

Task<void> QuorumPort::close() {
  if (listener_ != nullptr) co_await listener_->close();
  co_await tasks_.stop();
}

Task<void> QuorumPort::accept(Cancel cancel) {
  while (!cancel.requested()) {
    Result<std::unique_ptr<PendingStream>> pending = co_await listener_->accept(cancel);
    if (!pending.ok()) co_return;
    Result<std::unique_ptr<Stream>> stream = (*pending)->adopt();
    if (stream.ok()) tasks_.spawn(serve_connection(*std::move(stream), tasks_.cancel_token()));
  }
}

Task<void> QuorumPort::serve_connection(std::unique_ptr<Stream> stream, Cancel cancel) {
  rpc::ServerConnection connection(std::move(stream), *this, options_);
  co_await connection.run(cancel);
}

Task<rpc::Answer> QuorumPort::serve(rpc::Incoming request, Cancel) {
  rpc::Answer answer;
  Result<Chain> bytes = request.head.api->key == protocol::ApiKey::api_versions
                            ? answer_versions(request)
                            : co_await this->answer(std::move(request));
  if (bytes.ok()) {
    answer.bytes = *std::move(bytes);
  } else {
    answer.kind = rpc::Answer::Kind::hang_up;
  }
  co_return answer;
}

Result<Chain> QuorumPort::answer_versions(const rpc::Incoming& request) const {
  std::vector<protocol::ApiVersionsResponse::ApiVersion> versions;
  for (const protocol::ApiInfo& api : protocol::all_apis()) {
    const bool served = MetadataQuorum::serves(api.key) || api.key == protocol::ApiKey::api_versions;
    if (!served) continue;
    const protocol::Versions range = protocol::advertised_versions(api, options_.served);
    versions.push_back({.api_key = static_cast<std::int16_t>(api.key),
                        .min_version = range.first,
                        .max_version = range.last});
  }
  std::vector<protocol::ApiVersionsResponse::SupportedFeatureKey> features(1);
  features[0].name = "kraft.version";
  features[0].max_version = raft::kLatestKRaftVersion;
  protocol::ApiVersionsResponse response;
  response.api_keys = versions;
  response.supported_features = features;
  return protocol::encode_response(protocol::Encodable(response, request.head.version),
                                   request.head.correlation);
}

Task<Result<Chain>> QuorumPort::answer(rpc::Incoming request) {
  const protocol::ApiInfo& api = *request.head.api;
  if (!MetadataQuorum::serves(api.key)) co_return Errc::unsupported;
  Budget budget("a request of the quorum", kMostMemory);
  Arena arena(budget);
  void* asked = arena.allocate(api.request->root->size);
  void* response = arena.allocate(api.response->root->size);
  OTTLA_INVARIANT(asked != nullptr && response != nullptr, "no room for a request");
  std::memcpy(response, api.response->root->initial, api.response->root->size);
  OTTLA_CO_CHECK(protocol::decode(*api.request, {.bytes = request.body(), .version = request.head.version},
                                  &arena, asked));
  Chain records;
  co_await quorum_.serve(api.key, {request.head.version, listener_name_}, asked, arena, records, response);
  co_return protocol::encode_response(protocol::Encodable(*api.response, response, request.head.version),
                                      request.head.correlation);
}

}  // namespace ottla::quorum::testing
