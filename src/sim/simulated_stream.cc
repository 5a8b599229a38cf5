#include "sim/simulated_stream.h"

#include <algorithm>
#include <array>
#include <string>
#include <utility>

#include "base/mutable_buffer.h"
#include "runtime/file.h"
#include "sim/host.h"
#include "sim/simulated_pending_stream.h"
#include "sim/world.h"

namespace ottla::sim {
namespace {

constexpr std::uint64_t kRangeStep = 64 * 1024;

std::size_t size_of(ReadVector into) {
  std::size_t total = 0;
  for (const auto& part : into) total += part.size();
  return total;
}

}  // namespace

// Marks one direction as in use for as long as it lives.
class SimulatedStream::Use {
 public:
  Use(SimulatedStream& stream, bool& flag) : stream_(stream), flag_(flag) {
    OTTLA_INVARIANT(!flag, "two operations in one direction of a stream", stream.peer_);
    flag = true;
  }
  Use(const Use&) = delete;
  Use& operator=(const Use&) = delete;
  ~Use() {
    if (Shard::current().killed()) return;  // the stream may be gone before this frame
    flag_ = false;
    stream_.quiet_.wake_all();
  }

 private:
  SimulatedStream& stream_;
  bool& flag_;
};

SimulatedStream::SimulatedStream(ShardHome& home, Endpoint& endpoint)
    : home_(home), endpoint_(&endpoint), local_(endpoint.local()), peer_(endpoint.other().local()) {
  endpoint.adopt(*this);
  ++home_.shard().open_doors().sockets;
}

SimulatedStream::~SimulatedStream() {
  if (endpoint_ == nullptr || home_.shard().killed()) return;
  OTTLA_INVARIANT(false, "a stream died before it was closed", peer_);
}

void SimulatedStream::wake_reader() {
  home_.enter([this] { readable_.wake_all(); });
}

void SimulatedStream::wake_writer() {
  home_.enter([this] { writable_.wake_all(); });
}

bool SimulatedStream::has_input() const {
  return endpoint_->incoming().readable() > 0 || endpoint_->failure() || endpoint_->incoming().ended();
}

Task<Result<void>> SimulatedStream::wait_readable(Cancel cancel) {
  if (!home_.may_use_door("stream.wait_readable")) co_return Errc::closed;
  const Use use(*this, reading_);
  for (;;) {
    if (shut_) co_return Errc::closed;
    if (cancel.requested()) co_return Errc::cancelled;
    if (has_input()) co_return Result<void>();
    Result<void> waited = co_await readable_.wait(cancel);
    if (!waited.ok() && !shut_) co_return waited;
  }
}

Task<Result<std::size_t>> SimulatedStream::read(ReadVector into, Cancel cancel) {
  if (!home_.may_use_door("stream.read")) co_return Errc::closed;
  OTTLA_INVARIANT(size_of(into) > 0, "a read without room", into.size());
  const Use use(*this, reading_);
  for (;;) {
    if (shut_) co_return Errc::closed;
    if (cancel.requested()) co_return Errc::cancelled;
    if (endpoint_->incoming().readable() > 0) co_return take(into);
    if (endpoint_->failure()) co_return *endpoint_->failure();
    if (endpoint_->incoming().ended()) {
      home_.trace(TraceKind::end_of_stream, endpoint_->connection().number(), 0,
                  [&] { return "#" + std::to_string(endpoint_->connection().number()) + " ends"; });
      co_return Errc::end_of_stream;
    }
    Result<void> waited = co_await readable_.wait(cancel);
    if (!waited.ok() && !shut_) co_return std::move(waited).error();
  }
}

std::size_t SimulatedStream::limit_of_read(std::size_t wanted, std::size_t readable) {
  Switchboard& network = endpoint_->connection().switchboard();
  const std::size_t full = std::min(wanted, readable);
  std::size_t limited = full;
  const std::size_t link_limit = network.link(endpoint_->other().host(), endpoint_->host()).read_limit;
  if (link_limit != 0) limited = std::min(limited, link_limit);
  if (limited > 1 && network.random().chance(network.options().short_reads, 256)) {
    limited = 1 + network.random().below(limited - 1);
  }
  if (limited < full) network.world().strikes().add(Strike::read_shortened);
  return limited;
}

std::size_t SimulatedStream::take(ReadVector into) {
  Pipe& incoming = endpoint_->incoming();
  const std::size_t total = limit_of_read(size_of(into), incoming.readable());
  std::size_t left = total;
  for (const std::span<std::byte> part : into) {
    const std::size_t count = std::min(part.size(), left);
    if (count > 0) incoming.take(part.first(count));
    left -= count;
  }
  home_.trace(TraceKind::receive, endpoint_->connection().number(), total, [&] {
    return "#" + std::to_string(endpoint_->connection().number()) + " " + std::to_string(total) + " bytes";
  });
  return total;
}

std::optional<Error> SimulatedStream::why_not_writable() const {
  if (shut_) return Errc::closed;
  if (endpoint_->outgoing().end_pushed()) return Error(Errc::closed, "written to after finish_writing");
  if (endpoint_->failure()) return endpoint_->failure();
  return write_failure_;
}

Task<Result<void>> SimulatedStream::write(Chain chain, Cancel cancel) {
  if (!home_.may_use_door("stream.write")) co_return Errc::closed;
  const Use use(*this, writing_);
  if (std::optional<Error> refusal = why_not_writable()) co_return std::move(*refusal);
  for (std::size_t i = 0; i < chain.piece_count(); ++i) {
    const Range* range = chain.piece(i).range();
    if (range != nullptr && range->source().kind() != RangeSource::Kind::file) {
      co_return Error(Errc::unsupported, "a socket sends memory and files: fetch other ranges first");
    }
  }
  bool sent_some = false;
  while (!chain.empty()) {
    Result<void> sent;
    const std::uint64_t before = chain.size();
    if (cancel.requested()) {
      sent = Errc::cancelled;
    } else if (std::optional<Error> refusal = why_not_writable()) {
      sent = std::move(*refusal);
    } else if (endpoint_->outgoing().room() == 0) {
      sent = co_await writable_.wait(cancel);
      if (!sent.ok() && shut_) sent = Errc::closed;
    } else if (chain.front().range() != nullptr) {
      sent = co_await send_range(chain);
    } else {
      send_memory(chain);
    }
    sent_some |= chain.size() < before;
    if (sent.ok()) continue;
    if (sent_some && !write_failure_) write_failure_ = Error(Errc::closed, "an earlier write was cut short");
    co_return sent;
  }
  co_return Result<void>();
}

void SimulatedStream::send_memory(Chain& chain) {
  Pipe& outgoing = endpoint_->outgoing();
  std::size_t sent = 0;
  while (!chain.empty() && outgoing.room() > 0) {
    const Slice* slice = chain.front().slice();
    if (slice == nullptr) break;
    const std::size_t count = std::min(slice->size(), outgoing.room());
    outgoing.put(slice->as_span().first(count));
    chain.consume(count);
    sent += count;
  }
  push(sent);
}

Task<Result<void>> SimulatedStream::send_range(Chain& chain) {
  const Range& range = *chain.front().range();
  std::uint64_t step = std::min<std::uint64_t>({range.size(), kRangeStep, endpoint_->outgoing().room()});
  MutableBuffer buffer = MutableBuffer::on_heap(step);
  auto& source = static_cast<FileRangeSource&>(range.source());
  for (;;) {  // what there is before the file's end is sent, as sendfile does
    const Result<void> read = co_await source.read_at(range.offset(), buffer.spare().first(step));
    if (read.ok()) break;
    if (read.error() != Errc::truncated || step == 1) co_return read;
    step /= 2;
  }
  if (std::optional<Error> refusal = why_not_writable()) co_return std::move(*refusal);
  endpoint_->outgoing().put(buffer.spare().first(step));
  chain.consume(step);
  push(step);
  co_return Result<void>();
}

void SimulatedStream::push(std::size_t sent) {
  home_.trace(TraceKind::send, endpoint_->connection().number(), sent, [&] {
    return "#" + std::to_string(endpoint_->connection().number()) + " " + std::to_string(sent) +
           " bytes to " + endpoint_->other().host().name();
  });
  endpoint_->outgoing().push();
}

Task<Result<void>> SimulatedStream::finish_writing() {
  if (!home_.may_use_door("stream.finish_writing")) co_return Errc::closed;
  const Use use(*this, writing_);
  if (shut_) co_return Errc::closed;
  if (endpoint_->outgoing().end_pushed()) co_return Result<void>();
  if (std::optional<Error> refusal = why_not_writable()) co_return std::move(*refusal);
  endpoint_->outgoing().push_end();
  co_return Result<void>();
}

Task<void> SimulatedStream::close() {
  return end(false);
}

Task<void> SimulatedStream::abort() {
  return end(true);
}

Task<std::unique_ptr<PendingStream>> SimulatedStream::depart() {
  if (!home_.may_use_door("stream.depart")) co_return nullptr;
  const Use reads(*this, reading_);
  const Use writes(*this, writing_);
  if (why_not_writable()) co_return nullptr;
  shut_ = true;
  Endpoint& endpoint = *std::exchange(endpoint_, nullptr);
  --home_.shard().open_doors().sockets;
  home_.trace(TraceKind::accept, endpoint.connection().number(), 2,
              [&] { return "#" + std::to_string(endpoint.connection().number()) + " departs"; });
  endpoint.depart();
  co_return std::make_unique<SimulatedPendingStream>(endpoint);
}

Task<void> SimulatedStream::end(bool reset) {
  if (!home_.may_use_door("stream.close")) co_return;
  shut_ = true;
  readable_.wake_all();
  writable_.wake_all();
  while (reading_ || writing_) co_await quiet_.wait();
  if (endpoint_ == nullptr) co_return;
  Endpoint& endpoint = *std::exchange(endpoint_, nullptr);
  --home_.shard().open_doors().sockets;
  home_.trace(TraceKind::end_of_stream, endpoint.connection().number(), reset ? 2 : 1, [&] {
    return "#" + std::to_string(endpoint.connection().number()) + (reset ? " is aborted" : " is closed");
  });
  if (reset) {
    endpoint.abort();
  } else {
    endpoint.close();
  }
}

}  // namespace ottla::sim
