#include "server/node.h"

#include <chrono>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/log.h"
#include "base/uuid.h"
#include "config/node_key.h"
#include "metadata/image.h"
#include "quorum/quorum_options.h"
#include "replica/replica_directories.h"
#include "replica/replica_gauges.h"
#include "replica/replica_manager.h"
#include "runtime/event.h"
#include "runtime/shard.h"
#include "runtime/task_group.h"
#include "server/acceptor.h"
#include "server/advertised.h"
#include "server/broker_role.h"
#include "server/connection_caps.h"
#include "server/controller_door.h"
#include "server/controller_link.h"
#include "server/image_publisher.h"
#include "server/memory_plan.h"
#include "server/node_listeners.h"
#include "server/node_settings.h"
#include "server/observation/accept_metrics.h"
#include "server/observation/controller_metrics.h"
#include "server/observation/replica_metrics.h"
#include "server/quorum_role.h"
#include "server/quotas/client_quotas.h"
#include "server/quotas/ip_rates.h"
#include "server/quotas/quota_door.h"
#include "server/settings_source.h"
#include "server/shard_servers.h"
#include "server/topic_creator.h"
#include "storage/directory/log_directory.h"

namespace ottla::server {
namespace {

using config::node_key;
using std::chrono::milliseconds;

constexpr std::string_view kUnnamedHost = "localhost";

}  // namespace

struct Node::Parts {
  Parts(Process& of_process, NodeSetup setup)
      : process(of_process),
        facts{.id = NodeId(setup.config.get(node_key<"node.id">)),
              .incarnation = random_uuid([] { return this_shard().random().next(); }),
              .cluster_id = std::move(setup.cluster_id),
              .shape = std::move(setup.shape)},
        started(std::make_shared<const NodeSettings>(std::move(setup.layers), std::move(setup.config))),
        memory(MemoryPlan::of(started->config, process.limits(), process.shard_count())),
        log(this_shard().log().logger(kLogModule)),
        settings(facts.id, started,
                 [this](const config::Problem& problem) {
                   log.warn("an altered configuration is left out", field("key", problem.key),
                            field("reason", problem.text));
                 }),
        broker_quotas(quota_windows(started->config)),
        controller_quotas(controller_quota_windows(started->config)) {}

  using Progress = std::function<void(const replica::LoadingProgress&)>;
  Task<Result<void>> start(Progress progress);
  Task<Result<void>> open_directories(Progress progress);
  Task<Result<void>> open_listeners();
  Task<Result<void>> open_quorum();
  void make_link();
  void controller_serves(SharedVersions served);
  Task<void> connect_shards();
  void start_broker();
  void make_publisher();
  Event& readiness() { return broker ? broker->ready() : ready; }
  std::vector<config::Endpoint> told(std::vector<config::Endpoint> endpoints) const;
  void published(const metadata::Publication& publication, const SharedSettings& changed);
  void fail(Error error);
  void tell_metadata(PrometheusText& text);
  replica::ReplicaDirectories& all_directories();
  Task<void> stop_quorum();
  Task<void> stop();

  Process& process;
  const NodeFacts facts;
  const SharedSettings started;
  const MemoryPlan memory;
  Logger log;
  SettingsSource settings;
  ClientQuotas broker_quotas;
  ClientQuotas controller_quotas;
  Event failed;
  std::optional<Error> failure;

