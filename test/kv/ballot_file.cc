#include "test/kv/ballot_file.h"

#include <array>
#include <memory>

#include "base/crc32c.h"
#include "base/endian.h"

namespace ottla::kv {
namespace {

constexpr std::size_t kBodySize = 8 + 4;
constexpr std::size_t kSize = 4 + kBodySize;
using Bytes = std::array<std::byte, kSize>;

std::string path_in(const std::string& directory) {
  return directory + "/ballot";
}

std::uint32_t checksum_of(const Bytes& bytes) {
  return crc32c(std::span(bytes).subspan(4));
}

Task<Result<void>> write_synced(std::unique_ptr<File>& file, Bytes bytes) {
  const Result<std::uint64_t> at = co_await file->append(Chain(Slice::copy_of(bytes)));
  if (!at.ok()) co_return at.error();
  co_return co_await file->sync();
}

}  // namespace

Task<Result<Ballot>> load_ballot(FileSystem& files, std::string directory) {
  OTTLA_CO_TRY(std::unique_ptr<File> file, co_await files.open(path_in(directory), kReadOnly));
  Bytes bytes{};
  const Result<std::size_t> count = co_await file->read_at(0, bytes);
  co_await file->close();
  if (!count.ok()) co_return count.error();
  if (*count != kSize || load_big_endian<std::uint32_t>(bytes.data()) != checksum_of(bytes)) {
    co_return Error(Errc::corrupt, path_in(directory) + " does not hold a ballot");
  }
  co_return Ballot{Term(load_big_endian<std::uint64_t>(bytes.data() + 4)),
                   NodeId(load_big_endian<std::int32_t>(bytes.data() + 12))};
}

Task<Result<void>> save_ballot(FileSystem& files, std::string directory, Ballot ballot) {
  Bytes bytes{};
  store_big_endian(bytes.data() + 4, ballot.term.raw());
  store_big_endian(bytes.data() + 12, ballot.vote.raw());
  store_big_endian(bytes.data(), checksum_of(bytes));
  const std::string fresh = path_in(directory) + ".new";
  OTTLA_CO_TRY(std::unique_ptr<File> file,
               co_await files.open(fresh, OpenOptions{.access = Access::read_write,
                                                      .creation = Creation::open_or_create,
                                                      .truncate = true}));
  const Result<void> written = co_await write_synced(file, bytes);
  co_await file->close();
  if (!written.ok()) co_return written.error();
  co_return co_await files.rename(fresh, path_in(directory), Durability::synced);
}

}  // namespace ottla::kv
