#include "test/kv/log_file.h"

#include <algorithm>

#include "base/crc32c.h"
#include "base/endian.h"

namespace ottla::kv {
namespace {

constexpr std::size_t kChecksumSize = 4;
constexpr std::size_t kRecordSize = kChecksumSize + kEntrySize;

std::string path_in(const std::string& directory) {
  return directory + "/log";
}

}  // namespace

Task<Result<void>> LogFile::create(FileSystem& files, std::string directory) {
  LogFile empty(files, std::move(directory), Plant::none);
  const Result<void> written = co_await empty.rewrite({});
  co_await empty.close();
  co_return written;
}

Task<Result<std::vector<Entry>>> LogFile::open() {
  OTTLA_CO_TRY(const std::vector<std::byte> bytes, co_await read_all());
  std::vector<Entry> entries = scan(bytes);
  OTTLA_CO_CHECK(co_await rewrite(entries));
  co_return entries;
}

Task<Result<std::vector<std::byte>>> LogFile::read_all() {
  OTTLA_CO_TRY(std::unique_ptr<File> file, co_await files_.open(path_in(directory_), kReadOnly));
  std::vector<std::byte> bytes(file->size());
  const Result<std::size_t> count = co_await file->read_at(0, bytes);
  co_await file->close();
  if (!count.ok()) co_return count.error();
  bytes.resize(*count);
  co_return bytes;
}

std::vector<Entry> LogFile::scan(std::span<const std::byte> bytes) {
  std::vector<Entry> entries;
  std::uint32_t previous = 0;
  std::vector<std::byte> padded;
  if (plant_ == Plant::read_past_torn_tail && bytes.size() % kRecordSize != 0) {
    padded.assign(bytes.begin(), bytes.end());
    padded.resize((bytes.size() / kRecordSize + 1) * kRecordSize);
    bytes = padded;
  }
  while (bytes.size() >= kRecordSize) {
    const auto body = bytes.subspan(kChecksumSize, kEntrySize);
    const std::uint32_t checksum = crc32c_extend(previous, body);
    const bool good = checksum == load_big_endian<std::uint32_t>(bytes.data());
    if (!good && plant_ != Plant::read_past_torn_tail) break;
    const Result<Entry> entry = load_entry(body.data());
    if (!entry.ok()) break;
    if (!entries.empty() && entry->term < entries.back().term) break;
    entries.push_back(*entry);
    previous = checksum;
    bytes = bytes.subspan(kRecordSize);
  }
  return entries;
}

Task<Result<void>> LogFile::rewrite(std::span<const Entry> entries) {
  const std::string fresh = path_in(directory_) + ".new";
  OTTLA_CO_TRY(file_, co_await files_.open(fresh, OpenOptions{.access = Access::read_write,
                                                              .creation = Creation::open_or_create,
                                                              .truncate = true}));
  checksums_.clear();
  OTTLA_CO_CHECK(co_await append(entries));
  OTTLA_CO_CHECK(co_await file_->sync());
  co_return co_await files_.rename(fresh, path_in(directory_), Durability::synced);
}

Chain LogFile::encode(std::span<const Entry> entries) {
  MutableBuffer buffer = MutableBuffer::on_heap(entries.size() * kRecordSize);
  for (const Entry& entry : entries) {
    const std::span<std::byte> record = buffer.spare().first(kRecordSize);
    store_entry(record.data() + kChecksumSize, entry);
    const std::uint32_t previous = checksums_.empty() ? 0 : checksums_.back();
    checksums_.push_back(crc32c_extend(previous, record.subspan(kChecksumSize)));
    store_big_endian(record.data(), checksums_.back());
    buffer.commit(kRecordSize);
  }
  return Chain(std::move(buffer).freeze());
}

Task<Result<void>> LogFile::append(std::span<const Entry> entries) {
  if (entries.empty()) co_return Result<void>();
  const Result<std::uint64_t> at = co_await file_->append(encode(entries));
  if (!at.ok()) co_return at.error();
  co_return Result<void>();
}

Task<Result<void>> LogFile::truncate(Index last) {
  OTTLA_INVARIANT(last <= checksums_.size(), "truncation beyond the file", last, checksums_.size());
  checksums_.resize(last);
  co_return co_await file_->truncate(last * kRecordSize);
}

Task<Result<void>> LogFile::sync() {
  Result<void> synced = co_await file_->sync();
  if (plant_ == Plant::keep_after_failed_sync) co_return Result<void>();
  co_return synced;
}

Task<void> LogFile::close() {
  if (file_ != nullptr) co_await file_->close();
  file_.reset();
}

}  // namespace ottla::kv
