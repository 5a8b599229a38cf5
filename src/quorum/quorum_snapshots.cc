// Makes snapshots when it is time, and forgets old ones.
#include <chrono>
#include <utility>

#include "base/chain.h"
#include "metadata/record_writer.h"
#include "protocol/codec.h"
#include "quorum/metadata_quorum.h"
#include "quorum/snapshot_writer.h"
#include "runtime/offload.h"
#include "runtime/shard.h"
#include "runtime/sleep.h"

namespace ottla::quorum {
namespace {

constexpr Duration kCleanEvery = std::chrono::minutes(1);

Result<std::vector<Slice>> batches_of(const metadata::MetadataImage& image, const SnapshotHead& head,
                                      std::int32_t largest_batch) {
  std::vector<Slice> batches;
  SnapshotWriter writer(
      head,
      [&batches](Slice batch) -> Result<> {
        batches.push_back(std::move(batch));
        return {};
      },
      largest_batch);
  OTTLA_CHECK(metadata::write_records(image, {}, [&writer](const protocol::Encodable& record) -> Result<> {
    OTTLA_TRY(const Chain bytes, protocol::encode(std::span(&record, 1), protocol::Prefix::metadata));
    return writer.add(bytes.flatten().as_span());
  }));
  OTTLA_CHECK(writer.finish());
  return batches;
}

}  // namespace

Task<void> MetadataQuorum::make_snapshots(Cancel cancel) {
  while ((co_await snapshot_due_.wait(cancel)).ok()) {
    snapshot_due_.reset();
    trigger_.reset(this_shard().now());
    const Result<void> made = co_await make_snapshot(loader_.image());
    if (!made.ok() && !cancel.requested()) co_return fail(made.error());
  }
}

Task<Result<void>> MetadataQuorum::make_snapshot(metadata::SharedImage image) {
  const metadata::Provenance& at = image->provenance;
  const raft::LogPosition id{at.epoch, at.offset + 1};
  // Before its first record of its own, a cluster has nothing to tell.
  if (id.offset <= Offset(0) || !image->features.metadata_version) co_return Result<void>();
  const raft::ControlHistory& history = node_->core().history();
  SnapshotHead head{.id = id,
                    .now_ms = to_epoch_millis(this_shard().wall_now()),
                    .last_append_ms = at.append_time_ms,
                    .kraft_version = history.kraft_version_at(at.offset)};
  if (head.kraft_version > raft::kStaticVoters) head.voters = history.voters_at(at.offset);
  const std::int32_t largest = options_.largest_batch;
  Result<std::vector<Slice>> batches = co_await offload(
      HelperKind::compute, [&image, &head, largest] { return batches_of(*image, head, largest); });
  if (!batches.ok())
    co_return std::move(batches).error().with_context("make a snapshot of the cluster's metadata");
  std::uint64_t bytes = 0;
  for (const Slice& each : *batches) bytes += each.size();
  OTTLA_CO_TRY(const std::optional<raft::SnapshotFile> file,
               co_await log_->save_snapshot(id, *std::move(batches)));
  made_snapshot_ = {.at = this_shard().now(), .bytes = bytes};
  // Meanwhile a leader's snapshot may have taken the place of all before it.
  if (file && id.offset >= node_->core().log().start()) node_->snapshot_taken(*file);
  co_return Result<void>();
}

Task<void> MetadataQuorum::keep_clean(Cancel cancel) {
  while ((co_await sleep_for(kCleanEvery, cancel)).ok()) {
    const Result<void> cleaned = co_await clean();
    if (!cleaned.ok() && !cancel.requested()) co_return fail(cleaned.error());
  }
}

Task<Result<void>> MetadataQuorum::clean() {
  const std::int64_t now_ms = to_epoch_millis(this_shard().wall_now());
  OTTLA_CO_TRY(const std::optional<raft::LogPosition> begin,
               co_await log_->clean(options_.retention, now_ms));
  if (!begin) co_return Result<void>();
  const raft::LogShape& shape = node_->core().log();
  if (begin->offset > shape.start() && begin->offset <= shape.end()) node_->log_begins_at(*begin);
  co_return Result<void>();
}

}  // namespace ottla::quorum
