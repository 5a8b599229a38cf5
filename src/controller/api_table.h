// The APIs that the active controller serves, by key: how each is handled, and how all of a request is refused.
//
// Use:         const ControllerApi* api = find_controller_api(header.key);
//              api->handle(state, &request, call, &response);   // structures of that API's messages
// A new API:   a row in api_table.cc, of a domain's two functions.
// Concurrency: constants.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <type_traits>

#include "base/arena.h"
#include "base/result.h"
#include "controller/api_error.h"
#include "controller/call.h"
#include "controller/state.h"
#include "protocol/api_key.h"
#include "protocol/schema.h"

namespace ottla::controller {

struct ControllerApi {
  protocol::ApiKey key;
  // Adds records and answers, or refuses by its return value.
  ApiError (*handle)(const State& state, const void* request, Call& call, void* response);
  // The response that says of all that was asked that it failed. out_of_budget: there is no room for it.
  Result<> (*refuse)(const void* request, std::int16_t version, const ApiError& error, Arena& arena,
                     void* response);
  // Whether more records than a user's request may make are written all the same, in several batches.
  bool unlimited = false;
  // How long the client waits until the controller has begun with it; none for ever.
  std::optional<std::int32_t> (*timeout_ms)(const void* request);
};

// A request makes at most so many records; what brokers ask for themselves is not limited.
inline constexpr std::size_t kMostRecords = 10'000;
enum class RecordLimit : std::uint8_t { of_users, none };

namespace api_table_internal {

template <auto kHandle>
struct Handler;
template <typename Request, typename Response,
          ApiError (*kHandle)(const State&, const Request&, Call&, Response&)>
struct Handler<kHandle> {
  using Asks = Request;
  using Answers = Response;
  static ApiError handle(const State& state, const void* request, Call& call, void* response) {
    return kHandle(state, *static_cast<const Request*>(request), call, *static_cast<Response*>(response));
  }
};

}  // namespace api_table_internal

// The row of an API: handle as in call.h, refuse as Result<>(const Request&, const ApiError&, Arena&, Response&), with
// the version behind the request where a refusal says more in some versions.
template <auto kHandle, auto kRefuse>
constexpr ControllerApi controller_api(protocol::ApiKey key, RecordLimit limit = RecordLimit::of_users) {
  using Handler = api_table_internal::Handler<kHandle>;
  using Request = typename Handler::Asks;
  using Response = typename Handler::Answers;
  return {key, &Handler::handle,
          [](const void* asked, std::int16_t version, const ApiError& error, Arena& arena,
             void* answered) -> Result<> {
            const Request& request = *static_cast<const Request*>(asked);
            Response& response = *static_cast<Response*>(answered);
            if constexpr (std::is_invocable_v<decltype(kRefuse), const Request&, std::int16_t,
                                              const ApiError&, Arena&, Response&>) {
              return kRefuse(request, version, error, arena, response);
            } else {
              static_cast<void>(version);
              return kRefuse(request, error, arena, response);
            }
          },
          limit == RecordLimit::none,
          [](const void* request) -> std::optional<std::int32_t> {
            if constexpr (requires(const Request& asked) { asked.timeout_ms; }) {
              return static_cast<const Request*>(request)->timeout_ms;
            } else {
              return std::nullopt;
            }
          }};
}

// Ascending by key.
std::span<const ControllerApi> controller_apis();
// Null when the controller does not serve it.
const ControllerApi* find_controller_api(protocol::ApiKey key);

// For responses with one code, and a text where there is one.
template <typename Request, typename Response>
Result<> refuse_whole(const Request&, const ApiError& error, Arena& arena, Response& response) {
  response.error_code = error.wire_code();
  if constexpr (requires { response.error_message; }) {
    OTTLA_TRY(response.error_message, message_text(error, arena));
  }
  static_cast<void>(arena);
  return {};
}

}  // namespace ottla::controller
