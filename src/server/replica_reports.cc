#include "server/replica_reports.h"

#include <fmt/format.h>

#include <chrono>
#include <cstdint>
#include <map>
#include <utility>

#include "base/arena.h"
#include "base/budget.h"
#include "protocol/error_code.h"
#include "protocol/error_info.h"
#include "protocol/messages/alter_partition.h"

namespace ottla::server {
namespace {

using protocol::AlterPartitionRequest;
using protocol::AlterPartitionResponse;
using protocol::ErrorCode;
using replica::IsrAnswer;
using replica::IsrQuestion;
using replica::PartitionKey;

constexpr std::size_t kMostReplyMemory = std::size_t{16} << 20;
constexpr Duration kPatience = std::chrono::seconds(60);

// A request and all that it points to.
struct Telling {
  explicit Telling(const std::vector<IsrQuestion>& questions) {
    members.reserve(questions.size());
    for (const IsrQuestion& each : questions) {
      auto& own = members.emplace_back();
      for (const auto& member : each.proposal.isr) {
        own.push_back({.broker_id = member.broker.raw(), .broker_epoch = member.broker_epoch});
      }
      partitions[each.key.topic].push_back({.partition_index = each.key.index.raw(),
                                            .leader_epoch = each.proposal.leader_epoch.raw(),
                                            .new_isr_with_epochs = own,
                                            .partition_epoch = each.proposal.partition_epoch});
    }
    for (const auto& [topic, own] : partitions) topics.push_back({.topic_id = topic, .partitions = own});
  }

  std::vector<std::vector<AlterPartitionRequest::BrokerState>> members;
  std::map<Uuid, std::vector<AlterPartitionRequest::PartitionData>> partitions;
  std::vector<AlterPartitionRequest::TopicData> topics;
};

IsrAnswer answer_of(const IsrQuestion& question, const AlterPartitionResponse::PartitionData& partition) {
  IsrAnswer answer{.key = question.key,
                   .number = question.proposal.number,
                   .error = static_cast<ErrorCode>(partition.error_code)};
  answer.altered.leader_epoch = LeaderEpoch(partition.leader_epoch);
  answer.altered.partition_epoch = partition.partition_epoch;
  for (const std::int32_t member : partition.isr) answer.altered.isr.emplace_back(member);
  return answer;
}

}  // namespace

void ReplicaReports::on_directory_failed(const FailedDirectory& directory, const Error& error) {
  ways_.log.error("a log directory has failed", field("path", directory.path), field("reason", error));
  if (directory.holds_metadata || directory.was_last) {
    const char* why = directory.holds_metadata ? "it holds the cluster's metadata" : "it was the last one";
    failed_(Error(Errc::io_error, fmt::format("the log directory {} has failed, and {}", directory.path, why),
                  error));
    return;
  }
  if (ways_.lifecycle != nullptr && directory.id != Uuid()) ways_.lifecycle->directory_failed(directory.id);
}

void ReplicaReports::on_assigned(const PartitionKey& key, const Uuid& directory) {
  if (ways_.assignments != nullptr) ways_.assignments->assign(key, directory);
}

Task<Result<std::vector<IsrAnswer>>> ReplicaReports::alter_isr(std::vector<IsrQuestion> questions) {
  if (ways_.link == nullptr || ways_.lifecycle == nullptr || ways_.lifecycle->epoch() < 0) {
    co_return Error(Errc::would_block, "the broker has not registered yet");
  }
  const Telling telling(questions);
  const AlterPartitionRequest request = {.broker_id = ways_.lifecycle->options().id.raw(),
                                         .broker_epoch = ways_.lifecycle->epoch(),
                                         .topics = telling.topics};
  const protocol::Versions with_epochs{.first = 3, .last = 3};
  OTTLA_CO_TRY(const rpc::Reply reply,
               co_await ways_.link->call(Asking(request, with_epochs), kPatience, {}));
  Budget budget("ISR answers", kMostReplyMemory);
  Arena arena(budget);
  AlterPartitionResponse response;
  OTTLA_CO_CHECK(reply.read(arena, response));
  if (response.error_code != 0) {
    co_return Error(Errc::unsupported, protocol::info_of(static_cast<ErrorCode>(response.error_code)).name);
  }
  std::map<PartitionKey, const IsrQuestion*> asked;
  for (const IsrQuestion& each : questions) asked[each.key] = &each;
  std::vector<IsrAnswer> answers;
  for (const auto& topic : response.topics) {
    for (const auto& partition : topic.partitions) {
      const auto found =
          asked.find({.topic = topic.topic_id, .index = PartitionId(partition.partition_index)});
      if (found != asked.end()) answers.push_back(answer_of(*found->second, partition));
    }
  }
  co_return std::move(answers);
}

}  // namespace ottla::server
