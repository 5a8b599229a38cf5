#include "server/broker_role.h"

#include <algorithm>
#include <charconv>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <system_error>
#include <utility>

#include "config/layers.h"
#include "config/node_key.h"
#include "metadata/metadata_version.h"
#include "quorum/quorum_options.h"
#include "runtime/timed_wait.h"
#include "server/advertised.h"
#include "server/features.h"
#include "storage/index/index_pages.h"
#include "storage/io_pace.h"
#include "storage/log/log_toolbox.h"

namespace ottla::server {
namespace {

using config::node_key;
using std::chrono::milliseconds;

// How long the controller has to move leaders away before the broker goes all the same.
constexpr Duration kLeavePatience = std::chrono::seconds(5);

replica::SharedNodeConfig config_of(const SharedSettings& settings) {
  return {settings, &settings->config};
}

// What the logs of one shard may keep in memory: the tails that readers are served from, and what helps to find the rest.
storage::LogToolbox::Limits limits_within(std::size_t memory) {
  constexpr std::size_t kHead = std::size_t{4} * 66;  // of a batch that was looked up, at most
  storage::LogToolbox::Limits limits;
  limits.recent_bytes = std::min(limits.recent_bytes, memory / 4 * 3);
  limits.index_pages = std::min(limits.index_pages, memory / 8 / storage::IndexPages::kPageSize);
  limits.batch_heads = std::min(limits.batch_heads, memory / 8 / kHead);
  return limits;
}

// In bytes a second; what was altered for this broker outweighs what was altered for all.
std::uint64_t move_rate(const config::NodeLayers& layers) {
  constexpr std::string_view kKey = "replica.alter.log.dirs.io.max.bytes.per.second";
  for (const config::Texts* texts : {&layers.broker, &layers.cluster}) {
    const auto found = texts->find(kKey);
    if (found == texts->end()) continue;
    std::int64_t rate = 0;
    const std::string& text = found->second;
    const auto [end, fault] = std::from_chars(text.data(), text.data() + text.size(), rate);
    const bool is_number = fault == std::errc() && end == text.data() + text.size() && rate >= 0;
    if (is_number && rate < INT64_MAX) return static_cast<std::uint64_t>(rate);
  }
  return storage::IoPace::kNoLimit;
}

}  // namespace

BrokerRole::BrokerRole(Setup setup)
    : setup_(std::move(setup)), reports_([this](Error error) { fail(std::move(error)); }) {}

Task<Result<std::unique_ptr<BrokerRole>>> BrokerRole::open(Setup setup) {
  std::unique_ptr<BrokerRole> role(new BrokerRole(std::move(setup)));
  const Setup& own = role->setup_;
  role->reports_.connect({.log = own.log});
  replica::ReplicaManager::Options options{.node = own.facts.id,
                                           .config = config_of(own.settings),
                                           .metadata_path = quorum::metadata_directory(own.settings->config),
                                           .shard_limits = limits_within(own.memory.partitions),
                                           .cleaner_memory = own.memory.cleaner,
                                           .events = &role->reports_,
                                           .progress = own.progress};
  OTTLA_CO_TRY(role->replicas_, co_await replica::ReplicaManager::open(std::move(options)));
  role->replicas_->directories().set_cordoned(own.settings->config.get(node_key<"cordoned.log.dirs">));
  co_return std::move(role);
}

void BrokerRole::start(Surroundings around) {
  metadata::Loader* loader = &around.loader;
  const auto sight = [loader] {
    const metadata::MetadataImage& image = *loader->image();
    const auto& version = image.features.metadata_version;
    return BrokerLifecycle::MetadataSight{
        .offset = image.provenance.offset.raw(),
        .cordoning = version && metadata::has_cordoned_directories(*version)};
  };
  lifecycle_ =
      std::make_unique<BrokerLifecycle>(lifecycle_options(around.listeners), around.link, sight, setup_.log);
  lifecycle_->set_cordoned(replicas_->directories().cordoned_ids());
  assignments_.emplace(around.link, setup_.facts.id, [this] { return lifecycle_->epoch(); }, setup_.log);
  reports_.connect({.link = &around.link,
                    .lifecycle = lifecycle_.get(),
                    .assignments = &*assignments_,
                    .log = setup_.log});
  creator_.emplace(around.link, setup_.settings, setup_.log);
  producer_ids_.emplace(around.link, setup_.facts.id, [this] { return lifecycle_->epoch(); });
  living_.spawn([this](Cancel cancel) { return lifecycle_->run(cancel); });
  tasks_.spawn([this](Cancel cancel) { return assignments_->run(cancel); });
  tasks_.spawn([this](Cancel cancel) { return watch_lifecycle(cancel); });
  tasks_.spawn([this, accept = std::move(around.accept)](Cancel cancel) { return come_up(accept, cancel); });
}

BrokerLifecycle::Options BrokerRole::lifecycle_options(const std::vector<config::Endpoint>& listeners) const {
  const config::NodeConfig& config = setup_.settings->config;
  BrokerLifecycle::Options options{
      .id = setup_.facts.id,
      .cluster_id = setup_.facts.cluster_id,
      .incarnation = setup_.facts.incarnation,
      .rack = config.get(node_key<"broker.rack">),
      .listeners = as_registered(listeners),
      .features = supported_features(config.get(node_key<"unstable.feature.versions.enable">)),
      .directories = replicas_->directories().online_ids(),
      .previous_epoch = replicas_->directories().clean_broker_epoch(),
      .heartbeat_interval = milliseconds(config.get(node_key<"broker.heartbeat.interval.ms">)),
      .session_timeout = milliseconds(config.get(node_key<"broker.session.timeout.ms">)),
      .registration_timeout = milliseconds(config.get(node_key<"initial.broker.registration.timeout.ms">)),
      .directory_failure_timeout = milliseconds(config.get(node_key<"log.dir.failure.timeout.ms">))};
  std::ranges::sort(options.directories);
  return options;
}

// Fenced brokers are named to nobody: everything is there before the first client comes.
Task<void> BrokerRole::come_up(std::function<void()> accept, Cancel cancel) {
  if (!(co_await reports_.loaded().wait(cancel)).ok()) co_return;
  if (!(co_await lifecycle_->caught_up().wait(cancel)).ok()) co_return;
  const Offset registration(lifecycle_->epoch());
  if (!(co_await replicas_->publisher().applied(registration, cancel)).ok()) co_return;
  accept();
  lifecycle_->set_ready();
}

Task<void> BrokerRole::watch_lifecycle(Cancel cancel) {
  if ((co_await lifecycle_->failed().wait(cancel)).ok()) fail(*lifecycle_->failure());
}

void BrokerRole::set_settings(const SharedSettings& settings) {
  setup_.settings = settings;
  creator_->set_settings(settings);
  replicas_->directories().set_cordoned(settings->config.get(node_key<"cordoned.log.dirs">));
  lifecycle_->set_cordoned(replicas_->directories().cordoned_ids());
  tasks_.spawn([this, settings](Cancel) { return tell_config(settings); });
}

Task<void> BrokerRole::tell_config(SharedSettings settings) {
  co_await replicas_->set_config(config_of(settings));
  co_await replicas_->set_move_rate(move_rate(settings->layers));
}

void BrokerRole::see(const metadata::MetadataImage& image) {
  const auto& version = image.features.metadata_version;
  const metadata::BrokerRegistration* own = image.cluster.broker(setup_.facts.id);
  const bool forgotten = own != nullptr && own->epoch == lifecycle_->epoch() && own->directories.empty() &&
                         version && metadata::has_directory_assignment(*version);
  // The cluster could not take note of directories when this broker registered.
  if (forgotten) lifecycle_->register_again();
}

Task<void> BrokerRole::leave() {
  if (lifecycle_ == nullptr) co_return;
  if (setup_.settings->config.get(node_key<"controlled.shutdown.enable">)) {
    lifecycle_->begin_shutdown();
    (void)co_await wait_at_most(lifecycle_->may_stop(), kLeavePatience, {});
  }
}

Task<void> BrokerRole::retire() {
  co_await replicas_->stop_waiting();
}

Task<void> BrokerRole::stop() {
  co_await living_.stop();
  co_await tasks_.stop();
  if (creator_) co_await creator_->stop();
  const std::int64_t epoch = lifecycle_ != nullptr ? lifecycle_->epoch() : -1;
  co_await replicas_->close(storage::LogDirectory::Ending::clean(epoch));
}

}  // namespace ottla::server
