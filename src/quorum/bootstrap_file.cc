#include "quorum/bootstrap_file.h"

#include <fmt/format.h>

#include <cstddef>
#include <span>
#include <utility>
#include <vector>

#include "quorum/data_records.h"
#include "quorum/metadata_topic.h"
#include "quorum/snapshot_name.h"
#include "quorum/snapshot_reading.h"
#include "record/batch_view.h"
#include "runtime/file_system.h"
#include "runtime/whole_file.h"

namespace ottla::quorum {
namespace {

constexpr std::uint64_t kMostBootstrapBytes = std::uint64_t{64} << 20;

using Records = std::vector<std::vector<std::byte>>;

Result<metadata::Bootstrap> bootstrap_of(const Records& records, std::string_view source) {
  std::vector<metadata::RecordBytes> bytes(records.begin(), records.end());
  return metadata::read_bootstrap(bytes, source);
}

// Such a file is a snapshot, but those of some versions have no footer.
Result<Records> read_batches(std::span<const std::byte> bytes) {
  record::CodecPool codecs;
  Records found;
  while (!bytes.empty()) {
    OTTLA_TRY(const record::BatchView batch, record::BatchView::first_of(bytes));
    bytes = bytes.subspan(batch.size());
    if (!batch.crc_holds()) return Error(Errc::corrupt, "a batch fails its checksum");
    if (batch.attributes().is_control()) continue;
    Records unpacked;
    std::vector<std::span<const std::byte>> records;
    OTTLA_CHECK(data_records_of(batch, codecs, unpacked, records));
    for (const std::span<const std::byte> record : records) found.emplace_back(record.begin(), record.end());
  }
  return found;
}

Task<Result<metadata::Bootstrap>> load_file(FileSystem& files, std::string path) {
  OTTLA_CO_TRY(const Slice bytes, co_await read_whole_file(files, path, kMostBootstrapBytes));
  Result<Records> records = read_batches(bytes.as_span());
  Result<metadata::Bootstrap> bootstrap =
      records.ok() ? bootstrap_of(*records, "the binary bootstrap metadata file: " + path)
                   : Result<metadata::Bootstrap>(records.error());
  if (bootstrap.ok()) co_return bootstrap;
  co_return std::move(bootstrap).error().with_context(
      path +
      ": what a new cluster is to begin with cannot be read. Nothing was changed. Put back the file, or "
      "remove it, with which the cluster begins with the newest metadata.version");
}

}  // namespace

Task<Result<metadata::Bootstrap>> load_bootstrap(FileSystem& files, std::string directory,
                                                 bool has_snapshot) {
  if (has_snapshot) {
    const std::string path =
        metadata_log_path(directory) + '/' + to_string(SnapshotName{raft::kBootstrapSnapshot, {}});
    record::CodecPool codecs;
    Records records;
    OTTLA_CO_CHECK(co_await read_snapshot_file(files, path, codecs,
                                               [&records](std::span<const SnapshotParser::RecordBytes> more) {
                                                 for (const std::span<const std::byte> record : more)
                                                   records.emplace_back(record.begin(), record.end());
                                               }));
    if (!records.empty()) co_return bootstrap_of(records, path);
  }
  Result<metadata::Bootstrap> file = co_await load_file(files, directory + '/' + std::string(kBootstrapFile));
  if (file.ok() || !(file.error() == Errc::not_found)) co_return file;
  co_return metadata::make_bootstrap(metadata::kLatestMetadataVersion, {});
}

}  // namespace ottla::quorum
