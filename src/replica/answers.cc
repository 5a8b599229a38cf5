#include "replica/answers.h"

#include "base/error.h"

namespace ottla::replica {

using protocol::ErrorCode;

namespace {

ErrorCode code_of(record::RejectReason reason) {
  using enum record::RejectReason;
  switch (reason) {
    case invalid_record:
      return ErrorCode::invalid_record;
    case invalid_timestamp:
      return ErrorCode::invalid_timestamp;
    case corrupt:
      return ErrorCode::corrupt_message;
    case too_large:
      return ErrorCode::message_too_large;
    case unsupported_compression:
      return ErrorCode::unsupported_compression_type;
    case undecodable:
    case out_of_order:
    case unexpected_offset:
      return ErrorCode::unknown_server_error;
  }
  return ErrorCode::unknown_server_error;
}

ErrorCode code_of(storage::ProducerFault fault) {
  using enum storage::ProducerFault;
  switch (fault) {
    case none:
      return ErrorCode::none;
    case invalid_epoch:
      return ErrorCode::invalid_producer_epoch;
    case out_of_order_sequence:
      return ErrorCode::out_of_order_sequence_number;
    case invalid_transaction:
      return ErrorCode::invalid_txn_state;
    case coordinator_fenced:
      return ErrorCode::transaction_coordinator_fenced;
    case invalid_marker:
      return ErrorCode::corrupt_message;
  }
  return ErrorCode::unknown_server_error;
}

// With these the reference does not look for where the log starts.
bool tells_no_log_start(ErrorCode error) {
  return error == ErrorCode::message_too_large || error == ErrorCode::record_list_too_large ||
         error == ErrorCode::corrupt_message || error == ErrorCode::kafka_storage_error ||
         error == ErrorCode::not_leader_or_follower;
}

AppendAnswer refusal(ErrorCode error, std::string reason, Offset log_start) {
  return {.error = error,
          .log_start = tells_no_log_start(error) ? kUnknownOffset : log_start,
          .reason = std::move(reason)};
}

}  // namespace

ErrorCode code_of(const Error& error) {
  switch (error.code()) {
    case Errc::closed:  // the log is on its way out
      return ErrorCode::not_leader_or_follower;
    case Errc::too_large:
      return ErrorCode::record_list_too_large;
    case Errc::corrupt:
    case Errc::malformed:
    case Errc::truncated:
      return ErrorCode::corrupt_message;
    case Errc::not_found:
      return ErrorCode::offset_out_of_range;
    case Errc::io_error:
    case Errc::sync_failed:
    case Errc::no_space:
    case Errc::read_only:
    case Errc::too_many_files:
      return ErrorCode::kafka_storage_error;
    default:
      return ErrorCode::unknown_server_error;
  }
}

AppendAnswer answer_of(const storage::AppendOutcome& outcome, Offset log_start) {
  if (const Error* const error = outcome.error()) {
    return refusal(code_of(*error), error->to_string(), log_start);
  }
  if (const storage::ProducerRejection* const rejected = outcome.producer_rejection()) {
    return refusal(code_of(rejected->fault), rejected->message, log_start);
  }
  if (const record::Rejection* const rejected = outcome.rejection()) {
    AppendAnswer answer = refusal(code_of(rejected->reason), rejected->message, log_start);
    answer.meter = rejected->meter;
    answer.metered = rejected->metered;
    if (!rejected->records.empty()) {
      answer.message = rejected->message;
      answer.records = rejected->records;
      answer.log_start = log_start;
    }
    return answer;
  }
  const storage::AppendInfo& info = outcome.info();
  return {.first_offset = info.first_offset,
          .last_offset = info.last_offset,
          .log_append_time = info.log_append_time.value_or(-1),
          .log_start = info.log_start,
          .duplicate = info.duplicate};
}

}  // namespace ottla::replica
