#include "server/controller_link.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <span>
#include <utility>
#include <vector>

#include "base/arena.h"
#include "base/budget.h"
#include "base/error.h"
#include "protocol/error_code.h"
#include "protocol/fields.h"
#include "protocol/messages/api_versions.h"
#include "protocol/messages/envelope.h"
#include "protocol/messages/principal.h"
#include "protocol/request_header.h"
#include "runtime/network.h"
#include "runtime/shard.h"
#include "runtime/timed_wait.h"
#include "runtime/when.h"
#include "server/envelope.h"
#include "server/response_fields.h"

namespace ottla::server {
namespace {

using protocol::Encodable;
using protocol::ErrorCode;
using protocol::Versions;

// What is read of a controller's answer, beyond the answer itself.
constexpr std::size_t kMostAnswerMemory = std::size_t{64} << 20;
constexpr std::size_t kLargestHeader = std::size_t{64} << 10;

// Versions that both know; empty when there are none.
Versions common(Versions a, Versions b) {
  return {.first = std::max(a.first, b.first), .last = std::min(a.last, b.last)};
}

Error no_common_version(const Asking& request) {
  return Error(Errc::unsupported,
               fmt::format("the active controller serves no version of {} that this node knows",
                           request.message->name));
}

// Whether the reply says somewhere that its sender is no controller (any more).
Result<bool> says_not_controller(const rpc::Reply& reply) {
  Budget budget("controller's reply", kMostAnswerMemory);
  Arena arena(budget);
  const protocol::StructureInfo& root = *reply.api->response->root;
  void* response = arena.allocate(root.size, root.alignment);
  if (response == nullptr) return Errc::out_of_budget;
  OTTLA_CHECK(protocol::decode(*reply.api->response,
                               {.bytes = reply.frame.as_span().subspan(reply.body),
                                .version = reply.version,
                                .rest = protocol::Rest::left},
                               &arena, response));
  return mentions_error(Encodable(*reply.api->response, response, reply.version), ErrorCode::not_controller);
}

Result<rpc::Reply> reply_of(const protocol::ApiInfo& api, std::int16_t version, Chain answer) {
  rpc::Reply reply{.api = &api, .version = version, .frame = answer.flatten(), .body = 0};
  Budget budget("reply header", kLargestHeader);
  Arena arena(budget);
  std::int32_t correlation = 0;
  OTTLA_TRY(reply.body,
            protocol::read_response_head(reply.frame.as_span(), api, version, arena, correlation));
  return reply;
}

std::uint64_t micros(Duration duration) {
  return static_cast<std::uint64_t>(std::chrono::floor<std::chrono::microseconds>(duration).count());
}

}  // namespace

struct ControllerLink::Connection {
  ActiveControllerPlace place;
  std::unique_ptr<rpc::ClientConnection> stream;
  SharedVersions served = {};  // by key

