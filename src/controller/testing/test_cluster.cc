#include "controller/testing/test_cluster.h"

#include <utility>

#include "metadata/bootstrap.h"
#include "metadata/feature.h"
#include "metadata/replay.h"

namespace ottla::controller::testing {
namespace {

constexpr std::size_t kMostMemory = std::size_t{64} << 20U;
constexpr Duration kSession = std::chrono::seconds(9);

ControllerOptions options_of(const TestSetup& setup) {
  config::Texts texts = {{"node.id", "100"},
                         {"process.roles", "controller"},
                         {"controller.quorum.voters", "100@localhost:9093"},
                         {"listeners", "CONTROLLER://localhost:9093"},
                         {"controller.listener.names", "CONTROLLER"}};
  for (const auto& [key, value] : setup.config) texts.insert_or_assign(key, value);
  std::vector<config::Problem> problems;
  config::NodeConfig node = config::NodeConfig::read(texts, problems);
  OTTLA_INVARIANT(problems.empty(), "a test's configuration is wrong", problems.front().text);
  metadata::FeatureLevels features = metadata::default_features(setup.version);
  if (!setup.elr) features.erase(std::string(metadata::kEligibleLeaderReplicasFeature));
  return {.node = NodeId(100),
          .cluster_id = "cluster",
          .config = std::move(node),
          .features = {},
          .quorum_nodes = {NodeId(100)},
          .bootstrap = metadata::make_bootstrap(setup.version, features)};
}

}  // namespace

TestCluster::TestCluster(const TestSetup& setup)
    : options_(options_of(setup)),
      budget_("a test's controller", kMostMemory),
      arena_(budget_),
      state_(std::make_unique<State>(options_, metadata::MetadataImage())),
      sessions_(kSession),
      random_(setup.seed),
      next_(setup.first_offset) {
  RecordList records;
  for (const std::string& record : options_.bootstrap.records) records.add_encoded(Slice::copy_of(record));
  replay(records);
  sessions_.begin(image(), now_);
}

void TestCluster::violate(const std::string& broken) {
  if (on_violation) return on_violation(broken);
  OTTLA_INVARIANT(false, "an invariant of the cluster does not hold", broken);
}

Call TestCluster::call_for(const Asked& asked, RecordList& records) {
  return {.asked = asked,
          .arena = arena_,
          .records = records,
          .random = random_,
          .sessions = sessions_,
          .kraft_version = kraft_version_,
          .next_offset = next_};
}

void TestCluster::replay(const RecordList& records) {
  const metadata::MetadataImage before = image();
  for (const Slice& record : records.values()) {
    const Result<> replayed = state_->replay(record.as_span(), next_);
    if (!replayed.ok()) return violate("a record cannot be replayed: " + replayed.error().to_string());
    ++next_;
  }
  records_ = records.size();
  if (const std::string broken = state_->broken_invariant(); !broken.empty()) violate(broken);
  if (const std::string broken = judge_.judge(before, image()); !broken.empty()) violate(broken);
}

ApiError TestCluster::perform(const ControllerApi& api, std::int16_t version, const void* request,
                              void* response) {
  arena_.reset();
  const Asked asked{.version = version, .now_ms = 0, .now = now_, .forwarded = forwarded_, .quota = quota_};
  RecordList records;
  Call call = call_for(asked, records);
  ApiError refused = api.handle(*state_, request, call, response);
  if (refused.ok() && !api.unlimited && records.size() > kMostRecords) {
    refused = {ErrorCode::policy_violation, "Unable to perform excessively large batch operation."};
  }
  records_ = 0;
  if (!refused.ok()) {
    const Result<> made = api.refuse(request, asked.version, refused, arena_, response);
    if (!made.ok()) violate("a refusal cannot be made: " + made.error().to_string());
  }
  if (refused.ok() && tamper) tamper(records);
  if (!refused.ok() || call.only_validates) records.truncate(0);
  if (observer != nullptr) observer->asked(api, version, request, response, records);
  replay(records);
  return refused;
}

bool TestCluster::run(bool (*task)(const State&, Call&)) {
  arena_.reset();
  const Asked asked{.now = now_};
  RecordList records;
  Call call = call_for(asked, records);
  const bool more = task(*state_, call);
  if (tamper) tamper(records);
  if (observer != nullptr) observer->ran(task, records);
  replay(records);
  return more;
}

void TestCluster::fail_over() {
  state_ = std::make_unique<State>(options_, metadata::MetadataImage(image()));
  sessions_.begin(image(), now_);
}

}  // namespace ottla::controller::testing
