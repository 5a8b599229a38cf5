#include "runtime/linux/linux_stream.h"

#include <sys/sendfile.h>
#include <sys/socket.h>
#include <sys/uio.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <span>
#include <utility>

#include "runtime/linux/file_reads.h"
#include "runtime/linux/linux_file_source.h"
#include "runtime/linux/linux_pending_stream.h"
#include "runtime/shard.h"
#include "runtime/sleep.h"

namespace ottla {
namespace {

// One system call moves no more, and after so much it is others' turn, however little or much they have to do.
constexpr std::size_t kTransferStep = 256 * 1024;
// What is read into the page cache at once.
constexpr std::uint64_t kResidentStep = 1024 * 1024;
// So many operations in a row may find the socket ready before the clock is asked whether the slice is spent.
constexpr unsigned kEagerOperations = 16;
constexpr std::size_t kReadVectors = 16;
constexpr std::size_t kWriteVectors = 64;

// EPIPE is left out: it says that this end may not write, and reads can still find what the peer sent.
bool ends_both_directions(int number) {
  switch (number) {
    case ECONNRESET:
    case ECONNABORTED:
    case ETIMEDOUT:
    case EHOSTUNREACH:
    case EHOSTDOWN:
    case ENETUNREACH:
    case ENETDOWN:
    case ENETRESET:
    case ENOTCONN:
      return true;
    default:
      return false;
  }
}

ssize_t read_some(int fd, ReadVector into, std::size_t& asked) {
  if (into.size() == 1) {
    asked = into[0].size();
    return ::recv(fd, into[0].data(), asked, 0);
  }
  std::array<iovec, kReadVectors> vectors;
  const std::size_t count = std::min(into.size(), vectors.size());
  asked = 0;
  for (std::size_t i = 0; i < count; ++i) {
    vectors[i] = {into[i].data(), into[i].size()};
    asked += into[i].size();
  }
  return ::readv(fd, vectors.data(), static_cast<int>(count));
}

// The memory in front of the chain, at most one step of it.
ssize_t write_some(int fd, const Chain& chain, std::size_t& asked) {
  std::array<iovec, kWriteVectors> vectors;
  auto [count, bytes] = chain.gather(std::span(vectors));
  while (bytes > kTransferStep) {
    iovec& last = vectors[count - 1];
    const std::size_t surplus = std::min(bytes - kTransferStep, last.iov_len);
    bytes -= surplus;
    last.iov_len -= surplus;
    if (last.iov_len == 0) --count;
  }
  asked = bytes;
  const int flags = MSG_NOSIGNAL | (bytes < chain.size() ? MSG_MORE : 0);
  if (count == 1) return ::send(fd, vectors[0].iov_base, vectors[0].iov_len, flags);
  msghdr message{};
  message.msg_iov = vectors.data();
  message.msg_iovlen = count;
  return ::sendmsg(fd, &message, flags);
}

}  // namespace

// Marks one direction as in use for as long as it lives.
class LinuxStream::Use {
 public:
  Use(LinuxStream& stream, bool& flag) : stream_(stream), flag_(flag) {
    OTTLA_INVARIANT(!flag, "two operations in one direction of a stream", stream.watch_.fd());
    flag = true;
  }
  Use(const Use&) = delete;
  Use& operator=(const Use&) = delete;
  ~Use() {
    if (Shard::current().killed()) return;  // the stream may be gone before this frame
    flag_ = false;
    if (stream_.watch_.is_shut()) stream_.quiet_.wake_all();
  }

