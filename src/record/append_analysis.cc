#include "record/append_analysis.h"

#include <fmt/format.h>

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <expected>
#include <optional>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include "base/endian.h"
#include "base/offset.h"
#include "record/append_rules.h"
#include "record/batch_layout.h"
#include "record/batch_view.h"
#include "record/legacy_view.h"

namespace ottla::record {
namespace {

constexpr std::int32_t kLeastLength = 14;  // of the smallest message of magic 0

[[gnu::cold, gnu::noinline]] std::unexpected<Rejection> refuse(RejectReason reason, std::string message) {
  return std::unexpected(
      Rejection{.reason = reason, .message = std::move(message), .records = {}, .meter = RejectMeter::none});
}

// What stands in a batch's header, and whether its checksum holds.
struct Header {
  BatchSummary summary;
  std::uint8_t codec = 0;
  bool crc_holds = false;
};

void read_header(const BatchView& batch, Header& header) {
  header.summary.base_offset = batch.base_offset();
  // One that lies about itself wraps around and is found out of order, or below its base.
  header.summary.last_offset =
      Offset(static_cast<std::int64_t>(static_cast<std::uint64_t>(batch.base_offset().raw()) +
                                       static_cast<std::uint64_t>(std::int64_t{batch.last_offset_delta()})));
  header.summary.max_timestamp = batch.max_timestamp();
  header.summary.leader_epoch = batch.leader_epoch();
  header.summary.magic = kMagic;
  header.codec = batch.attributes().compression_id();
  header.crc_holds = batch.crc_holds();
}

void read_header(const LegacyView& message, Header& header) {
  header.summary.base_offset = header.summary.last_offset = message.offset();
  header.summary.max_timestamp = message.timestamp();
  header.summary.magic = message.magic();
  header.codec = message.compression_id();
  header.crc_holds = message.crc_holds();
}

class Analyzer {
 public:
  Analyzer(const AppendRules& rules, const AppendPlace& place, std::size_t size,
           std::vector<BatchSummary>& batches)
      : rules_(rules), place_(place), size_(size), batches_(batches) {}

  // False when the append is refused. In the order in which the reference looks, since the first finding is the
  // answer.
  bool take(std::span<const std::byte> bytes, std::int8_t magic) {
    Header header;
    if (!read(bytes, magic, header)) [[unlikely]]
      return refuse_size(bytes.size());
    BatchSummary& batch = header.summary;
    batch.position = analysis_.valid_bytes;
    batch.size = bytes.size();
    if (!comes_from_its_origin(batch)) [[unlikely]]
      return refuse_origin(batch);
    skipping_ = skipping_ || comes_from_a_later_leader(batch);
    if (skipping_) [[unlikely]]
      return true;
    if (!assigns_offsets(place_.origin) && !follows(batch)) [[unlikely]]
      return refuse_order(batch);
    if (is_too_large(batch) || !header.crc_holds || header.codec > kLastCodec) [[unlikely]]
      return refuse_bytes(header);
    batch.compression = static_cast<Compression>(header.codec);
    batches_.push_back(batch);
    analysis_.valid_bytes += batch.size;
    return true;
  }

  AppendAnalysis finish() const { return analysis_; }
  Rejection refused() && { return *std::move(refused_); }

 private:
  static constexpr auto kLastCodec = static_cast<std::uint8_t>(Compression::zstd);

  static bool read(std::span<const std::byte> bytes, std::int8_t magic, Header& header) {
    if (magic == kMagic) [[likely]] {
      if (bytes.size() < kRecordsAt) return false;
      read_header(BatchView::whole(bytes), header);
      return true;
    }
    const auto message = LegacyView::first_of(bytes);
    if (message.ok()) read_header(*message, header);
    return message.ok();
  }

  bool comes_from_its_origin(const BatchSummary& batch) const {
    if (place_.origin == AppendOrigin::client) return batch.magic != kMagic || batch.base_offset.raw() == 0;
    return place_.origin != AppendOrigin::raft_leader || batch.leader_epoch == place_.leader_epoch.raw();
  }
  // A follower that asks a leader of epoch 5 may get batches of epoch 6, if leadership changed while it was
  // asked. They wait until the follower has heard of that epoch.
  bool comes_from_a_later_leader(const BatchSummary& batch) const {
    return place_.origin == AppendOrigin::replication && batch.leader_epoch != -1 &&
           batch.leader_epoch > place_.leader_epoch.raw();
  }
  // Of batches that bring their offsets.
  bool follows(const BatchSummary& batch) const {
    return batch.base_offset.raw() >= 0 && batch.last_offset >= batch.base_offset &&
           (batches_.empty() || batch.base_offset > batches_.back().last_offset);
  }
  bool is_too_large(const BatchSummary& batch) const {
    return place_.origin != AppendOrigin::replication &&
           static_cast<std::int64_t>(batch.size) > rules_.max_message_bytes;
  }

