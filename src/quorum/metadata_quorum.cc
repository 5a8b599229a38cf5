#include "quorum/metadata_quorum.h"

#include <fmt/format.h>

#include <algorithm>
#include <chrono>
#include <cstdint>
#include <utility>
#include <variant>

#include "base/metric_family.h"
#include "base/metric_registry.h"
#include "quorum/bootstrap_file.h"
#include "record/batch_builder.h"
#include "runtime/shard.h"
#include "runtime/task_group.h"

namespace ottla::quorum {
namespace {

// Records that may be seen one without the other go into batches of so many at most, as the reference's controller
// makes them.
constexpr std::size_t kMostRecordsInPart = 10'000;
// Nobody is waited for when the transport's own patience has ended.
constexpr Duration kPeerPatience = std::chrono::milliseconds(100);

// Under the reference's names, and in its units.
constexpr std::uint64_t kLongestLoad = 60'000'000;
constexpr HistogramFamily kBatchTime("kafka_server_brokermetadatalistener_metadatabatchprocessingtimeus",
                                     "us", "Microseconds that it took to take in a batch of the metadata log",
                                     kLongestLoad);
constexpr HistogramFamily kBatchSize("kafka_server_brokermetadatalistener_metadatabatchsizes", "records",
                                     "Records of a batch of the metadata log", 1'000'000);

// Folds what is told into images.
class LoaderListener final : public QuorumListener {
 public:
  explicit LoaderListener(metadata::Loader& loader)
      : loader_(loader),
        times_(this_shard().metrics().histogram(kBatchTime)),
        sizes_(this_shard().metrics().histogram(kBatchSize)) {}
  void on_batch(const metadata::CommittedBatch& batch) override {
    const Instant begun = this_shard().exact_now();
    loader_.load(batch);
    const Duration took = this_shard().exact_now() - begun;
    times_->record(static_cast<std::uint64_t>(std::chrono::floor<std::chrono::microseconds>(took).count()));
    sizes_->record(batch.records.size());
  }
  void on_round_end() override { loader_.flush(); }
  void on_snapshot_begin() override { loader_.begin_snapshot(); }
  void on_snapshot_records(std::span<const metadata::RecordBytes> records) override {
    loader_.load_snapshot(records);
  }
  void on_snapshot_end(const metadata::Provenance& provenance) override {
    loader_.finish_snapshot(provenance);
  }
  void on_leader_change(const raft::LeaderChanged& change) override {
    loader_.on_leader_change(change.leader, change.epoch);
  }
  void on_high_watermark(Offset end) override { loader_.on_high_watermark(end); }

