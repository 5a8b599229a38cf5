// What became of an append.
//
// Lifetime: a value.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <utility>
#include <variant>

#include "base/error.h"
#include "base/invariant.h"
#include "base/offset.h"
#include "record/append_rules.h"
#include "storage/producer/producer_append.h"

namespace ottla::storage {

struct AppendInfo {
  Offset first_offset = kUnknownOffset;
  Offset last_offset = kUnknownOffset;  // unknown when there was nothing to append
  std::int64_t max_timestamp = -1;
  std::optional<std::int64_t> log_append_time =
      {};  // what the producer is told, when the broker's time was taken
  Offset log_start = Offset(0);
  bool duplicate = false;  // it was there already, at these offsets
};

// What a partition knows of its producers spoke against it.
struct ProducerRejection {
  ProducerFault fault = ProducerFault::none;
  std::string message;
};

// Appended, refused by the rules or because of its producer, or failed.
class AppendOutcome {
 public:
  AppendOutcome(AppendInfo info) : state_(std::move(info)) {}
  AppendOutcome(record::Rejection rejection) : state_(std::move(rejection)) {}
  AppendOutcome(ProducerRejection rejection) : state_(std::move(rejection)) {}
  AppendOutcome(Error error) : state_(std::move(error)) {}

  bool ok() const { return std::holds_alternative<AppendInfo>(state_); }
  const AppendInfo& info() const {
    OTTLA_INVARIANT(ok(), "an append that did not happen has no offsets");
    return std::get<AppendInfo>(state_);
  }
  // Null unless the rules of appending refused it.
  const record::Rejection* rejection() const { return std::get_if<record::Rejection>(&state_); }
  // Null unless its producer must not, or not yet, write it.
  const ProducerRejection* producer_rejection() const { return std::get_if<ProducerRejection>(&state_); }
  // Null unless the log could not do it.
  const Error* error() const { return std::get_if<Error>(&state_); }

 private:
  std::variant<AppendInfo, record::Rejection, ProducerRejection, Error> state_;
};

}  // namespace ottla::storage
