#include "server/topic_creator.h"

#include <chrono>
#include <utility>

#include "base/chain.h"
#include "config/node_key.h"
#include "protocol/codec.h"
#include "protocol/frame_splitter.h"
#include "protocol/messages/create_topics.h"
#include "protocol/request_header.h"
#include "runtime/cross_shard.h"
#include "server/internal_topics.h"

namespace ottla::server {
namespace {

using protocol::CreateTopicsRequest;

constexpr Duration kPatience = std::chrono::seconds(60);
constexpr std::int16_t kVersion = 7;

}  // namespace

void TopicCreator::create(const std::vector<std::string>& names, ClientInfo client, std::string client_id) {
  std::vector<std::string> fresh;
  for (const std::string& name : names) {
    if (under_way_.size() >= kMost) break;
    if (under_way_.insert(name).second) fresh.push_back(name);
  }
  if (fresh.empty() || !tasks_.open()) return;
  tasks_.spawn([this, fresh = std::move(fresh), client = std::move(client),
                client_id = std::move(client_id)](Cancel cancel) mutable {
    return ask(std::move(fresh), std::move(client), std::move(client_id), cancel);
  });
}

Task<void> TopicCreator::ask(std::vector<std::string> names, ClientInfo client, std::string client_id,
                             Cancel cancel) {
  log_.info("asks the controller to create what a client asked for", field("topics", names.size()),
            field("first", names.front()));
  const Result<void> sent = co_await send(names, std::move(client), std::move(client_id), cancel);
  if (!sent.ok()) log_.debug("topics could not be created", field("reason", sent.error()));
  for (const std::string& name : names) under_way_.erase(name);
}

Task<Result<void>> TopicCreator::send(const std::vector<std::string>& names, ClientInfo client,
                                      std::string client_id, Cancel cancel) {
  const SharedSettings settings = settings_;
  std::vector<NewTopic> kinds;
  std::vector<std::vector<CreateTopicsRequest::CreatableTopicConfig>> configs;
  std::vector<CreateTopicsRequest::CreatableTopic> topics;
  for (const std::string& name : names) kinds.push_back(new_topic(name, settings->config));
  for (const NewTopic& kind : kinds) {
    auto& own = configs.emplace_back();
    for (const auto& [key, value] : kind.configs)
      own.push_back({.name = key, .value = std::string_view(value)});
  }
  for (std::size_t each = 0; each < names.size(); ++each) {
    topics.push_back({.name = names[each],
                      .num_partitions = kinds[each].partitions,
                      .replication_factor = kinds[each].replication_factor,
                      .configs = configs[each]});
  }
  const CreateTopicsRequest request = {
      .topics = topics, .timeout_ms = settings->config.get(config::node_key<"request.timeout.ms">)};
  OTTLA_CO_TRY(Chain frame, protocol::encode_request(protocol::Encodable(request, kVersion),
                                                     {.correlation = 0, .client_id = client_id}));
  frame.consume(protocol::FrameSplitter::kSizeBytes);
  OTTLA_CO_CHECK(co_await link_.forward(std::move(client), frame.flatten(), kPatience, cancel));
  co_return Result<void>();
}

Task<void> TopicCreatorDoor::create(std::vector<std::string> names, ClientInfo client,
                                    std::string client_id) {
  co_await on(home_, [creator = &creator_, names = std::move(names), client = std::move(client),
                      client_id = std::move(client_id)]() mutable {
    creator->create(names, std::move(client), std::move(client_id));
  });
}

}  // namespace ottla::server