 private:
  metadata::Loader& loader_;
  Metric<Histogram> times_;
  Metric<Histogram> sizes_;
};

std::size_t size_of(const Slice& record) {
  return record::BatchBuilder::size_of({.value = record.as_span()}, 0,
                                       static_cast<std::int32_t>(kMostRecordsInPart));
}

}  // namespace

Task<Result<std::unique_ptr<MetadataQuorum>>> MetadataQuorum::open(QuorumOptions options, QuorumTools tools) {
  OTTLA_CO_TRY(std::unique_ptr<DiskLog> log, co_await DiskLog::look({.directory = options.directory,
                                                                     .config = options.log,
                                                                     .files = options.files,
                                                                     .was_clean = options.was_clean,
                                                                     .self = options.raft.self}));
  FileSystem& files = options.files != nullptr ? *options.files : this_shard().files();
  Result<metadata::Bootstrap> bootstrap =
      co_await load_bootstrap(files, options.directory, log->has_bootstrap_snapshot());
  Result<void> begun = bootstrap.ok() ? Result<void>() : bootstrap.error();
  if (begun.ok() && options.before_changes) begun = co_await options.before_changes();
  if (begun.ok()) begun = co_await log->begin();
  if (!begun.ok()) {
    (void)co_await log->close();
    co_return std::move(begun).error();
  }
  co_return std::unique_ptr<MetadataQuorum>(
      new MetadataQuorum(std::move(options), std::move(tools), std::move(log), *std::move(bootstrap)));
}

MetadataQuorum::MetadataQuorum(QuorumOptions options, QuorumTools tools, std::unique_ptr<DiskLog> log,
                               metadata::Bootstrap bootstrap)
    : options_(std::move(options)),
      logger_(this_shard().log().logger(kQuorumLog)),
      log_(std::move(log)),
      bootstrap_(std::move(bootstrap)),
      loader_({.on_fault = std::move(tools.on_fault)}),
      loading_(std::make_unique<LoaderListener>(loader_)),
      trigger_(options_.snapshots, this_shard().now()),
      made_snapshot_{.at = this_shard().now()} {
  transport_ = std::make_unique<PeerTransport>(
      PeerTransportOptions{.cluster = options_.raft.cluster,
                           .listener = options_.raft.listener,
                           .client_id = options_.client_id,
                           .request_timeout = options_.raft.timing.request_timeout + kPeerPatience});
  for (const Error& damage : log_->damages()) {
    logger_.error("a broken snapshot was passed over", field("error", damage));
  }
  node_ = std::make_unique<raft::RaftNode>(options_.raft, log_->take_recovered(), *log_, *transport_,
                                           static_cast<raft::RaftListener&>(*this));
  log_->tell_growth(news_);
  add(*loading_);
}

MetadataQuorum::~MetadataQuorum() = default;

Task<Result<void>> MetadataQuorum::run(Cancel cancel) {
  CancelSource source(cancel);
  running_ = &source;
  TaskGroup group(source.token());
  group.spawn([this](Cancel inner) { return feed(inner); });
  group.spawn([this](Cancel inner) { return make_snapshots(inner); });
  group.spawn([this](Cancel inner) { return keep_clean(inner); });
  const Result<void> ended = co_await node_->run(source.token());
  running_ = nullptr;
  co_await group.stop();
  if (failure_) co_return *failure_;
  co_return ended;
}

Task<Result<void>> MetadataQuorum::close() {
  co_await transport_->close();
  co_return co_await log_->close();
}

void MetadataQuorum::fail(const Error& error) {
  if (!failure_) failure_ = error;
  logger_.error("this node leaves the metadata quorum", field("error", error));
  if (running_ != nullptr) running_->request();
}

// --- What raft tells ----------------------------------------------------------------------------------------

void MetadataQuorum::committed(Offset high_watermark) {
  high_watermark_known_ = true;
  log_->set_committed(high_watermark);
}

void MetadataQuorum::leader_changed(raft::LeaderChanged change) {
  logger_.info("the metadata quorum's leader", field("leader", change.leader), field("epoch", change.epoch));
  leader_ = change;
  news_.set();
}

void MetadataQuorum::odd(std::string text) {
  logger_.warn("a member of the metadata quorum is odd", field("what", text));
}

// --- For the active controller ------------------------------------------------------------------------------

Result<Offset> MetadataQuorum::append(LeaderEpoch epoch, std::span<const Slice> records) {
  std::size_t size = record::kRecordsAt;
  for (const Slice& record : records) size += size_of(record);
  if (size > static_cast<std::size_t>(options_.largest_batch)) {
    return Error(Errc::too_large, fmt::format("{} metadata records take {} bytes, and a batch has {} at most",
                                              records.size(), size, options_.largest_batch));
  }
  const std::optional<Offset> last = node_->append(epoch, records);
  if (last) return *last;
  return Error(Errc::closed,
               fmt::format("this node does not lead the metadata quorum in epoch {}", epoch.raw()));
}

Result<Offset> MetadataQuorum::append_in_parts(LeaderEpoch epoch, std::span<const Slice> records) {
  Result<Offset> last = Errc::invalid_argument;
  for (std::size_t first = 0; first < records.size();) {
    std::size_t bytes = record::kRecordsAt;
    std::size_t end = first;
    while (end < records.size() && end - first < kMostRecordsInPart) {
      bytes += size_of(records[end]);
      if (end > first && bytes > static_cast<std::size_t>(options_.largest_batch)) break;
      ++end;
    }
    last = append(epoch, records.subspan(first, end - first));
    if (!last.ok()) return last;
    first = end;
  }
  return last;
}

// --- What is known ------------------------------------------------------------------------------------------

std::optional<raft::Endpoint> MetadataQuorum::leader_endpoint() const {
  if (leader_.leader == kNoNode) return std::nullopt;
  raft::Endpoints endpoints = voters().endpoints(leader_.leader);
  if (leader_.leader == node()) endpoints = options_.raft.endpoints;
  if (const auto* follower = std::get_if<raft::Follower>(&node_->core().role());
      follower != nullptr && follower->leader == leader_.leader && !follower->leader_endpoints.empty()) {
    endpoints = follower->leader_endpoints;
  }
  const raft::Endpoint* found = endpoints.find(options_.raft.listener);
  if (found == nullptr && endpoints.size() == 1) found = &endpoints.list().front();
  return found == nullptr ? std::nullopt : std::optional(*found);
}

}  // namespace ottla::quorum
