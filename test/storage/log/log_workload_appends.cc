// What the workload appends.
#include <algorithm>
#include <utility>

#include "record/control_record.h"
#include "test/storage/log/log_workload.h"

namespace ottla::storage {
namespace {

constexpr std::int64_t kProducers = 3;
constexpr std::uint64_t kKeys = 12;

// The log gives the offset.
ExclusiveBytes as_produced(const ModelBatch& batch) {
  std::string bytes = batch.bytes;
  std::fill(bytes.begin(), bytes.begin() + 8, '\0');
  return ExclusiveBytes(Slice::copy_of(bytes));
}

std::string refusal(const AppendOutcome& outcome) {
  return outcome.rejection() != nullptr ? outcome.rejection()->message
                                        : outcome.producer_rejection()->message;
}

}  // namespace

void LogWorkload::add_records(record::BatchBuilder& builder, ModelBatch& batch, std::int32_t count) {
  const std::string value = contract::pattern(random_.below(300), static_cast<unsigned>(random_.next()));
  for (std::int32_t i = 0; i < count; ++i) {
    record::NewRecord record{.timestamp = batch.timestamp, .value = std::as_bytes(std::span(value))};
    if (!config_.compacts) {
      builder.append(record);
      continue;
    }
    ModelRecord& kept = batch.records.emplace_back();
    kept.key = "key" + std::to_string(random_.below(kKeys));
    if (!random_.chance(1, 5)) kept.value = value + std::to_string(i);
    record.key = std::as_bytes(std::span(kept.key));
    record.value.reset();
    if (kept.value) record.value = std::as_bytes(std::span(*kept.value));
    builder.append(record);
  }
}

ModelBatch LogWorkload::draw_batch() {
  const bool has_producer = random_.chance(1, 2);
  ModelBatch batch;
  batch.base = model_.next();
  batch.timestamp = to_epoch_millis(this_shard().wall_now()) + random_.between(-5, 5);
  batch.epoch = epoch_;
  record::BatchOptions options{.base_offset = batch.base, .leader_epoch = epoch_};
  if (has_producer) {
    batch.producer = random_.between(1, kProducers);
    options.producer_id = batch.producer;
    options.producer_epoch = 0;
    options.base_sequence = model_.next_sequence(batch.producer);
    options.transactional = batch.producer == 1 || model_.open_transaction_of(batch.producer).has_value();
    if (options.transactional) batch.kind = ModelBatch::Kind::in_transaction;
  }
  record::BatchBuilder builder(options);
  const auto count = static_cast<std::int32_t>(random_.between(1, 4));
  add_records(builder, batch, count);
  batch.bytes = std::string(std::move(builder).finish().as_string_view());
  batch.last = batch.base + (count - 1);
  if (has_producer) batch.last_sequence = options.base_sequence + count - 1;
  return batch;
}

ModelBatch LogWorkload::draw_marker(std::int64_t producer) {
  const bool commit = random_.chance(1, 2);
  ModelBatch batch;
  batch.base = model_.next();
  batch.last = batch.base;
  batch.timestamp = to_epoch_millis(this_shard().wall_now());
  batch.epoch = epoch_;
  batch.producer = producer;
  batch.kind = commit ? ModelBatch::Kind::commit : ModelBatch::Kind::abort;
  batch.bytes = std::string(record::end_marker_batch({.offset = batch.base,
                                                      .leader_epoch = epoch_,
                                                      .timestamp = batch.timestamp,
                                                      .producer_id = producer,
                                                      .producer_epoch = 0},
                                                     {.committed = commit, .coordinator_epoch = 0})
                                .as_string_view());
  return batch;
}

Task<void> LogWorkload::append_one(Life& life, ModelBatch batch) {
  const Offset base = batch.base;
  const std::int64_t span = batch.last - batch.base;
  note("append " + base.to_string() + " of " + std::to_string(batch.producer) + " up to sequence " +
       std::to_string(batch.last_sequence));
  // Sequences are looked at for clients.
  const AppendTerms terms{.origin = batch.is_marker() ? record::AppendOrigin::coordinator
                                                      : record::AppendOrigin::client};
  ExclusiveBytes produced = as_produced(batch);
  // What it wrote last was deleted: of its sequences, a marker that is left says nothing, nor does one that comes.
  const ModelBatch* const before = model_.last_of(batch.producer);
  const bool cleaned = config_.compacts && model_.lost_batches(batch.producer);
  const bool forgotten =
      before != nullptr && (cleaned || before->base < std::max(life.log->log_start(), deleted_end_));
  const std::size_t number = model_.attempt(std::move(batch));
  const AppendOutcome outcome =
      co_await life.log->append_as_leader(std::move(produced), LeaderEpoch(epoch_), terms);
  if (outcome.ok()) {
    ++counts_.appended;
    const AppendInfo& info = outcome.info();
    // Those that a broken disk refused leave their places to who comes behind.
    if ((info.first_offset != base && !life.refused) || info.last_offset - info.first_offset != span) {
      find("appended at " + info.first_offset.to_string() + ", not at " + base.to_string());
    }
    model_.answer(number, info.first_offset);
    if (config_.flush_messages == 1) model_.flushed(info.last_offset + 1);
    co_return;
  }
  model_.refuse(number);
  const bool follows_refused = outcome.producer_rejection() != nullptr && (life.refused || forgotten);
  life.refused = true;
  if (follows_refused) co_return;
  if (outcome.error() != nullptr) {
    (void)fine(life, *outcome.error());
    co_return;
  }
  find("refused: " + refusal(outcome));
}

Task<void> LogWorkload::append_some(Life& life, std::optional<std::int64_t> count) {
  if (!count) {
    if (random_.chance(1, 10)) co_await take_over(life);
    count = !side_by_side_ || random_.chance(1, 3) ? 1 : random_.between(2, 12);
  }
  life.refused = false;
  TaskGroup group;
  for (std::int64_t i = 0; i < *count && !life.refused; ++i) {
    const auto producer = random_.between(1, kProducers);
    const bool ends = model_.open_transaction_of(producer).has_value() && random_.chance(1, 2);
    ModelBatch batch = ends ? draw_marker(producer) : draw_batch();
    // Offsets are drawn in the order in which the turns are taken: each begins before the next is drawn.
    group.spawn([this, &life, batch = std::move(batch)](Cancel) mutable -> Task<void> {
      co_await append_one(life, std::move(batch));
    });
    co_await yield();
  }
  co_await group.wait();
  if (!life.works || life.log->offline() || !good()) co_return;
  if (!life.refused) {
    if (!model_.settle()) find("appends lie over each other");
    co_return;
  }
  // Which of them are there, only the log can tell; without a flush that could fail, none of the refused.
  if (rot_.empty()) co_await check_batches(life);
}

// D4: a retry gets the offsets of the first time.
Task<void> LogWorkload::append_again(Life& life) {
  const auto producer = random_.between(1, kProducers);
  const ModelBatch* const last = model_.last_of(producer);
  if (last == nullptr || last->base < life.log->log_start()) co_return;
  if (config_.compacts && model_.lost_batches(producer)) co_return;
  ++counts_.duplicates;
  const Offset base = last->base;
  const AppendOutcome outcome = co_await life.log->append_as_leader(as_produced(*last), LeaderEpoch(epoch_),
                                                                    {.origin = record::AppendOrigin::client});
  if (!outcome.ok() && outcome.error() != nullptr) {
    (void)fine(life, *outcome.error());
    co_return;
  }
  if (!outcome.ok()) co_return find("a retry is refused: " + refusal(outcome));
  if (!outcome.info().duplicate || outcome.info().first_offset != base) {
    find("a retry of " + base.to_string() + " was appended at " + outcome.info().first_offset.to_string());
  }
}

}  // namespace ottla::storage
