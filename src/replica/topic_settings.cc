#include "replica/topic_settings.h"

#include <algorithm>
#include <chrono>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <variant>

#include "base/invariant.h"
#include "config/describe.h"
#include "config/key_table.h"
#include "config/node_config.h"
#include "config/value.h"
#include "config/value_check.h"
#include "record/batch_layout.h"
#include "record/compression/compressor.h"

namespace ottla::replica {
namespace {

using record::Compression;
using Millis = std::chrono::milliseconds;

class Reader {
 public:
  Reader(const metadata::ConfigValues* own, const config::NodeConfig& node) : own_(own), node_(node) {}

  template <typename T>
  T get(std::string_view name) const {
    const T* const value = std::get_if<T>(&value_.emplace(read(name)));
    OTTLA_INVARIANT(value != nullptr, "a topic's key has no value of its type", name);
    return *value;
  }
  Millis millis(std::string_view name) const { return Millis(get<std::int64_t>(name)); }
  std::optional<std::int32_t> number_if_set(std::string_view name) const {
    const config::Value value = read(name);
    const std::int32_t* const number = std::get_if<std::int32_t>(&value);
    return number == nullptr ? std::nullopt : std::optional(*number);
  }

 private:
  config::Value read(std::string_view name) const {
    const config::Key* const key = config::find_key(config::Scope::topic, name);
    OTTLA_INVARIANT(key != nullptr, "topics have no such key", name);
    if (const std::string* const text = own_ == nullptr ? nullptr : own_->find(name)) {
      Result<config::Value> value = config::parse_value(*key, *text);
      if (value.ok()) return *std::move(value);
    }
    if (const std::optional<std::string> text = config::topic_fallback(*key, node_)) {
      Result<config::Value> value = config::parse_type(*key, *text);
      if (value.ok()) return *std::move(value);
    }
    return config::Value();
  }

  const metadata::ConfigValues* own_;
  const config::NodeConfig& node_;
  mutable std::optional<config::Value> value_;  // that get() looks into
};

// The codec in which batches are to be stored; nothing when they stay as they came.
std::optional<record::CompressionSpec> compression(const Reader& topic) {
  const auto name = topic.get<std::string>("compression.type");
  if (name == "producer") return std::nullopt;
  if (name == "gzip") {
    return record::CompressionSpec(Compression::gzip, topic.get<std::int32_t>("compression.gzip.level"));
  }
  if (name == "lz4") {
    return record::CompressionSpec(Compression::lz4, topic.get<std::int32_t>("compression.lz4.level"));
  }
  if (name == "zstd") {
    return record::CompressionSpec(Compression::zstd, topic.get<std::int32_t>("compression.zstd.level"));
  }
  return record::CompressionSpec(name == "snappy" ? Compression::snappy : Compression::none);
}

bool has(const config::List& list, std::string_view word) {
  return std::ranges::find(list, word) != list.end();
}

record::AppendRules append_rules(const Reader& topic, bool compacts) {
  return {.compacted = compacts,
          .timestamp_type = topic.get<std::string>("message.timestamp.type") == "LogAppendTime"
                                ? record::TimestampType::log_append_time
                                : record::TimestampType::create_time,
          .before_max_ms = topic.get<std::int64_t>("message.timestamp.before.max.ms"),
          .after_max_ms = topic.get<std::int64_t>("message.timestamp.after.max.ms"),
          .max_message_bytes = topic.get<std::int32_t>("max.message.bytes"),
          .max_record_bytes = topic.get<std::int32_t>("max.decompressed.message.bytes"),
          .compression = compression(topic)};
}

}  // namespace

TopicSettings topic_settings(const metadata::ConfigValues* own, const config::NodeConfig& node) {
  const Reader topic(own, node);
  const auto policy = topic.get<config::List>("cleanup.policy");
  const bool compacts = has(policy, "compact");
  const auto segment_bytes = topic.number_if_set("internal.segment.bytes");
  return {.log = {.segment_bytes = segment_bytes.value_or(topic.get<std::int32_t>("segment.bytes")),
                  .segment_ms = topic.millis("segment.ms"),
                  .segment_jitter_ms = topic.millis("segment.jitter.ms"),
                  .segment_index_bytes = topic.get<std::int32_t>("segment.index.bytes"),
                  .index_interval_bytes = topic.get<std::int32_t>("index.interval.bytes"),
                  .flush_messages = topic.get<std::int64_t>("flush.messages"),
                  .flush_ms = topic.millis("flush.ms"),
                  .retention_bytes = topic.get<std::int64_t>("retention.bytes"),
                  .retention_ms = topic.millis("retention.ms"),
                  .file_delete_delay_ms = topic.millis("file.delete.delay.ms"),
                  .max_compaction_lag_ms = topic.millis("max.compaction.lag.ms"),
                  .min_compaction_lag_ms = topic.millis("min.compaction.lag.ms"),
                  .min_cleanable_dirty_ratio = topic.get<double>("min.cleanable.dirty.ratio"),
                  .delete_retention_ms = topic.millis("delete.retention.ms"),
                  .preallocate = topic.get<bool>("preallocate"),
                  .compacts = compacts,
                  .deletes = has(policy, "delete"),
                  .append = append_rules(topic, compacts)},
          .min_insync_replicas = topic.get<std::int32_t>("min.insync.replicas"),
          .unclean_elections = topic.get<bool>("unclean.leader.election.enable"),
          .remote_storage = topic.get<bool>("remote.storage.enable")};
}

std::shared_ptr<const storage::LogConfig> log_config(SharedSettings settings) {
  const storage::LogConfig* const log = &settings->log;
  return {std::move(settings), log};
}

}  // namespace ottla::replica
