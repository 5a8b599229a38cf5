#include <fmt/format.h>

#include <map>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "config/node_key.h"
#include "controller/api_table.h"
#include "controller/draft.h"
#include "controller/topics.h"

namespace ottla::controller {
namespace {

using metadata::TopicImage;
using protocol::DeleteTopicsRequest;
using protocol::DeleteTopicsResponse;
using protocol::NullableText;
using AskedTopic = DeleteTopicsRequest::DeleteTopicState;
using TopicResult = DeleteTopicsResponse::DeletableTopicResult;

ApiError with_text(ErrorCode code) {
  return {code, std::string(message_of(code))};
}

// What is asked for: names in old versions, names or ids in new ones.
std::vector<AskedTopic> asked_of(const DeleteTopicsRequest& request) {
  std::vector<AskedTopic> asked(request.topics.begin(), request.topics.end());
  for (const std::string_view name : request.topic_names) {
    asked.emplace_back().name = name;
  }
  return asked;
}

class TopicRemover {
 public:
  TopicRemover(const State& state, Call& call) : state_(state), call_(call), draft_(state, call.records) {}

  Result<> remove_all(const std::vector<AskedTopic>& asked);
  const std::vector<TopicResult>& results() const { return results_; }

 private:
  void gather(const std::vector<AskedTopic>& asked);
  Result<> answer(NullableText name, const Uuid& id, const ApiError& error);
  Result<> find_named();
  ApiError remove(const TopicImage& topic);

  const State& state_;
  Call& call_;
  Draft draft_;
  std::vector<TopicResult> results_;
  std::map<std::string_view, std::size_t> names_;  // how often each was asked for
  std::map<Uuid, std::size_t> ids_;
  std::map<Uuid, NullableText> found_;  // by name, too
};

Result<> TopicRemover::answer(NullableText name, const Uuid& id, const ApiError& error) {
  TopicResult& result = results_.emplace_back();
  result.name = name;
  result.topic_id = id;
  result.error_code = error.wire_code();
  OTTLA_TRY(result.error_message, message_text(error, call_.arena));
  return {};
}

Result<> TopicRemover::find_named() {
  for (const auto& [name, times] : names_) {
    if (times > 1) {
      OTTLA_CHECK(answer(name, {}, {ErrorCode::invalid_request, "Duplicate topic name."}));
      continue;
    }
    const Uuid* id = state_.image().topics.by_name.find(name);
    if (id == nullptr) {
      OTTLA_CHECK(answer(name, {}, with_text(ErrorCode::unknown_topic_or_partition)));
    } else if (ids_.contains(*id)) {
      found_.erase(*id);
      OTTLA_CHECK(answer(
          name, *id,
          {ErrorCode::invalid_request, "The provided topic name maps to an ID that was already supplied."}));
    } else {
      found_[*id] = name;
    }
  }
  return {};
}

ApiError TopicRemover::remove(const TopicImage& topic) {
  const auto partitions = static_cast<std::int32_t>(topic.partitions.size());
  if (call_.asked.quota != nullptr && !call_.asked.quota->charge(partitions)) {
    return ErrorCode::throttling_quota_exceeded;
  }
  // What does not fit into one request is told so; the rest goes.
  if (draft_.records() >= kMostRecords) return ErrorCode::unknown_server_error;
  protocol::RemoveTopicRecord record;
  record.topic_id = topic.id;
  draft_.add(record, 0);
  return {};
}

void TopicRemover::gather(const std::vector<AskedTopic>& asked) {
  for (const AskedTopic& each : asked) {
    if (!each.name.is_null() && each.topic_id.is_zero()) ++names_[*each.name];
    if (each.name.is_null() && !each.topic_id.is_zero()) ++ids_[each.topic_id];
  }
}

Result<> TopicRemover::remove_all(const std::vector<AskedTopic>& asked) {
  gather(asked);
  for (const AskedTopic& each : asked) {
    if (each.name.is_null() && each.topic_id.is_zero()) {
      OTTLA_CHECK(
          answer(nullptr, {}, {ErrorCode::invalid_request, "Neither topic name nor id were specified."}));
    } else if (!each.name.is_null() && !each.topic_id.is_zero()) {
      OTTLA_CHECK(answer(each.name, each.topic_id,
                         {ErrorCode::invalid_request, "You may not specify both topic name and topic id."}));
    }
  }
  for (const auto& [id, times] : ids_) {
    const TopicImage* topic = state_.image().topics.find(id);
    if (times > 1) {
      OTTLA_CHECK(answer(nullptr, id, {ErrorCode::invalid_request, "Duplicate topic id."}));
    } else if (topic == nullptr) {
      OTTLA_CHECK(answer(nullptr, id, with_text(ErrorCode::unknown_topic_id)));
    } else {
      OTTLA_TRY(found_[id], call_.text(topic->name));
    }
  }
  OTTLA_CHECK(find_named());
  for (const auto& [id, name] : found_) {
    OTTLA_CHECK(answer(name, id, remove(*state_.image().topics.find(id))));
  }
  return {};
}

}  // namespace

ApiError delete_topics(const State& state, const DeleteTopicsRequest& request, Call& call,
                       DeleteTopicsResponse& response) {
  if (!state.options().config.get(config::node_key<"delete.topic.enable">)) {
    if (call.asked.version >= 3) return ErrorCode::topic_deletion_disabled;
    return {ErrorCode::invalid_request, "This version does not support topic deletion."};
  }
  TopicRemover remover(state, call);
  if (const Result<> removed = remover.remove_all(asked_of(request)); !removed.ok()) return removed.error();
  OTTLA_TRY(response.responses, call.array_of(remover.results()));
  return {};
}

Result<> refuse_delete_topics(const DeleteTopicsRequest& request, const ApiError& error, Arena& arena,
                              DeleteTopicsResponse& response) {
  const std::vector<AskedTopic> asked = asked_of(request);
  OTTLA_TRY(const std::span<TopicResult> results, arena.make_span<TopicResult>(asked.size()));
  for (std::size_t i = 0; i < results.size(); ++i) {
    results[i].name = asked[i].name;
    results[i].topic_id = asked[i].topic_id;
    results[i].error_code = error.wire_code();
  }
  response.responses = results;
  return {};
}

}  // namespace ottla::controller
