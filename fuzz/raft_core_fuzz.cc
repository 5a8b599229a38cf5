// fuzz: base runtime raft
// Any sequence of requests, replies, disk events and time to one replica: it breaks no invariant of its own, its epoch
// and high watermark never go back, and nothing committed is cut off.
#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <utility>
#include <variant>
#include <vector>

#include "base/invariant.h"
#include "raft/core.h"

namespace ottla::raft {
namespace {

// Numbers out of the input; zeros when it has ended.
class Numbers {
 public:
  explicit Numbers(std::span<const std::uint8_t> bytes) : bytes_(bytes) {}
  bool more() const { return !bytes_.empty(); }
  std::uint8_t byte() {
    if (bytes_.empty()) return 0;
    const std::uint8_t first = bytes_.front();
    bytes_ = bytes_.subspan(1);
    return first;
  }
  // Mostly small ones, now and then the extremes.
  std::int64_t number() {
    const std::uint8_t first = byte();
    if (first < 250) return first % 32;
    constexpr std::int64_t kExtremes[] = {-1, INT64_MAX, INT64_MIN, INT32_MAX, 100, 1'000'000};
    return kExtremes[first - 250];
  }
  Offset offset() { return Offset(number()); }
  LeaderEpoch epoch() {
    return LeaderEpoch(static_cast<std::int32_t>(std::clamp<std::int64_t>(number(), INT32_MIN, INT32_MAX)));
  }
  LogPosition position() {
    const LeaderEpoch at = epoch();
    return {at, offset()};
  }
  ReplicaKey key() {
    const std::uint8_t bits = byte();
    return {NodeId(static_cast<std::int32_t>(bits % 6) - 1), Uuid(7, (bits & 64) != 0 ? 9 : bits % 6)};
  }
  Endpoints endpoints() {
    const std::uint8_t bits = byte();
    if (bits % 4 == 0) return {};
    return Endpoints({{bits % 4 == 1 ? "D" : "C", std::to_string(bits % 6), 1}});
  }

 private:
  std::span<const std::uint8_t> bytes_;
};

class Play {
 public:
  explicit Play(Numbers numbers) : in_(numbers) {
    CoreOptions options;
    options.self = {NodeId(1), Uuid(7, 2)};
    options.cluster = "c";
    options.listener = "C";
    options.endpoints = Endpoints({{"C", "1", 1}});
    const std::uint8_t bits = in_.byte();
    options.auto_join = (bits & 8) != 0;
    std::vector<VoterNode> voters;
    for (std::int32_t node = (bits & 16) != 0 ? 2 : 1; node <= 1 + bits % 4; ++node) {
      voters.push_back(
          {{NodeId(node), (bits & 4) != 0 ? Uuid(7, static_cast<std::uint64_t>(node) + 1) : kZeroUuid},
           Endpoints({{"C", std::to_string(node), 1}}),
           {0, 1}});
    }
    Recovered recovered;
    recovered.log.add_snapshot({kBootstrapSnapshot, 1});
    if ((bits & 4) != 0) {
      recovered.control = {{Offset(-1), KRaftVersionChange{1}}, {Offset(-1), VotersChange{VoterSet(voters)}}};
    } else {
      options.configured_voters = VoterSet(voters);
    }
    core_.emplace(options, recovered, Random(in_.byte()), now_);
    take();
  }

  void run() {
    for (int steps = 0; in_.more() && steps < 4000; ++steps) {
      const LeaderEpoch epoch = core_->epoch();
      const Offset committed = core_->committed();
      step();
      take();
      OTTLA_INVARIANT(core_->epoch() >= epoch, "an epoch went back", core_->epoch(), epoch);
      OTTLA_INVARIANT(core_->committed() >= committed, "the high watermark went back");
      OTTLA_INVARIANT(core_->committed() <= core_->log().end(), "what is not there is committed");
    }
  }

 private:
  void step() {
    switch (in_.byte() % 10) {
      case 0:
      case 1:
      case 2:
        return core_->request(++token_, {in_.byte() == 7 ? "x" : "", request()}, now_);
      case 3:
      case 4:
      case 5:
        return reply();
      case 6:
        now_ += std::chrono::milliseconds(in_.byte() * 16);
        return core_->tick(now_);
      case 7:
        return disk();
      case 8:
        (void)core_->append(core_->epoch(), 1 + in_.byte() % 4, Slice(), now_);
        return;
      default:
        return other();
    }
  }

  void other() {
    switch (in_.byte() % 5) {
      case 0:
        return core_->resign(in_.epoch(), now_);
      case 1:
        if (!sent_.empty()) core_->request_failed(sent_.back().correlation, now_);
        return;
      case 2:
        (void)core_->raise_kraft_version(core_->epoch(), 1, false, now_);
        return;
      case 3: {
        const Offset end = core_->committed();
        if (end <= core_->log().start()) return;
        const LogPosition id{core_->log().epoch_at(end - 1), end};
        core_->snapshot_taken({id, 10});
        if (in_.byte() % 2 == 0) core_->log_begins_at(id);
        return;
      }
      default:
        if (in_.byte() == 99) core_->shut_down(std::chrono::seconds(1), now_);
    }
  }

