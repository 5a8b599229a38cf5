#include "server/node.h"

#include <string>
#include <utility>
#include <vector>

#include "base/log.h"
#include "metadata/image.h"
#include "runtime/event.h"
#include "runtime/shard.h"
#include "server/acceptor.h"
#include "server/connection_caps.h"
#include "server/memory_plan.h"
#include "server/node_settings.h"
#include "server/shard_servers.h"

namespace ottla::server {

struct Node::Parts {
  explicit Parts(Process& of_process, NodeSetup setup)
      : process(of_process),
        facts{.id = NodeId(setup.config.get(config::node_key<"node.id">)),
              .cluster_id = std::move(setup.cluster_id),
              .shape = std::move(setup.shape)},
        settings(std::make_shared<const NodeSettings>(std::move(setup.layers), std::move(setup.config))),
        memory(MemoryPlan::of(settings->config, process.limits(), process.shard_count())),
        log(this_shard().log().logger(kLogModule)) {}

  Task<Result<void>> start();
  Task<Result<void>> open_listeners();
  Task<void> stop();

  Process& process;
  const NodeFacts facts;
  SharedSettings settings;
  const MemoryPlan memory;
  Logger log;
  ShardServers shards;
  std::unique_ptr<Acceptor> acceptor;
  std::vector<OpenListener> listeners;
  Event ready;
  Event failed;
  std::optional<Error> failure;
};

Task<Result<void>> Node::Parts::start() {
  co_await shards.start(process, &facts, std::make_shared<const metadata::MetadataImage>(), settings, memory);
  OTTLA_CO_CHECK(co_await open_listeners());
  acceptor->start();
  ready.set();
  co_return Result<void>();
}

Task<Result<void>> Node::Parts::open_listeners() {
  std::vector<Acceptor::Place> places;
  for (auto& each : shards.all()) {
    places.push_back({.shard = each.shard, .connections = &each.server->connections()});
  }
  ConnectionCaps caps = co_await connection_caps(settings->config, facts.shape, {});
  acceptor = std::make_unique<Acceptor>(
      ConnectionLimits(std::move(caps), quota_windows(settings->config), facts.shape.inter_broker_listener),
      std::move(places), log);
  for (const config::Endpoint& each : facts.shape.listeners) {
    const ListenerKind kind =
        facts.shape.is_controller_listener(each.listener) ? ListenerKind::controller : ListenerKind::broker;
    const ListenerTerms terms{.kind = kind, .name = each.listener};
    OTTLA_CO_TRY(const Address address, co_await acceptor->open(each, terms, &settings->config));
    listeners.push_back({.name = each.listener, .kind = kind, .address = address});
    log.info("listening", field("listener", each.listener), field("address", address));
  }
  co_return Result<void>();
}

Task<void> Node::Parts::stop() {
  if (acceptor) co_await acceptor->stop();
  co_await shards.stop();
  acceptor.reset();
}

Node::Node(std::unique_ptr<Parts> parts) : parts_(std::move(parts)) {}
Node::~Node() = default;

Task<Result<std::unique_ptr<Node>>> Node::start(Process& process, NodeSetup setup) {
  auto parts = std::make_unique<Parts>(process, std::move(setup));
  const Result<void> started = co_await parts->start();
  if (!started.ok()) {
    co_await parts->stop();
    co_return started.error();
  }
  co_return std::unique_ptr<Node>(new Node(std::move(parts)));
}

const std::vector<OpenListener>& Node::listeners() const {
  return parts_->listeners;
}

const std::string& Node::cluster_id() const {
  return parts_->facts.cluster_id;
}

Task<Result<void>> Node::wait_ready(Cancel cancel) {
  co_return co_await parts_->ready.wait(cancel);
}

bool Node::ready() const {
  return parts_->ready.is_set();
}

Task<Error> Node::wait_failed(Cancel cancel) {
  const Result<void> waited = co_await parts_->failed.wait(cancel);
  co_return waited.ok() ? *parts_->failure : waited.error();
}

Task<void> Node::stop() {
  return parts_->stop();
}

}  // namespace ottla::server
