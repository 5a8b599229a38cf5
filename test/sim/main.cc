// ottla-sim: every simulated world there is, the default first.
#include <string>
#include <vector>

#include "test/kv/kv_world.h"
#include "test/node/admin/admin_world.h"
#include "test/node/records/records_world.h"
#include "test/quorum/world/quorum_world.h"
#include "test/raft/raft_world.h"
#include "test/storage/log/storage_world.h"
#include "testing/echo_scenario.h"
#include "testing/sim_program.h"

int main(int count, char** words) {
  const ottla::kv::KvWorld store;
  const ottla::storage::StorageWorld log;
  const ottla::raft::RaftWorld raft;
  const ottla::quorum::QuorumWorld quorum;
  const ottla::server::AdminWorld node;
  const ottla::server::RecordsWorld data;
  const ottla::testing::EchoScenario echo;
  return ottla::testing::run_sim_program({&store, &log, &raft, &quorum, &node, &data, &echo},
                                         std::vector<std::string>(words + 1, words + count));
}
