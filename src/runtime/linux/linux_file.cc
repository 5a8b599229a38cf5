#include "runtime/linux/linux_file.h"

#include <limits>
#include <utility>

#include "runtime/linux/file_reads.h"
#include "runtime/linux/linux_file_source.h"
#include "runtime/linux/linux_mapping.h"

namespace ottla {

// The file's own source of ranges. Its end is what close() waits for.
class LinuxFile::Source final : public LinuxFileSource {
 public:
  explicit Source(LinuxFile& file) : LinuxFileSource(file.file_), owner_(&file) {}
  // The shard was killed: the file goes first.
  void orphan() { owner_ = nullptr; }

 private:
  void unclaimed() noexcept override {
    if (owner_ != nullptr) owner_->ranges_back_.set();
    delete this;
  }

  LinuxFile* owner_;
};

LinuxFile::LinuxFile(OpenFile opened, std::uint64_t size)
    : file_(std::move(opened)), writes_(file_, size), sync_(file_) {
  ++Shard::current().open_doors().files;
}

LinuxFile::~LinuxFile() {
  if (closed_) return;
  const Shard* shard = Shard::current_or_null();
  OTTLA_INVARIANT(shard != nullptr && shard->killed(), "a file died before it was closed", file_.path);
  if (source_ != nullptr) {
    source_->orphan();
    source_->give_back();
  }
}

Result<Gate::Pass> LinuxFile::enter_to_write() {
  if (!file_.writable) {
    return Error(Errc::invalid_argument, "change " + file_.path + ": it was opened for reading");
  }
  return gate_.enter();
}

Result<void> LinuxFile::check_end(std::uint64_t offset, std::uint64_t length) const {
  constexpr std::uint64_t kLimit = std::numeric_limits<std::int64_t>::max();
  if (offset <= kLimit && length <= kLimit - offset) return {};
  return Error(Errc::too_large, file_.path + ": no file reaches that far");
}

Task<Result<std::uint64_t>> LinuxFile::append(Chain chain) {
  OTTLA_INVARIANT(chain.in_memory(), "only bytes in memory can be written", file_.path);
  OTTLA_CO_TRY(const Gate::Pass pass, enter_to_write());
  const std::uint64_t offset = writes_.size();
  OTTLA_CO_CHECK(check_end(offset, chain.size()));
  OTTLA_CO_CHECK(co_await writes_.write(offset, std::move(chain)));
  co_return offset;
}

Task<Result<void>> LinuxFile::write_at(std::uint64_t offset, Chain chain) {
  OTTLA_INVARIANT(chain.in_memory(), "only bytes in memory can be written", file_.path);
  OTTLA_CO_TRY(const Gate::Pass pass, enter_to_write());
  OTTLA_CO_CHECK(check_end(offset, chain.size()));
  if (chain.empty()) co_return Result<void>();
  co_return co_await writes_.write(offset, std::move(chain));
}

Task<Result<std::size_t>> LinuxFile::read_at(std::uint64_t offset, std::span<std::byte> into) {
  OTTLA_CO_TRY(const Gate::Pass pass, gate_.enter());
  OTTLA_CO_CHECK(check_end(offset, into.size()));
  co_return co_await read_file(file_, offset, into);
}

Task<Result<void>> LinuxFile::sync() {
  OTTLA_CO_TRY(const Gate::Pass pass, gate_.enter());
  co_return co_await sync_.wait();
}

Task<Result<void>> LinuxFile::truncate(std::uint64_t size) {
  OTTLA_CO_TRY(const Gate::Pass pass, enter_to_write());
  OTTLA_CO_CHECK(check_end(size, 0));
  co_return co_await writes_.change(WriteQueue::Action::truncate, size);
}

Task<Result<void>> LinuxFile::preallocate(std::uint64_t size) {
  OTTLA_CO_TRY(const Gate::Pass pass, enter_to_write());
  OTTLA_CO_CHECK(check_end(size, 0));
  if (size == 0) co_return Result<void>();
  co_return co_await writes_.change(WriteQueue::Action::reserve, size);
}

bool LinuxFile::would_block(std::uint64_t offset, std::uint64_t length) {
  OTTLA_INVARIANT(!gate_.closed(), "asked of a closed file", file_.path);
  return read_would_block(file_, offset, length);
}

Task<Result<void>> LinuxFile::warm(std::uint64_t offset, std::uint64_t length) {
  OTTLA_CO_TRY(const Gate::Pass pass, gate_.enter());
  OTTLA_CO_CHECK(check_end(offset, length));
  co_return co_await warm_file(file_, offset, length);
}

Range LinuxFile::range(std::uint64_t offset, std::uint64_t length) {
  OTTLA_INVARIANT(!gate_.closed(), "a range of a closed file", file_.path);
  if (source_ == nullptr) source_ = new Source(*this);
  return Range(Claim<RangeSource>::share(source_), offset, length);
}

Task<Result<std::unique_ptr<Mapping>>> LinuxFile::map(std::uint64_t size) {
  if (size == 0) co_return Error(Errc::invalid_argument, "map " + file_.path + ": nothing to map");
  OTTLA_CO_TRY(const Gate::Pass pass, gate_.enter());
  OTTLA_CO_CHECK(check_end(size, 0));
  if (file_.writable) OTTLA_CO_CHECK(co_await writes_.change(WriteQueue::Action::extend, size));
  co_return co_await LinuxMapping::make(file_, size);
}

Task<void> LinuxFile::close() {
  if (gate_.closed()) {
    OTTLA_INVARIANT(closed_, "a file is closed twice at once", file_.path);
    co_return;
  }
  co_await gate_.close();
  if (source_ != nullptr) {
    std::exchange(source_, nullptr)->give_back();
    co_await ranges_back_.wait();
  }
  // The last close of a removed file frees its blocks, which takes long.
  co_await offload(HelperKind::disk, [this] { (void)file_.calls->close(file_.fd); });
  file_.disk->let_go(std::move(file_.inode));
  closed_ = true;
  --Shard::current().open_doors().files;
}

}  // namespace ottla
