#include "test/storage/exchange/given_directories.h"

#include <cstddef>
#include <cstdint>
#include <memory>
#include <utility>
#include <vector>

#include "runtime/shard.h"
#include "runtime/whole_file.h"
#include "storage/directory/log_directory.h"
#include "test/storage/exchange/facts.h"
#include "test/storage/exchange/log_stand.h"
#include "test/storage/exchange/stories.h"

namespace ottla::exchange {
namespace {

using storage::LogDirectory;
using storage::OffsetCheckpoint;
using storage::PartitionOffset;

struct Written {
  std::vector<PartitionOffset> ends;
  std::vector<PartitionOffset> recovery_points;
};

// Half of a batch, as if the power had gone: what is behind the log's end is to be cut off.
Task<Result<void>> tear(std::string segment, record::CodecPool& codecs) {
  OTTLA_CO_TRY(const Slice batch, make_batch({.records = 10, .base_offset = 100'000}, codecs));
  FileSystem& files = this_shard().files();
  OTTLA_CO_TRY(const FileStatus status, co_await files.status(segment));
  OTTLA_CO_TRY(const std::unique_ptr<File> file, co_await files.open(segment, kReadWrite));
  Chain half(Slice::copy_of(batch.as_span().first(batch.size() / 2)));
  const Result<void> written = co_await file->write_at(status.size, std::move(half));
  co_await file->close();
  co_return written;
}

Task<Result<void>> write_log(LogStand& stand, std::string folder, TopicPartition partition, Story story,
                             bool clean, Written& written) {
  const std::string path = folder + "/" + partition.to_string();
  // The directory is the one that the reference has made, with an empty segment in it.
  OTTLA_CO_TRY(const auto log, co_await stand.open(path, story.config, {}));
  const Result<void> told = co_await story.write(*log, stand.codecs());
  written.ends.push_back({.partition = partition, .offset = log->log_end()});
  written.recovery_points.push_back({.partition = partition, .offset = log->recovery_point()});
  const std::string last_segment = log->active().log_path();
  Result<void> closed;
  if (clean) {
    closed = co_await log->close();
  } else {
    co_await log->abandon();
    if (story.name == "segments") closed = co_await tear(last_segment, stand.codecs());
  }
  OTTLA_CO_CHECK(told);
  co_return closed;
}

Task<Result<void>> note_offsets(LogDirectory& directory, OffsetCheckpoint kind,
                                std::vector<PartitionOffset> ours) {
  OTTLA_CO_TRY(LogDirectory::Checkpoint known, co_await directory.read_checkpoint(kind));
  if (known.damage) co_return *known.damage;
  std::erase_if(known.offsets, [&](const PartitionOffset& old) {
    return old.partition.topic == "ours" || old.partition.topic == "ours-appended";
  });
  for (PartitionOffset& one : ours) known.offsets.push_back(std::move(one));
  co_return co_await directory.write_checkpoint(kind, std::move(known.offsets));
}

Task<Result<void>> write_all(LogDirectory& directory, bool clean) {
  LogStand stand;
  Written written;
  const std::vector<Story> stories = all_stories(to_epoch_millis(this_shard().wall_now()));
  Result<void> done;
  for (std::size_t i = 0; i < stories.size() && done.ok(); ++i) {
    const auto number = static_cast<std::int32_t>(clean ? i : i + stories.size());
    done = co_await write_log(stand, directory.path(), {.topic = "ours", .partition = PartitionId(number)},
                              stories[i], clean, written);
  }
  if (done.ok()) {
    done = co_await write_log(stand, directory.path(),
                              {.topic = "ours-appended", .partition = PartitionId(clean ? 0 : 1)},
                              appended_story(), clean, written);
  }
  co_await stand.close();
  OTTLA_CO_CHECK(done);
  OTTLA_CO_CHECK(co_await note_offsets(directory, OffsetCheckpoint::recovery_point, written.recovery_points));
  if (clean) OTTLA_CO_CHECK(co_await note_offsets(directory, OffsetCheckpoint::high_watermark, written.ends));
  co_return Result<void>();
}

// What it tells, it tells after a start: how much one read gets depends on what is in memory.
Task<Result<void>> write_told(LogStand& stand, std::string path, Story story) {
  for (const bool writes : {true, false}) {
    OTTLA_CO_TRY(const auto log, co_await stand.open(path, story.config, {}));
    Result<std::string> facts("");
    if (writes) {
      if (const Result<void> done = co_await story.write(*log, stand.codecs()); !done.ok())
        facts = done.error();
    } else {
      facts = co_await tell(*log, stand.codecs());
    }
    const Result<void> closed = co_await log->close();
    OTTLA_CO_TRY(const std::string text, facts);
    OTTLA_CO_CHECK(closed);
    if (writes) continue;
    OTTLA_CO_CHECK(co_await replace_file(this_shard().files(), path + ".facts", Chain(Slice::copy_of(text))));
  }
  co_return Result<void>();
}

}  // namespace

Task<Result<void>> write_directories(std::string clean, std::string crashed) {
  FileSystem& files = this_shard().files();
  OTTLA_CO_TRY(const auto first, co_await LogDirectory::open(files, clean));
  OTTLA_CO_TRY(const auto second, co_await LogDirectory::open(files, crashed));
  storage::MetaProperties identity = first->identity().value_or(storage::MetaProperties());
  identity.directory_id = Uuid(0x0123456789ab4def, 0x8123456789abcdef);
  Result<void> done = co_await first->begin();
  if (done.ok()) done = co_await second->begin();
  if (done.ok()) done = co_await second->write_identity(identity);
  if (done.ok()) done = co_await write_all(*first, true);
  if (done.ok()) done = co_await write_all(*second, false);
  const Result<void> first_closed =
      co_await first->close(LogDirectory::Ending::clean(first->clean_broker_epoch().value_or(-1)));
  const Result<void> second_closed = co_await second->close(LogDirectory::Ending::unclean());
  OTTLA_CO_CHECK(done);
  OTTLA_CO_CHECK(first_closed);
  co_return second_closed;
}

Task<Result<void>> write_corpus(std::string folder) {
  std::vector<Story> stories = all_stories();
  stories.push_back(appended_story());
  LogStand stand;
  Result<void> done;
  for (std::size_t i = 0; i < stories.size() && done.ok(); ++i) {
    done = co_await write_told(stand, folder + "/" + stories[i].name + "-0", stories[i]);
  }
  co_await stand.close();
  co_return done;
}

}  // namespace ottla::exchange
