#include "storage/index/transaction_index.h"

#include <string>

#include "base/endian.h"

namespace ottla::storage {
namespace {

std::int64_t last_offset_key(const std::byte* entry) {
  return load_big_endian<std::int64_t>(entry + 18);  // the version stands first
}

}  // namespace

Task<Result<void>> TransactionIndex::load() {
  if (loaded()) co_return Result<void>();
  const Result<void> loaded_now = co_await file_.load();
  if (!loaded_now.ok() && loaded_now.error() == Errc::not_found) {
    file_.start_empty();
    co_return Result<void>();
  }
  OTTLA_CO_CHECK(loaded_now);
  if (file_.had_odd_size()) {
    co_return Error(Errc::corrupt, file_.path() + " does not end behind an entry of 34 bytes");
  }
  for (std::uint32_t number = 0; number < count(); ++number) {
    OTTLA_CO_TRY(const AbortedTransaction transaction, co_await entry(number));
    if (transaction.last_offset < name_.base()) {
      co_return Error(Errc::corrupt, file_.path() + " has a transaction that ended at offset " +
                                         transaction.last_offset.to_string() + ", before the segment began");
    }
  }
  co_return Result<void>();
}

void TransactionIndex::append(const AbortedTransaction& transaction) {
  std::array<std::byte, kEntrySize> bytes;
  store(bytes.data(), transaction);
  file_.append(bytes);
}

Task<Result<AbortedTransaction>> TransactionIndex::entry(std::uint32_t number) {
  OTTLA_CO_TRY(const IndexEntryBytes found, co_await file_.entry(number));
  Result<AbortedTransaction> transaction = load_aborted_transaction(found.bytes.data());
  if (!transaction.ok()) co_return Error(Errc::corrupt, "read " + file_.path(), transaction.error());
  co_return *transaction;
}

Task<Result<bool>> TransactionIndex::collect(Offset from, Offset end, std::vector<AbortedTransaction>& out) {
  for (std::uint32_t number = 0; number < count(); ++number) {
    OTTLA_CO_TRY(const AbortedTransaction transaction, co_await entry(number));
    if (transaction.last_offset >= from && transaction.first_offset < end) out.push_back(transaction);
    if (transaction.last_stable_offset >= end) co_return true;
  }
  co_return false;
}

Task<Result<void>> TransactionIndex::truncate_to(Offset offset) {
  if (count() == 0) co_return Result<void>();
  OTTLA_CO_TRY(const auto found, co_await file_.last_at_most(last_offset_key, offset.raw() - 1,
                                                             name_.base().raw(), offset.raw()));
  const std::uint32_t keep = found ? found->number + 1 : 0;
  if (keep == count()) co_return Result<void>();
  co_return co_await file_.truncate(keep);
}

}  // namespace ottla::storage
