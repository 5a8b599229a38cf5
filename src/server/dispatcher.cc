#include "server/dispatcher.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <chrono>
#include <cstdint>
#include <cstring>
#include <optional>
#include <span>
#include <string>
#include <utility>

#include "base/endian.h"
#include "base/error.h"
#include "base/invariant.h"
#include "base/log.h"
#include "protocol/codec.h"
#include "protocol/error_code.h"
#include "protocol/frame_splitter.h"
#include "protocol/messages/fetch.h"
#include "protocol/messages/headers.h"
#include "protocol/piece_encoder.h"
#include "protocol/request_header.h"
#include "runtime/shard.h"
#include "runtime/timed_wait.h"
#include "server/error_reply.h"
#include "server/quotas/quota_door.h"
#include "server/quotas/request_quota.h"
#include "server/request_checks.h"
#include "server/response_fields.h"
#include "server/served.h"

namespace ottla::server {
namespace {

using protocol::Encodable;
using protocol::ErrorCode;

// What a request's header may take of memory: its tags.
constexpr std::size_t kLargestHeader = std::size_t{64} << 10;
// One request may take so much of what all of a shard may, so that no single one stops all others.
constexpr std::size_t kShareOfOne = 2;
// From this version of Fetch on a replica's number has another place.
constexpr std::int16_t kFirstWithReplicaState = 15;
// For how long a client may take nothing of an answer while requests wait for the memory that it holds.
constexpr Duration kReadersPatience = std::chrono::seconds(10);

// A structure of that message with all defaults, in the arena.
Result<void*> make_message(Arena& arena, const protocol::MessageInfo& message) {
  void* place = arena.allocate(message.root->size, message.root->alignment);
  if (place == nullptr) return Errc::out_of_budget;
  std::memcpy(place, message.root->initial, message.root->size);
  return place;
}

protocol::ResponseHeader header_of(const RequestContext& context) {
  return {.correlation_id = context.incoming.head.correlation};
}

std::int16_t header_version_of(const RequestContext& context) {
  return protocol::response_header_version(context.api(), context.version());
}

Encodable response_of(const RequestContext& context) {
  return Encodable(*context.api().response, context.response, context.version());
}

// An answer that is too large to lie in memory as a whole, with all that it is made from.
class LargeAnswer final : public rpc::ReplyRest, private UnsentAnswer {
 public:
  // `all`: those of the shard.
  static Result<std::unique_ptr<LargeAnswer>> start(std::unique_ptr<RequestContext> context,
                                                    IntrusiveList<UnsentAnswer>& all) {
    auto answer = std::make_unique<LargeAnswer>(std::move(context), all);
    const std::array<Encodable, 2> parts = {Encodable(answer->header_, header_version_of(*answer->context_)),
                                            response_of(*answer->context_)};
    OTTLA_TRY(auto encoder, protocol::PieceEncoder::start(parts, protocol::Prefix::frame_size));
    answer->encoder_.emplace(std::move(encoder));
    return answer;
  }
  LargeAnswer(std::unique_ptr<RequestContext> context, IntrusiveList<UnsentAnswer>& all)
      : context_(std::move(context)), all_(all), header_(header_of(*context_)) {
    connection = context_->client.connection;
  }

  bool done() const override { return encoder_->done(); }
  Chain next() override {
    moved = this_shard().now();
    unlink();
    all_.push_back(*this);
    return encoder_->next();
  }

