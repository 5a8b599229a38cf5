#include "sim/pipe.h"

#include <algorithm>
#include <bit>
#include <cstring>
#include <string>

#include "base/invariant.h"
#include "sim/connection.h"
#include "sim/host.h"
#include "sim/world.h"

namespace ottla::sim {

void Pipe::grow(std::size_t needed) {
  const std::size_t larger = std::bit_ceil(std::max<std::size_t>(needed, 512));
  auto bytes = std::make_unique<std::byte[]>(larger);
  for (std::uint64_t i = read_; i < sent_; ++i) bytes[i & (larger - 1)] = at(i);
  bytes_ = std::move(bytes);
  ring_ = larger;
}

void Pipe::put(std::span<const std::byte> bytes) {
  OTTLA_INVARIANT(bytes.size() <= room(), "more bytes than the connection has room for", bytes.size(),
                  room());
  const auto needed = static_cast<std::size_t>(sent_ - read_) + bytes.size();
  if (needed > ring_) grow(needed);
  while (!bytes.empty()) {
    const auto start = static_cast<std::size_t>(sent_ & (ring_ - 1));
    const std::size_t count = std::min(bytes.size(), ring_ - start);
    std::memcpy(&bytes_[start], bytes.data(), count);
    sent_ += count;
    bytes = bytes.subspan(count);
  }
}

void Pipe::push() {
  if (sent_ == pushed_) return;
  Switchboard& network = from_.connection().switchboard();
  const std::uint64_t length = sent_ - pushed_;
  if (length > 1 && network.random().chance(network.options().split_sends, 256)) {
    push_segment(pushed_ + 1 + network.random().below(length - 1), false);
  }
  push_segment(sent_, false);
}

void Pipe::push_end() {
  end_pushed_ = true;
  push_segment(sent_, true);
}

void Pipe::push_segment(std::uint64_t end, bool last) {
  Switchboard& network = from_.connection().switchboard();
  World& world = network.world();
  const Link& link = network.link(from_.host(), to_.host());
  const std::uint64_t length = end - pushed_;
  pushed_ = end;
  const auto sending = static_cast<std::int64_t>(length * 1'000'000'000 / link.bytes_per_second);
  line_free_ = std::max(line_free_, world.now()) + Duration(sending);
  if (link.slowed) world.strikes().add(Strike::link_slowed);
  Instant arrival = line_free_ + link.latency.draw(network.random());
  if (in_flight()) arrival = std::max(arrival, segments_.back().arrival);
  const bool idle = !in_flight();
  segments_.push_back({end, arrival, last});
  if (idle) world.events().schedule(*this, arrival);
}

void Pipe::pop_segment() {
  if (++first_ < segments_.size()) return;
  segments_.clear();
  first_ = 0;
}

void Pipe::drop_in_flight() {
  SimEvent::cancel();
  segments_.clear();
  first_ = 0;
  sent_ = pushed_ = arrived_;
}

// The segment in front has reached the other host, or the point where it can go no further.
void Pipe::happen() {
  Switchboard& network = from_.connection().switchboard();
  World& world = network.world();
  if (network.link(from_.host(), to_.host()).closed) {
    world.strikes().add(Strike::bytes_held);
    return hold();
  }
  if (to_.state() == Endpoint::State::lost && !to_.host().powered()) {
    world.strikes().add(Strike::peer_vanished);
    return hold();
  }
  give_up_.cancel();
  const Segment segment = segments_[first_];
  pop_segment();
  if (to_.gone()) {  // nobody there knows this connection
    const bool bytes = segment.end != arrived_;
    drop_in_flight();
    if (bytes || to_.state() == Endpoint::State::lost) from_.send_reset_here();
    return;
  }
  world.trace().add(world.now(), to_.host().trace_place(), TraceKind::deliver, from_.connection().number(),
                    segment.end - arrived_, [&] {
                      return "#" + std::to_string(from_.connection().number()) + " " +
                             std::to_string(segment.end - arrived_) + " bytes from " + from_.host().name() +
                             (segment.last ? ", the end" : "");
                    });
  arrived_ = segment.end;
  ended_ |= segment.last;
  if (in_flight()) world.events().schedule(*this, std::max(segments_[first_].arrival, world.now()));
  to_.on_readable();
}

void Pipe::hold() {
  if (give_up_.scheduled()) return;
  Switchboard& network = from_.connection().switchboard();
  network.world().schedule_in(give_up_, network.options().give_up_after);
}

void Pipe::GiveUp::happen() {
  pipe.drop_in_flight();
  pipe.from_.fail(Error(Errc::timed_out, "the peer did not take what was sent"));
}

void Pipe::try_again() {
  Switchboard& network = from_.connection().switchboard();
  acknowledge();
  if (!in_flight() || scheduled()) return;
  const Latency& latency = network.link(from_.host(), to_.host()).latency;
  network.world().schedule_in(*this, latency.draw(network.random()));
}

void Pipe::take(std::span<std::byte> into) {
  OTTLA_INVARIANT(into.size() <= readable(), "more bytes taken than have arrived", into.size(), readable());
  while (!into.empty()) {
    const auto start = static_cast<std::size_t>(read_ & (ring_ - 1));
    const std::size_t count = std::min(into.size(), ring_ - start);
    std::memcpy(into.data(), &bytes_[start], count);
    read_ += count;
    into = into.subspan(count);
  }
  acknowledge();
}

void Pipe::acknowledge() {
  if (acked_ == read_ || from_.connection().switchboard().link(to_.host(), from_.host()).closed) return;
  const bool was_full = room() == 0;
  acked_ = read_;
  if (was_full) from_.on_writable();
}

}  // namespace ottla::sim
