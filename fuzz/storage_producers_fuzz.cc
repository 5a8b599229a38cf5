// fuzz: base record storage
// Appends of any batches, told eight bytes each: what is taken back leaves no trace, what is loaded from a snapshot is
// what was saved, and no transaction is forgotten.
#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <string>
#include <utility>
#include <vector>

#include "base/invariant.h"
#include "base/offset.h"
#include "base/slice.h"
#include "record/append_rules.h"
#include "record/batch_view.h"
#include "storage/producer/producer_append.h"
#include "storage/producer/producer_states.h"
#include "storage/producer/verification.h"
#include "storage/testing/producer_story.h"

namespace ottla::storage {
namespace {

constexpr std::size_t kStep = 8;

// The batch that eight bytes tell of.
Slice batch_of(const std::uint8_t* step, Offset at) {
  const std::int64_t id = step[1] % 6 - 1;
  const auto epoch = static_cast<std::int16_t>(step[2] % 5 == 4 ? INT16_MAX - 1 + step[2] % 2 : step[2] % 5);
  if (step[3] % 3 == 0) {
    return testing::marker_batch({.id = id,
                                  .epoch = epoch,
                                  .committed = step[4] % 2 == 0,
                                  .coordinator_epoch = step[5] % 4,
                                  .timestamp = step[6]},
                                 at);
  }
  const std::int32_t sequence = step[4] < 200 ? step[4] % 16 : INT32_MAX - step[4] % 4;
  return testing::data_batch({.id = id,
                              .epoch = epoch,
                              .sequence = sequence,
                              .count = 1 + step[5] % 3,
                              .timestamp = step[6],
                              .transactional = step[3] % 3 == 1},
                             at);
}

class Partition {
 public:
  void step(const std::uint8_t* step) {
    switch (step[0] % 8) {
      case 0:
        states_.expire(step[1] + 100);
        break;
      case 1:
        states_.on_high_watermark(Offset(std::min<std::int64_t>(end_.raw(), step[1])));
        break;
      case 2:
        reload(step[1]);
        break;
      case 3:
        guard_ = states_.start_verification(step[1] % 6, step[2] % 16, step[3] % 5, step[4] % 2 == 0, step[5])
                     .guard;
        break;
      default:
        append(step);
    }
  }

 private:
  std::string saved() const { return std::string(states_.encode_snapshot().as_string_view()); }

  void append(const std::uint8_t* step) {
    const Slice bytes = batch_of(step, end_);
    const record::BatchView batch = record::BatchView::first_of(bytes.as_span()).value();
    const std::string before = saved();
    const auto unstable = states_.first_unstable_offset();
    const Offset map_end = states_.map_end_offset();
    append_.begin({.origin = static_cast<record::AppendOrigin>(step[7] % 4),
                   .guard = guard_,
                   .transaction_version = static_cast<std::int16_t>(step[7] / 4 % 3)});
    const Verdict verdict = states_.prepare(append_, batch);
    OTTLA_INVARIANT(saved() == before, "asking changed something");
    if (!verdict.is_fresh()) return;
    const Offset end = batch.last_offset().value() + 1;
    ProducerAppend again = append_;
    ProducerUndo undo;
    states_.apply(append_, end, &undo);
    states_.undo(undo);
    OTTLA_INVARIANT(saved() == before && states_.first_unstable_offset() == unstable &&
                        states_.map_end_offset() == map_end,
                    "what was taken back left a trace");
    states_.apply(again, end);
    end_ = end;
    check();
  }

  void reload(std::uint8_t damage) {
    std::string bytes = saved();
    const bool damaged = damage % 4 == 0;
    if (damaged) bytes[damage % bytes.size()] = static_cast<char>(bytes[damage % bytes.size()] ^ 1);
    ProducerStates other({.expiration_ms = 1'000'000}, guards_, 3);
    const bool loaded = other.load(std::as_bytes(std::span(bytes)), end_, 0).ok();
    OTTLA_INVARIANT(loaded != damaged, "a damaged snapshot was loaded, or a whole one was not");
    if (!loaded) return;
    OTTLA_INVARIANT(std::string(other.encode_snapshot().as_string_view()) == bytes, "a snapshot changed");
    OTTLA_INVARIANT(other.first_undecided_offset() == states_.first_undecided_offset(),
                    "a transaction was lost");
  }

  void check() const {
    std::size_t open = 0;
    Offset first = Offset::max();
    for (const ActiveProducer& each : states_.active()) {
      if (!each.facts.in_transaction()) continue;
      ++open;
      first = std::min(first, each.facts.transaction_start);
    }
    OTTLA_INVARIANT(states_.first_undecided_offset().value_or(Offset::max()) == first,
                    "not the first transaction", open);
  }

  VerificationGuards guards_;
  ProducerStates states_{{.expiration_ms = 100, .verifies_transactions = true}, guards_, 9};
  ProducerAppend append_;
  VerificationGuard guard_ = kNoGuard;
  Offset end_;
};

}  // namespace
}  // namespace ottla::storage

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  ottla::storage::Partition partition;
  for (std::size_t at = 0; at + ottla::storage::kStep <= std::min<std::size_t>(size, 1600);
       at += ottla::storage::kStep) {
    partition.step(data + at);
  }
  return 0;
}
