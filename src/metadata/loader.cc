#include "metadata/loader.h"

#include <algorithm>
#include <memory>
#include <string_view>
#include <utility>

#include "base/invariant.h"
#include "protocol/record_codec.h"

namespace ottla::metadata {
namespace {

constexpr std::string_view kTopic = "__cluster_metadata";

const SharedImage& empty_image() {
  static const SharedImage kEmpty = std::make_shared<const MetadataImage>();
  return kEmpty;
}

bool marks_transaction(const protocol::MessageInfo& message) {
  return &message == &protocol::BeginTransactionRecord::message() ||
         &message == &protocol::EndTransactionRecord::message() ||
         &message == &protocol::AbortTransactionRecord::message();
}

}  // namespace

Loader::Loader(LoaderTools tools)
    : tools_(std::move(tools)),
      budget_("metadata records", tools_.most_record_memory),
      arena_(budget_, {}),
      published_(empty_image()) {}

void Loader::add(Publisher& publisher) {
  listeners_.push_back({.publisher = &publisher, .told = false});
  if (caught_up_) tell(published_, PublicationSource::snapshot);
}

void Loader::remove(Publisher& publisher) {
  std::erase_if(listeners_, [&](const Listener& each) { return each.publisher == &publisher; });
}

void Loader::load(const CommittedBatch& batch) {
  Offset offset = batch.base_offset;
  std::size_t left = batch.records.size();
  for (const RecordBytes each : batch.records) {
    if (Result<> taken = take(loaded_, each, true); !taken.ok()) fault(offset, taken.error());
    --left;
    loaded_.provenance = {.offset = offset,
                          .epoch = batch.epoch,
                          .append_time_ms = batch.append_time_ms,
                          .ends_batch = left == 0};
    if (left > 0) ++offset;
  }
  if (batch.last) {
    loaded_.provenance = {
        .offset = *batch.last, .epoch = batch.epoch, .append_time_ms = batch.append_time_ms};
  }
  ++batches_;
}

// A record of the log, or of a snapshot, which has no transactions.
Result<> Loader::take(MetadataImage& image, RecordBytes bytes, bool in_log) {
  OTTLA_TRY(const protocol::EncodedMessage record, protocol::open_metadata_record(kTopic, bytes));
  if (in_log && marks_transaction(*record.message)) return transact(*record.message);
  seen_record_ = true;
  arena_.reset();
  return replay(image, record, arena_, tools_.rules);
}

Result<> Loader::transact(const protocol::MessageInfo& message) {
  if (&message == &protocol::BeginTransactionRecord::message()) {
    if (in_transaction()) return Error(Errc::invalid_argument, "a transaction begins within a transaction");
    settled_ = loaded_;
    return {};
  }
  if (!in_transaction()) return Error(Errc::invalid_argument, "a transaction ends that has not begun");
  if (&message == &protocol::AbortTransactionRecord::message()) loaded_ = std::move(*settled_);
  settled_.reset();
  return {};
}

void Loader::fault(Offset offset, const Error& error) {
  ++faults_;
  if (tools_.on_fault) tools_.on_fault(offset, error);
}

void Loader::flush() {
  const MetadataImage& settled = settled_.has_value() ? *settled_ : loaded_;
  if (settled.provenance.offset > published_->provenance.offset) publish(settled, PublicationSource::log);
  maybe_catch_up();
}

void Loader::publish(const MetadataImage& image, PublicationSource source) {
  const SharedImage before = std::exchange(published_, std::make_shared<const MetadataImage>(image));
  if (caught_up_) tell(before, source);
}

// What has become of `before`, to those who know it; all that there is, to those who know nothing.
void Loader::tell(const SharedImage& before, PublicationSource source) {
  const std::size_t batches = std::exchange(batches_, 0);
  std::optional<MetadataDelta> step;
  std::optional<MetadataDelta> whole;
  for (std::size_t each = 0; each < listeners_.size(); ++each) {
    const bool told = std::exchange(listeners_[each].told, true);
    if (told && before == published_) continue;
    std::optional<MetadataDelta>& delta = told ? step : whole;
    if (!delta.has_value()) delta = delta_between(told ? before : empty_image(), published_);
    listeners_[each].publisher->publish(
        {.delta = *delta, .source = told ? source : PublicationSource::snapshot, .batches = batches});
  }
}

void Loader::maybe_catch_up() {
  if (caught_up_ || !seen_record_ || !high_watermark_.has_value()) return;
  if (published_->provenance.offset + 1 < *high_watermark_) return;
  caught_up_ = true;
  tell(published_, PublicationSource::snapshot);
}

void Loader::on_high_watermark(Offset end) {
  high_watermark_ = end;
  maybe_catch_up();
}

void Loader::on_leader_change(NodeId leader, LeaderEpoch epoch) {
  for (std::size_t each = 0; each < listeners_.size(); ++each) {
    listeners_[each].publisher->on_leader_change(leader, epoch);
  }
}

void Loader::begin_snapshot() {
  snapshot_.emplace();
}

void Loader::load_snapshot(std::span<const RecordBytes> records) {
  OTTLA_INVARIANT(snapshot_.has_value(), "records of a snapshot that was not begun");
  for (const RecordBytes each : records) {
    // Records of a snapshot have no offsets of their own.
    if (Result<> taken = take(*snapshot_, each, false); !taken.ok()) fault(Offset(-1), taken.error());
  }
  ++batches_;
}

void Loader::finish_snapshot(Provenance provenance) {
  OTTLA_INVARIANT(snapshot_.has_value(), "a snapshot is finished that was not begun");
  loaded_ = std::move(*snapshot_);
  loaded_.provenance = provenance;
  snapshot_.reset();
  settled_.reset();
  ++snapshots_;
  publish(loaded_, PublicationSource::snapshot);
  maybe_catch_up();
}

}  // namespace ottla::metadata
