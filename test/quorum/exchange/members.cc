#include "test/quorum/exchange/members.h"

#include <fmt/format.h>

#include <array>
#include <cstdio>
#include <cstdlib>
#include <functional>
#include <memory>
#include <utility>

#include "protocol/messages/cluster_metadata.h"
#include "protocol/record_codec.h"
#include "quorum/metadata_quorum.h"
#include "quorum/testing/quorum_port.h"
#include "runtime/offload.h"
#include "runtime/shard.h"
#include "runtime/sleep.h"
#include "runtime/task_group.h"
#include "test/quorum/exchange/directories.h"

namespace ottla::exchange {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;

constexpr char kListener[] = "CONTROLLER";

struct Who {
  std::string directory;
  std::string cluster;
  NodeId node;
  Uuid id;
};

Result<Who> who_of(const std::vector<std::string>& words) {
  Who who{words[1], words[2], NodeId(std::atoi(words[3].c_str())), {}};
  OTTLA_TRY(who.id, Uuid::parse(words[4]));
  return who;
}

quorum::QuorumOptions options_of(const Who& who, std::uint16_t port) {
  quorum::QuorumOptions options;
  options.directory = who.directory;
  options.raft.self = {who.node, who.id};
  options.raft.cluster = who.cluster;
  options.raft.listener = kListener;
  options.raft.endpoints = raft::Endpoints({{kListener, "localhost", port}});
  return options;
}

raft::VoterNode voter(std::int32_t node, std::uint16_t port) {
  return {{NodeId(node), {}}, raft::Endpoints({{kListener, "localhost", port}}), {0, 0}};
}

Slice encoded(const auto& record, std::int16_t version) {
  return protocol::encode_metadata_record(record, version)->flatten();
}

// A topic of one partition on that node, with a configuration of its own.
std::vector<Slice> new_topic(const std::string& name, const Who& who, std::uint64_t number) {
  protocol::TopicRecord topic;
  topic.name = name;
  topic.topic_id = Uuid(0x0123456789abcdef, number);
  const std::array<std::int32_t, 1> replicas = {who.node.raw()};
  const std::array<Uuid, 1> directories = {who.id};
  protocol::PartitionRecord partition;
  partition.partition_id = 0;
  partition.topic_id = topic.topic_id;
  partition.replicas = replicas;
  partition.isr = replicas;
  partition.leader = who.node.raw();
  partition.directories = directories;
  protocol::ConfigRecord config;
  config.resource_type = 2;
  config.resource_name = name;
  config.name = "retention.ms";
  config.value = "123456789";
  return {encoded(topic, 0), encoded(partition, 2), encoded(config, 0)};
}

Task<Result<void>> until(std::function<bool()> holds, const char* what, Cancel cancel) {
  for (int i = 0; i < 6000 && !holds(); ++i) OTTLA_CO_CHECK(co_await sleep_for(milliseconds(10), cancel));
  if (holds()) co_return Result<void>();
  co_return Error(Errc::timed_out, std::string("it did not come to: ") + what);
}

using Story = std::function<Task<Result<void>>(quorum::MetadataQuorum&, Cancel)>;

// Runs the story beside a member of the quorum.
Task<Result<void>> with_member(quorum::QuorumOptions options, Story story, Cancel cancel) {
  std::string fault;
  OTTLA_CO_TRY(const std::unique_ptr<quorum::MetadataQuorum> member,
               co_await quorum::MetadataQuorum::open(
                   std::move(options), {.on_fault = [&fault](Offset offset, const Error& error) {
                     fault = fmt::format("record {}: {}", offset.raw(), error.to_string());
                   }}));
  TaskGroup group(cancel);
  Result<void> ran;
  group.spawn([&](Cancel inner) -> Task<void> { ran = co_await member->run(inner); });
  Result<void> told = co_await story(*member, cancel);
  member->shut_down(seconds(5));
  co_await group.wait();
  const Result<void> closed = co_await member->close();
  if (!fault.empty()) co_return Error(Errc::malformed, fault);
  if (told.ok() && ran.ok()) co_return closed;
  co_return told.ok() ? ran : told;
}

Task<Result<void>> lead(quorum::MetadataQuorum& member, const Who& who, std::string topic, Cancel cancel) {
  OTTLA_CO_CHECK(co_await until(
      [&] { return member.leading() && member.high_watermark() == member.log_end(); }, "leadership", cancel));
  if (!member.loader().image()->features.metadata_version) {
    std::vector<Slice> records;
    for (const std::string& record : member.bootstrap().records) records.push_back(Slice::copy_of(record));
    OTTLA_CO_CHECK(member.append(member.epoch(), records));
  }
  const std::vector<Slice> records =
      new_topic(topic, who, static_cast<std::uint64_t>(member.log_end().raw()));
  OTTLA_CO_TRY(const Offset last, member.append(member.epoch(), records));
  const auto settled = [&] {
    return member.loader().image()->provenance.offset >= last && member.latest_snapshot() &&
           member.latest_snapshot()->offset > last;
  };
  OTTLA_CO_CHECK(co_await until(settled, "a snapshot of the topic", cancel));
  print_image(*member.loader().image());
  co_return Result<void>();
}

}  // namespace

