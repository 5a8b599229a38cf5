#include "test/kv/node.h"

#include <utility>

#include "runtime/sleep.h"
#include "test/kv/frame_reader.h"

namespace ottla::kv {
namespace {

constexpr std::size_t kMostSessions = 64;
constexpr Duration kBetweenLives = std::chrono::milliseconds(30);
constexpr Duration kPeerPatience = std::chrono::milliseconds(300);
constexpr Duration kAcceptPause = std::chrono::milliseconds(10);

// The planted destructor: a session that ends tells a peer so on its way out.
class Farewell {
 public:
  Farewell(Plant plant, Address peer) : planted_(plant == Plant::destructor_sends), peer_(std::move(peer)) {}
  Farewell(const Farewell&) = delete;
  Farewell& operator=(const Farewell&) = delete;
  ~Farewell() {
    if (planted_) this_shard().root().spawn(tell(peer_));
  }

 private:
  static Task<void> tell(Address peer) {
    auto stream = co_await this_shard().network().connect(peer, {}, {});
    if (!stream.ok()) co_return;
    (void)co_await (*stream)->write(encode(Redirect{}));
    co_await (*stream)->close();
  }

  bool planted_;
  Address peer_;
};

}  // namespace

Node::Node(NodeOptions options, Witness& witness)
    : options_(std::move(options)),
      witness_(witness),
      home_(this_shard().files(), options_.directory, options_.plant) {
  for (const Address& address : options_.nodes) links_.push_back(std::make_unique<PeerLink>(address));
}

Task<Result<void>> Node::run(Cancel cancel) {
  Result<Recovered> recovered = co_await home_.open();
  Result<void> result;
  if (recovered.ok()) {
    result = co_await serve(*std::move(recovered), cancel);
  } else {
    result = recovered.error();
  }
  co_await home_.close();
  co_return result;
}

Task<Result<void>> Node::serve(Recovered recovered, Cancel cancel) {
  Shard& shard = this_shard();
  const Address self = options_.nodes[static_cast<std::size_t>(options_.self.raw())];
  OTTLA_CO_TRY(std::unique_ptr<Listener> listener, co_await shard.network().listen(self));
  witness_.started(options_.self, recovered.ballot, recovered.entries.size());
  replica_.emplace(ReplicaConfig{options_.self, options_.nodes.size(), options_.timing, options_.plant},
                   std::move(recovered), shard.random().fork(), witness_, shard.now());
  armed_ = Instant::max();
  TaskGroup group(cancel);
  group.spawn([&](Cancel inner) { return accept_sessions(*listener, group, inner); });
  group.spawn([this](Cancel inner) { return write_disk(inner); });
  group.spawn([this](Cancel inner) { return keep_time(inner); });
  for (std::size_t i = 0; i < links_.size(); ++i) {
    if (i == static_cast<std::size_t>(options_.self.raw())) continue;
    group.spawn([link = links_[i].get()](Cancel inner) { return link->run(inner); });
  }
  carry_out();
  (void)co_await failed_.wait(cancel);
  co_await group.stop();
  disarm();
  co_await listener->close();
  if (failure_) co_return *failure_;
  co_return Result<void>();
}

Task<void> Node::accept_sessions(Listener& listener, TaskGroup& group, Cancel cancel) {
  while (!cancel.requested()) {
    Result<std::unique_ptr<PendingStream>> pending = co_await listener.accept(cancel);
    if (!pending.ok()) {
      (void)co_await sleep_for(kAcceptPause, cancel);
    } else if (cancel.requested() || sessions_.size() >= kMostSessions) {
      (*pending)->refuse();
    } else {
      group.spawn(serve_session(*std::move(pending), cancel));
    }
  }
}

Task<void> Node::serve_session(std::unique_ptr<PendingStream> pending, Cancel cancel) {
  Result<std::unique_ptr<Stream>> stream = pending->adopt();
  if (!stream.ok()) co_return;
  Session session(*std::move(stream), cancel);
  const Route route = next_route_++;
  const std::size_t next_node = static_cast<std::size_t>(options_.self.raw() + 1) % options_.nodes.size();
  const Farewell farewell(options_.plant, options_.nodes[next_node]);
  sessions_.emplace(route, &session);
  TaskGroup writer;
  writer.spawn(session.write_answers());
  co_await read_requests(session, route);
  sessions_.erase(route);
  session.give_up();
  co_await writer.wait();
  co_await session.stream().close();
}

Task<void> Node::read_requests(Session& session, Route route) {
  FrameReader reader(session.stream());
  while (true) {
    const auto bytes = co_await reader.next(session.cancel_token());
    if (!bytes.ok()) break;
    session.heard(this_shard().now());
    const Result<Frame> frame = decode(*bytes);
    if (!frame.ok() || !take(*frame, session, route).ok()) break;
  }
}

Result<void> Node::take(const Frame& frame, Session& session, Route route) {
  if (const auto* message = std::get_if<Message>(&frame)) {
    replica_->receive(*message, this_shard().now());
  } else if (const auto* request = std::get_if<Request>(&frame)) {
    if (!replica_->propose(route, request->commands)) session.redirect(replica_->leader());
  } else {
    return Errc::malformed;  // what only clients receive
  }
  carry_out();
  return {};
}

void Node::carry_out() {
  for (const Replica::Envelope& envelope : replica_->take_messages()) {
    links_[static_cast<std::size_t>(envelope.to.raw())]->send(encode(envelope.message));
  }
  for (const Replica::Outcome& outcome : replica_->take_outcomes()) {
    const auto found = sessions_.find(outcome.route);
    if (found == sessions_.end()) continue;
    if (outcome.answer) {
      found->second->answer({outcome.sequence, *outcome.answer});
    } else {
      found->second->redirect(replica_->leader());
    }
  }
  if (replica_->wants_persist()) unsaved_.set();
  if (replica_->deadline() >= armed_) return;
  armed_ = replica_->deadline();
  this_shard().timers().arm(*this, armed_);
}

Task<void> Node::write_disk(Cancel cancel) {
  while ((co_await unsaved_.wait(cancel)).ok()) {
    unsaved_.reset();
    std::optional<Persist> next = replica_->next_persist(this_shard().now());
    if (!next) continue;
    carry_out();
    const Result<void> written = co_await home_.write(*std::move(next));
    if (!written.ok()) {
      failure_ = written.error();
      failed_.set();
      co_return;
    }
    replica_->persisted(this_shard().now());
    carry_out();
  }
}

Task<void> Node::keep_time(Cancel cancel) {
  while ((co_await tick_.wait(cancel)).ok()) {
    tick_.reset();
    const Instant now = this_shard().now();
    armed_ = Instant::max();
    replica_->on_timer(now);
    for (std::size_t i = 0; i < links_.size(); ++i) {
      const NodeId node(static_cast<std::int32_t>(i));
      links_[i]->check(now, replica_->heard_from(node), kPeerPatience);
    }
    for (const auto& [route, session] : sessions_) session->check(now);
    carry_out();
  }
}

Task<int> run_node(NodeOptions options, Witness& witness, Cancel cancel) {
  while (!cancel.requested()) {
    Node node(options, witness);
    const Result<void> life = co_await node.run(cancel);
    if (life.ok()) continue;
    witness.failed(options.self, life.error());
    (void)co_await sleep_for(kBetweenLives, cancel);
  }
  co_return 0;
}

}  // namespace ottla::kv
