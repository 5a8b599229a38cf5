#include "controller/partition_change.h"

#include <algorithm>

#include "controller/reassignment.h"
#include "controller/topic_settings.h"
#include "metadata/metadata_version.h"

namespace ottla::controller {
namespace {

using metadata::BrokerIds;
using metadata::BrokerRegistration;
using metadata::contains;
using metadata::MetadataImage;
using metadata::Partition;
using metadata::PartitionRef;
using metadata::TopicImage;

constexpr std::int32_t kNobody = -1;
constexpr std::int32_t kUnchanged = -2;

PartitionRef partition_of(const MetadataImage& image, const PartitionKey& key) {
  const TopicImage* topic = image.topics.find(key.topic);
  OTTLA_INVARIANT(topic != nullptr, "a change of an unknown topic", key.topic);
  const PartitionRef* partition = topic->partitions.find(PartitionId(key.partition));
  OTTLA_INVARIANT(partition != nullptr, "a change of an unknown partition", topic->name, key.partition);
  return *partition;
}

BrokerList list(BrokerIds brokers) {
  return {brokers.begin(), brokers.end()};
}

bool same(const BrokerList& a, BrokerIds b) {
  return std::ranges::equal(a, b);
}

bool contains_all(BrokerIds brokers, BrokerIds others) {
  return std::ranges::all_of(others, [brokers](std::int32_t each) { return contains(brokers, each); });
}

bool changes_nothing(const protocol::PartitionChangeRecord& record) {
  return record.isr.is_null() && record.leader == kUnchanged && record.replicas.is_null() &&
         record.removing_replicas.is_null() && record.adding_replicas.is_null() &&
         record.leader_recovery_state == -1 && record.directories.is_null() &&
         record.eligible_leader_replicas.is_null() && record.last_known_elr.is_null();
}

}  // namespace

Uuid default_directory(const MetadataImage& image, std::int32_t broker) {
  const auto version = image.features.metadata_version.value_or(metadata::kOldestMetadataVersion);
  if (!has_directory_assignment(version)) return metadata::kMigratingDirectory;
  const BrokerRegistration* registration = image.cluster.broker(NodeId(broker));
  if (registration == nullptr) return metadata::kUnassignedDirectory;
  if (registration->directories.empty()) return metadata::kMigratingDirectory;
  return registration->directories.size() == 1 ? registration->directories.front()
                                               : metadata::kUnassignedDirectory;
}

bool is_active(const MetadataImage& image, std::int32_t broker) {
  const BrokerRegistration* registration = image.cluster.broker(NodeId(broker));
  return registration != nullptr && !registration->fenced && !registration->in_controlled_shutdown;
}

PartitionChange::PartitionChange(const Draft& draft, const PartitionKey& key, const BrokerChange& brokers)
    : key_(key),
      before_(partition_of(draft.image(), key)),
      brokers_(brokers),
      image_(draft.image()),
      version_(draft.version()),
      elr_enabled_(draft.elr_enabled()),
      min_isr_(min_insync_replicas(draft.options(), draft.image(), *draft.image().topics.find(key.topic))),
      eligible_(list(before_->elr())) {
  isr = list(before_->isr());
  replicas = list(before_->replicas());
  removing = list(before_->removing_replicas());
  adding = list(before_->adding_replicas());
  recovery = before_->leader_recovery();
  for (std::size_t i = 0; i < replicas.size(); ++i) directories_[replicas[i]] = before_->directories()[i];
}

bool PartitionChange::accepts(std::int32_t broker) const {
  if (broker == brokers_.removed || broker == brokers_.unclean) return false;
  if (broker != brokers_.added && !is_active(image_, broker)) return false;
  const BrokerRegistration* registration = image_.cluster.broker(NodeId(broker));
  const Uuid* directory = before_->directory_of(broker);
  return registration != nullptr && directory != nullptr && registration->has_online_directory(*directory);
}

bool PartitionChange::may_lead(std::int32_t broker) const {
  const bool holds_all = contains(isr, broker) || (isr.empty() && contains(eligible_, broker));
  return holds_all && contains(replicas, broker) && accepts(broker);
}

// Nobody is left that surely holds all, but the last leader is back.
bool PartitionChange::last_known_may_lead() const {
  return elr_enabled_ && isr.empty() && eligible_.empty() && before_->last_known_elr().size() == 1 &&
         contains(replicas, before_->last_known_elr()[0]) && accepts(before_->last_known_elr()[0]);
}

PartitionChange::Elected PartitionChange::elect() const {
  if (election == Election::preferred && !replicas.empty() && may_lead(replicas.front())) {
    return {.leader = replicas.front()};
  }
  if (may_lead(before_->leader())) return {.leader = before_->leader()};
  const auto in_sync =
      std::ranges::find_if(replicas, [this](std::int32_t broker) { return may_lead(broker); });
  if (in_sync != replicas.end()) return {.leader = *in_sync};
  if (last_known_may_lead()) return {.leader = before_->last_known_elr()[0], .unclean = true};
  if (election != Election::unclean) return {};
  const auto alive = std::ranges::find_if(replicas, [this](std::int32_t broker) { return accepts(broker); });
  return alive != replicas.end() ? Elected{.leader = *alive, .unclean = true} : Elected{};
}

void PartitionChange::complete_reassignment() {
  auto done = completed({.replicas = replicas, .removing = removing, .adding = adding}, isr);
  if (!done) return;
  isr = std::move(done->isr);
  replicas = std::move(done->replicas);
  removing.clear();
  adding.clear();
}

// Who falls out of an ISR that is too small to commit anything still holds all that was committed.
void PartitionChange::choose_eligible() {
  if (!elr_enabled_) return;
  if (std::cmp_greater_equal(isr.size(), min_isr_)) {
    eligible_.clear();
    return;
  }
  BrokerList candidates = eligible_;
  candidates.insert(candidates.end(), before_->isr().begin(), before_->isr().end());
  std::ranges::sort(candidates);
  candidates.erase(std::ranges::unique(candidates).begin(), candidates.end());
  std::erase_if(candidates, [this](std::int32_t broker) {
    return contains(isr, broker) || broker == brokers_.unclean || !contains(replicas, broker);
  });
  eligible_ = std::move(candidates);
}

void PartitionChange::set_leader(const Elected& elected) {
  if (elected.leader == before_->leader()) return;
  if (contains(eligible_, elected.leader)) {
    isr = {elected.leader};
    std::erase(eligible_, elected.leader);
  }
  record_.leader = elected.leader;
  if (!elected.unclean) return;
  elected_uncleanly_ = true;
  isr = {elected.leader};
  recovery = LeaderRecovery::recovering;
}

// Replicas that go have to learn that they are none any more, also from the leader that stays; older versions need
// that for the ISR, too.
void PartitionChange::raise_leader_epoch() {
  if (record_.leader != kUnchanged) return;
  const bool replicas_go = !contains_all(replicas, before_->replicas());
  const bool isr_shrinks = !record_.isr.is_null() && !contains_all(isr, before_->isr());
  if (replicas_go || (isr_shrinks && needs_epoch_bump_on_isr_shrink(version_))) {
    record_.leader = before_->leader();
  }
}

void PartitionChange::set_isr() {
  // Without eligible replicas the last ISR stays, so that it is known who may lead.
  const bool may_be_set = !isr.empty() || elr_enabled_;
  if (elected_uncleanly_ || (may_be_set && !same(isr, before_->isr()))) record_.isr = isr;
}

void PartitionChange::set_eligible() {
  if (elected_uncleanly_ || !elr_enabled_) eligible_.clear();
  if (has_eligible_leader_replicas(version_) && !same(eligible_, before_->elr()))
    record_.eligible_leader_replicas = eligible_;
}

// Who led last, as long as nobody leads; and only while it is a replica.
void PartitionChange::set_last_known() {
  if (!elr_enabled_) return;
  const bool led_now =
      record_.leader == kNobody && before_->last_known_elr().empty() && before_->has_leader();
  const bool leads_again = record_.leader >= 0;
  last_known_ = led_now ? BrokerList{before_->leader()} : list(before_->last_known_elr());
  std::erase_if(last_known_, [this, leads_again](std::int32_t broker) {
    return leads_again || !contains(replicas, broker);
  });
  if (!same(last_known_, before_->last_known_elr())) record_.last_known_elr = last_known_;
}

void PartitionChange::set_assignment() {
  if (!replicas.empty()) {
    if (has_directory_assignment(version_)) {
      for (const std::int32_t broker : replicas) {
        const auto known = directories_.find(broker);
        directory_list_.push_back(known != directories_.end() ? known->second
                                                              : default_directory(image_, broker));
      }
      if (!std::ranges::equal(directory_list_, before_->directories())) record_.directories = directory_list_;
    }
    if (!same(replicas, before_->replicas())) record_.replicas = replicas;
  }
  if (!same(removing, before_->removing_replicas())) record_.removing_replicas = removing;
  if (!same(adding, before_->adding_replicas())) record_.adding_replicas = adding;
}

bool PartitionChange::write(Draft& draft) {
  record_.topic_id = key_.topic;
  record_.partition_id = key_.partition;
  complete_reassignment();
  choose_eligible();
  set_leader(elect());
  set_eligible();
  set_isr();
  raise_leader_epoch();
  set_last_known();
  set_assignment();
  if (recovery != before_->leader_recovery()) {
    record_.leader_recovery_state = static_cast<std::int8_t>(recovery);
  }
  if (changes_nothing(record_)) return false;
  draft.add(record_, partition_change_record_version(version_));
  return true;
}

}  // namespace ottla::controller
