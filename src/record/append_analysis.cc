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

std::unexpected<Rejection> refuse(RejectReason reason, std::string message,
                                  RejectMeter meter = RejectMeter::none, std::int64_t metered = 1) {
  return std::unexpected(Rejection{
      .reason = reason, .message = std::move(message), .records = {}, .meter = meter, .metered = metered});
}

// What stands in a batch's header, and whether its checksum holds.
struct Header {
  BatchSummary summary;
  std::uint8_t codec = 0;
  bool crc_holds = false;
};

Header read_header(const BatchView& batch) {
  Header header;
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
  return header;
}

Header read_header(const LegacyView& message) {
  Header header;
  header.summary.base_offset = header.summary.last_offset = message.offset();
  header.summary.max_timestamp = message.timestamp();
  header.summary.magic = message.magic();
  header.codec = message.compression_id();
  header.crc_holds = message.crc_holds();
  return header;
}

class Analyzer {
 public:
  Analyzer(const AppendRules& rules, const AppendPlace& place, std::size_t size,
           std::vector<BatchSummary>& batches)
      : rules_(rules), place_(place), size_(size), batches_(batches) {}

  std::optional<Rejection> take(std::span<const std::byte> bytes, std::int8_t magic) {
    std::optional<Header> header;
    if (magic == kMagic) {
      if (const auto batch = BatchView::first_of(bytes); batch.ok()) header = read_header(*batch);
    } else {
      if (const auto message = LegacyView::first_of(bytes); message.ok()) header = read_header(*message);
    }
    if (!header) {
      return refuse(RejectReason::corrupt,
                    fmt::format("a batch of {} bytes has no room for its header", bytes.size()),
                    RejectMeter::crc)
          .error();
    }
    header->summary.position = analysis_.valid_bytes;
    header->summary.size = bytes.size();
    return take(*header);
  }

  AppendAnalysis finish() const { return analysis_; }

 private:
  // In the order in which the reference looks, since the first finding is the answer.
  std::optional<Rejection> take(Header& header) {
    BatchSummary& batch = header.summary;
    if (auto wrong = check_origin(batch)) return wrong;
    skipping_ = skipping_ || comes_from_a_later_leader(batch);
    if (skipping_) return std::nullopt;
    if (auto wrong = check_offsets(batch)) return wrong;
    if (place_.origin != AppendOrigin::replication &&
        batch.size > static_cast<std::size_t>(std::max(rules_.max_message_bytes, 0))) {
      return refuse(RejectReason::too_large,
                    fmt::format("a batch of {} bytes, max.message.bytes is {}", batch.size,
                                rules_.max_message_bytes),
                    RejectMeter::bytes, static_cast<std::int64_t>(size_))
          .error();
    }
    if (!header.crc_holds) {
      return refuse(RejectReason::corrupt,
                    fmt::format("the batch with the offsets {} to {} fails its checksum",
                                batch.base_offset.raw(), batch.last_offset.raw()),
                    RejectMeter::crc)
          .error();
    }
    if (header.codec > static_cast<std::uint8_t>(Compression::zstd)) {
      return refuse(RejectReason::undecodable, fmt::format("no codec has the number {}", header.codec))
          .error();
    }
    batch.compression = static_cast<Compression>(header.codec);
    keep(batch);
    return std::nullopt;
  }

  std::optional<Rejection> check_origin(const BatchSummary& batch) const {
    if (place_.origin == AppendOrigin::raft_leader && batch.leader_epoch != place_.leader_epoch.raw()) {
      return refuse(RejectReason::invalid_record,
                    fmt::format("a batch of the leader of epoch {} says that its epoch is {}",
                                place_.leader_epoch.raw(), batch.leader_epoch))
          .error();
    }
    if (place_.origin == AppendOrigin::client && batch.magic == kMagic && batch.base_offset.raw() != 0) {
      return refuse(RejectReason::invalid_record,
                    fmt::format("a produced batch counts its offsets from 0, not from {}",
                                batch.base_offset.raw()))
          .error();
    }
    return std::nullopt;
  }

  // A follower that asks a leader of epoch 5 may get batches of epoch 6, if leadership changed while it was
  // asked. They wait until the follower has heard of that epoch.
  bool comes_from_a_later_leader(const BatchSummary& batch) const {
    return place_.origin == AppendOrigin::replication && batch.leader_epoch != -1 &&
           batch.leader_epoch > place_.leader_epoch.raw();
  }

  std::optional<Rejection> check_offsets(const BatchSummary& batch) const {
    if (assigns_offsets(place_.origin)) return std::nullopt;
    if (batch.last_offset < batch.base_offset || batch.base_offset.raw() < 0 ||
        (!batches_.empty() && batch.base_offset <= batches_.back().last_offset)) {
      return refuse(RejectReason::out_of_order,
                    fmt::format("the offsets {} to {} stand behind {}", batch.base_offset.raw(),
                                batch.last_offset.raw(),
                                batches_.empty() ? -1 : batches_.back().last_offset.raw()))
          .error();
    }
    return std::nullopt;
  }

  void keep(const BatchSummary& batch) {
    batches_.push_back(batch);
    analysis_.valid_bytes += batch.size;
    analysis_.max_timestamp = std::max(analysis_.max_timestamp, batch.max_timestamp);
    analysis_.last_leader_epoch = batch.leader_epoch;
  }

  const AppendRules& rules_;
  const AppendPlace& place_;
  const std::size_t size_;
  std::vector<BatchSummary>& batches_;
  AppendAnalysis analysis_;
  bool skipping_ = false;
};

}  // namespace

std::expected<std::optional<BatchBounds>, Rejection> next_bounds(std::span<const std::byte> bytes) {
  if (bytes.size() < kLogOverhead) return std::nullopt;
  const auto length = load_big_endian<std::int32_t>(bytes.data() + kLengthAt);
  if (length < kLeastLength) {
    return refuse(RejectReason::corrupt, fmt::format("a batch with a length of {}", length));
  }
  if (bytes.size() < kUpToMagic) return std::nullopt;
  const auto magic = static_cast<std::int8_t>(bytes[kMagicAt]);
  if (magic < 0 || magic > kMagic) {
    return refuse(RejectReason::corrupt, fmt::format("a batch with magic {}", magic));
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
  for (;;) {
    auto bounds = next_bounds(bytes);
    if (!bounds) return std::unexpected(std::move(bounds).error());
    if (!*bounds) return analyzer.finish();
    auto wrong = analyzer.take(bytes.first((*bounds)->size), (*bounds)->magic);
    if (wrong) return std::unexpected(*std::move(wrong));
    bytes = bytes.subspan((*bounds)->size);
  }
}

}  // namespace ottla::record
