#include "test/node/admin/metadata_on_disk.h"

#include <fmt/format.h>

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <map>
#include <optional>
#include <span>
#include <utility>

#include "base/error.h"
#include "metadata/image_hash.h"
#include "metadata/loader.h"
#include "quorum/data_records.h"
#include "quorum/snapshot_name.h"
#include "quorum/snapshot_parser.h"
#include "record/batch_view.h"
#include "record/compression/codec_pool.h"

namespace ottla::server {
namespace {

using metadata::MetadataImage;
using Bytes = std::vector<std::byte>;

// Folds records into an image.
class Replay {
 public:
  Replay()
      : loader_({.on_fault = [this](Offset offset, const Error& error) {
          faults_.push_back(fmt::format("K7: {} cannot be replayed: {}", offset.raw(), error.to_string()));
        }}) {}

  Result<> load_snapshot(std::span<const std::byte> bytes, const raft::LogPosition& id) {
    quorum::SnapshotParser parser(codecs_);
    loader_.begin_snapshot();
    while (!bytes.empty()) {
      OTTLA_TRY(const record::BatchView batch, record::BatchView::first_of(bytes));
      OTTLA_TRY(const auto records, parser.take(batch));
      loader_.load_snapshot(records);
      bytes = bytes.subspan(batch.size());
    }
    OTTLA_CHECK(parser.finish());
    loader_.finish_snapshot({.offset = id.offset - 1, .epoch = id.epoch});
    loader_.on_high_watermark(id.offset);
    return {};
  }
  Result<> load(const record::BatchView& batch) {
    OTTLA_TRY(const Offset last, batch.last_offset());
    std::vector<Bytes> unpacked;
    std::vector<metadata::RecordBytes> records;
    metadata::CommittedBatch shown{.base_offset = batch.base_offset(),
                                   .epoch = LeaderEpoch(batch.leader_epoch())};
    if (batch.attributes().is_control()) {
      shown.last = last;
    } else {
      OTTLA_CHECK(quorum::data_records_of(batch, codecs_, unpacked, records));
      shown.records = records;
    }
    loader_.load(shown);
    loader_.on_high_watermark(last + 1);
    loader_.flush();
    return {};
  }
  const MetadataImage& image() const { return *loader_.image(); }
  const std::vector<std::string>& faults() const { return faults_; }

 private:
  std::vector<std::string> faults_;
  record::CodecPool codecs_;
  metadata::Loader loader_;
};

class Files {
 public:
  Files(const sim::Disk& disk, std::string_view directory) {
    const auto names = disk.list(directory);
    if (!names.ok()) return;
    for (const DirectoryEntry& each : *names) {
      const auto node = disk.find(fmt::format("{}/{}", directory, each.name));
      if (!node.ok() || each.is_directory) continue;
      Bytes bytes((*node)->data.content().size());
      (*node)->data.content().read(0, bytes);
      const auto snapshot = quorum::parse_snapshot_name(each.name);
      if (snapshot.ok() && snapshot->stage == quorum::SnapshotStage::whole &&
          snapshot->id.offset > Offset(0)) {
        snapshots.emplace(snapshot->id.offset, std::pair(snapshot->id, std::move(bytes)));
      } else if (each.name.ends_with(".log")) {
        log.insert(log.end(), bytes.begin(), bytes.end());
      }
    }
  }

  std::map<Offset, std::pair<raft::LogPosition, Bytes>> snapshots;
  Bytes log;  // of all segments, one after the other
};

class Judgement {
 public:
  Judgement(const sim::Disk& disk, std::string_view directory, const MetadataImage& live)
      : files_(disk, directory), live_(live) {}

  MetadataVerdict judge() && {
    read_snapshots();
    replay_log();
    for (const std::string& fault : replay_.faults()) verdict_.findings.push_back(fault);
    return std::move(verdict_);
  }

 private:
  void accuse(std::string what) { verdict_.findings.push_back(std::move(what)); }

  void read_snapshots() {
    for (const auto& [offset, snapshot] : files_.snapshots) {
      Replay replay;
      const Result<> loaded = replay.load_snapshot(snapshot.second, snapshot.first);
      if (!loaded.ok())
        accuse(fmt::format("K7: the snapshot at {} is broken: {}", offset.raw(), loaded.error().to_string()));
      hashes_.emplace(offset, metadata::image_hash(replay.image()));
    }
  }

  // From the beginning, if that is still there, or else from the first snapshot on.
  void replay_log() {
    std::span<const std::byte> left = files_.log;
    std::optional<Offset> next;
    while (!left.empty()) {
      const auto batch = record::BatchView::first_of(left);
      if (!batch.ok() || !batch->crc_holds()) break;  // what was never synced
      left = left.subspan(batch->size());
      const Result<Offset> last = batch->last_offset();
      if (!last.ok() || *last > live_.provenance.offset) break;
      if (!next && !(next = begin_at(batch->base_offset()))) continue;
      if (*last < *next) continue;
      const Result<> loaded = replay_.load(*batch);
      if (!loaded.ok()) accuse("K7: " + loaded.error().to_string());
      ++verdict_.batches;
      next = *last + 1;
      compare(*next);
    }
    const Offset told = replay_.image().provenance.offset;
    if (told != live_.provenance.offset) {
      return accuse(fmt::format("K7: the log ends at {}, and the node has told {}", told.raw(),
                                live_.provenance.offset.raw()));
    }
    if (metadata::image_hash(replay_.image()) != metadata::image_hash(live_)) {
      accuse(fmt::format("K7: at {} the log says something else than the node does", told.raw()));
    }
  }

  std::optional<Offset> begin_at(Offset first) {
    if (first == Offset(0)) return first;
    for (const auto& [offset, snapshot] : files_.snapshots) {
      if (offset < first) continue;
      const Result<> loaded = replay_.load_snapshot(snapshot.second, snapshot.first);
      if (!loaded.ok()) return std::nullopt;
      return offset;
    }
    return std::nullopt;
  }

  void compare(Offset end) {
    const auto snapshot = hashes_.find(end);
    if (snapshot == hashes_.end()) return;
    ++verdict_.snapshots;
    if (metadata::image_hash(replay_.image()) != snapshot->second) {
      accuse(
          fmt::format("K7: the snapshot at {} says something else than the records before it do", end.raw()));
    }
  }

  const Files files_;
  const MetadataImage& live_;
  Replay replay_;
  std::map<Offset, std::uint64_t> hashes_;  // of what each snapshot says
  MetadataVerdict verdict_;
};

}  // namespace

MetadataVerdict judge_metadata_on_disk(const sim::Disk& disk, std::string_view directory,
                                       const MetadataImage& live) {
  return Judgement(disk, directory, live).judge();
}

}  // namespace ottla::server
