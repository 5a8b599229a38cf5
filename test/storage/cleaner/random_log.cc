#include "test/storage/cleaner/random_log.h"

#include <algorithm>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include "base/slice.h"
#include "record/batch_builder.h"
#include "record/batch_view.h"
#include "record/control_record.h"

namespace ottla::cleaning {
namespace {

constexpr std::int64_t kTransactional = 3;  // producers below write in transactions
constexpr std::int64_t kProducers = 6;      // the last one has no id

std::span<const std::byte> bytes_of(const std::string& text) {
  return std::as_bytes(std::span(text));
}

}  // namespace

RandomLog::RandomLog(std::uint64_t seed, std::int64_t first_time) : random_(seed), time_(first_time) {
  keys_ = 5 + below(60);
  segments_.push_back({.base = Offset(0)});
  const std::size_t batches = 20 + below(150);
  for (std::size_t i = 0; i < batches; ++i) {
    add_batch();
    if (below(4) == 0) end_transaction(static_cast<std::int64_t>(below(kTransactional)));
    if (below(15) == 0) segments_.push_back({.base = end_});
    if (below(40) == 0) end_ += static_cast<std::int64_t>(below(50));
  }
  while (!open_.empty()) end_transaction(open_.front().first);
  segments_.push_back({.base = end_});
}

void RandomLog::add_batch() {
  const auto who = static_cast<std::int64_t>(below(kProducers));
  record::BatchOptions options{.base_offset = end_, .leader_epoch = 0, .transactional = who < kTransactional};
  if (who < kProducers - 1) {
    options.producer_id = who;
    options.producer_epoch = 0;
    options.base_sequence = static_cast<std::int32_t>(end_.raw());
  }
  record::BatchBuilder builder(options);
  const std::size_t count = 1 + below(below(5) == 0 ? 200 : 8);
  const std::string header(below(20), 'h');
  for (std::size_t i = 0; i < count; ++i) {
    time_ += static_cast<std::int64_t>(below(50));
    const std::string key = "key" + std::to_string(below(keys_)) + std::string(below(100), 'k');
    const std::string value = "value" + std::to_string(random_()) + std::string(below(200), 'v');
    const record::HeaderView headers[] = {{.key = header, .value = std::nullopt}};
    record::NewRecord record{.timestamp = time_ - static_cast<std::int64_t>(below(100))};
    if (below(30) != 0) record.key = bytes_of(key);
    if (below(6) != 0) record.value = bytes_of(value);
    if (below(4) == 0) record.headers = headers;
    builder.append(record);
  }
  const Slice plain = std::move(builder).finish();
  std::vector<std::byte> batch;
  packer_
      .write_packed(*record::BatchView::first_of(plain.as_span()), static_cast<record::Compression>(below(5)),
                    batch)
      .value();
  if (below(5) == 0) record::set_max_timestamp(batch, record::TimestampType::log_append_time, time_);
  if (options.transactional &&
      std::ranges::none_of(open_, [who](const auto& open) { return open.first == who; })) {
    open_.emplace_back(who, end_);
  }
  add(std::move(batch), end_ + static_cast<std::int64_t>(count) - 1);
  if (who < kProducers - 1) producers_[who] = {.last_data_offset = end_ - 1, .epoch = 0};
}

// One that is not open is ended too: coordinators may.
void RandomLog::end_transaction(std::int64_t producer) {
  const bool committed = below(2) == 0;
  const auto open =
      std::ranges::find_if(open_, [producer](const auto& one) { return one.first == producer; });
  if (open != open_.end()) {
    if (!committed) {
      Offset stable = end_ + 1;
      for (const auto& other : open_) {
        if (other.first != producer) stable = std::min(stable, other.second);
      }
      segments_.back().aborted.push_back({.producer_id = producer,
                                          .first_offset = open->second,
                                          .last_offset = end_,
                                          .last_stable_offset = stable});
    }
    open_.erase(open);
  }
  const Slice marker = record::end_marker_batch(
      {.offset = end_, .leader_epoch = 0, .timestamp = time_, .producer_id = producer, .producer_epoch = 0},
      {.committed = committed});
  add({marker.as_span().begin(), marker.as_span().end()}, end_);
  producers_.try_emplace(producer, storage::LastRecord{.last_data_offset = {}, .epoch = 0});
}

void RandomLog::add(std::vector<std::byte> batch, Offset last) {
  segments_.back().batches.push_back(std::move(batch));
  end_ = last + 1;
}

}  // namespace ottla::cleaning
