#include "runtime/linux/linux_file_source.h"

#include <utility>

#include "runtime/linux/file_reads.h"

namespace ottla {
namespace {

// The same file on another shard, kept open by the claim that came along.
class ForeignSource final : public LinuxFileSource {
 public:
  ForeignSource(const OpenFile& file, Claim<Block> keep_alive)
      : LinuxFileSource(file), keep_alive_(std::move(keep_alive)) {}

 private:
  void unclaimed() noexcept override { delete this; }

  Claim<Block> keep_alive_;
};

}  // namespace

Task<Result<void>> LinuxFileSource::read_at(std::uint64_t offset, std::span<std::byte> into) {
  OTTLA_CO_TRY(const std::size_t got, co_await read_file(file_, offset, into));
  if (got < into.size()) {
    co_return Error(Errc::truncated, "read " + file_.path + ": the file ends within the range");
  }
  co_return Result<void>();
}

Claim<RangeSource> LinuxFileSource::foreign_view(Claim<Block> keep_alive) const {
  return Claim<RangeSource>::adopt(new ForeignSource(file_, std::move(keep_alive)));
}

}  // namespace ottla