  decltype(Request::body) request() {
    switch (in_.byte() % 10) {
      case 0:
      case 1:
        return VoteRequest{in_.key(), in_.epoch(), in_.key(), in_.position(), in_.byte() % 2 == 0};
      case 2:
        return BeginEpochRequest{in_.key().id, in_.epoch(), in_.key(), in_.endpoints()};
      case 3:
        return EndEpochRequest{in_.key().id, in_.epoch(), {in_.key(), in_.key()}, in_.endpoints()};
      case 4:
      case 5:
        return FetchRequest{in_.key(),
                            in_.epoch(),
                            in_.position(),
                            in_.offset(),
                            std::chrono::milliseconds(in_.number() % 1000),
                            1000};
      case 6:
        return FetchSnapshotRequest{in_.key(), in_.epoch(), in_.position(), in_.number(), 100};
      case 7:
        return AddVoterRequest{in_.key(), in_.endpoints(), in_.byte() % 2 == 0};
      case 8:
        return RemoveVoterRequest{in_.key()};
      default:
        return UpdateVoterRequest{
            in_.epoch(), {in_.key(), in_.endpoints(), {0, static_cast<std::int16_t>(in_.byte() % 3)}}};
    }
  }

  // To the newest request, of its kind or of any other.
  void reply() {
    if (sent_.empty()) return;
    Reply reply;
    reply.epoch = in_.byte() % 2 == 0 ? core_->epoch() : in_.epoch();
    reply.leader = in_.key().id;
    reply.leader_endpoints = in_.endpoints();
    if (in_.byte() % 4 == 0) reply.error = static_cast<ErrorCode>(in_.byte());
    if (in_.byte() % 16 == 0) reply.top = static_cast<ErrorCode>(in_.byte());
    switch (in_.byte() % 6) {
      case 0:
        reply.body = VoteReply{in_.byte() % 4 != 0};
        break;
      case 1:
        reply.body = BeginEpochReply();
        break;
      case 2:
        reply.body =
            FetchSnapshotReply{in_.position(), in_.number(), in_.number(), 0, Slice::from_static("bytes")};
        break;
      case 3:
        reply.body = VersionsReply{VersionRange{0, static_cast<std::int16_t>(in_.byte() % 3)}};
        break;
      default:
        reply.body = fetch_reply();
    }
    const Correlation correlation = sent_.back().correlation;
    core_->reply(correlation, reply, now_);
  }

  FetchReply fetch_reply() {
    FetchReply reply;
    reply.high_watermark = in_.offset();
    const std::uint8_t kind = in_.byte() % 6;
    if (kind == 0) reply.diverging = in_.position();
    if (kind == 1) reply.snapshot = in_.position();
    if (kind < 2) return reply;
    const Offset base = kind == 2 ? in_.offset() : core_->log().end();
    const LeaderEpoch epoch = kind == 3 ? in_.epoch() : core_->epoch();
    Batch batch{base, base, epoch, {}, {}};
    if (in_.byte() % 4 == 0) {
      const ReplicaKey key = in_.key();
      batch.control = {{base, VotersChange{VoterSet({{key, in_.endpoints(), {0, 1}}})}}};
    }
    reply.batches.push_back(std::move(batch));
    return reply;
  }

  void disk() {
    for (const DiskStep& step : std::exchange(steps_, {})) {
      if (const auto* save = std::get_if<SaveElection>(&step)) core_->election_saved(save->version, now_);
      if (const auto* cut = std::get_if<TruncateLog>(&step)) generation_ = cut->generation;
      if (const auto* restart = std::get_if<RestartLog>(&step)) generation_ = restart->generation;
      const auto* piece = std::get_if<WriteSnapshot>(&step);
      if (piece != nullptr && piece->last) core_->snapshot_installed({piece->id, 10}, {}, now_);
    }
    core_->log_synced(core_->log().end(), generation_, now_);
  }

  void take() {
    Decisions decided = core_->take();
    for (DiskStep& step : decided.steps) {
      const auto* cut = std::get_if<TruncateLog>(&step);
      OTTLA_INVARIANT(cut == nullptr || cut->end >= core_->log().start(), "cut before the log's start");
      steps_.push_back(std::move(step));
    }
    for (Outgoing& outgoing : decided.requests) sent_.push_back(std::move(outgoing));
    if (sent_.size() > 8) sent_.erase(sent_.begin(), sent_.end() - 8);
  }

  Numbers in_;
  Instant now_;
  std::optional<Core> core_;
  std::vector<DiskStep> steps_;
  std::vector<Outgoing> sent_;
  std::uint64_t generation_ = 0;
  RequestToken token_ = 0;
};

}  // namespace
}  // namespace ottla::raft

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  ottla::raft::Play(ottla::raft::Numbers({data, size})).run();
  return 0;
}
