#include "storage/cleaner/cleaned_transactions.h"

#include <cstdint>
#include <optional>
#include <span>
#include <utility>
#include <vector>

#include "base/error.h"
#include "base/offset.h"
#include "base/result.h"
#include "record/batch_view.h"
#include "record/control_record.h"
#include "record/record_view.h"
#include "storage/format/index_entry.h"

namespace ottla::storage {

void CleanedTransactions::add_aborted(std::span<const AbortedTransaction> transactions) {
  for (const AbortedTransaction& transaction : transactions) to_come_.push(transaction);
}

void CleanedTransactions::begin_up_to(Offset offset) {
  while (!to_come_.empty() && to_come_.top().first_offset <= offset) {
    const AbortedTransaction& transaction = to_come_.top();
    // One that is known already came again with a later range.
    aborted_.try_emplace(transaction.producer_id, Ongoing{.transaction = transaction});
    to_come_.pop();
  }
}

bool CleanedTransactions::on_data_batch(const record::BatchView& batch) {
  begin_up_to(batch.base_offset() + batch.last_offset_delta());
  if (!batch.attributes().is_transactional()) return false;
  const auto ongoing = aborted_.find(batch.producer_id());
  if (ongoing == aborted_.end()) {
    committed_.insert(batch.producer_id());
    return false;
  }
  ongoing->second.has_data = true;
  return true;
}

Result<bool> CleanedTransactions::on_control_batch(const record::BatchView& batch) {
  begin_up_to(batch.base_offset() + batch.last_offset_delta());
  if (batch.count() == 0) return true;
  if (batch.attributes().compression() != record::Compression::none) {
    return Error(Errc::malformed, "a control batch that is compressed");
  }
  record::RecordReader reader(batch.records(), batch.count());
  OTTLA_TRY(const record::RecordView record, reader.next());
  OTTLA_TRY(const std::optional<record::ControlType> type, record::read_control_type(record));
  if (type == record::ControlType::commit) return committed_.erase(batch.producer_id()) == 0;
  if (type != record::ControlType::abort) return false;
  const auto ended = aborted_.extract(batch.producer_id());
  if (ended.empty() || !ended.mapped().has_data) return true;
  retained_.push_back(ended.mapped().transaction);
  return false;
}

std::vector<AbortedTransaction> CleanedTransactions::take_retained() {
  return std::exchange(retained_, {});
}

}  // namespace ottla::storage
