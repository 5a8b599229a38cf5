#include "test/node/admin/admin_run.h"

#include <fmt/format.h>

#include <chrono>
#include <cstddef>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "runtime/random.h"
#include "test/node/admin/admin.h"
#include "test/node/admin/admin_judge.h"
#include "test/node/admin/metadata_on_disk.h"
#include "test/node/life/stage.h"

namespace ottla::server {
namespace {

using std::chrono::minutes;
using std::chrono::seconds;

constexpr const char* kOtherDirectory = "/more";

// What a seed's node is like.
struct Cast {
  std::size_t admins = 1;
  bool two_directories = false;
  StageTerms terms;
};

Cast cast_of(std::uint64_t seed, const NamedAdminPlant& plant) {
  Random random(seed ^ 0x6e6f6465);
  Cast cast{.admins = 1 + random.below(3), .two_directories = random.chance(1, 2), .terms = {}};
  cast.terms.clients = cast.admins;
  cast.terms.shards = 1 + random.below(3);
  cast.terms.broken = plant.broken;
  cast.terms.ids_repeat = plant.plant == AdminPlant::ids_repeat;
  // Small, so that segments and snapshots come and go; or so large that all of the log stays, to be replayed.
  std::vector<std::string>& overrides = cast.terms.overrides;
  overrides.push_back(
      fmt::format("metadata.log.max.record.bytes.between.snapshots={}", 500 + random.below(8000)));
  overrides.push_back(fmt::format("metadata.max.retention.bytes={}", random.chance(1, 2) ? 104857600 : 4000));
  overrides.push_back(fmt::format("metadata.log.segment.bytes={}", 8'388'608));
  overrides.push_back(fmt::format("metadata.max.idle.interval.ms={}", random.chance(1, 2) ? 500 : 5000));
  overrides.push_back(fmt::format("file.delete.delay.ms={}", random.chance(1, 2) ? 200 : 60000));
  overrides.push_back(fmt::format("broker.heartbeat.interval.ms={}", 500));
  overrides.push_back("auto.create.topics.enable=false");
  if (cast.two_directories) overrides.push_back(fmt::format("log.dirs=/data,{}", kOtherDirectory));
  if (cast.two_directories && random.chance(1, 2)) overrides.push_back("metadata.log.dir=/meta");
  return cast;
}

class Run {
 public:
  Run(const testing::RunRequest& request, const NamedAdminPlant& plant)
      : cast_(cast_of(request.seed, plant)),
        plant_(plant.plant),
        judge_([this](std::string what) { stage_.accuse(std::move(what)); }),
        stage_(request, cast_.terms),
        phase_(request.plan.end()) {
    stage_.on_step = [this] { look(); };
    stage_.on_death = [this](bool) { judge_.life_ended(); };
  }

  testing::Outcome run() {
    stage_.start();
    for (std::size_t index = 0; index < cast_.admins; ++index) start_admin(index);
    stage_.pass(phase_ + seconds(2));
    stage_.heal();
    if (stage_.good()) finish();
    return stage_.outcome(judge_.ledger().acked());
  }

 private:
  void look() {
    const metadata::SharedImage image = stage_.image();
    const std::uint64_t life = stage_.life().lives();
    const bool is_first = image != nullptr && std::exchange(life_seen_, life) != life;
    if (plant_ == AdminPlant::serves_early && is_first && judge_.last() != nullptr) {
      judge_.look(life, std::make_shared<const metadata::MetadataImage>(*judge_.last()));
    }
    judge_.look(life, image);
  }

  void start_admin(std::size_t index) {
    const Admin::Terms terms{.index = index,
                             .plant = plant_,
                             .broker = stage_.address(),
                             .controller = stage_.address(NodeLife::kControllerPort),
                             .other_directory = cast_.two_directories ? kOtherDirectory : ""};
    const Admin::Ears ears{.acked = [this] { look(); },
                           .accuse = [this](std::string what) { stage_.accuse(std::move(what)); },
                           .producer_id = [this](std::int64_t id) { judge_.producer_id(id); },
                           .finishes = [this] { return finishes_; },
                           .partitions = [this] { return judge_.partitions(); }};
    stage_.start_client(index, [this, terms, ears](Process&, Cancel cancel) -> Task<int> {
      Admin admin(terms, judge_.ledger(), ears);
      co_return co_await admin.run(cancel);
    });
  }

  // All is well: the node serves, and what was asked for is there; also when it is stopped and started.
  void finish() {
    if (!come_up("after all troubles") || !bring_directories_back()) return;
    finishes_ = true;
    if (!stage_.pass_until([this] { return stage_.clients_ended(); }, minutes(10)) && stage_.good()) {
      stage_.accuse("L1: administrators do not come to an end; the node: " + stage_.node_state());
    }
    if (!stage_.good()) return;
    stage_.check_folders();
    if (!stage_.good() || !stage_.stop_node()) return;
    check_disk();
    if (stage_.good() && stage_.come_back() && come_up("after a stop")) (void)stage_.stop_node();
    if (stage_.good()) check_disk();
  }

  // One that failed is offline until somebody has mended its disk and starts the node again.
  bool bring_directories_back() {
    stage_.pass(seconds(2));  // until the controller has heard of it
    const metadata::SharedImage image = stage_.image();
    const metadata::BrokerRegistration* const self =
        image == nullptr ? nullptr : image->cluster.broker(NodeId(1));
    const std::size_t wanted = cast_.two_directories ? 2 : 1;
    if (self != nullptr && self->directories.size() == wanted) return stage_.good();
    return stage_.repair() && come_up("after its disk was mended");
  }

  bool come_up(const char* when) {
    const bool up = stage_.pass_until([this] { return stage_.image() != nullptr; }, minutes(3));
    if (!up && stage_.good()) {
      stage_.accuse(fmt::format("L1: the node does not come back {}: {}", when, stage_.node_state()));
    }
    return up;
  }

  void check_disk() {
    const std::string directory = stage_.host().disk().find("/meta/meta.properties").ok() ? "/meta" : "/data";
    const MetadataVerdict verdict =
        judge_metadata_on_disk(stage_.host().disk(), directory + "/__cluster_metadata-0", *judge_.last());
    for (const std::string& finding : verdict.findings) stage_.accuse(finding);
  }

  const Cast cast_;
  const AdminPlant plant_;
  AdminJudge judge_;
  Stage stage_;
  const Duration phase_;
  std::uint64_t life_seen_ = 0;  // that served
  bool finishes_ = false;
};

}  // namespace

testing::Outcome run_administered_node(const testing::RunRequest& request, const NamedAdminPlant& plant) {
  return Run(request, plant).run();
}

}  // namespace ottla::server
