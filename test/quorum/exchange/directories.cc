#include "test/quorum/exchange/directories.h"

#include <fmt/format.h>

#include <cstdio>
#include <cstdlib>
#include <span>
#include <utility>

#include "metadata/image_tree.h"
#include "metadata/loader.h"
#include "quorum/data_records.h"
#include "quorum/disk_log.h"
#include "quorum/format.h"
#include "record/batch_view.h"
#include "runtime/shard.h"

namespace ottla::exchange {
namespace {

constexpr std::int32_t kReadBytes = 1 << 20;

void say(const std::string& line) {
  std::fwrite(line.data(), 1, line.size(), stdout);
  std::fputc('\n', stdout);
  std::fflush(stdout);
}

Task<Result<void>> load(quorum::DiskLog& log, raft::Recovered recovered, metadata::Loader& loader) {
  Offset next = recovered.log.start();
  const std::optional<raft::LogPosition> snapshot = recovered.log.latest_snapshot();
  if (snapshot && *snapshot != raft::kBootstrapSnapshot) {
    loader.begin_snapshot();
    OTTLA_CO_TRY(const quorum::SnapshotFacts facts,
                 co_await log.load_snapshot(*snapshot, [&](std::span<const metadata::RecordBytes> records) {
                   loader.load_snapshot(records);
                 }));
    loader.finish_snapshot(
        {.offset = snapshot->offset - 1, .epoch = snapshot->epoch, .append_time_ms = facts.last_append_ms});
    next = snapshot->offset;
  }
  record::CodecPool codecs;
  while (next < recovered.log.end()) {
    OTTLA_CO_TRY(const std::vector<raft::Batch> batches, co_await log.read(next, kReadBytes));
    for (const raft::Batch& batch : batches) {
      const record::BatchView view = record::BatchView::whole(batch.bytes.as_span());
      std::vector<std::vector<std::byte>> unpacked;
      std::vector<metadata::RecordBytes> records;
      if (!view.attributes().is_control()) {
        OTTLA_CO_CHECK(quorum::data_records_of(view, codecs, unpacked, records));
      }
      loader.load({.base_offset = batch.base,
                   .epoch = batch.epoch,
                   .append_time_ms = view.max_timestamp(),
                   .records = records,
                   .last = batch.last});
    }
    next = batches.back().last + 1;
  }
  loader.flush();
  co_return Result<void>();
}

}  // namespace

void print_image(const metadata::MetadataImage& image) {
  say("tree " + metadata::tree_text(image, {.credentials_shown = true,
                                            .config_shown = [](metadata::ConfigResourceType,
                                                               std::string_view) { return true; }}));
}

Task<Result<void>> format_directory(std::vector<std::string> words) {
  quorum::FormatOptions options;
  options.directories = {words[1]};
  options.metadata_directory = words[1];
  options.cluster_id = words[2];
  options.node = NodeId(std::atoi(words[3].c_str()));
  options.controller_listener = "CONTROLLER";
  options.dynamic_quorum = words[4] != "static";
  if (words[4] != "static" && words[4] != "none") {
    OTTLA_CO_TRY(options.initial_controllers, quorum::parse_initial_controllers(words[4]));
  }
  for (std::size_t i = 5; i < words.size(); ++i) {
    const std::size_t equals = words[i].find('=');
    options.features[words[i].substr(0, equals)] =
        static_cast<std::int16_t>(std::atoi(words[i].c_str() + equals + 1));
  }
  const quorum::FormatReport report = co_await quorum::format(this_shard().files(), std::move(options));
  for (const std::string& line : report.lines) say(line);
  if (!report.failure) co_return Result<void>();
  say(std::string(report.failure->text()));
  co_return Result<void>();
}

Task<Result<void>> show_directory(std::string directory) {
  OTTLA_CO_TRY(const std::unique_ptr<quorum::DiskLog> log,
               co_await quorum::DiskLog::open({.directory = directory}));
  raft::Recovered recovered = log->take_recovered();
  say(fmt::format("log {} {} epoch {}", recovered.log.start().raw(), recovered.log.end().raw(),
                  recovered.log.last_epoch().raw()));
  std::vector<std::string> faults;
  metadata::Loader loader({.on_fault = [&faults](Offset offset, const Error& error) {
    faults.push_back(fmt::format("fault at {}: {}", offset.raw(), error.to_string()));
  }});
  const Result<void> loaded = co_await load(*log, std::move(recovered), loader);
  for (const std::string& fault : faults) say(fault);
  if (loaded.ok()) print_image(*loader.image());
  OTTLA_CO_CHECK(co_await log->close());
  co_return loaded;
}

}  // namespace ottla::exchange