  ShardServers shards;
  std::unique_ptr<replica::ReplicaDirectories> directories;  // of a node that is no broker
  std::unique_ptr<BrokerRole> broker;
  std::unique_ptr<Acceptor> acceptor;
  std::unique_ptr<NodeListeners> listeners;
  std::unique_ptr<QuorumRole> quorum;
  std::unique_ptr<ControllerLink> link;
  std::unique_ptr<ImagePublisher> publisher;
  Event ready;  // of a controller that is no broker
  TaskGroup tasks;
};

Task<Result<void>> Node::Parts::start(Progress progress) {
  co_await shards.start(process, &facts, std::make_shared<const metadata::MetadataImage>(), started, memory);
  OTTLA_CO_CHECK(co_await open_directories(std::move(progress)));
  OTTLA_CO_CHECK(co_await open_listeners());
  OTTLA_CO_CHECK(co_await open_quorum());
  make_link();
  start_broker();
  co_await connect_shards();
  make_publisher();
  quorum->start(*link, shards.here().view());
  acceptor->start(ListenerKind::controller);
  co_return Result<void>();
}

Task<Result<void>> Node::Parts::open_directories(Progress progress) {
  const auto on_failed = [this](Error error) { fail(std::move(error)); };
  if (facts.shape.broker) {
    OTTLA_CO_TRY(broker, co_await BrokerRole::open({.facts = facts,
                                                    .settings = started,
                                                    .memory = memory,
                                                    .failed = on_failed,
                                                    .log = log,
                                                    .progress = std::move(progress)}));
    co_return Result<void>();
  }
  const std::string path = quorum::metadata_directory(started->config);
  replica::ReplicaDirectories::Options options{.node = facts.id, .paths = {path}, .metadata_path = path};
  options.on_failure = [this](const std::string&, const Error& error) { fail(error); };
  options.logger = log;
  OTTLA_CO_TRY(directories, co_await replica::ReplicaDirectories::open(std::move(options)));
  co_return Result<void>();
}

Task<Result<void>> Node::Parts::open_listeners() {
  std::vector<Acceptor::Place> places;
  for (auto& each : shards.all()) {
    places.push_back({.shard = each.shard, .connections = &each.server->connections()});
  }
  ConnectionCaps caps = co_await connection_caps(started->config, facts.shape, {});
  acceptor = std::make_unique<Acceptor>(
      ConnectionLimits(std::move(caps), quota_windows(started->config), facts.shape.inter_broker_listener),
      std::move(places), log);
  listeners = std::make_unique<NodeListeners>(facts, *acceptor, log);
  co_return co_await listeners->open_all(started);
}

Task<Result<void>> Node::Parts::open_quorum() {
  replica::ReplicaDirectories& all = all_directories();
  const replica::ReplicaDirectories::Directory* own = all.find(quorum::metadata_directory(started->config));
  if (own == nullptr) co_return Error(Errc::not_found, "the directory of the metadata log is not open");
  bool begun = false;
  const auto begin = [&all, &begun] {
    begun = true;
    return all.begin();
  };
  Result<std::unique_ptr<QuorumRole>> opened =
      co_await QuorumRole::open({.facts = facts,
                                 .settings = started,
                                 .directory_id = own->id,
                                 .was_clean = own->opened->was_clean(),
                                 .before_changes = begin,
                                 .listeners = told(facts.shape.advertised_by_controller()),
                                 .failed = [this](Error error) { fail(std::move(error)); },
                                 .log = log});
  if (opened.ok()) {
    quorum = *std::move(opened);
    co_return Result<void>();
  }
  // Half an opening may have changed the log.
  if (begun) own->opened->go_offline(opened.error());
  co_return std::move(opened).error();
}

void Node::Parts::make_link() {
  ControllerLink::Options options{
      .self = facts.id,
      .client_id = facts.id.to_string(),
      .own = {.kind = ListenerKind::controller,
              .listener = facts.shape.controller_names.empty()
                              ? std::string()
                              : config::upper_case(facts.shape.controller_names.front()),
              .local = Address::loopback(0),
              .peer = Address::loopback(0)},
      .request_timeout = milliseconds(started->config.get(node_key<"controller.socket.timeout.ms">)),
      .setup_timeout = milliseconds(started->config.get(node_key<"socket.connection.setup.timeout.ms">)),
      .setup_timeout_max =
          milliseconds(started->config.get(node_key<"socket.connection.setup.timeout.max.ms">)),
      .on_versions = [this](SharedVersions served) { controller_serves(std::move(served)); }};
  link = std::make_unique<ControllerLink>(std::move(options), shards.here().dispatcher(), log);
}

void Node::Parts::controller_serves(SharedVersions served) {
  tasks.spawn([this, served = std::move(served)](Cancel) -> Task<void> {
    co_await shards.each([served](ShardServer& server) { server.view().controller_versions = served; });
  });
}

Task<void> Node::Parts::connect_shards() {
  Shard* home = &this_shard();
  TopicCreator* creator = broker ? &broker->topic_creator() : nullptr;
  ProducerIds* producer_ids = broker ? &broker->producer_ids() : nullptr;
  replica::ReplicaManager* replicas = broker ? &broker->replicas() : nullptr;
  co_await shards.each([this, home, creator, producer_ids, replicas](ShardServer& server) {
    ShardDoors doors{.controller = ControllerDoor(*link, *home),
                     .broker_quotas = QuotaDoor(broker_quotas, *home),
                     .controller_quotas = QuotaDoor(controller_quotas, *home),
                     .topics = {},
                     .producer_ids = {},
                     .replicas = replicas};
    if (creator != nullptr) doors.topics.emplace(*creator, *home);
    if (producer_ids != nullptr) doors.producer_ids.emplace(*producer_ids, *home);
    server.connect(std::move(doors));
  });
  if (facts.shape.controller) shards.here().view().mutation_quotas = &controller_quotas;
}

void Node::Parts::make_publisher() {
  ImagePublisher::Targets targets{
      .shards = shards,
      .settings = settings,
      .quotas = {&broker_quotas, &controller_quotas},
      .also = [this](const metadata::Publication& publication,
                     const SharedSettings& changed) { published(publication, changed); },
      .kraft_version = [this] { return quorum->quorum().kraft_version(); }};
  publisher = std::make_unique<ImagePublisher>(std::move(targets));
  quorum->loader().add(*publisher);
  if (broker) quorum->loader().add(broker->replicas().publisher());
}

void Node::Parts::start_broker() {
  if (!broker) return;
  broker->start({.link = *link,
                 .loader = quorum->loader(),
                 .listeners = told(facts.shape.advertised_to_clients()),
                 .accept = [this] { acceptor->start(ListenerKind::broker); }});
}

std::vector<config::Endpoint> Node::Parts::told(std::vector<config::Endpoint> endpoints) const {
  std::vector<BoundListener> bound;
  bound.reserve(listeners->open().size());
  for (const OpenListener& each : listeners->open())
    bound.push_back({.name = each.name, .address = each.address});
  const std::string host = process.environment("HOSTNAME").value_or(std::string(kUnnamedHost));
  return with_real_ports(std::move(endpoints), bound, host);
}

void Node::Parts::published(const metadata::Publication& publication, const SharedSettings& changed) {
  if (!publication.delta.client_quotas.empty()) {
    acceptor->set_ip_rates(ip_rates(publication.image()->client_quotas));
  }
  if (broker) broker->see(*publication.image());
  if (!facts.shape.broker) ready.set();
  if (!changed) return;
  if (broker) broker->set_settings(changed);
  tasks.spawn([this, changed](Cancel) { return listeners->follow(changed); });
}

void Node::Parts::tell_metadata(PrometheusText& text) {
  const Instant now = this_shard().exact_now();
  const NodeView& view = shards.here().view();
  if (view.active_controller != nullptr)
    tell_controller(numbers_of(*view.active_controller, *view.image, now), text);
  if (quorum) {
    const bool voters_configured = !started->config.get(node_key<"controller.quorum.voters">).empty();
    tell_quorum(numbers_of(quorum->quorum(), voters_configured, now),
                {.broker = facts.shape.broker, .controller = facts.shape.controller}, text);
  }
  if (acceptor) tell_accept_throttles(acceptor->throttles(), text);
  if (!broker) return;
  if (link) tell_forwarding(link->forwarding(), text);
  text.gauge("kafka_server_assignmentsmanager_queuedreplicatodirassignments",
             "Replicas of which the controller is to be told where they lie", broker->untold_directories());
}

void Node::Parts::fail(Error error) {
  log.error("the node cannot go on", field("reason", error));
  if (failure) return;
  failure = std::move(error);
  failed.set();
}

replica::ReplicaDirectories& Node::Parts::all_directories() {
  return broker ? broker->replicas().directories() : *directories;
}

// Of a log that was not closed well nobody may believe that it is whole.
Task<void> Node::Parts::stop_quorum() {
  const Result<void> stopped = co_await quorum->stop();
  if (stopped.ok()) co_return;
  replica::ReplicaDirectories::Directory* own =
      all_directories().find(quorum::metadata_directory(started->config));
  if (own != nullptr && own->opened) own->opened->go_offline(stopped.error());
}

Task<void> Node::Parts::stop() {
  if (broker && !failure) co_await broker->leave();
  if (acceptor) co_await acceptor->stop();
  if (broker) co_await broker->retire();
  if (quorum) quorum->retire();
  if (link) co_await link->stop();
  co_await shards.stop_connections();
  if (quorum) co_await stop_quorum();
  co_await tasks.stop();
  if (publisher) co_await publisher->stop();
  if (broker) co_await broker->stop();
  if (directories) co_await directories->close(storage::LogDirectory::Ending::clean(-1), {});
  co_await shards.stop();
  acceptor.reset();
}

Node::Node(std::unique_ptr<Parts> parts) : parts_(std::move(parts)) {}
Node::~Node() = default;

Task<Result<std::unique_ptr<Node>>> Node::start(Process& process, NodeSetup setup) {
  Parts::Progress progress = std::move(setup.progress);
  auto parts = std::make_unique<Parts>(process, std::move(setup));
  const Result<void> started = co_await parts->start(std::move(progress));
  if (!started.ok()) {
    co_await parts->stop();
    co_return started.error();
  }
  co_return std::unique_ptr<Node>(new Node(std::move(parts)));
}

const std::vector<OpenListener>& Node::listeners() const {
  return parts_->listeners->open();
}

const std::string& Node::cluster_id() const {
  return parts_->facts.cluster_id;
}

Task<Result<void>> Node::wait_ready(Cancel cancel) {
  co_return co_await parts_->readiness().wait(cancel);
}

metadata::SharedImage Node::image() const {
  return parts_->shards.here().view().image;
}

bool Node::ready() const {
  return parts_->readiness().is_set();
}

NodeStatus Node::status() const {
  NodeStatus status{.node = parts_->facts.id,
                    .image = parts_->shards.here().view().image,
                    .broker = {},
                    .is_controller = parts_->facts.shape.controller,
                    .ready = ready(),
                    .now_ms = to_epoch_millis(this_shard().wall_now())};
  if (parts_->broker) status.broker = parts_->broker->state();
  if (!parts_->quorum) return status;
  const quorum::MetadataQuorum& quorum = parts_->quorum->quorum();
  status.leads = quorum.leading();
  status.leader = quorum.leader();
  status.epoch = quorum.epoch();
  status.high_watermark = quorum.high_watermark();
  status.log_end = quorum.log_end();
  return status;
}

Task<void> Node::tell_metrics(PrometheusText& text) {
  const Result<Gate::Pass> pass = watching_.enter();
  if (!pass.ok()) co_return;
  add_metrics(status(), text);
  parts_->tell_metadata(text);
  if (!parts_->broker || !ready()) co_return;
  replica::ReplicaManager& replicas = parts_->broker->replicas();
  std::vector<DirectoryState> directories;
  for (const auto& each : replicas.directories().all())
    directories.push_back({.path = each.path, .online = each.online(), .cordoned = each.cordoned});
  const replica::ReplicaGauges gauges = co_await replica::gauges_of(replicas, parts_->process);
  co_await tell_replicas(gauges, directories, text);
}

Task<Error> Node::wait_failed(Cancel cancel) {
  const Result<void> waited = co_await parts_->failed.wait(cancel);
  co_return waited.ok() ? *parts_->failure : waited.error();
}

Task<void> Node::stop() {
  co_await watching_.close();
  co_await parts_->stop();
}

}  // namespace ottla::server
