#include "test/compare/ask/told_batches.h"

#include <fmt/format.h>

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "base/crc32c.h"
#include "base/result.h"
#include "record/batch_records.h"
#include "record/batch_view.h"
#include "record/compression/codec_pool.h"

namespace ottla::node_compare {
namespace {

constexpr std::size_t kLongestShown = 40;

class Telling {
 public:
  explicit Telling(JsonText& out) : out_(out) {}

  void batch(const record::BatchView& batch) {
    out_.begin_object();
    number("baseOffset", batch.base_offset().raw());
    number("size", static_cast<std::int64_t>(batch.size()));
    number("epochOfBatch", batch.leader_epoch());
    number("crc", batch.crc());
    out_.key("crcHolds");
    out_.boolean(batch.crc_holds());
    number("attributes", batch.attributes().bits());
    number("lastOffsetDelta", batch.last_offset_delta());
    number("baseTime", batch.base_timestamp());
    number("maxTime", batch.max_timestamp());
    number("producerId", batch.producer_id());
    number("producerEpoch", batch.producer_epoch());
    number("baseSequence", batch.base_sequence());
    number("count", batch.count());
    records(batch);
    out_.end_object();
  }

  void rest(std::size_t bytes) {
    out_.begin_object();
    number("cutOff", static_cast<std::int64_t>(bytes));
    out_.end_object();
  }

 private:
  void number(std::string_view name, std::int64_t value) {
    out_.key(name);
    out_.integer(value);
  }

  void bytes(std::string_view name, std::optional<std::span<const std::byte>> value) {
    out_.key(name);
    if (!value) return out_.null();
    if (value->size() <= kLongestShown) {
      return out_.text({reinterpret_cast<const char*>(value->data()), value->size()});
    }
    out_.text(fmt::format("{} bytes, checksum {:08x}", value->size(), crc32c(*value)));
  }

  void records(const record::BatchView& batch) {
    out_.key("batchRecords");
    out_.begin_array();
    auto walk = record::BatchRecords::of(batch, codecs_, {});
    std::string failure = walk.ok() ? "" : walk.error().to_string();
    while (failure.empty()) {
      const auto next = walk->next();
      if (!next.ok()) failure = next.error().to_string();
      if (!next.ok() || !*next) break;
      record(batch, **next);
    }
    if (!failure.empty()) out_.text(failure);
    out_.end_array();
  }

  void record(const record::BatchView& batch, const record::RecordView& each) {
    out_.begin_object();
    number("delta", each.offset_delta);
    number("time", batch.timestamp_at(each.timestamp_delta));
    bytes("key", each.key);
    bytes("value", each.value);
    number("headers", each.headers.size());
    out_.end_object();
  }

  JsonText& out_;
  record::CodecPool codecs_;
};

}  // namespace

void tell_batches(JsonText& out, std::span<const std::byte> bytes) {
  Telling telling(out);
  out.begin_array();
  while (!bytes.empty()) {
    const auto batch = record::BatchView::first_of(bytes);
    if (!batch.ok()) {
      telling.rest(bytes.size());
      break;
    }
    telling.batch(*batch);
    bytes = bytes.subspan(batch->size());
  }
  out.end_array();
}

}  // namespace ottla::node_compare
