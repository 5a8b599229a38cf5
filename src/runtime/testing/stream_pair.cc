#include "runtime/testing/stream_pair.h"

#include <algorithm>
#include <cstring>
#include <string>
#include <utility>

#include "runtime/event.h"
#include "runtime/file.h"
#include "runtime/gate.h"
#include "runtime/network.h"
#include "runtime/shard.h"

namespace ottla {
namespace {

// One direction. Written by one end, read by the other.
struct Line {
  explicit Line(LineOptions given) : options(std::move(given)) { note_limits(); }
  void note_limits() {
    if (options.cut_after && passed >= *options.cut_after) ended = true;
    if (options.reset_after && passed >= *options.reset_after) reset = true;
  }

  std::size_t room() const { return options.capacity - (buffer.size() - taken); }
  bool readable() const { return taken < buffer.size() || ended || reset || broken_off; }

  void push(std::span<const std::byte> bytes) {
    std::string copy(reinterpret_cast<const char*>(bytes.data()), bytes.size());
    if (options.tamper) options.tamper(passed, std::as_writable_bytes(std::span(copy)));
    std::uint64_t limit =
        std::min(options.cut_after.value_or(UINT64_MAX), options.reset_after.value_or(UINT64_MAX));
    if (options.control && options.control->cut) {
      limit = 0;
      ended = true;
    }
    const std::uint64_t left = limit - std::min(limit, passed);
    buffer.append(copy, 0, static_cast<std::size_t>(std::min<std::uint64_t>(left, copy.size())));
    passed += copy.size();
    note_limits();
    changed.wake_all();
  }
  std::size_t pull(ReadVector into) {
    std::size_t allowed = std::min(options.piece, buffer.size() - taken);
    std::size_t pulled = 0;
    for (const std::span<std::byte> span : into) {
      const std::size_t part = std::min(span.size(), allowed);
      if (part > 0) std::memcpy(span.data(), buffer.data() + taken, part);
      taken += part;
      pulled += part;
      allowed -= part;
    }
    if (taken == buffer.size()) {
      buffer.clear();
      taken = 0;
    }
    changed.wake_all();
    return pulled;
  }

  LineOptions options;
  std::string buffer;  // from `taken` on: under way
  std::size_t taken = 0;
  std::uint64_t passed = 0;  // bytes that the writer put in
  bool ended = false;        // the writer finished
  bool reset = false;        // comes after the bytes under way
  bool broken_off = false;   // came at once, and the bytes under way are lost
  bool deaf = false;         // the reader is gone
  Event changed;
};

class PairedStream final : public Stream {
 public:
  PairedStream(std::shared_ptr<Line> out, std::shared_ptr<Line> in, Address local, Address peer)
      : out_(std::move(out)), in_(std::move(in)), local_(std::move(local)), peer_(std::move(peer)) {
    ++Shard::current().open_doors().sockets;
  }
  ~PairedStream() override {
    const Shard* shard = Shard::current_or_null();
    OTTLA_INVARIANT(closed_ || (shard != nullptr && shard->killed()), "a stream died open");
  }

