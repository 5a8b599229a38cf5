// Folds what the quorum has committed into images, and tells publishers what changed.
//
// Use:         loader.load(batch);  …  loader.flush();      after each round of commits
//              loader.begin_snapshot();  loader.load_snapshot(records);  loader.finish_snapshot(provenance);
// Lifetime:    publishers outlive their stay (add … remove).
// Concurrency: confined to one shard, on which publishers are called; what they get may go to others.
// Invariants:  1. publishers see whole transactions only, and nothing of those that were aborted
//              2. no publisher is told anything before the loader has caught up: at least one record, and the high
//                 watermark reached
//              3. each publisher sees images in the order of their offsets; the first delta is from an empty image
// Errors:      go to LoaderTools::on_fault, with the offset; the record is left out and loading goes on. Whether a node
//              may go on is its own decision: a controller may not.
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <optional>
#include <span>
#include <vector>

#include "base/arena.h"
#include "base/budget.h"
#include "base/error.h"
#include "base/leader_epoch.h"
#include "base/node_id.h"
#include "base/offset.h"
#include "metadata/delta.h"
#include "metadata/image.h"
#include "metadata/replay.h"

namespace ottla::metadata {

// The value of a record of the metadata log.
using RecordBytes = std::span<const std::byte>;

struct CommittedBatch {
  Offset base_offset;
  LeaderEpoch epoch;
  std::int64_t append_time_ms = -1;
  std::span<const RecordBytes> records = {};  // one each offset
  // Of a batch that has none for the metadata: it is the quorum's own, and yet images tell up to its end.
  std::optional<Offset> last = {};
};

enum class PublicationSource : std::uint8_t {
  log,
  snapshot,  // also what a publisher that comes late is told first
};

struct Publication {
  const MetadataDelta& delta;
  PublicationSource source;
  std::size_t batches;  // since the last one

  const SharedImage& image() const { return delta.after; }
  const Provenance& provenance() const { return delta.after->provenance; }
};

class Publisher {
 public:
  virtual ~Publisher() = default;
  virtual void publish(const Publication& publication) = 0;
  // kNoNode: nobody leads.
  virtual void on_leader_change(NodeId leader, LeaderEpoch epoch) {
    static_cast<void>(leader);
    static_cast<void>(epoch);
  }
};

struct LoaderTools {
  std::function<void(Offset offset, const Error& error)> on_fault;
  ReplayRules rules = {};
  std::size_t most_record_memory = std::size_t{64} << 20U;  // of one decoded record
};

class Loader {
 public:
  explicit Loader(LoaderTools tools);
  Loader(const Loader&) = delete;
  Loader& operator=(const Loader&) = delete;

  void add(Publisher& publisher);
  void remove(Publisher& publisher);

  void load(const CommittedBatch& batch);
  // Publishes what is loaded and settled.
  void flush();
  // The first offset that is not known to be committed.
  void on_high_watermark(Offset end);
  void on_leader_change(NodeId leader, LeaderEpoch epoch);

  // A snapshot takes the place of everything. What was loaded before stays in force until it is finished.
  void begin_snapshot();
  void load_snapshot(std::span<const RecordBytes> records);
  void finish_snapshot(Provenance provenance);

  // What was published last; an empty image before that.
  const SharedImage& image() const { return published_; }
  bool caught_up() const { return caught_up_; }
  bool in_transaction() const { return settled_.has_value(); }
  // Of the last record that was loaded, published or not.
  Offset last_loaded() const { return loaded_.provenance.offset; }
  std::uint64_t faults() const { return faults_; }
  // Snapshots that were loaded.
  std::uint64_t snapshots() const { return snapshots_; }

 private:
  struct Listener {
    Publisher* publisher;
    bool told;  // has had its first image
  };

  Result<> take(MetadataImage& image, RecordBytes bytes, bool in_log);
  Result<> transact(const protocol::MessageInfo& message);
  void fault(Offset offset, const Error& error);
  void publish(const MetadataImage& image, PublicationSource source);
  void tell(const SharedImage& before, PublicationSource source);
  void maybe_catch_up();

  const LoaderTools tools_;
  Budget budget_;
  Arena arena_;
  std::vector<Listener> listeners_;
  MetadataImage loaded_;                   // with all that was loaded
  std::optional<MetadataImage> settled_;   // in a transaction: without it
  std::optional<MetadataImage> snapshot_;  // that is being loaded
  SharedImage published_;
  std::optional<Offset> high_watermark_;
  bool seen_record_ = false;
  bool caught_up_ = false;
  std::size_t batches_ = 0;  // since the last publication
  std::uint64_t faults_ = 0;
  std::uint64_t snapshots_ = 0;
};

}  // namespace ottla::metadata
