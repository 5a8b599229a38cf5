#include "test/storage/log/log_model.h"

#include <algorithm>
#include <map>
#include <span>
#include <utility>

#include "record/batch_view.h"

namespace ottla::storage {

void LogModel::attempt(ModelBatch batch) {
  next_ = batch.last + 1;
  batches_.push_back(std::move(batch));
}

void LogModel::pop() {
  next_ = batches_.back().base;
  batches_.pop_back();
}

void LogModel::answer(Offset last) {
  answered_ = std::max(answered_, index_of(last) + 1);
}

void LogModel::flushed(Offset end) {
  while (durable_ < batches_.size() && batches_[durable_].last < end) ++durable_;
}

void LogModel::truncation_begins(Offset offset) {
  const std::size_t left = index_of(offset);
  answered_ = std::min(answered_, left);
  durable_ = std::min(durable_, left);
}

void LogModel::truncation_ends(Offset offset) {
  while (!batches_.empty() && batches_.back().last >= offset) pop();
  next_ = offset;
  // What is cut is durable with what stands before it.
  answered_ = std::min(answered_, batches_.size());
}

std::size_t LogModel::must_have(Death death) const {
  if (death == Death::machine) return durable_;
  return death == Death::process ? answered_ : batches_.size();
}

void LogModel::came_back(std::size_t count, Offset end) {
  while (batches_.size() > count) pop();
  next_ = end;
  answered_ = count;
  durable_ = std::min(durable_, count);
}

std::size_t LogModel::index_of(Offset offset) const {
  const auto found = std::ranges::lower_bound(batches_, offset, {}, &ModelBatch::last);
  return static_cast<std::size_t>(found - batches_.begin());
}

std::optional<Offset> LogModel::first_at(std::int64_t timestamp, Offset from) const {
  for (std::size_t i = index_of(from); i < batches_.size(); ++i) {
    if (batches_[i].timestamp >= timestamp) return std::max(batches_[i].base, from);
  }
  return std::nullopt;
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

std::optional<Offset> LogModel::open_transaction_of(std::int64_t producer) const {
  std::optional<Offset> open;
  for (const ModelBatch& batch : batches_) {
    if (batch.producer != producer || batch.kind == ModelBatch::Kind::plain) continue;
    if (batch.kind != ModelBatch::Kind::in_transaction) {
      open.reset();
    } else if (!open) {
      open = batch.base;
    }
  }
  return open;
}

Offset LogModel::first_open_transaction() const {
  Offset first = next_;
  for (std::int64_t producer = 1; producer <= 8; ++producer) {
    if (const std::optional<Offset> open = open_transaction_of(producer)) first = std::min(first, *open);
  }
  return first;
}

std::int32_t LogModel::next_sequence(std::int64_t producer) const {
  for (std::size_t i = batches_.size(); i > 0; --i) {
    const ModelBatch& batch = batches_[i - 1];
    if (batch.producer == producer && batch.last_sequence >= 0) return batch.last_sequence + 1;
  }
  return 0;
}

std::string LogModel::snapshot() const {
  VerificationGuards guards;
  ProducerStates states({}, guards, 1);
  ProducerAppend append;
  for (const ModelBatch& batch : batches_) {
    append.begin({.origin = record::AppendOrigin::replication});
    const auto view = record::BatchView::first_of(std::as_bytes(std::span(batch.bytes)));
    if (!view->has_producer() || !states.prepare(append, *view).is_fresh()) continue;
    states.apply(append, batch.last + 1);
  }
  return std::string(states.encode_snapshot().as_string_view());
}

}  // namespace ottla::storage