 private:
  std::unique_ptr<RequestContext> context_;
  IntrusiveList<UnsentAnswer>& all_;
  protocol::ResponseHeader header_;
  std::optional<protocol::PieceEncoder> encoder_;
};

rpc::Answer hang_up() {
  return {.kind = rpc::Answer::Kind::hang_up};
}

// Header and body of an answer whose body was encoded elsewhere.
Result<Chain> join(const RequestContext& context, Chain body) {
  const protocol::ResponseHeader header = header_of(context);
  const Encodable part(header, header_version_of(context));
  OTTLA_TRY(Chain whole, protocol::encode(std::span(&part, 1), protocol::Prefix::none));
  whole.append(std::move(body));
  return whole;
}

// An envelope whose request was answered: that one is counted.
bool is_only_a_cover(const RequestContext& context, Outcome outcome) {
  return context.api().key == protocol::ApiKey::envelope && outcome == Outcome::reply &&
         mentions_error(response_of(context), ErrorCode::none);
}

// Who ends a connection without a word has no error codes to tell, but for those that a Produce without an answer had.
bool tells_errors(const RequestContext& context, Outcome outcome) {
  return outcome == Outcome::reply ||
         (outcome == Outcome::hang_up && context.api().key == protocol::ApiKey::produce);
}

bool is_of_follower(const RequestContext& context) {
  if (context.api().key != protocol::ApiKey::fetch || context.request == nullptr) return false;
  const auto& request = context.request_as<protocol::FetchRequest>();
  return (context.version() >= kFirstWithReplicaState ? request.replica_state.replica_id
                                                      : request.replica_id) >= 0;
}

void put_frame_size(Chain& frame) {
  std::array<std::byte, protocol::FrameSplitter::kSizeBytes> size;
  store_big_endian(size.data(), static_cast<std::int32_t>(frame.size()));
  frame.prepend(Slice::copy_of(size));
}

}  // namespace

Result<rpc::Answer> Dispatcher::encode(Context context) {
  rpc::Answer answer{.mute = context->mute};
  if (context->body) {
    OTTLA_TRY(answer.bytes, join(*context, std::move(*context->body)));
    put_frame_size(answer.bytes);
    return answer;
  }
  const protocol::ResponseHeader header = header_of(*context);
  const std::array<Encodable, 2> parts = {Encodable(header, header_version_of(*context)),
                                          response_of(*context)};
  OTTLA_TRY(const std::uint64_t size, protocol::encoded_size(parts));
  if (size <= protocol::PieceEncoder::kLimit) {
    OTTLA_TRY(answer.bytes, protocol::encode(parts, protocol::Prefix::frame_size));
    return answer;
  }
  OTTLA_TRY(auto large, LargeAnswer::start(std::move(context), unsent_));
  answer.bytes = large->next();
  answer.rest = std::move(large);
  return answer;
}

Dispatcher::Dispatcher(NodeView& node, std::size_t memory)
    : node_(node), memory_("requests", memory), metrics_(this_shard().metrics()) {}

Task<rpc::Answer> Dispatcher::serve(const ClientInfo& client, rpc::Incoming request, Cancel cancel) {
  const Handler* handler = handlers_of(client.kind).find(request.head.api->key);
  if (handler == nullptr) {
    node_.log.info("closed a connection that asked for what is not served here",
                   field("api", request.head.api->name), field("peer", client.peer));
    co_return hang_up();
  }
  Context context = make_context(client, std::move(request), cancel);
  const Result<void> ready = co_await prepare(*context, *handler);
  if (!ready.ok()) {
    if (ready.error() != Errc::cancelled) {
      node_.log.info("closed a connection whose request cannot be read", field("api", context->api().name),
                     field("version", context->version()), field("peer", client.peer),
                     field("reason", ready.error()));
    }
    co_return hang_up();
  }
  const Instant begun = this_shard().exact_now();
  const Result<Outcome> outcome = co_await handle(*context, *handler);
  if (!outcome.ok()) co_return hang_up();
  if (*outcome == Outcome::reply) co_await throttle(*context);
  const rpc::Passed passed = pass(*context, begun, *outcome);
  if (*outcome == Outcome::hang_up)
    co_return rpc::Answer{.kind = rpc::Answer::Kind::hang_up, .passed = passed};
  if (*outcome == Outcome::silence) {
    co_return rpc::Answer{.kind = rpc::Answer::Kind::silence, .mute = context->mute, .passed = passed};
  }
  const protocol::ApiInfo& api = context->api();
  Result<rpc::Answer> answer = encode(std::move(context));
  if (!answer.ok()) {
    node_.log.error("an answer cannot be encoded", field("api", api.name), field("reason", answer.error()));
    co_return hang_up();
  }
  answer->passed = passed;
  co_return std::move(*answer);
}

rpc::Passed Dispatcher::pass(const RequestContext& context, Instant begun, Outcome outcome) {
  if (is_only_a_cover(context, outcome)) return {};
  const protocol::ApiInfo& api = context.api();
  const Instant now = this_shard().exact_now();
  const Duration handled = now - begun;
  // Who measures what a request takes of the shard is told by it; all others do not wait, but for the controller.
  const bool measured = api.key == protocol::ApiKey::produce || api.key == protocol::ApiKey::fetch;
  const Duration local = context.body ? Duration(0) : measured ? std::min(context.busy, handled) : handled;
  if (tells_errors(context, outcome)) metrics_.note_errors(api, context.version(), context.response);
  return {.api = &api,
          .version = context.version(),
          .of_follower = is_of_follower(context),
          .bytes = context.incoming.frame.size(),
          .received = context.incoming.received,
          .made = now,
          .queue = begun - context.incoming.received,
          .local = local,
          .remote = handled - local,
          .throttle = context.mute};
}

Task<Result<Dispatcher::Answered>> Dispatcher::serve_frame(ClientInfo client, Slice frame, Way way,
                                                           Cancel cancel) {
  OTTLA_CO_TRY(rpc::Incoming incoming, admit(std::move(frame), way));
  const Handler* handler = handlers_of(ListenerKind::controller).find(incoming.head.api->key);
  OTTLA_INVARIANT(handler != nullptr, "an API was admitted that is not served", incoming.head.api->name);
  Context context = make_context(client, std::move(incoming), cancel);
  context->forwarded = way == Way::forwarded;
  const Result<void> ready = co_await prepare(*context, *handler);
  if (!ready.ok()) {
    if (ready.error() == Errc::cancelled) co_return ready.error();
    co_return Error(Errc::unsupported, ready.error().to_string());
  }
  const Instant begun = this_shard().exact_now();
  OTTLA_CO_TRY(const Outcome outcome, co_await handle(*context, *handler));
  OTTLA_INVARIANT(outcome == Outcome::reply, "a request to the controller has no answer",
                  context->api().name);
  co_await throttle(*context);
  const rpc::Passed passed = pass(*context, begun, outcome);
  metrics_.note(passed, passed.made, passed.made);
  Answered answered;
  answered.not_controller = mentions_error(response_of(*context), ErrorCode::not_controller);
  const Encodable response = response_of(*context);
  OTTLA_CO_TRY(Chain body, protocol::encode(std::span(&response, 1), protocol::Prefix::none));
  OTTLA_CO_TRY(answered.answer, join(*context, std::move(body)));
  co_return std::move(answered);
}

Result<rpc::Incoming> Dispatcher::admit(Slice frame, Way way) const {
  Budget budget("request header", kLargestHeader);
  Arena arena(budget);
  const Result<protocol::RequestHead> read = protocol::read_request_head(frame.as_span(), arena);
  if (!read.ok()) return Error(Errc::unsupported, read.error().to_string());
  const protocol::RequestHead& head = *read;
  if (way == Way::forwarded && !head.api->forwardable) {
    return Error(Errc::invalid_argument,
                 fmt::format("API {} is not enabled or is not eligible for forwarding", head.api->name));
  }
  const auto versions =
      protocol::served_versions(*head.api, served_by(ListenerKind::controller, node_.settings->config));
  if (handlers_of(ListenerKind::controller).find(head.api->key) == nullptr ||
      !versions.contains(head.version)) {
    return Error(Errc::unsupported,
                 fmt::format("{} version {} is not served here", head.api->name, head.version));
  }
  return rpc::Incoming{.frame = std::move(frame), .head = head, .received = this_shard().now()};
}

Dispatcher::Context Dispatcher::make_context(const ClientInfo& client, rpc::Incoming request, Cancel cancel) {
  auto context = std::make_unique<RequestContext>(node_, client, std::move(request), memory_,
                                                  memory_.limit() / kShareOfOne, released_);
  context->cancel = cancel;
  if (context->incoming.unknown_version) context->incoming.head.version = 0;
  return context;
}

Task<Result<void>> Dispatcher::prepare(RequestContext& context, const Handler& handler) {
  for (;;) {
    const Result<> decoded = decode(context, handler);
    if (decoded.ok()) co_return Result<void>();
    context.arena.reset();
    const bool own_fault = decoded.error() != Errc::out_of_budget || context.memory.refusals() > 0;
    const bool alone = memory_.used() <= context.memory.used();
    if (own_fault || alone) co_return decoded.error();
    OTTLA_CO_CHECK(co_await wait_for_memory(context.cancel));
  }
}

Task<Result<void>> Dispatcher::wait_for_memory(Cancel cancel) {
  const Result<void> waited = co_await wait_at_most(released_, kReadersPatience, cancel);
  if (waited.ok() || waited.error() != Errc::timed_out) co_return waited;
  end_slowest_reader();
  co_return Result<void>();
}

void Dispatcher::end_slowest_reader() {
  if (unsent_.empty()) return;
  UnsentAnswer& slowest = unsent_.front();
  if (slowest.connection == nullptr || this_shard().now() - slowest.moved < kReadersPatience) return;
  slowest.unlink();
  node_.log.info("closed a connection that does not read its answer: its memory is needed");
  slowest.connection->request();
}

Result<> Dispatcher::decode(RequestContext& context, const Handler& handler) {
  const Instant begun = this_shard().exact_now();
  Result<> decoded = decode_body(context, handler);
  context.busy += this_shard().exact_now() - begun;
  return decoded;
}

Result<> Dispatcher::decode_body(RequestContext& context, const Handler& handler) {
  OTTLA_TRY(context.response, make_message(context.arena, *context.api().response));
  if (handler.decodes) return {};
  OTTLA_TRY(void* request, make_message(context.arena, *context.api().request));
  context.request = request;
  if (context.incoming.unknown_version) return {};  // whatever it says, the answer is the same
  // The reference does not look at what follows a request.
  const auto size = protocol::decode(
      *context.api().request,
      {.bytes = context.incoming.body(), .version = context.version(), .rest = protocol::Rest::left},
      &context.arena, request);
  if (!size.ok()) return size.error();
  return check_request(context.api().key, request);
}

Task<void> Dispatcher::throttle(RequestContext& context) {
  if (context.body) co_return;  // whoever answered it has counted it
  const protocol::MessageInfo& message = *context.api().response;
  QuotaDoor* door = context.client.kind == ListenerKind::broker && !context.forwarded
                        ? node_.broker_quotas
                        : node_.controller_quotas;
  std::int64_t wait = throttle_time(message, context.response);
  if (door != nullptr && !context.exempt && door->any(QuotaKind::request)) {
    wait = std::max(wait, co_await record_request(*door, context));
  }
  if (wait <= 0) co_return;
  set_throttle_time(message, context.response, told_wait(wait));
  // Of a request that was passed on, the broker that did so keeps the client waiting.
  if (!context.forwarded) context.mute = std::max(context.mute, Duration(std::chrono::milliseconds(wait)));
}

Task<Result<Outcome>> Dispatcher::handle(RequestContext& context, const Handler& handler) {
  Result<Outcome> outcome = co_await handler.serve(context);
  if (outcome.ok() || outcome.error() == Errc::cancelled) co_return outcome;
  node_.log.warn("a request failed", field("api", context.api().name), field("version", context.version()),
                 field("peer", context.client.peer), field("reason", outcome.error()));
  if (outcome.error() == Errc::out_of_budget || context.request == nullptr) co_return outcome;
  OTTLA_CO_TRY(context.response, make_message(context.arena, *context.api().response));
  OTTLA_CO_CHECK(error_reply(context, ErrorCode::unknown_server_error));
  co_return Outcome::reply;
}

}  // namespace ottla::server
