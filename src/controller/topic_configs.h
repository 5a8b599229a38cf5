// The configuration of topics that are about to be made.
#pragma once

#include <optional>
#include <string_view>

#include "config/layers.h"
#include "config/node_config.h"
#include "controller/api_error.h"
#include "controller/call.h"
#include "controller/draft.h"
#include "controller/state.h"
#include "protocol/messages/create_topics.h"

namespace ottla::controller {

using TopicConfigs = protocol::Array<protocol::CreateTopicsRequest::CreatableTopicConfig>;

// Of several values of a key the last one counts.
config::Texts texts_of(const TopicConfigs& configs);
// What is wrong with the topic's configuration.
ApiError check_topic_configs(const ControllerOptions& options, const TopicConfigs& configs);
// The topic is in the draft already.
void add_topic_configs(Draft& draft, std::string_view topic, const config::Texts& texts);

// What each key of a topic would be, as the answer to CreateTopics shows it.
class EffectiveTopicConfigs {
 public:
  explicit EffectiveTopicConfigs(const State& state) : state_(state) {}
  Result<protocol::Array<protocol::CreateTopicsResponse::CreatableTopicConfigs>> of(const config::Texts& own,
                                                                                    Call& call);

 private:
  const State& state_;
  std::optional<config::NodeLayers> layers_;  // made when they are first asked for
  std::optional<config::NodeConfig> node_;
};

}  // namespace ottla::controller
