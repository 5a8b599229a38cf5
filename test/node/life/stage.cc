#include "test/node/life/stage.h"

#include <fmt/format.h>

#include <algorithm>
#include <chrono>
#include <ranges>
#include <utility>

#include "runtime/shard.h"
#include "server/observation/node_status.h"
#include "sim/incarnation.h"
#include "sim/shard_home.h"
#include "storage/format/directory_name.h"

namespace ottla::server {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;

constexpr std::size_t kMostFindings = 10;
constexpr std::uint64_t kStepsBetweenLooks = 16;
// Before somebody starts a node again that has ended by itself.
constexpr Duration kRestartPause = milliseconds(100);
// What a disk has refused for a while is tried again within it.
constexpr Duration kFolderPatience = seconds(12);

}  // namespace

Stage::Stage(const testing::RunRequest& request, StageTerms terms)
    : life_(std::move(terms.overrides)),
      plan_(request.plan),
      world_(request.seed, request.options),
      host_(world_.add_host("node")),
      shards_(terms.shards) {
  world_.trace().set_sink(request.trace);
  world_.set_limits(40'000'000, std::chrono::hours(3));
  for (std::size_t client = 0; client < terms.clients; ++client) {
    clients_.push_back(&world_.add_host(fmt::format("client{}", client)));
  }
  host_.repeats_randomness = terms.ids_repeat;
  if (terms.broken == BrokenDoor::none) return;
  host_.refit_files = [broken = terms.broken](FileSystem& doors) { return break_doors(doors, broken); };
}

Stage::~Stage() {
  for (sim::Host* client : clients_) {
    if (client->running()) client->kill();
  }
  if (host_.running()) host_.kill();
}

void Stage::start() {
  host_.start([this](Process& process, Cancel cancel) { return life_.run(process, cancel); }, shards_);
  faults_.emplace(world_, std::vector<sim::Host*>{&host_}, plan_);
}

bool Stage::pass(Duration duration) {
  const Instant end = world_.now() + duration;
  (void)pass_until([this, end] { return world_.now() >= end; }, duration);
  return good();
}

bool Stage::pass_until(const std::function<bool()>& done, Duration limit) {
  const Instant end = world_.now() + limit;
  while (good() && !done()) {
    if (world_.now() >= end) return false;
    // Somebody always looks at the clock.
    for (std::uint64_t left = kStepsBetweenLooks; left > 0 && world_.step(); --left) take_note_of_deaths();
    step_done();
  }
  return good();
}

void Stage::step_done() {
  revive();
  if (on_step) on_step();
}

// At once: what a client asks for from now on, the next life may do.
void Stage::take_note_of_deaths() {
  const std::uint64_t ended = host_.starts() - (host_.running() ? 1 : 0);
  // The power of a machine may go when its process is dead already.
  const std::uint64_t cuts = world_.strikes()[sim::Strike::power_lost];
  const bool power_lost = std::exchange(power_cuts_seen_, cuts) != cuts;
  if (std::exchange(starts_seen_, ended) != ended) {
    world_.trace().show(world_.now(), host_.trace_place(), sim::TraceKind::note,
                        "its life has ended: " + life_.failure());
  } else if (!power_lost) {
    return;
  }
  if (on_death) on_death(power_lost);
}

// Whoever was killed is started again by who killed it, until the end.
void Stage::revive() {
  if (host_.running() || stopping_) return;
  if (!healed_ && (!host_.powered() || !host_.exit_code())) return;
  if (host_.exit_code() && *host_.exit_code() != 0) {
    if (*host_.exit_code() == 2) return accuse("the node's configuration is refused: " + life_.failure());
    // It gave up because of its disk.
    start_machine_anew();
  }
  world_.run_for(kRestartPause);
  if (!host_.running()) host_.restart();
}

void Stage::heal() {
  if (faults_) faults_->heal();
  healed_ = true;
}

bool Stage::stop_node() {
  if (!host_.running()) return true;
  stopping_ = true;
  host_.request_stop();
  const bool ended = pass_until([this] { return !host_.running(); }, std::chrono::minutes(2));
  if (good() && !ended) accuse("the node was asked to end and did not");
  step_done();
  return good();
}

bool Stage::come_back() {
  stopping_ = false;
  revive();
  return good();
}

// What a failed sync covered reads well from the page cache and is on no disk.
void Stage::start_machine_anew() {
  (void)host_.disk().lose_power();
  if (on_death) on_death(true);
}

bool Stage::repair() {
  if (!stop_node()) return false;
  start_machine_anew();
  return come_back();
}

bool Stage::clients_ended(std::size_t count) const {
  return std::ranges::none_of(clients_ | std::views::take(count),
                              [](const sim::Host* client) { return client->running(); });
}

void Stage::check_folders() {
  if (!pass(kFolderPatience)) return;
  const metadata::SharedImage now = image();
  if (now == nullptr) return;
  for (const char* const directory : {"/data", "/more"}) {
    const auto entries = host_.disk().list(directory);
    if (!entries.ok()) continue;
    for (const DirectoryEntry& entry : *entries) {
      const auto name = storage::parse_directory_name(entry.name);
      if (!entry.is_directory || !name.ok() || name->role != storage::DirectoryRole::log) continue;
      const TopicPartition& partition = name->partition;
      const metadata::TopicImage* const topic = now->topics.find(std::string_view(partition.topic));
      const bool is_known = topic != nullptr && topic->partition(partition.partition) != nullptr;
      if (is_known || partition.topic == "__cluster_metadata") continue;
      accuse(fmt::format("{}/{} is there, and there is no such partition", directory, entry.name));
    }
  }
}

void Stage::accuse(std::string what) {
  if (findings_.size() < kMostFindings) findings_.push_back(std::move(what));
}

metadata::SharedImage Stage::image() {
  if (!host_.running() || !life_.ready()) return nullptr;
  const Shard::Scope scope(host_.incarnation().home(0).shard());
  return life_.node()->image();
}

std::optional<NodeStatus> Stage::status() {
  if (!host_.running() || life_.node() == nullptr) return std::nullopt;
  const Shard::Scope scope(host_.incarnation().home(0).shard());
  return life_.node()->status();
}

std::string Stage::node_state() {
  const std::optional<NodeStatus> now = status();
  if (!now) return fmt::format("it does not run, or is on its way up or down ({})", life_.failure());
  return fmt::format("ready: {}, leader {} in epoch {}, committed {} of {}, last failure: {}", now->ready,
                     now->leader.raw(), now->epoch.raw(), now->high_watermark.raw(), now->log_end.raw(),
                     life_.failure());
}

testing::Outcome Stage::outcome(std::uint64_t acked) {
  for (sim::Host* client : clients_) {
    if (client->running()) client->kill();
  }
  if (host_.running()) host_.kill();
  testing::Outcome outcome;
  outcome.violations = findings_;
  outcome.violations.insert(outcome.violations.end(), world_.violations().begin(), world_.violations().end());
  outcome.steps = world_.steps();
  outcome.acked_operations = acked;
  outcome.strikes = world_.strikes();
  outcome.hash = world_.trace().hash();
  return outcome;
}

}  // namespace ottla::server
