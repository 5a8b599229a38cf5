// The quorum's log in memory, for tests of the driver: what is appended is committed when the test says so.
//
// Lifetime:    outlives the controller.
// Concurrency: confined to one shard.
#pragma once

#include <algorithm>
#include <functional>
#include <string>
#include <vector>

#include "base/invariant.h"
#include "controller/metadata_log.h"
#include "protocol/record_codec.h"
#include "protocol/schema.h"

namespace ottla::controller::testing {

class MemoryMetadataLog final : public MetadataLog {
 public:
  Result<Offset> append(LeaderEpoch wanted, std::span<const Slice> appended) override {
    if (wanted != epoch) return Errc::closed;
    if (too_large) return Errc::too_large;
    records.insert(records.end(), appended.begin(), appended.end());
    end_ += static_cast<std::int64_t>(appended.size());
    return end_ - 1;
  }
  Result<Offset> append_in_parts(LeaderEpoch wanted, std::span<const Slice> appended) override {
    return append(wanted, appended);
  }
  Offset end() const override { return end_; }
  void resign(LeaderEpoch of) override { resigned.push_back(of); }
  std::int16_t kraft_version() const override { return 1; }
  Result<> raise_kraft_version(LeaderEpoch, std::int16_t, bool) override { return {}; }

  void commit_all() { on_commit(end_); }
  // The names of all records.
  std::vector<std::string> types() const {
    std::vector<std::string> names;
    for (const Slice& each : records) {
      const auto opened = protocol::open_metadata_record("__cluster_metadata", each.as_span());
      OTTLA_INVARIANT(opened.ok(), "a record that cannot be opened was appended", opened.error());
      names.emplace_back(opened->message->name);
    }
    return names;
  }

  LeaderEpoch epoch{-1};
  std::vector<Slice> records;
  std::vector<LeaderEpoch> resigned;
  bool too_large = false;
  std::function<void(Offset)> on_commit = [](Offset) {};

 private:
  Offset end_ = Offset(0);
};

}  // namespace ottla::controller::testing
