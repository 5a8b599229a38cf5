#include "storage/log/batch_checksum.h"

#include <algorithm>

#include "base/crc32.h"
#include "base/crc32c.h"
#include "base/endian.h"
#include "base/invariant.h"
#include "record/batch_layout.h"

namespace ottla::storage {
namespace {

// Where batches of magic 0 and 1 keep it.
constexpr std::size_t kLegacyCrcAt = 12;

}  // namespace

BatchChecksum::BatchChecksum(std::int8_t magic, std::span<const std::byte> head)
    : legacy_(magic != record::kMagic), uncovered_(legacy_ ? record::kMagicAt : record::kAttributesAt) {
  static_assert(kHead >= record::kCrcAt + sizeof(expected_) && kHead >= kLegacyCrcAt + sizeof(expected_));
  OTTLA_INVARIANT(head.size() >= kHead, "the head of a batch has no checksum", head.size());
  expected_ = load_big_endian<std::uint32_t>(head.data() + (legacy_ ? kLegacyCrcAt : record::kCrcAt));
}

void BatchChecksum::add(std::span<const std::byte> bytes) {
  const std::size_t skipped = std::min(bytes.size(), uncovered_);
  uncovered_ -= skipped;
  const std::span<const std::byte> covered = bytes.subspan(skipped);
  sum_ = legacy_ ? crc32_extend(sum_, covered) : crc32c_extend(sum_, covered);
}

}  // namespace ottla::storage
