// Tells listeners what is committed.
#include <algorithm>
#include <utility>
#include <variant>

#include "quorum/data_records.h"
#include "quorum/metadata_quorum.h"
#include "record/batch_view.h"
#include "runtime/shard.h"
#include "runtime/sleep.h"

namespace ottla::quorum {
namespace {

constexpr std::int32_t kReadBytes = 1 << 20;

}  // namespace

void MetadataQuorum::add(QuorumListener& listener) {
  followers_.push_back({.listener = &listener});
  news_.set();
}

void MetadataQuorum::remove(QuorumListener& listener) {
  // Who iterates over them goes by number: a place stays until the round is over.
  for (Follower& each : followers_) {
    if (each.listener == &listener) each.listener = nullptr;
  }
}

Task<void> MetadataQuorum::feed(Cancel cancel) {
  do {
    news_.reset();
    const Result<void> fed = co_await feed_all(cancel);
    if (!fed.ok() && !cancel.requested()) co_return fail(fed.error());
  } while ((co_await news_.wait(cancel)).ok());
}

Task<Result<void>> MetadataQuorum::feed_all(Cancel cancel) {
  while (!cancel.requested()) {
    std::erase_if(followers_, [](const Follower& each) { return each.listener == nullptr; });
    tell_marks();
    tell_leader();
    const std::optional<raft::LogPosition> snapshot = node_->core().log().latest_snapshot();
    const bool loads =
        snapshot && *snapshot != raft::kBootstrapSnapshot &&
        std::ranges::any_of(followers_, [&](const Follower& each) { return needs_snapshot(each); });
    if (loads) {
      OTTLA_CO_CHECK(co_await feed_snapshot(*snapshot));
      continue;
    }
    const Offset from = least_next();
    if (from >= readable_end() || !high_watermark_known_) co_return Result<void>();
    const Result<void> fed = co_await feed_batches(from);
    // The log may have been thrown away for a snapshot while it was read.
    if (!fed.ok() && !(fed.error() == Errc::not_found && from < node_->core().log().start())) co_return fed;
    if (this_shard().slice_spent()) co_await yield();
  }
  co_return Result<void>();
}

// What is committed may still be on its way to the disk, and what the disk holds may not be committed.
Offset MetadataQuorum::readable_end() const {
  return std::min(high_watermark(), log_->readable_end());
}

// Who begins does so with the newest snapshot, and so does who fell behind the log's beginning.
bool MetadataQuorum::needs_snapshot(const Follower& follower) const {
  return follower.listener != nullptr && (!follower.begun || follower.next < node_->core().log().start());
}

Offset MetadataQuorum::least_next() const {
  Offset least = Offset::max();
  for (const Follower& each : followers_) {
    if (each.listener != nullptr) least = std::min(least, each.next);
  }
  return least;
}

Task<Result<void>> MetadataQuorum::feed_snapshot(raft::LogPosition id) {
  std::vector<QuorumListener*> told;
  for (std::size_t i = 0; i < followers_.size(); ++i) {
    if (!needs_snapshot(followers_[i])) continue;
    told.push_back(followers_[i].listener);
    followers_[i].listener->on_snapshot_begin();
  }
  // One that leaves meanwhile hears no more of it.
  const auto each_told = [this, &told](auto tell) {
    for (std::size_t i = 0; i < followers_.size(); ++i) {
      if (followers_[i].listener != nullptr &&
          std::ranges::find(told, followers_[i].listener) != told.end()) {
        tell(followers_[i]);
      }
    }
  };
  OTTLA_CO_TRY(const SnapshotFacts facts,
               co_await log_->load_snapshot(id, [&each_told](std::span<const metadata::RecordBytes> records) {
                 each_told([&](Follower& each) { each.listener->on_snapshot_records(records); });
               }));
  const metadata::Provenance provenance{
      .offset = id.offset - 1, .epoch = id.epoch, .append_time_ms = facts.last_append_ms, .ends_batch = true};
  each_told([&](Follower& each) {
    each.begun = true;
    each.next = id.offset;
    each.listener->on_snapshot_end(provenance);
  });
  trigger_.reset(this_shard().now());
  co_return Result<void>();
}

Task<Result<void>> MetadataQuorum::feed_batches(Offset from) {
  OTTLA_CO_TRY(const std::vector<raft::Batch> batches, co_await log_->read(from, kReadBytes));
  const Offset end = readable_end();
  if (batches.empty()) co_return Error(Errc::not_found, "a committed batch is not in the metadata log");
  for (const raft::Batch& batch : batches) {
    if (batch.last >= end) break;
    OTTLA_CO_CHECK(show(batch));
  }
  for (std::size_t i = 0; i < followers_.size(); ++i) {
    if (followers_[i].listener != nullptr) followers_[i].listener->on_round_end();
  }
  tell_leader();
  const metadata::SharedImage& image = loader_.image();
  const bool settled = image->provenance.offset == loader_.last_loaded() && image->provenance.ends_batch;
  if (settled && trigger_.due(this_shard().now())) snapshot_due_.set();
  co_return Result<void>();
}

Result<void> MetadataQuorum::show(const raft::Batch& batch) {
  const record::BatchView view = record::BatchView::whole(batch.bytes.as_span());
  std::vector<std::vector<std::byte>> unpacked;
  std::vector<metadata::RecordBytes> records;
  metadata::CommittedBatch shown{
      .base_offset = batch.base, .epoch = batch.epoch, .append_time_ms = view.max_timestamp()};
  if (view.attributes().is_control()) {
    shown.last = batch.last;
  } else {
    OTTLA_CHECK(data_records_of(view, codecs_, unpacked, records));
    shown.records = records;
  }
  bool is_new = false;
  for (std::size_t i = 0; i < followers_.size(); ++i) {
    if (followers_[i].listener == nullptr || followers_[i].next != batch.base) continue;
    followers_[i].begun = true;
    followers_[i].next = batch.last + 1;
    if (followers_[i].listener == loading_.get()) is_new = true;
    followers_[i].listener->on_batch(shown);
  }
  if (is_new) trigger_.add(static_cast<std::int64_t>(batch.bytes.size()));
  return {};
}

void MetadataQuorum::tell_marks() {
  if (!high_watermark_known_) return;
  const Offset end = high_watermark();
  for (std::size_t i = 0; i < followers_.size(); ++i) {
    if (followers_[i].listener == nullptr || followers_[i].told_high_watermark == end) continue;
    followers_[i].told_high_watermark = end;
    followers_[i].listener->on_high_watermark(end);
  }
}

// This node's own leadership is told to who knows all that was committed before it.
void MetadataQuorum::tell_leader() {
  const raft::LeaderChanged change = leader_;
  const auto* role = std::get_if<raft::Leader>(&node_->core().role());
  if (change.leader == node() && role == nullptr) return;
  for (std::size_t i = 0; i < followers_.size(); ++i) {
    const Follower& each = followers_[i];
    const std::optional<raft::LeaderChanged>& told = each.told_leader;
    if (each.listener == nullptr || (told && told->leader == change.leader && told->epoch == change.epoch))
      continue;
    if (change.leader == node() && each.next <= role->replication.epoch_start()) continue;
    followers_[i].told_leader = change;
    followers_[i].listener->on_leader_change(change);
  }
}

}  // namespace ottla::quorum
