#include "test/formats/file_examples.h"

#include <cstddef>
#include <cstdint>
#include <span>
#include <utility>
#include <vector>

#include "base/byte_writer.h"
#include "base/endian.h"
#include "base/hex.h"
#include "base/uuid.h"
#include "raft/quorum_state_file.h"
#include "record/batch_builder.h"
#include "record/batch_layout.h"
#include "record/batch_view.h"
#include "record/compression/codec_pool.h"
#include "record/compression/compressor.h"
#include "record/compression/decompressor.h"
#include "record/legacy_view.h"
#include "record/record_view.h"
#include "storage/format/clean_shutdown.h"
#include "storage/format/directory_name.h"
#include "storage/format/file_name.h"
#include "storage/format/index_entry.h"
#include "storage/format/leader_epoch_checkpoint.h"
#include "storage/format/meta_properties.h"
#include "storage/format/offset_checkpoint.h"
#include "storage/format/partition_metadata.h"

namespace ottla {
namespace {

using namespace record;
using namespace storage;

constexpr std::string_view kPath = "the example";
constexpr std::int64_t kWrittenAt = 1'795'284'000;  // the time that the page's meta.properties tells

std::span<const std::byte> bytes_of(std::string_view text) {
  return std::as_bytes(std::span(text));
}

Result<std::string> rewrite_batch(std::string_view bytes) {
  OTTLA_TRY(const BatchView batch, BatchView::first_of(bytes_of(bytes)));
  if (!batch.crc_holds()) return Error(Errc::corrupt, "crc");
  BatchBuilder builder({.base_offset = batch.base_offset(),
                        .leader_epoch = batch.leader_epoch(),
                        .producer_id = batch.producer_id(),
                        .producer_epoch = batch.producer_epoch(),
                        .base_sequence = batch.base_sequence(),
                        .control = batch.attributes().is_control()});
  RecordReader reader(batch.records(), batch.count());
  while (!reader.at_end()) {
    OTTLA_TRY(const RecordView record, reader.next());
    std::vector<HeaderView> headers;
    for (const HeaderView& header : record.headers) headers.push_back(header);
    builder.append_at(batch.base_offset() + record.offset_delta,
                      {.timestamp = batch.timestamp_at(record.timestamp_delta),
                       .key = record.key,
                       .value = record.value,
                       .headers = headers});
  }
  OTTLA_TRY(const Offset last, batch.last_offset());
  return std::string(std::move(builder).finish(last).as_string_view());
}

Result<std::string> rewrite_batches(std::string_view bytes) {
  std::string written;
  while (!bytes.empty()) {
    OTTLA_TRY(const BatchView batch, BatchView::first_of(bytes_of(bytes)));
    OTTLA_TRY(const std::string one, rewrite_batch(bytes.substr(0, batch.size())));
    written += one;
    bytes.remove_prefix(batch.size());
  }
  return written;
}

// Nothing of ours writes messages of magic 0 and 1; this does it out of what the reader says.
Result<std::string> rewrite_messages(std::string_view bytes) {
  ByteWriter writer;
  for (auto rest = bytes_of(bytes); !rest.empty();) {
    OTTLA_TRY(const LegacyView message, LegacyView::first_of(rest));
    if (!message.crc_holds()) return Error(Errc::corrupt, "crc");
    const bool broker_time = message.timestamp_type() == TimestampType::log_append_time;
    writer.write_i64(message.offset().raw());
    writer.write_i32(static_cast<std::int32_t>(message.size() - kLogOverhead));
    writer.write_i32(static_cast<std::int32_t>(message.crc()));
    writer.write_i8(message.magic());
    writer.write_i8(static_cast<std::int8_t>(message.compression_id() | (broker_time ? 0x08 : 0)));
    if (message.magic() == 1) writer.write_i64(message.timestamp());
    for (const auto& part : {message.key(), message.value()}) {
      writer.write_i32(part ? static_cast<std::int32_t>(part->size()) : -1);
      if (part) writer.write_bytes(*part);
    }
    rest = rest.subspan(message.size());
  }
  return std::string(std::move(writer).finish().flatten().as_string_view());
}

Result<std::string> rewrite_block(Compression compression, std::string_view bytes) {
  CodecPool pool;
  OTTLA_TRY(const Slice plain, decompress(pool, compression, bytes_of(bytes), 1000));
  OTTLA_TRY(const Slice block, compress(pool, CompressionSpec(compression), plain.as_span()));
  return std::string(block.as_string_view());
}

template <typename Entry>
std::string rewrite_entries(std::string_view bytes, Entry (*load)(const std::byte*)) {
  std::string written(bytes.size() / Entry::kSize * Entry::kSize, '?');
  for (std::size_t at = 0; at < written.size(); at += Entry::kSize) {
    store(std::as_writable_bytes(std::span(written)).data() + at, load(bytes_of(bytes).data() + at));
  }
  return written;
}

Result<std::string> rewrite_quorum_state(std::string_view bytes) {
  OTTLA_TRY(const raft::ElectionState state, raft::parse_quorum_state(bytes, kPath));
  return raft::encode_quorum_state(state, 1);
}

// Names as a directory has them, a line each.
Result<std::string> rewrite_names(std::string_view lines, Result<std::string> (*rewrite)(std::string_view)) {
  std::string written;
  while (!lines.empty()) {
    const std::string_view line = lines.substr(0, lines.find('\n'));
    OTTLA_TRY(const std::string name, rewrite(line));
    written += name + '\n';
    lines.remove_prefix(line.size() + 1);
  }
  return written;
}

Result<std::string> rewrite_directory_name(std::string_view name) {
  OTTLA_TRY(const DirectoryName parsed, parse_directory_name(name));
  if (parsed.role == DirectoryRole::log) return directory_name(parsed.partition);
  const std::string_view digits = name.substr(name.rfind('.') + 1, 32);
  OTTLA_TRY(const std::string bytes, hex_decode(digits));
  const auto* const at = reinterpret_cast<const std::byte*>(bytes.data());
  const Uuid id(load_big_endian<std::uint64_t>(at), load_big_endian<std::uint64_t>(at + 8));
  return directory_name(parsed.partition, parsed.role, id);
}

Result<std::string> rewrite_file_name(std::string_view name) {
  OTTLA_TRY(const FileName parsed, parse_file_name(name));
  return to_string(parsed);
}

}  // namespace

Result<std::string> rewrite_file_example(std::string_view kind, std::string_view bytes) {
  if (kind == "batch") return rewrite_batch(bytes);
  if (kind == "batches") return rewrite_batches(bytes);
  if (kind == "messages") return rewrite_messages(bytes);
  if (kind == "quorum-state") return rewrite_quorum_state(bytes);
  if (kind == "directory-names") return rewrite_names(bytes, rewrite_directory_name);
  if (kind == "file-names") return rewrite_names(bytes, rewrite_file_name);
  if (kind == "offset-index") return rewrite_entries<OffsetIndexEntry>(bytes, load_offset_index_entry);
  if (kind == "time-index") return rewrite_entries<TimeIndexEntry>(bytes, load_time_index_entry);
  if (kind == "offset-checkpoint") {
    OTTLA_TRY(const auto offsets, parse_offset_checkpoint(OffsetCheckpoint::recovery_point, bytes, kPath));
    return encode_offset_checkpoint(offsets);
  }
  if (kind == "leader-epoch-checkpoint") {
    OTTLA_TRY(const auto epochs, parse_leader_epochs(bytes, kPath));
    return encode_leader_epochs(epochs);
  }
  if (kind == "partition-metadata") {
    OTTLA_TRY(const Uuid topic, parse_partition_metadata(bytes, kPath));
    return encode_partition_metadata(topic);
  }
  if (kind == "meta-properties") {
    OTTLA_TRY(const MetaProperties identity, parse_meta_properties(bytes, kPath));
    return encode_meta_properties(identity, kWrittenAt);
  }
  if (kind == "gzip-block") return rewrite_block(Compression::gzip, bytes);
  if (kind == "snappy-block") return rewrite_block(Compression::snappy, bytes);
  if (kind == "lz4-block") return rewrite_block(Compression::lz4, bytes);
  if (kind == "zstd-block") return rewrite_block(Compression::zstd, bytes);
  if (kind == "clean-shutdown") return encode_clean_shutdown(parse_clean_shutdown(bytes).value_or(-1));
  return Error(Errc::invalid_argument, "no such file");
}

}  // namespace ottla
