// What a client is told instead of an answer: the wire's code and a text in the reference's words.
//
// Use:    ApiError create(…) { if (taken) return {ErrorCode::topic_already_exists, "Topic 'a' already exists."}; return {}; }
//         if (ApiError error = create(…); !error.ok()) …
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <utility>

#include "base/error.h"
#include "protocol/error_code.h"

namespace ottla::controller {

using protocol::ErrorCode;

struct [[nodiscard]] ApiError {
  ApiError() = default;  // none
  // Implicit, without a text of its own: `return ErrorCode::stale_broker_epoch;`
  ApiError(ErrorCode error) : code(error) {}
  ApiError(ErrorCode error, std::string text) : code(error), message(std::move(text)) {}
  // Memory for an answer is spent: clients may try again.
  ApiError(const Error& error) : code(ErrorCode::unknown_server_error), message(error.to_string()) {}

  bool ok() const { return code == ErrorCode::none; }
  std::int16_t wire_code() const { return static_cast<std::int16_t>(code); }

  ErrorCode code = ErrorCode::none;
  std::string message;  // empty: the wire says null

  friend bool operator==(const ApiError&, const ApiError&) = default;
};

// The text, or what the reference says of the code where nobody gave one.
std::string_view message_of(const ApiError& error);

}  // namespace ottla::controller
