#include "test/storage/log/log_model.h"

#include <algorithm>
#include <span>
#include <utility>

#include "base/endian.h"
#include "record/batch_view.h"

namespace ottla::storage {

void ModelBatch::move_to(Offset to) {
  last = to + (last - base);
  base = to;
  store_big_endian(std::as_writable_bytes(std::span(bytes)).data(), to.raw());
}

std::size_t LogModel::attempt(ModelBatch batch) {
  next_ = batch.last + 1;
  batches_.push_back(std::move(batch));
  return batches_.size() - 1;
}

void LogModel::pop() {
  next_ = batches_.back().base;
  producers_cut_.insert(batches_.back().producer);
  batches_.pop_back();
}

void LogModel::answer(std::size_t number, Offset base) {
  ModelBatch& batch = batches_[number];
  batch.answered = true;
  if (batch.base != base) batch.move_to(base);
}

bool LogModel::settle() {
  const auto first = batches_.begin() + static_cast<std::ptrdiff_t>(settled_);
  const Offset begin = first == batches_.end() ? next_ : first->base;
  batches_.erase(std::remove_if(first, batches_.end(), [](const ModelBatch& batch) { return batch.refused; }),
                 batches_.end());
  Offset end = settled_ == 0 ? Offset(0) : batches_[settled_ - 1].last + 1;
  bool rises = true;
  for (std::size_t i = settled_; i < batches_.size(); ++i) {
    rises &= batches_[i].base >= end && batches_[i].answered;
    end = batches_[i].last + 1;
  }
  // Where all were refused, what is next stays: a truncation may have left it inside of a batch.
  next_ = batches_.size() == settled_ ? begin : end;
  settled_ = batches_.size();
  return rises;
}

void LogModel::flushed(Offset end) {
  durable_end_ = std::max(durable_end_, end);
}

void LogModel::truncation_begins(Offset offset) {
  cut_from_ = std::min(cut_from_, offset);
  durable_end_ = std::min(durable_end_, offset);
}

void LogModel::truncation_ends(Offset offset) {
  while (!batches_.empty() && batches_.back().last >= offset) pop();
  next_ = offset;
  settled_ = batches_.size();
  cut_from_ = Offset::max();
}

void LogModel::restart_ends(Offset offset) {
  truncation_ends(Offset(0));
  next_ = offset;
  committed_end_ = std::min(committed_end_, offset);
  clean_end_ = Offset(0);
  producers_cut_.clear();
}

void LogModel::committed(Offset end, std::int64_t now_millis) {
  committed_end_ = std::max(committed_end_, end);
  for (auto batch = batches_.rbegin(); batch != batches_.rend() && !batch->cleanable_since; ++batch) {
    if (batch->last < end) batch->cleanable_since = now_millis;
  }
}

bool LogModel::must_stand(const ModelBatch& batch, Death death) const {
  if (batch.last >= cut_from_ || batch.refused) return false;
  // Of what nobody was told, a write may have failed already: then what is durable at its offsets came later.
  const bool under_way = !batch.answered && &batch >= batches_.data() + settled_;
  if (death == Death::machine) return batch.last < durable_end_ && !under_way;
  return death == Death::none || batch.answered;
}

void LogModel::print(Fingerprint& into) const {
  for (const Offset offset : {next_, durable_end_, cut_from_, committed_end_, clean_end_})
    into.add(offset.raw());
  into.add(static_cast<std::int64_t>(settled_));
  for (const ModelBatch& batch : batches_) {
    into.add(batch.base.raw());
    into.add((batch.answered ? 1 : 0) + (batch.refused ? 2 : 0));
    into.add(batch.cleanable_since.value_or(-1));
  }
}

void LogModel::came_back(Offset start, Offset end, const std::map<std::size_t, Offset>& unsettled) {
  std::vector<ModelBatch> kept;
  for (std::size_t i = 0; i < batches_.size(); ++i) {
    ModelBatch& batch = batches_[i];
    if (i < settled_) {
      // Of an empty log nothing is left, not even what its beginning lies in.
      if (batch.base < end && (batch.last < end || start < end)) {
        kept.push_back(std::move(batch));
      } else {
        producers_cut_.insert(batch.producer);
      }
      continue;
    }
    const auto found = unsettled.find(i);
    if (found == unsettled.end()) {
      producers_cut_.insert(batch.producer);
      continue;
    }
    batch.move_to(found->second);
    kept.push_back(std::move(batch));
  }
  for (ModelBatch& batch : kept) {
    batch.answered = true;
    batch.refused = false;
  }
  batches_ = std::move(kept);
  next_ = end;
  settled_ = batches_.size();
  durable_end_ = std::min(durable_end_, end);
  committed_end_ = std::min(committed_end_, end);
  clean_end_ = std::min(clean_end_, end);
  cut_from_ = Offset::max();
}

std::size_t LogModel::index_of(Offset offset) const {
  const auto settled_end = batches_.begin() + static_cast<std::ptrdiff_t>(settled_);
  const auto found = std::ranges::lower_bound(batches_.begin(), settled_end, offset, {}, &ModelBatch::last);
  return static_cast<std::size_t>(found - batches_.begin());
}

std::vector<AbortedTransaction> LogModel::aborted_in(Offset from, Offset end) const {
  std::map<std::int64_t, Offset> open;
  std::vector<AbortedTransaction> aborted;
  for (const ModelBatch& batch : batches_) {
    if (batch.kind == ModelBatch::Kind::plain) continue;
    if (batch.kind == ModelBatch::Kind::in_transaction) {
      open.try_emplace(batch.producer, batch.base);
      continue;
    }
    const auto began = open.find(batch.producer);
    if (began == open.end()) continue;
    if (batch.kind == ModelBatch::Kind::abort && batch.last >= from && began->second < end) {
      aborted.push_back({.producer_id = batch.producer,
                         .first_offset = began->second,
                         .last_offset = batch.last,
                         .last_stable_offset = {}});
    }
    open.erase(began);
  }
  return aborted;
}

std::optional<Offset> LogModel::open_transaction_of(std::int64_t producer, Offset end) const {
  std::optional<Offset> open;
  for (const ModelBatch& batch : batches_) {
    if (batch.last >= end) break;
    if (batch.producer != producer || batch.kind == ModelBatch::Kind::plain) continue;
    if (batch.kind != ModelBatch::Kind::in_transaction) {
      open.reset();
    } else if (!open) {
      open = batch.base;
    }
  }
  return open;
}

Offset LogModel::first_open_transaction(Offset end) const {
  Offset first = end;
  for (std::int64_t producer = 1; producer <= 8; ++producer) {
    if (const std::optional<Offset> open = open_transaction_of(producer, end)) first = std::min(first, *open);
  }
  return first;
}

const ModelBatch* LogModel::last_of(std::int64_t producer) const {
  for (std::size_t i = batches_.size(); i > 0; --i) {
    const ModelBatch& batch = batches_[i - 1];
    if (batch.producer == producer && batch.last_sequence >= 0) return &batch;
  }
  return nullptr;
}

std::int32_t LogModel::next_sequence(std::int64_t producer) const {
  const ModelBatch* const last = last_of(producer);
  return last == nullptr ? 0 : last->last_sequence + 1;
}

// Their order is nobody's business.
std::vector<ProducerSnapshotEntry> entries_of(const ProducerStates& producers) {
  const Slice bytes = producers.encode_snapshot();
  SnapshotReader reader = SnapshotReader::open(bytes.as_span()).value();
  std::vector<ProducerSnapshotEntry> entries;
  while (const auto entry = reader.next()) entries.push_back(*entry);
  std::ranges::sort(entries, {}, &ProducerSnapshotEntry::producer_id);
  return entries;
}

std::vector<ProducerSnapshotEntry> LogModel::producers() const {
  VerificationGuards guards;
  ProducerStates states({}, guards, 1);
  ProducerAppend append;
  for (const ModelBatch& batch : batches_) {
    append.begin({.origin = record::AppendOrigin::replication});
    const auto view = record::BatchView::first_of(std::as_bytes(std::span(batch.bytes)));
    if (!view->has_producer() || !states.prepare(append, *view).is_fresh()) continue;
    states.apply(append, batch.last + 1);
  }
  return entries_of(states);
}

LeaderEpochs LogModel::epochs(Offset log_start) const {
  LeaderEpochs epochs;
  for (const ModelBatch& batch : batches_) {
    const std::optional<EpochEntry> latest = epochs.latest();
    if (!latest || latest->epoch < LeaderEpoch(batch.epoch))
      epochs.assign(LeaderEpoch(batch.epoch), batch.base);
  }
  epochs.truncate_from_start(log_start);
  return epochs;
}

// --- Compaction ---------------------------------------------------------------------------------------------

CompactionModel::CompactionModel(const LogModel& model, Offset clean_end, Times times)
    : model_(model),
      clean_end_(clean_end),
      times_(times),
      aborted_(model.batches().size()),
      decided_at_(model.batches().size(), Offset::max()) {
  std::map<std::int64_t, std::pair<bool, Offset>> ends;  // of transactions, by producer: the next marker
  for (std::size_t i = model.batches().size(); i-- > 0;) {
    const ModelBatch& batch = model.batches()[i];
    if (batch.kind == ModelBatch::Kind::plain) {
      aborted_[i] = false;
      decided_at_[i] = batch.last;
    } else if (batch.is_marker()) {
      ends[batch.producer] = {batch.kind == ModelBatch::Kind::abort, batch.last};
    } else if (const auto end = ends.find(batch.producer); end != ends.end()) {
      aborted_[i] = end->second.first;
      decided_at_[i] = end->second.second;
    }
  }
  last_committed_ = last_of_keys(model.committed_end());
  last_clean_ = last_of_keys(clean_end);
}

CompactionModel::LastOfKeys CompactionModel::last_of_keys(Offset end) const {
  LastOfKeys last;
  for (std::size_t i = 0; i < model_.batches().size(); ++i) {
    const ModelBatch& batch = model_.batches()[i];
    if (batch.last >= end) break;
    if (batch.is_marker() || aborted_[i] != false) continue;
    for (std::size_t j = 0; j < batch.records.size(); ++j) {
      last[batch.records[j].key] = batch.base + static_cast<std::int64_t>(j);
    }
  }
  return last;
}

bool CompactionModel::superseded(const LastOfKeys& last, std::size_t index, std::size_t record) const {
  const ModelBatch& batch = model_.batches()[index];
  const auto found = last.find(batch.records[record].key);
  return found != last.end() && found->second > batch.base + static_cast<std::int64_t>(record);
}

bool CompactionModel::horizon_passed(const ModelBatch& batch) const {
  return batch.cleanable_since && *batch.cleanable_since + times_.retention_millis <= times_.now_millis;
}

bool CompactionModel::may_be_gone(std::size_t index, std::size_t record) const {
  const ModelBatch& batch = model_.batches()[index];
  if (batch.last >= model_.committed_end() || decided_at_[index] == Offset::max()) return false;
  if (aborted_[index] == true || superseded(last_committed_, index, record)) return true;
  return !batch.records[record].value && horizon_passed(batch);
}

bool CompactionModel::may_be_gone(std::size_t index) const {
  const ModelBatch& batch = model_.batches()[index];
  if (batch.last >= model_.committed_end()) return false;
  if (batch.is_marker()) return horizon_passed(batch);
  for (std::size_t j = 0; j < batch.records.size(); ++j) {
    if (!may_be_gone(index, j)) return false;
  }
  return true;
}

bool CompactionModel::must_be_gone(std::size_t index, std::size_t record) const {
  const ModelBatch& batch = model_.batches()[index];
  if (batch.last >= clean_end_ || decided_at_[index] >= clean_end_) return false;
  return aborted_[index] == true || superseded(last_clean_, index, record);
}

}  // namespace ottla::storage
