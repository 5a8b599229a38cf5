#include "test/storage/exchange/facts.h"

#include <fmt/format.h>

#include <algorithm>
#include <cstdint>
#include <iterator>
#include <optional>
#include <set>
#include <span>
#include <utility>
#include <vector>

#include "base/chain.h"
#include "runtime/file.h"
#include "test/storage/exchange/batch_facts.h"

namespace ottla::exchange {
namespace {

using storage::Log;

struct Batch {
  BatchFacts facts;
  Offset segment_base;
};

// All bytes of a chain, ranges read.
Task<Result<std::string>> bytes_of(Chain chain) {
  std::string out;
  while (!chain.empty()) {
    if (const Slice* slice = chain.front().slice()) {
      out += slice->as_string_view();
      chain.consume(slice->size());
      continue;
    }
    const Range range = *chain.front().range();
    const std::size_t at = out.size();
    out.resize(at + range.size());
    auto& source = static_cast<FileRangeSource&>(range.source());
    OTTLA_CO_CHECK(
        co_await source.read_at(range.offset(), std::as_writable_bytes(std::span(out)).subspan(at)));
    chain.consume(range.size());
  }
  co_return out;
}

class Teller {
 public:
  Teller(Log& log, record::CodecPool& codecs) : log_(log), codecs_(codecs) {}

  Task<Result<std::string>> all() {
    add("log {} {} {}\n", log_.log_start().raw(), log_.log_end().raw(), log_.last_stable_offset().raw());
    OTTLA_CO_CHECK(co_await batches());
    producers();
    epochs();
    OTTLA_CO_CHECK(co_await timestamps());
    OTTLA_CO_CHECK(co_await reads());
    co_return std::move(out_);
  }

 private:
  template <typename... Words>
  void add(fmt::format_string<Words...> format, Words&&... words) {
    fmt::format_to(std::back_inserter(out_), format, std::forward<Words>(words)...);
  }

  // Read as a follower does: from the start, answer by answer.
  Task<Result<void>> batches() {
    Offset at = log_.log_start();
    while (at < log_.log_end()) {
      OTTLA_CO_TRY(storage::Fetched fetched, co_await log_.read({.start = at, .max_bytes = 100'000}));
      OTTLA_CO_TRY(const std::string bytes, co_await bytes_of(std::move(fetched.records)));
      std::span<const std::byte> left = std::as_bytes(std::span(bytes));
      while (!left.empty()) {
        OTTLA_CO_TRY(BatchFacts facts, tell_batch(left, codecs_, times_));
        left = left.subspan(facts.size);
        batches_.push_back({.facts = std::move(facts), .segment_base = fetched.segment_base});
      }
      if (fetched.next <= at) break;  // compaction left nothing at the end
      at = fetched.next;
    }
    for (const auto& segment : log_.segments()) {
      add("segment {} {}\n", segment->base_offset().raw(), segment->size());
      for (const Batch& batch : batches_) {
        if (batch.segment_base == segment->base_offset()) out_ += batch.facts.lines;
      }
    }
    co_return Result<void>();
  }

  void producers() {
    std::vector<storage::ActiveProducer> active = log_.producers().active();
    std::ranges::sort(active, {}, [](const storage::ActiveProducer& one) { return one.facts.id; });
    for (const storage::ActiveProducer& one : active) {
      add("producer {} {} coordinator {} time {} transaction {}", one.facts.id, one.facts.epoch,
          one.facts.coordinator_epoch, one.facts.last_timestamp,
          one.facts.in_transaction() ? one.facts.transaction_start.raw() : -1);
      const storage::ProducerState* state = log_.producers().find(one.facts.id);
      if (state->has_batches()) {
        const storage::RecentBatch& batch = state->newest();
        add(" batch {} {} sequence {} at {}", batch.first_offset().raw(), batch.last_offset.raw(),
            batch.last_sequence, batch.timestamp);
      }
      out_ += '\n';
    }
  }

  void epochs() {
    int latest = 0;
    for (const storage::EpochEntry& entry : log_.epochs().entries()) {
      add("epoch {} {}\n", entry.epoch.raw(), entry.start.raw());
      latest = entry.epoch.raw();
    }
    for (int epoch = -1; epoch <= latest + 1; ++epoch) {
      const auto end = log_.epochs().end_offset_for(LeaderEpoch(epoch), log_.log_end());
      add("epoch-end {} {} {}\n", epoch, end.epoch.raw(), end.end.raw());
    }
  }

  void found(const std::optional<Log::TimedOffset>& place) {
    if (!place) {
      out_ += " none\n";
    } else {
      add(" {} {} {}\n", place->timestamp, place->offset.raw(), place->leader_epoch);
    }
  }

  Task<Result<void>> timestamps() {
    for (const std::int64_t time : times_) {
      if (time < 0) continue;  // these ask for the log's ends
      OTTLA_CO_TRY(const auto place, co_await log_.offset_for_timestamp(time));
      add("time {}", time);
      found(place);
    }
    OTTLA_CO_TRY(const auto latest, co_await log_.offset_of_max_timestamp());
    out_ += "max-time";
    found(latest);
    co_return Result<void>();
  }

  Task<Result<void>> reads() {
    std::int64_t start = log_.log_start().raw();
    for (const Batch& batch : batches_) {
      const std::int64_t last = batch.facts.last_offset.raw();
      const std::set<std::int64_t> offsets{std::max(start, log_.log_start().raw()), (start + last) / 2, last};
      for (const std::int64_t offset : offsets) {
        for (const std::uint64_t most : {1U, 600U, 1U << 24})
          OTTLA_CO_CHECK(co_await read(Offset(offset), most));
      }
      start = last + 1;
    }
    co_return Result<void>();
  }

  Task<Result<void>> read(Offset offset, std::uint64_t most) {
    if (offset < log_.log_start()) co_return Result<void>();
    OTTLA_CO_TRY(
        storage::Fetched fetched,
        co_await log_.read({.start = offset, .max_bytes = most, .isolation = storage::Isolation::committed}));
    OTTLA_CO_TRY(const std::string bytes, co_await bytes_of(std::move(fetched.records)));
    int count = 0;
    Offset last = kUnknownOffset;
    std::set<std::int64_t> unused;
    for (std::span<const std::byte> left = std::as_bytes(std::span(bytes)); !left.empty(); ++count) {
      OTTLA_CO_TRY(const BatchFacts facts, tell_batch(left, codecs_, unused));
      last = facts.last_offset;
      left = left.subspan(facts.size);
    }
    std::set<std::string> aborted;
    for (const storage::AbortedTransaction& transaction : fetched.aborted) {
      if (transaction.first_offset > last) continue;
      aborted.insert(
          fmt::format(" aborted {} from {}", transaction.producer_id, transaction.first_offset.raw()));
    }
    add("read {} {}: {} to {}{}\n", offset.raw(), most, count, last.raw(), fmt::join(aborted, ""));
    co_return Result<void>();
  }

  Log& log_;
  record::CodecPool& codecs_;
  std::vector<Batch> batches_;
  std::set<std::int64_t> times_;
  std::string out_;
};

}  // namespace

Task<Result<std::string>> tell(storage::Log& log, record::CodecPool& codecs) {
  log.set_high_watermark(log.log_end());
  Teller teller(log, codecs);
  co_return co_await teller.all();
}

}  // namespace ottla::exchange
