#include "storage/format/index_entry.h"

#include <fmt/format.h>

#include <cstddef>
#include <cstdint>

#include "base/endian.h"
#include "base/error.h"
#include "base/offset.h"
#include "base/result.h"

namespace ottla::storage {

Result<AbortedTransaction> load_aborted_transaction(const std::byte* from) {
  const auto version = load_big_endian<std::int16_t>(from);
  if (version != AbortedTransaction::kVersion) {
    return Error(Errc::unsupported, fmt::format("an aborted transaction of version {}", version));
  }
  return AbortedTransaction{.producer_id = load_big_endian<std::int64_t>(from + 2),
                            .first_offset = Offset(load_big_endian<std::int64_t>(from + 10)),
                            .last_offset = Offset(load_big_endian<std::int64_t>(from + 18)),
                            .last_stable_offset = Offset(load_big_endian<std::int64_t>(from + 26))};
}

void store(std::byte* to, const AbortedTransaction& entry) {
  store_big_endian(to, AbortedTransaction::kVersion);
  store_big_endian(to + 2, entry.producer_id);
  store_big_endian(to + 10, entry.first_offset.raw());
  store_big_endian(to + 18, entry.last_offset.raw());
  store_big_endian(to + 26, entry.last_stable_offset.raw());
}

}  // namespace ottla::storage
