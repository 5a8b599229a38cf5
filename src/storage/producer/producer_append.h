// What one append would change of the producers' states. Nothing of it has happened yet.
//
// Use:         append.begin(terms);  for each batch: Verdict verdict = states.prepare(append, batch);
//              when all are fresh and the append is taken in: states.apply(append, end);
// Lifetime:    may be used for one append after the other, which saves allocations.
// Concurrency: confined to the partition's shard; pure.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "base/offset.h"
#include "record/append_rules.h"
#include "record/batch_view.h"
#include "record/control_record.h"
#include "storage/producer/producer_state.h"
#include "storage/producer/verification.h"

namespace ottla::storage {

// One for each error that the reference answers; the wire's codes are mapped to above.
enum class ProducerFault : std::uint8_t {
  none,
  invalid_epoch,          // INVALID_PRODUCER_EPOCH: of a zombie
  out_of_order_sequence,  // OUT_OF_ORDER_SEQUENCE_NUMBER
  invalid_transaction,  // INVALID_TXN_STATE: not part of an open transaction, or not transactional within one
  coordinator_fenced,   // TRANSACTION_COORDINATOR_FENCED
  invalid_marker,       // CORRUPT_MESSAGE: a control batch that ends no transaction
};
std::string_view name_of(ProducerFault fault);

struct Verdict {
  enum class Kind : std::uint8_t { fresh, duplicate, rejected };

  Kind kind = Kind::fresh;
  ProducerFault fault = ProducerFault::none;  // of what is rejected
  std::string text;                           // of what is rejected: why, for people
  RecentBatch duplicate;                      // the batch that was appended then

  bool is_fresh() const { return kind == Kind::fresh; }
};

struct AppendTerms {
  record::AppendOrigin origin = record::AppendOrigin::client;
  VerificationGuard guard = kNoGuard;  // of the verification that came before
  std::int16_t transaction_version =
      0;                            // of the coordinator that ends transactions: from 2 on it raises epochs
  std::string_view partition = {};  // its name, for what a client is told; outlives the append
};

struct OpenTransaction {
  Offset first_offset;
  std::int64_t producer_id = record::kNoProducerId;

  friend bool operator==(const OpenTransaction&, const OpenTransaction&) = default;
};

struct CompletedTransaction {
  std::int64_t producer_id = record::kNoProducerId;
  Offset first_offset;
  Offset last_offset;  // of the marker
  bool aborted = false;
  // Of the partition right behind the marker, as long as nothing else ends; known once it was applied. An aborted
  // transaction goes with it into the transaction index.
  Offset last_stable_offset = kUnknownOffset;

  friend bool operator==(const CompletedTransaction&, const CompletedTransaction&) = default;
};

class ProducerAppend {
 public:
  void begin(const AppendTerms& terms);
  const AppendTerms& terms() const { return terms_; }
  // After ProducerStates::apply(), those that this append ended, in order.
  std::span<const CompletedTransaction> completed() const { return completed_; }

 private:
  friend class ProducerStates;

  // One producer of this append.
  struct Pending {
    ProducerImage next;  // what is new only: batches of this append
    // As it was before the append.
    std::int16_t old_epoch = record::kNoProducerEpoch;
    std::int32_t old_sequence = record::kNoSequence;
    bool had_batches = false;
    std::optional<Verification> verification = {};
  };

  // The rules of the reference's ProducerAppendInfo.
  Verdict check_epoch(const Pending& pending, std::int16_t epoch, Offset offset, std::int16_t version) const;
  Verdict check_sequence(const Pending& pending, std::int16_t epoch, std::int32_t sequence,
                         Offset offset) const;
  Verdict add_data(Pending& pending, const record::BatchView& batch);
  Verdict add_marker(Pending& pending, const record::BatchView& batch);
  Verdict end_transaction(Pending& pending, const record::EndMarker& marker, std::int16_t epoch,
                          Offset offset, std::int64_t timestamp);
  // Of a producer that has none yet, it is empty but for the id.
  Pending& pending_for(std::int64_t producer_id, bool& is_new);
  bool checks_all() const { return terms_.origin != record::AppendOrigin::replication; }

  AppendTerms terms_;
  std::vector<Pending> pending_;
  std::unordered_map<std::int64_t, std::size_t> places_;  // in pending_, once there are many
  std::vector<OpenTransaction> started_;
  std::vector<CompletedTransaction> completed_;
};

}  // namespace ottla::storage
