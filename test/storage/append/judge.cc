#include "test/storage/append/judge.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <string>
#include <utility>

#include "base/exclusive_bytes.h"
#include "base/hex.h"
#include "base/invariant.h"
#include "base/leader_epoch.h"
#include "base/offset.h"
#include "base/slice.h"
#include "record/append_analysis.h"
#include "record/append_rules.h"
#include "record/batch_layout.h"
#include "record/batch_view.h"
#include "record/compression/decompressor.h"
#include "record/produce_check.h"
#include "record/validator.h"

namespace ottla::append_check {
namespace {

using record::BatchView;
using record::RejectReason;

constexpr std::int16_t kFirstWithRecordErrors = 8;

std::int16_t code_of(RejectReason reason) {
  switch (reason) {
    case RejectReason::invalid_record:
      return 87;
    case RejectReason::invalid_timestamp:
      return 32;
    case RejectReason::corrupt:
      return 2;
    case RejectReason::too_large:
      return 10;
    case RejectReason::unsupported_compression:
      return 76;
    case RejectReason::undecodable:
    case RejectReason::out_of_order:
    case RejectReason::unexpected_offset:
      return -1;
  }
  return -1;
}

std::int64_t now_ms() {
  using namespace std::chrono;
  return duration_cast<milliseconds>(system_clock::now().time_since_epoch()).count();
}

Answer refusal(const record::Rejection& rejection, std::int16_t version) {
  Answer answer{.error = code_of(rejection.reason)};
  if (version < kFirstWithRecordErrors) return answer;
  for (const record::RecordError& record : rejection.records) answer.records.push_back(record.batch_index);
  answer.message = !rejection.records.empty();
  return answer;
}

const TopicKind& topic_of(const Case& sent) {
  const auto found = std::ranges::find(all_topics(), sent.topic, &TopicKind::name);
  OTTLA_INVARIANT(found != all_topics().end(), "a case for a topic that is not there", sent.topic);
  return *found;
}

}  // namespace

Judge::Ours Judge::answer(const Case& sent, const Answer& theirs) {
  if (const auto wrong = record::check_produced(sent.bytes.as_span(), sent.version)) {
    Answer refused = refusal(*wrong, sent.version);
    // Records that do not even begin with a batch fail the request as a whole, and that is told in words.
    refused.message = !record::next_bounds(sent.bytes.as_span());
    return {.answer = refused};
  }
  const record::AppendPlace place = {.origin = record::AppendOrigin::client,
                                     .next_offset = Offset(next_offsets_[sent.topic]),
                                     .leader_epoch = LeaderEpoch(0),
                                     .now_ms = theirs.log_append_time.value_or(now_ms())};
  const auto verdict =
      validator_.validate(ExclusiveBytes(Slice::copy_of(sent.bytes.as_span())), topic_of(sent).rules, place);
  if (!verdict) return {.answer = refusal(verdict.error(), sent.version)};
  return {.answer = {.base_offset = verdict->first_offset.raw(),
                     .log_append_time = verdict->log_append_time,
                     .stored = verdict->bytes},
          .rebuilt = verdict->rebuilt};
}

std::string Judge::judge(const Case& sent, const Answer& theirs) {
  const Ours ours = answer(sent, theirs);
  if (theirs.error == 0) {
    const auto batch = BatchView::first_of(theirs.stored.as_span());
    if (!batch.ok()) return "what it stored cannot be read";
    next_offsets_[sent.topic] = batch->last_offset()->raw() + 1;
  }
  if (sent.difference) {
    if (theirs.error == sent.difference->reference && ours.answer.error == sent.difference->ours) return {};
    return fmt::format("should be {} and {}, is {} and {}", sent.difference->reference, sent.difference->ours,
                       theirs.error, ours.answer.error);
  }
  return compare(ours, theirs);
}

std::string Judge::compare(const Ours& ours, const Answer& theirs) {
  if (ours.answer.error != theirs.error) {
    return fmt::format("it says {}, we say {}", theirs.error, ours.answer.error);
  }
  if (ours.answer.records != theirs.records) {
    return fmt::format("it names the records {}, we name {}", theirs.records, ours.answer.records);
  }
  if (ours.answer.message != theirs.message) return "one has words for the client, the other has not";
  if (theirs.error != 0) return {};
  if (ours.answer.base_offset != theirs.base_offset) {
    return fmt::format("it appends at {}, we at {}", theirs.base_offset, ours.answer.base_offset);
  }
  if (ours.answer.log_append_time != theirs.log_append_time)
    return "one tells the broker's time, the other does not";
  if (ours.rebuilt) return compare_rebuilt(ours.answer.stored, theirs.stored);
  if (ours.answer.stored == theirs.stored) return {};
  return fmt::format("it stores {}, we {}", hex_encode(theirs.stored.as_span()),
                     hex_encode(ours.answer.stored.as_span()));
}

// Two compressors make different bytes of the same records.
std::string Judge::compare_rebuilt(const Slice& ours, const Slice& theirs) {
  const auto plain = [&](const Slice& bytes) -> std::string {
    const auto batch = BatchView::first_of(bytes.as_span());
    if (!batch.ok() || !batch->crc_holds()) return "no batch";
    const auto records =
        record::decompress(codecs_, batch->attributes().compression(), batch->records(), 1 << 20);
    if (!records.ok()) return records.error().to_string();
    // All of the header but length and checksum.
    return hex_encode(bytes.as_span().first(record::kLengthAt)) +
           hex_encode(
               bytes.as_span().subspan(record::kLeaderEpochAt, record::kCrcAt - record::kLeaderEpochAt)) +
           hex_encode(
               bytes.as_span().subspan(record::kAttributesAt, record::kRecordsAt - record::kAttributesAt)) +
           " " + hex_encode(records->as_span());
  };
  const std::string a = plain(theirs);
  const std::string b = plain(ours);
  return a == b ? std::string() : fmt::format("it builds {}, we {}", a, b);
}

}  // namespace ottla::append_check
