// A controller without a quorum: what is decided is replayed at once. For tests, fuzzers and simulations of decisions.
//
// Use:         TestCluster cluster;   auto response = cluster.ask<Request, Response>(request);
// Invariants:  after each request: the state's, the cluster's (cluster_invariants.h), and at most 10,000 records of a user.
// Lifetime:    what a response points to lives until the next request.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "base/arena.h"
#include "base/budget.h"
#include "base/invariant.h"
#include "controller/api_table.h"
#include "controller/call.h"
#include "controller/controller_options.h"
#include "controller/sessions.h"
#include "controller/state.h"
#include "controller/testing/cluster_invariants.h"
#include "protocol/message.h"
#include "protocol/registry.h"

namespace ottla::controller::testing {

struct TestSetup {
  metadata::MetadataVersion version = metadata::kLatestMetadataVersion;
  bool elr = true;
  config::Texts config = {};  // of the node, beside what each needs
  std::uint64_t seed = 1;
  Offset first_offset = Offset(0);  // of the log
};

// The quorum's kraft.version as a test wants it.
class ScriptedKraftVersion final : public KraftVersion {
 public:
  std::int16_t level() const override { return now; }
  Result<> raise(std::int16_t level, bool only_check) override {
    if (!refusal.empty()) return Error(Errc::invalid_argument, refusal);
    if (!only_check) now = level;
    return {};
  }

  std::int16_t now = 1;
  std::string refusal;  // why it cannot be raised
};

// Sees all that happens to a cluster.
class ClusterObserver {
 public:
  virtual ~ClusterObserver() = default;
  virtual void asked(const ControllerApi& api, std::int16_t version, const void* request,
                     const void* response, const RecordList& records) = 0;
  virtual void ran(bool (*task)(const State&, Call&), const RecordList& records) = 0;
  virtual void passed(Duration time) = 0;
  virtual void had(const RecordList& records) = 0;
};

class TestCluster {
 public:
  explicit TestCluster(const TestSetup& setup = {});

  const State& state() const { return *state_; }
  const metadata::MetadataImage& image() const { return state_->image(); }
  const ControllerOptions& options() const { return options_; }
  ControllerOptions& change_options() { return options_; }
  Sessions& sessions() { return sessions_; }
  Offset next_offset() const { return next_; }
  std::int64_t last_offset() const { return next_.raw() - 1; }
  Instant now() const { return now_; }
  void pass(Duration time) {
    now_ += time;
    if (observer != nullptr) observer->passed(time);
  }
  void limit_mutations(MutationQuota* quota) { quota_ = quota; }
  // Whether requests come through a broker.
  void forward(bool forwarded) { forwarded_ = forwarded; }
  ScriptedKraftVersion& kraft_version() { return kraft_version_; }
  std::size_t records_of_last() const { return records_; }

  // As the driver does it. A refusal has been made a response, too, and is given back.
  ApiError perform(const ControllerApi& api, std::int16_t version, const void* request, void* response);
  template <protocol::Message Response, protocol::Message Request>
  Response ask(const Request& request, std::int16_t version = Request::message().versions.last) {
    Response response;
    const ControllerApi* api = find_controller_api(static_cast<protocol::ApiKey>(Request::message().key));
    OTTLA_INVARIANT(api != nullptr, "the controller does not serve this", Request::message().name);
    static_cast<void>(perform(*api, version, &request, &response));
    return response;
  }
  // A task of time; whether it wants to run again at once.
  bool run(bool (*task)(const State&, Call&));
  // A record that stands in the log already.
  template <protocol::Message T>
  void have(const T& record, std::int16_t version = T::message().versions.last) {
    RecordList records;
    records.add(record, version);
    if (observer != nullptr) observer->had(records);
    replay(records);
  }
  // Another controller takes over: it has what is in the image, and no soft state.
  void fail_over();

  // Changes what a handler decided, before it is replayed: how tests plant bugs.
  std::function<void(RecordList& records)> tamper;
  ClusterObserver* observer = nullptr;
  // Called with what does not hold; by default a broken invariant.
  std::function<void(const std::string& broken)> on_violation;

 private:
  Call call_for(const Asked& asked, RecordList& records);
  void replay(const RecordList& records);
  void violate(const std::string& broken);

  ControllerOptions options_;
  Budget budget_;
  Arena arena_;
  std::unique_ptr<State> state_;
  Sessions sessions_;
  ScriptedKraftVersion kraft_version_;
  Random random_;
  ClusterJudge judge_;
  Offset next_;
  Instant now_ = Instant(std::chrono::hours(1));
  MutationQuota* quota_ = nullptr;
  bool forwarded_ = false;
  std::size_t records_ = 0;
};

}  // namespace ottla::controller::testing