Task<Result<void>> use_directory(std::vector<std::string> words, Cancel cancel) {
  OTTLA_CO_TRY(const Who who, who_of(words));
  const auto port = static_cast<std::uint16_t>(std::atoi(words[5].c_str()));
  quorum::QuorumOptions options = options_of(who, port);
  if (words[6] == "static") options.raft.configured_voters = raft::VoterSet({voter(who.node.raw(), port)});
  options.snapshots.max_bytes = 1;
  const std::string topic = words[7];
  co_return co_await with_member(
      std::move(options),
      [&](quorum::MetadataQuorum& member, Cancel inner) { return lead(member, who, topic, inner); }, cancel);
}

Task<Result<void>> observe(std::vector<std::string> words, Cancel cancel) {
  OTTLA_CO_TRY(const Who who, who_of(words));
  quorum::QuorumOptions options = options_of(who, 1);
  options.raft.can_become_voter = false;
  options.raft.bootstrap = {
      {kListener, "localhost", static_cast<std::uint16_t>(std::atoi(words[5].c_str()))}};
  const Offset target(std::atoll(words[6].c_str()));
  const auto follow = [&](quorum::MetadataQuorum& member, Cancel inner) -> Task<Result<void>> {
    OTTLA_CO_CHECK(co_await until([&] { return member.loader().image()->provenance.offset >= target; },
                                  "that offset", inner));
    const std::optional<raft::LogPosition> snapshot = member.latest_snapshot();
    fmt::print("log {} snapshot {} kraft.version {} leader {}\n", member.core().log().start().raw(),
               snapshot ? snapshot->to_string() : "none", member.kraft_version(), member.leader().raw());
    print_image(*member.loader().image());
    // The leader counts who fetches: long enough to be seen there.
    (void)co_await offload(HelperKind::disk, [] { return std::getchar(); });
    co_return Result<void>();
  };
  co_return co_await with_member(std::move(options), follow, cancel);
}

Task<Result<void>> vote(std::vector<std::string> words, Cancel cancel) {
  OTTLA_CO_TRY(const Who who, who_of(words));
  std::vector<raft::VoterNode> voters;
  std::uint16_t own = 0;
  // 1=PORT,2=PORT,…
  for (std::size_t at = 0; at < words[5].size();) {
    const std::size_t end = std::min(words[5].find(',', at), words[5].size());
    const std::string one = words[5].substr(at, end - at);
    const std::int32_t node = std::atoi(one.c_str());
    const auto port = static_cast<std::uint16_t>(std::atoi(one.c_str() + one.find('=') + 1));
    // It cannot ask the others for their votes, and so it never leads: a controller it is not.
    const bool is_own = NodeId(node) == who.node;
    if (is_own) own = port;
    voters.push_back(voter(node, is_own ? port : 1));
    at = end + 1;
  }
  quorum::QuorumOptions options = options_of(who, own);
  options.raft.configured_voters = raft::VoterSet(std::move(voters));
  const auto take_part = [&](quorum::MetadataQuorum& member, Cancel) -> Task<Result<void>> {
    quorum::testing::QuorumPort port(member, kListener);
    OTTLA_CO_CHECK(co_await port.open(Address::loopback(own)));
    fmt::print("listening\n");
    std::fflush(stdout);
    // Each line of the input asks for the state; its end is the end.
    std::array<char, 64> line{};
    for (;;) {
      const bool more = co_await offload(
          HelperKind::disk, [&line] { return std::fgets(line.data(), line.size(), stdin) != nullptr; });
      if (!more) break;
      fmt::print("epoch {} leader {} end {} committed {}\n", member.epoch().raw(), member.leader().raw(),
                 member.log_end().raw(), member.high_watermark().raw());
      print_image(*member.loader().image());
    }
    co_await port.close();
    co_return Result<void>();
  };
  co_return co_await with_member(std::move(options), take_part, cancel);
}

}  // namespace ottla::exchange
