#include "sim/connection.h"

#include <string>
#include <utility>

#include "sim/host.h"
#include "sim/simulated_stream.h"
#include "sim/world.h"

namespace ottla::sim {

Connection::Connection(Switchboard& switchboard, std::uint64_t number, const End& first, const End& second)
    : switchboard_(switchboard),
      number_(number),
      options_{first.options, second.options},
      ends_{Endpoint(*this, first.host, first.local), Endpoint(*this, second.host, second.local)},
      pipes_{Pipe(ends_[0], ends_[1]), Pipe(ends_[1], ends_[0])} {
  const std::size_t half = switchboard.options().buffer_bytes / 2;
  for (std::size_t side = 0; side < 2; ++side) {
    const std::size_t sender = options_[side].send_buffer.value_or(static_cast<std::uint32_t>(half));
    const std::size_t receiver = options_[1 - side].receive_buffer.value_or(static_cast<std::uint32_t>(half));
    pipes_[side].set_capacity(std::max<std::size_t>(sender + receiver, 1));
  }
}

void Endpoint::close() {
  if (failure_) return let_go(State::closed);
  if (incoming().readable() > 0) return abort();
  if (!outgoing().end_pushed()) outgoing().push_end();
  let_go(State::closed);
}

void Endpoint::abort() {
  outgoing().drop_in_flight();
  if (!failure_) other().send_reset_here();
  let_go(State::closed);
}

void Endpoint::lose() {
  Switchboard& network = connection_.switchboard();
  if (network.random().chance(1, 2)) outgoing().drop_in_flight();
  let_go(State::lost);
}

void Endpoint::let_go(State state) {
  state_ = state;
  stream_ = nullptr;
  SimEvent::cancel();
  keep_alive_.cancel();
  ListHook<HostEndpointsTag>::unlink();
  connection_.switchboard().release_if_done(connection_);
}

void Endpoint::send_reset_here() {
  if (gone() || failure_ || scheduled()) return;
  Switchboard& network = connection_.switchboard();
  const Latency& latency = network.link(other().host(), host_).latency;
  network.world().schedule_in(*this, latency.draw(network.random()));
}

void Endpoint::happen() {
  Switchboard& network = connection_.switchboard();
  World& world = network.world();
  if (network.link(other().host(), host_).closed) {  // told again later, when the peer hears from here
    world.strikes().add(Strike::bytes_held);
    return world.schedule_in(*this, std::chrono::seconds(1));
  }
  world.trace().add(world.now(), host_.trace_place(), TraceKind::reset, connection_.number(), 0,
                    [&] { return "#" + std::to_string(connection_.number()) + " is reset"; });
  fail(Error(Errc::connection_reset, "the peer reset the connection"));
}

void Endpoint::fail(Error error) {
  if (gone() || failure_) return;
  failure_ = std::move(error);
  outgoing().drop_in_flight();
  if (stream_ == nullptr) return;
  stream_->wake_reader();
  stream_->wake_writer();
}

void Endpoint::start_keep_alive() {
  Switchboard& network = connection_.switchboard();
  if (gone() || failure_ || !connection_.options(connection_.side_of(*this)).keep_alive) return;
  network.world().schedule_in(keep_alive_, network.options().keep_alive_after);
}

void Endpoint::KeepAlive::happen() {
  if (endpoint.other().state() != State::lost) return;
  if (endpoint.other().host().powered()) return endpoint.send_reset_here();
  endpoint.fail(Error(Errc::timed_out, "the peer's machine does not answer any more"));
}

void Endpoint::on_readable() {
  if (stream_ != nullptr) stream_->wake_reader();
}

void Endpoint::on_writable() {
  if (stream_ != nullptr) stream_->wake_writer();
}

}  // namespace ottla::sim
