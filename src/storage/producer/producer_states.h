// What a partition knows of its producers: which batches it has seen (idempotence), who may still write (epochs), which
// transactions are open, and so up to where a reader of committed records may read.
//
// An append asks first and changes afterwards: prepare() each batch, then apply() when it is certain that all of them
// are taken in. If the write fails later, undo() takes it back.
//
// Lifetime:    owned by the partition's log.
// Concurrency: confined to the partition's shard; pure. Times and file contents are passed in.
// Invariants:  1. an open transaction is in open_ and in its producer's state
//              2. what is in unreplicated_ ended at or above the high watermark
// Format:      docs/format/producer_snapshot.md
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "base/mutable_buffer.h"
#include "base/offset.h"
#include "base/result.h"
#include "base/slice.h"
#include "record/batch_view.h"
#include "storage/producer/producer_append.h"
#include "storage/producer/producer_state.h"
#include "storage/producer/producer_table.h"
#include "storage/producer/verification.h"

namespace ottla::storage {

struct ProducerOptions {
  std::int64_t expiration_ms = 86'400'000;            // producer.id.expiration.ms
  std::int64_t max_transaction_timeout_ms = 900'000;  // transaction.max.timeout.ms
  bool verifies_transactions = true;                  // transaction.partition.verification.enable
};

// What apply() changed, to be taken back. Several appends may go into one.
struct ProducerUndo {
  struct Before {
    ProducerImage image;
    bool existed = false;
  };
  std::vector<Before> producers;
  std::vector<OpenTransaction> started;
  std::vector<CompletedTransaction> completed;
  std::optional<Offset> map_end;

  void clear();
};

// As DescribeProducers tells it, and the cleaner wants it.
struct ActiveProducer {
  ProducerFacts facts;
  std::int32_t last_sequence = -1;
  Offset last_data_offset = kUnknownOffset;
};

class ProducerStates {
 public:
  // `hash_seed`: any number that clients do not know.
  ProducerStates(ProducerOptions options, VerificationGuards& guards, std::uint64_t hash_seed);

  void set_options(const ProducerOptions& options) { options_ = options; }
  const ProducerOptions& options() const { return options_; }

  // --- Appending ---------------------------------------------------------------------------------------------
  // The next batch of the append, with its offsets. Anything but fresh ends the append: nothing of it may be written.
  // A batch of no producer is always fresh. That a transaction was verified is used up here, whatever comes after.
  Verdict prepare(ProducerAppend& append, const record::BatchView& batch);
  // All batches were fresh and now end at `end`. Fills in append.completed(). What is needed to take it back goes into
  // `undo`, if there is one.
  void apply(ProducerAppend& append, Offset end, ProducerUndo* undo = nullptr);
  // Everything that went into it, latest first; nothing may have been applied since that is not undone already.
  void undo(ProducerUndo& undo);

  // --- Verification (KIP-890) --------------------------------------------------------------------------------
  struct VerificationStart {
    ProducerFault fault = ProducerFault::none;
    std::string text;
    VerificationGuard guard = kNoGuard;  // none: the transaction is open here, there is nothing to verify
  };
  VerificationStart start_verification(std::int64_t producer_id, std::int32_t sequence, std::int16_t epoch,
                                       bool raises_epoch, std::int64_t now_ms);
  const Verification* verification(std::int64_t producer_id) const {
    return verifications_.find(producer_id);
  }
  bool has_open_transaction(std::int64_t producer_id, std::int16_t epoch) const;

  // --- Transactions ------------------------------------------------------------------------------------------
  // The first offset of the earliest transaction that is open, or whose end may not be replicated yet.
  std::optional<Offset> first_unstable_offset() const;
  // The same of open ones only.
  std::optional<Offset> first_undecided_offset() const;
  // What readers of committed records see: everything below.
  Offset last_stable_offset(Offset high_watermark, Offset log_start) const;
  void on_high_watermark(Offset high_watermark);
  // A transaction has been silent for longer than its coordinator would let it.
  bool has_late_transaction(std::int64_t now_ms) const;

  // --- Time --------------------------------------------------------------------------------------------------
  // Producers that were silent for long enough go, unless they have a transaction open; so do old verifications.
  void expire(std::int64_t now_ms);

  // --- Offsets and snapshots ---------------------------------------------------------------------------------
  // States are those of the log up to here.
  Offset map_end_offset() const { return map_end_; }
  void set_map_end_offset(Offset end) { map_end_ = end; }
  // A snapshot taken now would be new: it belongs into the file named by map_end_offset().
  bool wants_snapshot() const { return map_end_ > last_snapshot_; }
  // By ascending producer ids, so that equal states have equal bytes.
  Slice encode_snapshot(BufferSource& source = heap_buffers()) const;
  // The one that was encoded when the states ended there is on its way to be durable; they may have gone on since.
  void snapshot_written(Offset offset) { last_snapshot_ = offset; }

  // To reload after a truncation (or at the start): forget_from() the log's end; then load() the latest snapshot within
  // the log, or an earlier one if that fails, or start_at() the log's start; then prepare() and apply() what follows in
  // the log. Verifications stay, and so do ends of transactions below the log's end that wait for the high watermark:
  // snapshots tell of open ones only.
  void forget_from(Offset end);
  void forget() { forget_from(Offset(0)); }
  // Of the transactions that ended before `end`, some may not be replicated, and nobody knows which. The earliest of
  // them began at `first` or later: the last stable offset stays there until all of them are.
  void suspect(Offset first, Offset end);
  // Nothing has changed when it fails. Producers that have expired are left out.
  Result<> load(std::span<const std::byte> snapshot, Offset offset, std::int64_t now_ms);
  void start_at(Offset log_start);
  // The log is empty and begins anew.
  void truncate_fully_and_start_at(Offset offset);
  // `latest_snapshot`: of those that are left.
  void advance_log_start(Offset log_start, std::optional<Offset> latest_snapshot);

  // --- Looking -----------------------------------------------------------------------------------------------
  // No producers, and no transactions that wait for the high watermark.
  bool empty() const { return producers_.empty() && unreplicated_.empty(); }
  std::size_t size() const { return producers_.size(); }
  const ProducerState* find(std::int64_t producer_id) const { return producers_.find(producer_id); }
  std::vector<ActiveProducer> active() const;
  std::size_t memory_bytes() const;

 private:
  struct Unreplicated {
    OpenTransaction transaction;
    Offset last_offset;
  };
  struct Suspicion {
    Offset first;
    Offset end;
  };

  bool is_expired(const ProducerFacts& facts, std::int64_t now_ms) const;
  // What comes before the rules for the batch itself: is it there already, may it be part of its transaction?
  Verdict prepare_on_leader(const ProducerAppend& append, const record::BatchView& batch) const;
  ProducerAppend::Pending& pending_for(ProducerAppend& append, std::int64_t producer_id) const;
  void complete(CompletedTransaction& transaction);

  ProducerOptions options_;
  ProducerTable producers_;
  Verifications verifications_;
  std::vector<OpenTransaction> open_;       // by first offset
  std::vector<Unreplicated> unreplicated_;  // by first offset
  std::optional<Suspicion> suspicion_;      // until the high watermark is at its end
  Offset map_end_;
  Offset last_snapshot_;
};

}  // namespace ottla::storage
