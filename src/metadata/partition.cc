#include "metadata/partition.h"

#include <fmt/format.h>

#include <algorithm>
#include <new>
#include <vector>

#include "base/error.h"
#include "base/invariant.h"
#include "protocol/array.h"

namespace ottla::metadata {
namespace {

constexpr std::int32_t kNoLeaderChange = -2;
constexpr std::int8_t kNoRecoveryChange = -1;

std::int32_t one_more(std::int32_t epoch) {
  // As the reference's epochs do, the last one is followed by the first.
  return static_cast<std::int32_t>(static_cast<std::uint32_t>(epoch) + 1);
}

template <typename T>
std::uint32_t size_of(std::span<T> elements) {
  OTTLA_INVARIANT(elements.size() <= UINT32_MAX, "a partition has too many brokers", elements.size());
  return static_cast<std::uint32_t>(elements.size());
}

Result<LeaderRecovery> recovery_of(std::int8_t value) {
  if (value == 0 || value == 1) return static_cast<LeaderRecovery>(value);
  return Error(Errc::invalid_argument, fmt::format("Value {} is not a valid leader recovery state", value));
}

// Where none is told, none is known.
Result<> settle_directories(PartitionFields& fields, std::vector<Uuid>& unknown) {
  const bool told =
      std::ranges::any_of(fields.directories, [](const Uuid& each) { return each != kMigratingDirectory; });
  if (told && fields.directories.size() != fields.replicas.size()) {
    return Error(Errc::invalid_argument, fmt::format("{} directories are given for {} replicas",
                                                     fields.directories.size(), fields.replicas.size()));
  }
  if (!told) {
    unknown.assign(fields.replicas.size(), kMigratingDirectory);
    fields.directories = unknown;
  }
  return {};
}

}  // namespace

bool contains(BrokerIds brokers, std::int32_t broker) {
  return std::ranges::find(brokers, broker) != brokers.end();
}

std::size_t Partition::bytes_of(const PartitionFields& fields) {
  const std::size_t brokers = fields.replicas.size() + fields.isr.size() + fields.removing_replicas.size() +
                              fields.adding_replicas.size() + fields.elr.size() +
                              fields.last_known_elr.size();
  return sizeof(Partition) + fields.directories.size() * sizeof(Uuid) + brokers * sizeof(std::int32_t);
}

Partition::Partition(const PartitionFields& fields)
    : leader_(fields.leader),
      leader_epoch_(fields.leader_epoch),
      partition_epoch_(fields.partition_epoch),
      leader_recovery_(fields.leader_recovery),
      replicas_(size_of(fields.replicas)),
      isr_(size_of(fields.isr)),
      removing_(size_of(fields.removing_replicas)),
      adding_(size_of(fields.adding_replicas)),
      elr_(size_of(fields.elr)),
      last_known_elr_(size_of(fields.last_known_elr)) {
  auto* next_uuid = reinterpret_cast<Uuid*>(this + 1);
  for (const Uuid& each : fields.directories) new (next_uuid++) Uuid(each);
  auto* next_broker = reinterpret_cast<std::int32_t*>(next_uuid);
  for (const BrokerIds list : {fields.replicas, fields.isr, fields.removing_replicas, fields.adding_replicas,
                               fields.elr, fields.last_known_elr}) {
    for (const std::int32_t each : list) new (next_broker++) std::int32_t(each);
  }
}

PartitionRef Partition::make(const PartitionFields& fields) {
  OTTLA_INVARIANT(fields.directories.size() == fields.replicas.size(), "a replica without a directory",
                  fields.directories.size(), fields.replicas.size());
  void* place = ::operator new(bytes_of(fields));
  return PartitionRef(new (place) Partition(fields));
}

void Partition::destroy(const Partition* partition) {
  partition->~Partition();
  ::operator delete(const_cast<Partition*>(partition));
}

Result<PartitionRef> Partition::from(const protocol::PartitionRecord& record) {
  OTTLA_TRY(const LeaderRecovery recovery, recovery_of(record.leader_recovery_state));
  if (!record.directories.empty() && record.directories.size() != record.replicas.size()) {
    return Error(Errc::invalid_argument, fmt::format("{} directories are given for {} replicas",
                                                     record.directories.size(), record.replicas.size()));
  }
  PartitionFields fields{.replicas = record.replicas.as_span(),
                         .directories = record.directories.as_span(),
                         .isr = record.isr.as_span(),
                         .removing_replicas = record.removing_replicas.as_span(),
                         .adding_replicas = record.adding_replicas.as_span(),
                         .elr = record.eligible_leader_replicas.as_span(),
                         .last_known_elr = record.last_known_elr.as_span(),
                         .leader = record.leader,
                         .leader_epoch = record.leader_epoch,
                         .partition_epoch = record.partition_epoch,
                         .leader_recovery = recovery};
  std::vector<Uuid> unknown;
  OTTLA_CHECK(settle_directories(fields, unknown));
  return make(fields);
}

Result<PartitionRef> Partition::changed_by(const protocol::PartitionChangeRecord& record) const {
  PartitionFields next = fields();
  const auto change = [](auto& field, const auto& told) {
    if (!told.is_null()) field = told.as_span();
  };
  change(next.replicas, record.replicas);
  change(next.directories, record.directories);
  change(next.isr, record.isr);
  change(next.removing_replicas, record.removing_replicas);
  change(next.adding_replicas, record.adding_replicas);
  change(next.elr, record.eligible_leader_replicas);
  change(next.last_known_elr, record.last_known_elr);
  if (record.leader != kNoLeaderChange) {
    next.leader = record.leader;
    next.leader_epoch = one_more(next.leader_epoch);
  }
  if (record.leader_recovery_state != kNoRecoveryChange) {
    OTTLA_TRY(next.leader_recovery, recovery_of(record.leader_recovery_state));
  }
  next.partition_epoch = one_more(next.partition_epoch);
  if (!record.replicas.is_null() && !record.directories.empty() &&
      record.directories.size() != record.replicas.size()) {
    return Error(Errc::invalid_argument, fmt::format("{} directories are given for {} replicas",
                                                     record.directories.size(), record.replicas.size()));
  }
  std::vector<Uuid> unknown;
  OTTLA_CHECK(settle_directories(next, unknown));
  return make(next);
}

PartitionRef Partition::without_elr() const {
  PartitionFields next = fields();
  next.elr = {};
  next.last_known_elr = {};
  next.partition_epoch = one_more(next.partition_epoch);
  return make(next);
}

const Uuid* Partition::directory_of(std::int32_t broker) const {
  const BrokerIds all = replicas();
  const auto place = std::ranges::find(all, broker);
  return place == all.end() ? nullptr : &directories()[static_cast<std::size_t>(place - all.begin())];
}

PartitionFields Partition::fields() const {
  return {.replicas = replicas(),
          .directories = directories(),
          .isr = isr(),
          .removing_replicas = removing_replicas(),
          .adding_replicas = adding_replicas(),
          .elr = elr(),
          .last_known_elr = last_known_elr(),
          .leader = leader_,
          .leader_epoch = leader_epoch_,
          .partition_epoch = partition_epoch_,
          .leader_recovery = leader_recovery_};
}

bool operator==(const Partition& a, const Partition& b) {
  return a.leader_ == b.leader_ && a.leader_epoch_ == b.leader_epoch_ &&
         a.partition_epoch_ == b.partition_epoch_ && a.leader_recovery_ == b.leader_recovery_ &&
         std::ranges::equal(a.directories(), b.directories()) &&
         std::ranges::equal(a.replicas(), b.replicas()) && std::ranges::equal(a.isr(), b.isr()) &&
         std::ranges::equal(a.removing_replicas(), b.removing_replicas()) &&
         std::ranges::equal(a.adding_replicas(), b.adding_replicas()) &&
         std::ranges::equal(a.elr(), b.elr()) && std::ranges::equal(a.last_known_elr(), b.last_known_elr());
}

}  // namespace ottla::metadata