 private:
  LinuxStream& stream_;
  bool& flag_;
};

Result<std::unique_ptr<Stream>> LinuxStream::open(Poller& poller, int fd, Address local, Address peer) {
  std::unique_ptr<LinuxStream> stream(new LinuxStream(poller, fd, std::move(local), std::move(peer)));
  if (Result<void> started = stream->watch_.start(); !started.ok()) {
    ::close(fd);
    return std::move(started).error();
  }
  stream->closed_ = false;
  ++Shard::current().open_doors().sockets;
  return std::unique_ptr<Stream>(std::move(stream));
}

LinuxStream::LinuxStream(Poller& poller, int fd, Address local, Address peer)
    : watch_(poller, fd), local_(std::move(local)), peer_(std::move(peer)) {}

LinuxStream::~LinuxStream() {
  if (closed_) return;
  const Shard* shard = Shard::current_or_null();
  OTTLA_INVARIANT(shard != nullptr && shard->killed(), "a stream died before it was closed", watch_.fd(),
                  peer_);
}

Task<Result<void>> LinuxStream::wait_readable(Cancel cancel) {
  const Use use(*this, reading_);
  for (;;) {
    OTTLA_CO_CHECK(co_await watch_.until_input(cancel));
    if (watch_.input().readiness == SocketWatch::Readiness::ready || failure_) co_return Result<void>();
    std::byte unused;
    const ssize_t count = ::recv(watch_.fd(), &unused, 1, MSG_PEEK);
    if (count < 0 && errno == EINTR) continue;
    if (count < 0 && errno == EAGAIN) {
      watch_.input_is_drained();
      continue;
    }
    if (count < 0) failure_ = Error::from_errno(errno, "receive");
    co_return Result<void>();
  }
}

Task<Result<std::size_t>> LinuxStream::read(ReadVector into, Cancel cancel) {
  const Use use(*this, reading_);
  if (outstays(eager_reads_)) co_await yield();
  for (;;) {
    OTTLA_CO_CHECK(co_await watch_.until_input(cancel));
    if (Transferred received = receive(into)) co_return std::move(*received);
  }
}

Task<Result<std::size_t>> LinuxStream::read_one(std::span<std::byte> into, Cancel cancel) {
  const Use use(*this, reading_);
  if (outstays(eager_reads_)) co_await yield();
  for (;;) {
    OTTLA_CO_CHECK(co_await watch_.until_input(cancel));
    if (Transferred received = receive(ReadVector(&into, 1))) co_return std::move(*received);
  }
}

LinuxStream::Transferred LinuxStream::receive(ReadVector into) {
  std::size_t asked = 0;
  ssize_t count = 0;
  do {
    count = read_some(watch_.fd(), into, asked);
  } while (count < 0 && errno == EINTR);
  if (count > 0) {
    const auto received = static_cast<std::size_t>(count);
    if (received < asked) {
      watch_.input_fell_short();
    } else {
      watch_.input_is_unknown();
    }
    return Result<std::size_t>(received);
  }
  OTTLA_INVARIANT(asked > 0, "a read without room", into.size());
  if (count < 0 && errno == EAGAIN) {
    watch_.input_is_drained();
    return std::nullopt;
  }
  if (count < 0 && !failure_) failure_ = Error::from_errno(errno, "receive");
  if (failure_) return Result<std::size_t>(*failure_);
  return Result<std::size_t>(Errc::end_of_stream);
}

// A peer that is always ready must not keep this end's loop from ever ending its turn.
bool LinuxStream::outstays(std::uint8_t& operations) {
  return ++operations % kEagerOperations == 0 && Shard::current().slice_spent();
}

std::optional<Error> LinuxStream::why_not_writable(const Chain& chain) const {
  if (watch_.is_shut()) return Errc::closed;
  if (finished_) return Error(Errc::closed, "written to after finish_writing");
  if (failure_) return failure_;
  if (write_failure_) return write_failure_;
  if (chain.in_memory()) return std::nullopt;
  for (std::size_t i = 0; i < chain.piece_count(); ++i) {
    const Range* range = chain.piece(i).range();
    if (range != nullptr && range->source().kind() != RangeSource::Kind::file) {
      return Error(Errc::unsupported, "a socket sends memory and files: fetch other ranges first");
    }
  }
  return std::nullopt;
}

Task<Result<void>> LinuxStream::write(Chain chain, Cancel cancel) {
  const Use use(*this, writing_);
  if (std::optional<Error> refusal = why_not_writable(chain)) co_return std::move(*refusal);
  if (outstays(eager_writes_)) co_await yield();
  bool sent_some = false;
  std::size_t turn = 0;
  while (!chain.empty()) {
    std::optional<Error> failure;
    Result<void> free = co_await watch_.until_output(cancel);
    const Range* range = chain.front().range();
    const std::uint64_t resident = free.ok() && range != nullptr ? resident_part(*range) : 0;
    if (!free.ok()) {
      failure = std::move(free).error();
    } else if (range != nullptr && resident == 0) {
      Result<void> fetched = co_await make_resident(*range);
      if (fetched.ok()) continue;  // it may have taken long
      failure = std::move(fetched).error();
    } else if (Transferred sent = send_front(chain, resident); !sent) {
      continue;
    } else if (sent->ok()) {
      if (**sent == chain.size()) break;
      sent_some = true;
      chain.consume(**sent);
      turn += **sent;
      if (turn >= kTransferStep) {
        turn = 0;
        co_await yield();
      }
      continue;
    } else {
      failure = std::move(*sent).error();
    }
    if (sent_some && !write_failure_) write_failure_ = Error(Errc::closed, "an earlier write was cut short");
    co_return std::move(*failure);
  }
  co_return Result<void>();
}

LinuxStream::Transferred LinuxStream::send_front(const Chain& chain, std::uint64_t resident) {
  const Range* range = chain.front().range();
  if (range == nullptr) {
    std::size_t asked = 0;
    const ssize_t count = write_some(watch_.fd(), chain, asked);
    Transferred done = outcome_of(count, "send");
    if (count > 0 && static_cast<std::size_t>(count) < asked) watch_.output_is_drained();
    return done;
  }
  auto offset = static_cast<off_t>(range->offset());
  const std::uint64_t step = std::min({range->size(), resident, std::uint64_t{kTransferStep}});
  const ssize_t count = ::sendfile(watch_.fd(), LinuxFileSource::of(*range).fd(), &offset, step);
  if (count == 0) {
    return Result<std::size_t>(Error(Errc::truncated, "a file ends before the range that was to be sent"));
  }
  return outcome_of(count, "sendfile");
}

LinuxStream::Transferred LinuxStream::outcome_of(std::int64_t count, const char* operation) {
  if (count >= 0) return Result<std::size_t>(static_cast<std::size_t>(count));
  const int number = errno;
  if (number == EINTR) return std::nullopt;
  if (number == EAGAIN) {
    watch_.output_is_drained();
    return std::nullopt;
  }
  const Error error = Error::from_errno(number, operation);
  if (number == EPIPE) {
    write_failure_ = error;
  } else if (ends_both_directions(number) && !failure_) {
    failure_ = error;
  }
  return Result<std::size_t>(error);
}

// How much of the front of `range` can be sent without a read of the disk.
std::uint64_t LinuxStream::resident_part(const Range& range) {
  if (ahead_ && ahead_->runs_into(range)) return 0;
  const LinuxFileSource& source = LinuxFileSource::of(range);
  const Instant now = Shard::current().now();
  if (const std::uint64_t known = source.resident_from(range.offset(), now)) return known;
  return source.find_resident(range.offset(), std::min(range.size(), kResidentStep), now);
}

Task<Result<void>> LinuxStream::make_resident(Range range) {
  const LinuxFileSource& source = LinuxFileSource::of(range);
  std::uint64_t length = 0;
  if (ahead_) length = co_await ahead_->arrive(range);
  if (length == 0) {
    length = std::min(range.size(), kResidentStep);
    OTTLA_CO_CHECK(co_await warm_file(source.file(), range.offset(), length));
    if (!ahead_) ahead_ = std::make_unique<ReadAhead>();
    ahead_->go_on_behind(Range(range.claim(), range.offset(), length));
  }
  source.note_resident(range.offset(), length, Shard::current().now());
  co_return Result<void>();
}

Task<Result<void>> LinuxStream::finish_writing() {
  const Use use(*this, writing_);
  if (finished_ && !watch_.is_shut()) co_return Result<void>();
  if (std::optional<Error> refusal = why_not_writable({})) co_return std::move(*refusal);
  finished_ = true;
  if (::shutdown(watch_.fd(), SHUT_WR) != 0) {
    co_return Error(Errc::connection_reset, "the connection was gone before this end could finish");
  }
  co_return Result<void>();
}

Task<void> LinuxStream::close() {
  watch_.shut();
  while (reading_ || writing_) co_await quiet_.wait();
  if (ahead_) co_await ahead_->stop();
  if (closed_) co_return;
  closed_ = true;
  watch_.stop();
  ::close(watch_.fd());
  --Shard::current().open_doors().sockets;
}

Task<void> LinuxStream::abort() {
  if (!closed_) {
    const linger at_once{.l_onoff = 1, .l_linger = 0};
    (void)::setsockopt(watch_.fd(), SOL_SOCKET, SO_LINGER, &at_once, sizeof at_once);
  }
  co_await close();
}

// What the kernel knows of the socket goes along with it, what it has told already does not.
Task<std::unique_ptr<PendingStream>> LinuxStream::depart() {
  const Use reads(*this, reading_);
  const Use writes(*this, writing_);
  if (why_not_writable({})) co_return nullptr;
  if (ahead_) co_await ahead_->stop();
  if (watch_.is_shut()) co_return nullptr;
  watch_.shut();
  watch_.stop();
  closed_ = true;
  --Shard::current().open_doors().sockets;
  co_return std::make_unique<LinuxPendingStream>(OpenSocket(watch_.fd()), local_, peer_);
}

}  // namespace ottla
