// Which of a metadata log's snapshots have had their time: the reference's metadata.max.retention.bytes and .ms.
//
// Concurrency: pure.
#pragma once

#include <cstdint>

namespace ottla::quorum {

struct Retention {
  std::int64_t max_bytes = 100 * 1024 * 1024;  // of log and snapshots; negative: any number
  std::int64_t max_ms =
      std::int64_t{7} * 24 * 3600 * 1000;  // since a snapshot's last record; negative: for ever

  bool limits_bytes() const { return max_bytes >= 0; }
  bool limits_time() const { return max_ms >= 0; }
  bool has_too_many(std::int64_t log_bytes, std::int64_t snapshot_bytes) const {
    return log_bytes + snapshot_bytes > max_bytes;
  }
  bool is_too_old(std::int64_t last_append_ms, std::int64_t now_ms) const {
    return now_ms - last_append_ms > max_ms;
  }
};

}  // namespace ottla::quorum