  // Why not; all say false.
  [[gnu::cold]] bool refuse(RejectReason reason, std::string message, RejectMeter meter = RejectMeter::none,
                            std::int64_t metered = 1) {
    refused_ = Rejection{
        .reason = reason, .message = std::move(message), .records = {}, .meter = meter, .metered = metered};
    return false;
  }
  [[gnu::cold, gnu::noinline]] bool refuse_size(std::size_t size) {
    return refuse(RejectReason::corrupt,
                  fmt::format("a batch of {} bytes is not filled by what it has", size), RejectMeter::crc);
  }
  [[gnu::cold, gnu::noinline]] bool refuse_origin(const BatchSummary& batch) {
    if (place_.origin == AppendOrigin::client) {
      return refuse(
          RejectReason::invalid_record,
          fmt::format("a produced batch counts its offsets from 0, not from {}", batch.base_offset.raw()));
    }
    return refuse(RejectReason::invalid_record,
                  fmt::format("a batch of the leader of epoch {} says that its epoch is {}",
                              place_.leader_epoch.raw(), batch.leader_epoch));
  }
  [[gnu::cold, gnu::noinline]] bool refuse_order(const BatchSummary& batch) {
    return refuse(
        RejectReason::out_of_order,
        fmt::format("the offsets {} to {} stand behind {}", batch.base_offset.raw(), batch.last_offset.raw(),
                    batches_.empty() ? -1 : batches_.back().last_offset.raw()));
  }
  [[gnu::cold, gnu::noinline]] bool refuse_bytes(const Header& header) {
    const BatchSummary& batch = header.summary;
    if (is_too_large(batch)) {
      return refuse(
          RejectReason::too_large,
          fmt::format("a batch of {} bytes, max.message.bytes is {}", batch.size, rules_.max_message_bytes),
          RejectMeter::bytes, static_cast<std::int64_t>(size_));
    }
    if (!header.crc_holds) {
      return refuse(RejectReason::corrupt,
                    fmt::format("the batch with the offsets {} to {} fails its checksum",
                                batch.base_offset.raw(), batch.last_offset.raw()),
                    RejectMeter::crc);
    }
    return refuse(RejectReason::undecodable, fmt::format("no codec has the number {}", header.codec));
  }

  const AppendRules& rules_;
  const AppendPlace& place_;
  const std::size_t size_;
  std::vector<BatchSummary>& batches_;
  AppendAnalysis analysis_;
  bool skipping_ = false;
  std::optional<Rejection> refused_;
};

}  // namespace

std::expected<std::optional<BatchBounds>, Rejection> next_bounds(std::span<const std::byte> bytes) {
  if (bytes.size() < kLogOverhead) return std::nullopt;
  const auto length = load_big_endian<std::int32_t>(bytes.data() + kLengthAt);
  if (length < kLeastLength) {
    return refuse(
        RejectReason::corrupt,
        fmt::format("Record size {} is less than the minimum record overhead ({})", length, kLeastLength));
  }
  if (bytes.size() < kUpToMagic) return std::nullopt;
  const auto magic = static_cast<std::int8_t>(bytes[kMagicAt]);
  if (magic < 0 || magic > kMagic) {
    return refuse(RejectReason::corrupt, fmt::format("Invalid magic found in record: {}", magic));
  }
  const std::size_t size = kLogOverhead + static_cast<std::size_t>(length);
  if (bytes.size() < size) return std::nullopt;
  return BatchBounds{.size = size, .magic = magic};
}

std::expected<AppendAnalysis, Rejection> analyze_append(std::span<const std::byte> bytes,
                                                        const AppendRules& rules, const AppendPlace& place,
                                                        std::vector<BatchSummary>& batches) {
  batches.clear();
  Analyzer analyzer(rules, place, bytes.size(), batches);
  while (!bytes.empty()) {
    auto bounds = next_bounds(bytes);
    if (!bounds) [[unlikely]]
      return std::unexpected(std::move(bounds).error());
    if (!*bounds) break;
    if (!analyzer.take(bytes.first((*bounds)->size), (*bounds)->magic)) [[unlikely]]
      return std::unexpected(std::move(analyzer).refused());
    bytes = bytes.subspan((*bounds)->size);
  }
  return analyzer.finish();
}

}  // namespace ottla::record
