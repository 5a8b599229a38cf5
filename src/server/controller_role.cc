#include "server/controller_role.h"

#include <utility>

#include "runtime/random.h"
#include "runtime/shard.h"

namespace ottla::server {

ControllerRole::ControllerRole(controller::ControllerOptions options, quorum::MetadataQuorum& quorum,
                               Logger log)
    : options_(std::move(options)),
      quorum_(quorum),
      controller_(options_, *this, Random(this_shard().random().next()), log) {}

void ControllerRole::on_batch(const metadata::CommittedBatch& batch) {
  const Offset last = batch.last.value_or(
      Offset(batch.base_offset.raw() + static_cast<std::int64_t>(batch.records.size()) - 1));
  told_ = Offset(last.raw() + 1);
}

void ControllerRole::on_snapshot_end(const metadata::Provenance& provenance) {
  told_ = Offset(provenance.offset.raw() + 1);
}

void ControllerRole::on_leader_change(const raft::LeaderChanged& change) {
  if (change.leader != quorum_.node()) {
    controller_.follow(change.leader);
    return;
  }
  const metadata::Loader& loader = quorum_.loader();
  controller_.lead(change.epoch, *loader.image(), loader.in_transaction());
}

}  // namespace ottla::server