  Versions served_of(std::int16_t key) const {
    const auto index = static_cast<std::size_t>(key);
    return index < served->size() ? (*served)[index] : Versions();
  }
  Task<Result<void>> learn_versions(Cancel cancel) {
    const protocol::ApiVersionsRequest request = {.client_software_name = "ottla",
                                                  .client_software_version = "1"};
    OTTLA_CO_TRY(const rpc::Reply reply, co_await stream->call(Encodable(request, 3), cancel));
    Budget budget("api versions", kMostAnswerMemory);
    Arena arena(budget);
    protocol::ApiVersionsResponse response;
    OTTLA_CO_CHECK(reply.read(arena, response));
    if (response.error_code != 0) {
      co_return Error(Errc::unsupported, fmt::format("ApiVersions failed with {}", response.error_code));
    }
    std::vector<Versions> told;
    for (const auto& each : response.api_keys) {
      if (each.api_key < 0) continue;
      const auto index = static_cast<std::size_t>(each.api_key);
      if (index >= told.size()) told.resize(index + 1);
      told[index] = {.first = each.min_version, .last = each.max_version};
    }
    served = std::make_shared<const std::vector<Versions>>(std::move(told));
    co_return Result<void>();
  }
};

ControllerLink::ControllerLink(Options options, Dispatcher& local, Logger log)
    : options_(std::move(options)), local_(local), log_(log), setup_patience_(options_.setup_timeout) {}

ControllerLink::~ControllerLink() = default;

void ControllerLink::set_active(std::optional<ActiveControllerPlace> place) {
  if (place == active_) return;
  active_ = std::move(place);
  changed_.wake_all();
}

Task<Result<rpc::Reply>> ControllerLink::call(Asking request, Duration patience, Cancel cancel) {
  co_return co_await keep_trying<rpc::Reply>(patience, cancel,
                                             [this, request](ActiveControllerPlace place, Cancel inner) {
                                               return call_once(request, std::move(place), inner);
                                             });
}

Task<Result<Chain>> ControllerLink::forward(ClientInfo client, Slice frame, Duration patience,
                                            Cancel cancel) {
  const Instant begun = this_shard().exact_now();
  std::optional<Instant> asked;
  ++forwarding_.waiting;
  Result<Chain> answer = co_await keep_trying<Chain>(
      patience, cancel, [this, &client, &frame, &asked](ActiveControllerPlace place, Cancel inner) {
        if (!asked) --forwarding_.waiting;
        asked = this_shard().exact_now();
        return forward_once(client, frame, std::move(place), inner);
      });
  if (!asked) {
    --forwarding_.waiting;
  } else if (answer.ok()) {
    forwarding_.waited.record(micros(*asked - begun));
    forwarding_.answered.record(micros(this_shard().exact_now() - *asked));
  }
  co_return answer;
}

template <typename T, typename Attempt>
Task<Result<T>> ControllerLink::keep_trying(Duration patience, Cancel cancel, Attempt attempt) {
  co_return co_await with_timeout(patience, cancel,
                                  [this, &attempt](Cancel inner) { return try_until<T>(inner, attempt); });
}

template <typename T, typename Attempt>
Task<Result<T>> ControllerLink::try_until(Cancel cancel, Attempt& attempt) {
  for (;;) {
    if (stopped_) co_return Errc::closed;
    if (!active_) {
      OTTLA_CO_CHECK(co_await look_again(cancel));
      continue;
    }
    const ActiveControllerPlace place = *active_;
    OTTLA_CO_TRY(std::optional<T> outcome, co_await attempt(place, cancel));
    if (outcome) co_return std::move(*outcome);
    // It will be told soon who leads instead, or the same one is on its way.
    if (active_ == place) OTTLA_CO_CHECK(co_await look_again(cancel));
  }
}

Task<Result<void>> ControllerLink::look_again(Cancel cancel) {
  const Result<void> changed = co_await wait_at_most(changed_, options_.retry_pause, cancel);
  if (changed.ok() || changed.error() != Errc::timed_out) co_return changed;
  if (finder_ && !stopped_) set_active(finder_());
  co_return Result<void>();
}

Task<Result<std::optional<rpc::Reply>>> ControllerLink::call_once(Asking request, ActiveControllerPlace place,
                                                                  Cancel cancel) {
  if (place.id == options_.self) co_return co_await call_here(request, cancel);
  co_return co_await call_there(request, std::move(place), cancel);
}

Task<Result<std::optional<rpc::Reply>>> ControllerLink::call_here(Asking request, Cancel cancel) {
  const protocol::ApiInfo& api = *protocol::find_api(request.message->key);
  const Versions versions = common(request.versions, request.message->versions);
  if (versions.empty()) co_return no_common_version(request);
  const Encodable body(*request.message, request.data, versions.last);
  OTTLA_CO_TRY(Chain frame,
               protocol::encode_request(body, {.correlation = 0, .client_id = options_.client_id}));
  frame.consume(protocol::FrameSplitter::kSizeBytes);
  OTTLA_CO_TRY(Dispatcher::Answered answered,
               co_await local_.serve_frame(options_.own, frame.flatten(), Way::direct, cancel));
  if (answered.not_controller) co_return std::optional<rpc::Reply>();
  OTTLA_CO_TRY(rpc::Reply reply, reply_of(api, versions.last, std::move(answered.answer)));
  co_return std::optional<rpc::Reply>(std::move(reply));
}

Task<Result<std::optional<rpc::Reply>>> ControllerLink::call_there(Asking request,
                                                                   ActiveControllerPlace place,
                                                                   Cancel cancel) {
  const auto connection = co_await connect(std::move(place), cancel);
  if (!connection.ok()) {
    if (connection.error() == Errc::cancelled) co_return connection.error();
    log_.debug("cannot reach the active controller", field("reason", connection.error()));
    co_return std::optional<rpc::Reply>();
  }
  const Versions versions = common(request.versions, (*connection)->served_of(request.message->key));
  if (versions.empty()) co_return no_common_version(request);
  const Encodable body(*request.message, request.data, versions.last);
  Result<rpc::Reply> reply = co_await with_timeout(options_.request_timeout, cancel, [&](Cancel inner) {
    return (*connection)->stream->call(body, inner);
  });
  if (!reply.ok()) {
    if (reply.error() == Errc::cancelled || reply.error() == Errc::invalid_argument) co_return reply.error();
    drop(*connection);
    co_return std::optional<rpc::Reply>();
  }
  const Result<bool> stale = says_not_controller(*reply);
  if (stale.ok() && !*stale) co_return std::optional<rpc::Reply>(std::move(*reply));
  drop(*connection);
  co_return std::optional<rpc::Reply>();
}

Task<Result<std::optional<Chain>>> ControllerLink::forward_once(const ClientInfo& client, Slice frame,
                                                                ActiveControllerPlace place, Cancel cancel) {
  if (place.id != options_.self) co_return co_await forward_there(client, frame, std::move(place), cancel);
  OTTLA_CO_TRY(Dispatcher::Answered answered,
               co_await local_.serve_frame(client, frame, Way::forwarded, cancel));
  if (answered.not_controller) co_return std::optional<Chain>();
  co_return std::optional<Chain>(std::move(answered.answer));
}

Task<Result<std::optional<Chain>>> ControllerLink::forward_there(const ClientInfo& client, Slice frame,
                                                                 ActiveControllerPlace place, Cancel cancel) {
  OTTLA_CO_TRY(const Slice principal, encode_principal(client.principal));
  const auto ip = client.peer.ip();
  const protocol::EnvelopeRequest envelope = {
      .request_data = protocol::Bytes(frame.as_span()),
      .request_principal = protocol::Bytes(principal.as_span()),
      .client_host_address = protocol::Bytes(std::as_bytes(ip)),
  };
  OTTLA_CO_TRY(std::optional<rpc::Reply> reply,
               co_await call_there(Asking(envelope), std::move(place), cancel));
  if (!reply) co_return std::optional<Chain>();
  Budget budget("envelope's answer", kMostAnswerMemory);
  Arena arena(budget);
  protocol::EnvelopeResponse response;
  OTTLA_CO_CHECK(reply->read(arena, response));
  const auto error = static_cast<ErrorCode>(response.error_code);
  if (error == ErrorCode::unsupported_version) co_return Errc::unsupported;
  if (error != ErrorCode::none || response.response_data.is_null()) {
    co_return Error(Errc::invalid_argument,
                    fmt::format("the controller refused an envelope with error {}", response.error_code));
  }
  const auto* first = reply->frame.data();
  const auto offset = static_cast<std::size_t>(response.response_data.data() - first);
  co_return std::optional<Chain>(Chain(reply->frame.subslice(offset, response.response_data.size())));
}

Task<Result<std::unique_ptr<rpc::ClientConnection>>> ControllerLink::set_up(
    const ActiveControllerPlace& place, Cancel cancel) {
  Network& network = this_shard().network();
  OTTLA_CO_TRY(const std::vector<Address> found, co_await network.resolve(place.host, place.port, cancel));
  if (found.empty()) co_return Error(Errc::not_found, fmt::format("{} has no address", place.host));
  rpc::ClientConnectionOptions options{.client_id = options_.client_id};
  options.connect.timeout = setup_patience_;
  auto made = co_await rpc::ClientConnection::connect(network, found.front(), std::move(options), cancel);
  if (made.ok()) {
    setup_patience_ = options_.setup_timeout;
  } else {
    setup_patience_ =
        std::max(options_.setup_timeout, std::min(setup_patience_ * 2, options_.setup_timeout_max));
  }
  co_return made;
}

Task<Result<ControllerLink::Shared>> ControllerLink::connect(ActiveControllerPlace place, Cancel cancel) {
  OTTLA_CO_TRY(const Semaphore::Permit permit, co_await connecting_.acquire(1, cancel));
  if (connection_ && connection_->place == place) co_return connection_;
  if (connection_) drop(connection_);
  OTTLA_CO_TRY(auto stream, co_await set_up(place, cancel));
  auto connection = std::make_shared<Connection>(std::move(place), std::move(stream));
  const Result<void> learnt = co_await with_timeout(
      options_.request_timeout, cancel, [&](Cancel inner) { return connection->learn_versions(inner); });
  if (!learnt.ok() || stopped_) {
    co_await connection->stream->close();
    co_return learnt.ok() ? Error(Errc::closed) : learnt.error();
  }
  connection_ = connection;
  if (options_.on_versions) options_.on_versions(connection->served);
  co_return connection;
}

void ControllerLink::drop(Shared connection) {
  if (connection_ != connection) return;
  connection_.reset();
  if (options_.on_versions) options_.on_versions({});
  if (!closing_.open()) return;
  closing_.spawn(
      [connection = std::move(connection)](Cancel) -> Task<void> { co_await connection->stream->close(); });
}

Task<void> ControllerLink::stop() {
  stopped_ = true;
  changed_.wake_all();
  if (connection_) drop(connection_);
  co_await closing_.wait();
}

}  // namespace ottla::server