  using Stream::read;
  Task<Result<void>> wait_readable(Cancel cancel) override {
    OTTLA_CO_TRY(const Gate::Pass pass, inside_.enter());
    while (!in_->readable() && !closing_) OTTLA_CO_CHECK(co_await in_->changed.wait(cancel));
    if (closing_) co_return Errc::closed;
    co_return Result<void>();
  }
  Task<Result<std::size_t>> read(ReadVector into, Cancel cancel) override {
    OTTLA_CO_TRY(const Gate::Pass pass, inside_.enter());
    while (!in_->readable() && !closing_) OTTLA_CO_CHECK(co_await in_->changed.wait(cancel));
    if (closing_) co_return Errc::closed;
    if (in_->broken_off) co_return Errc::connection_reset;
    if (in_->taken < in_->buffer.size()) co_return in_->pull(into);
    co_return in_->reset ? Errc::connection_reset : Errc::end_of_stream;
  }
  Task<Result<void>> write(Chain chain, Cancel cancel) override {
    OTTLA_CO_TRY(const Gate::Pass pass, inside_.enter());
    while (!chain.empty()) {
      if (const Range* range = chain.front().range()) {
        OTTLA_CO_TRY(Slice bytes, co_await load(*range));
        chain.consume(bytes.size());
        chain.prepend(std::move(bytes));
      }
      while (out_->room() == 0 && !closing_ && !out_->deaf)
        OTTLA_CO_CHECK(co_await out_->changed.wait(cancel));
      if (closing_ || finished_) co_return Errc::closed;
      if (out_->deaf || out_->reset || out_->broken_off) co_return Errc::connection_reset;
      const std::span<const std::byte> bytes = chain.front().slice()->as_span();
      const std::size_t part = std::min(bytes.size(), out_->room());
      out_->push(bytes.first(part));
      chain.consume(part);
    }
    co_return Result<void>();
  }
  Task<Result<void>> finish_writing() override {
    OTTLA_CO_TRY(const Gate::Pass pass, inside_.enter());
    finish();
    co_return Result<void>();
  }
  Task<void> close() override { return shut(false); }
  Task<void> abort() override { return shut(true); }
  Task<std::unique_ptr<PendingStream>> depart() override;
  void break_off() {
    out_->broken_off = true;
    in_->deaf = true;
    finish();
    closed_ = true;
    --Shard::current().open_doors().sockets;
  }
  Address local_address() const override { return local_; }
  Address peer_address() const override { return peer_; }

 private:
  static Task<Result<Slice>> load(Range range) {
    auto& file = static_cast<FileRangeSource&>(range.source());
    MutableBuffer buffer = MutableBuffer::on_heap(static_cast<std::size_t>(range.size()));
    OTTLA_CO_CHECK(co_await file.read_at(range.offset(), buffer.spare()));
    buffer.commit(buffer.capacity());
    co_return std::move(buffer).freeze();
  }
  void finish() {
    finished_ = true;
    out_->ended = true;
    out_->changed.wake_all();
  }
  Task<void> shut(bool with_reset) {
    if (closed_) co_return;
    closing_ = true;
    // As with a socket: who closes with bytes unread breaks the connection off.
    if (with_reset || in_->taken < in_->buffer.size()) out_->broken_off = true;
    in_->deaf = true;
    finish();
    in_->changed.wake_all();
    co_await inside_.close();
    closed_ = true;
    --Shard::current().open_doors().sockets;
  }

  std::shared_ptr<Line> out_;
  std::shared_ptr<Line> in_;
  Address local_;
  Address peer_;
  Gate inside_;
  bool finished_ = false;
  bool closing_ = false;
  bool closed_ = false;
};

// One end on its way.
class PairedPendingStream final : public PendingStream {
 public:
  explicit PairedPendingStream(std::unique_ptr<PairedStream> arrived) : stream_(std::move(arrived)) {}

  Address peer_address() const override { return stream_->peer_address(); }
  Address local_address() const override { return stream_->local_address(); }
  Result<std::unique_ptr<Stream>> adopt() override { return std::unique_ptr<Stream>(std::move(stream_)); }
  void refuse() override { stream_->break_off(); }

 private:
  std::unique_ptr<PairedStream> stream_;
};

Task<std::unique_ptr<PendingStream>> PairedStream::depart() {
  if (closing_ || finished_ || out_->deaf || out_->broken_off) co_return nullptr;
  closing_ = true;
  co_await inside_.close();
  closed_ = true;
  --Shard::current().open_doors().sockets;
  co_return std::make_unique<PairedPendingStream>(std::make_unique<PairedStream>(out_, in_, local_, peer_));
}

}  // namespace

StreamPair make_stream_pair(StreamPairOptions options) {
  auto forth = std::make_shared<Line>(std::move(options.to_second));
  auto back = std::make_shared<Line>(std::move(options.to_first));
  return {std::make_unique<PairedStream>(forth, back, options.first_address, options.second_address),
          std::make_unique<PairedStream>(back, forth, options.second_address, options.first_address)};
}

}  // namespace ottla
