#include "server/quorum_role.h"

#include <chrono>
#include <optional>
#include <utility>

#include "quorum/quorum_options.h"
#include "runtime/shard.h"
#include "server/advertised.h"
#include "server/features.h"

namespace ottla::server {
namespace {

using config::node_key;

// How long other voters have to take over.
constexpr Duration kHandOverPatience = std::chrono::seconds(5);

controller::ControllerOptions controller_options(const NodeFacts& facts, const NodeSettings& settings,
                                                 const metadata::Bootstrap& bootstrap) {
  controller::ControllerOptions options{
      .node = facts.id,
      .cluster_id = facts.cluster_id,
      .config = settings.config,
      .features = supported_features(settings.config.get(node_key<"unstable.feature.versions.enable">)),
      .own_broker = facts.shape.broker ? std::optional(facts.incarnation) : std::nullopt,
      .quorum_nodes = {},
      .bootstrap = bootstrap};
  for (const config::QuorumVoter& voter : facts.shape.voters) options.quorum_nodes.emplace_back(voter.id);
  return options;
}

}  // namespace

Task<Result<std::unique_ptr<QuorumRole>>> QuorumRole::open(Setup setup) {
  std::unique_ptr<QuorumRole> role(new QuorumRole(std::move(setup)));
  const Setup& own = role->setup_;
  quorum::QuorumOptions options = quorum::quorum_options(
      own.settings->config, own.facts.shape,
      {.cluster_id = own.facts.cluster_id, .directory_id = own.directory_id}, own.listeners);
  options.was_clean = own.was_clean;
  options.before_changes = own.before_changes;
  quorum::QuorumTools tools;
  tools.on_fault = [at = role.get()](Offset offset, const Error& error) {
    at->setup_.log.error("a record of the metadata log cannot be replayed", field("offset", offset),
                         field("reason", error));
    if (at->setup_.facts.shape.controller) at->setup_.failed(error);
  };
  OTTLA_CO_TRY(role->quorum_, co_await quorum::MetadataQuorum::open(std::move(options), std::move(tools)));
  for (const Error& damage : role->quorum_->damages()) {
    own.log.warn("a broken snapshot was passed over", field("reason", damage));
  }
  co_return std::move(role);
}

void QuorumRole::start(ControllerLink& link, NodeView& view) {
  view.quorum = quorum_.get();
  if (setup_.facts.shape.controller) {
    controller_ = std::make_unique<ControllerRole>(
        controller_options(setup_.facts, *setup_.settings, quorum_->bootstrap()), *quorum_, setup_.log);
    view.active_controller = &controller_->controller();
    quorum_->add(*controller_);
    ControllerRegistrar::Options options{
        .id = setup_.facts.id,
        .incarnation = setup_.facts.incarnation,
        .listeners = as_registered(setup_.listeners),
        .features =
            supported_features(setup_.settings->config.get(node_key<"unstable.feature.versions.enable">))};
    registrar_.emplace(std::move(options), link, setup_.log);
    elections_.emplace(this_shard().metrics());
    loader().add(*this);
    controlling_.spawn([this](Cancel cancel) { return run_controller(cancel); });
    controlling_.spawn([this](Cancel cancel) { return registrar_->run(cancel); });
  }
  watch_.emplace(*quorum_, link, view);
  quorum_->add(*watch_);
  running_.spawn([this](Cancel cancel) { return run_quorum(cancel); });
}

void QuorumRole::publish(const metadata::Publication& publication) {
  registrar_->see(*publication.image());
  elections_->note(publication.delta);
}

Task<void> QuorumRole::run_quorum(Cancel cancel) {
  const Result<void> ran = co_await quorum_->run(cancel);
  if (!ran.ok() && ran.error() != Errc::cancelled) setup_.failed(ran.error());
}

Task<void> QuorumRole::run_controller(Cancel cancel) {
  const Result<void> ran = co_await controller_->run(cancel);
  if (!ran.ok() && ran.error() != Errc::cancelled) setup_.failed(ran.error());
}

void QuorumRole::retire() {
  controlling_.request_cancel();
  if (quorum_->voters().size() > 1) {
    quorum_->shut_down(kHandOverPatience);
  }
}

Task<Result<void>> QuorumRole::stop() {
  co_await controlling_.stop();
  if (watch_ && quorum_->voters().size() > 1) co_await running_.wait();
  co_await running_.stop();
  co_return co_await quorum_->close();
}

}  // namespace ottla::server
