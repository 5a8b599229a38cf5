// fuzz: base protocol config metadata
// Any requests about a cluster with some history: each is answered, whatever it asks and whoever asks, and the answer can
// be encoded in the version that was asked.
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <span>
#include <string_view>
#include <vector>

#include "base/arena.h"
#include "base/budget.h"
#include "base/invariant.h"
#include "metadata/describe/client_quotas.h"
#include "metadata/describe/cluster.h"
#include "metadata/describe/config_resources.h"
#include "metadata/describe/configs.h"
#include "metadata/describe/metadata_response.h"
#include "metadata/describe/scram.h"
#include "metadata/describe/topic_partitions.h"
#include "metadata/testing/random_records.h"
#include "metadata/testing/story.h"
#include "protocol/codec.h"

namespace ottla::metadata {
namespace {

// Which API, which version, who asks.
constexpr std::size_t kFront = 3;
constexpr std::size_t kApis = 8;

const MetadataImage& history() {
  static const MetadataImage kHistory = [] {
    MetadataImage image;
    RandomRecords random(1);
    for (int each = 0; each < 600; ++each) replay_encoded(image, random.next(image));
    image.features.metadata_version = kLatestMetadataVersion;
    return image;
  }();
  return kHistory;
}

// Allows what a hash allows.
class SomeAccess final : public Access {
 public:
  explicit SomeAccess(std::uint8_t seed) : seed_(seed) {}
  bool allows(AclOperation operation, AclResourceType type, std::string_view name) const override {
    if (seed_ == 0) return true;
    unsigned hash = seed_ * 31U + static_cast<unsigned>(operation) * 7U + static_cast<unsigned>(type);
    for (const char each : name) hash = hash * 131U + static_cast<unsigned char>(each);
    return hash % 3 != 0;
  }

 private:
  std::uint8_t seed_;
};

struct Asked {
  std::int16_t version;
  std::span<const std::byte> body;
  Viewpoint viewpoint;
};

template <protocol::Message Request, protocol::Message Response, typename Describe>
void ask(const Asked& asked, Describe describe) {
  if (!Request::message().versions.contains(asked.version)) return;
  Budget budget("describe", std::size_t{64} << 20U);
  Arena arena(budget);
  Request request;
  if (!protocol::decode({.bytes = asked.body, .version = asked.version}, arena, request).ok()) return;
  Response response;
  const Result<> described = describe(request, arena, response);
  if (!described.ok()) {
    OTTLA_INVARIANT(described.error() == Errc::out_of_budget, "a description failed", described.error());
    return;
  }
  const auto bytes = protocol::encode(response, asked.version);
  OTTLA_INVARIANT(bytes.ok(), "a description cannot be encoded", bytes.error());
}

void ask_configs(const Asked& asked) {
  static const config::NodeLayers kLayers{.fixed = {{"node.id", "1"}, {"process.roles", "broker"}},
                                          .cluster = {{"min.insync.replicas", "2"}},
                                          .broker = {{"log.retention.ms", "5"}}};
  static const config::NodeConfig kConfig = [] {
    std::vector<config::Problem> problems;
    return config::NodeConfig::read(kLayers.effective(), problems);
  }();
  static constexpr LoggerLevel kLoggers[] = {{"root", "INFO"}};
  using Request = protocol::DescribeConfigsRequest;
  using Response = protocol::DescribeConfigsResponse;
  ask<Request, Response>(asked, [&](const Request& request, Arena& arena, Response& response) {
    return describe_configs({.image = asked.viewpoint.image,
                             .access = asked.viewpoint.access,
                             .node = NodeId(1),
                             .layers = kLayers,
                             .config = kConfig,
                             .loggers = kLoggers},
                            request, arena, response);
  });
}

void ask_cluster(const Asked& asked, bool controllers) {
  using Request = protocol::DescribeClusterRequest;
  using Response = protocol::DescribeClusterResponse;
  ask<Request, Response>(asked, [&](const Request& request, Arena& arena, Response& response) {
    const ClusterQuestion question{.viewpoint = asked.viewpoint, .cluster_id = "cluster"};
    if (controllers) return describe_controllers(question, request, asked.version, 1, arena, response);
    return describe_brokers(question, request, asked.version, 5, arena, response);
  });
}

void ask_metadata(const Asked& asked) {
  using Request = protocol::MetadataRequest;
  using Response = protocol::MetadataResponse;
  ask<Request, Response>(asked, [&](const Request& request, Arena& arena, Response& response) {
    const MetadataQuestion question{
        .viewpoint = asked.viewpoint, .cluster_id = "cluster", .draw = 5, .creates = true};
    return describe_metadata(question, request, asked.version, arena, response);
  });
}

void ask_partitions(const Asked& asked) {
  using Request = protocol::DescribeTopicPartitionsRequest;
  using Response = protocol::DescribeTopicPartitionsResponse;
  ask<Request, Response>(asked, [&](const Request& request, Arena& arena, Response& response) {
    return describe_topic_partitions(asked.viewpoint, 2000, request, arena, response);
  });
}

void ask_settings(const Asked& asked, std::size_t api) {
  if (api == 5) {
    using Request = protocol::ListConfigResourcesRequest;
    using Response = protocol::ListConfigResourcesResponse;
    ask<Request, Response>(asked, [&](const Request& request, Arena& arena, Response& response) {
      return list_config_resources(asked.viewpoint, request, asked.version, arena, response);
    });
  } else if (api == 6) {
    using Request = protocol::DescribeClientQuotasRequest;
    using Response = protocol::DescribeClientQuotasResponse;
    ask<Request, Response>(asked, [&](const Request& request, Arena& arena, Response& response) {
      return describe_client_quotas(asked.viewpoint.image, request, arena, response);
    });
  } else {
    using Request = protocol::DescribeUserScramCredentialsRequest;
    using Response = protocol::DescribeUserScramCredentialsResponse;
    ask<Request, Response>(asked, [&](const Request& request, Arena& arena, Response& response) {
      return describe_scram_credentials(asked.viewpoint.image, request, arena, response);
    });
  }
}

void run(std::span<const std::uint8_t> input) {
  if (input.size() < kFront) return;
  const SomeAccess access(input[2]);
  const std::size_t api = input[0] % kApis;
  const Asked asked{.version = input[1],
                    .body = std::as_bytes(input.subspan(kFront)),
                    .viewpoint = {.image = history(), .listener = "PLAINTEXT", .access = access}};
  switch (api) {
    case 0:
      return ask_metadata(asked);
    case 1:
      return ask_partitions(asked);
    case 2:
    case 3:
      return ask_cluster(asked, api == 3);
    case 4:
      return ask_configs(asked);
    default:
      return ask_settings(asked, api);
  }
}

}  // namespace
}  // namespace ottla::metadata

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  ottla::metadata::run({data, size});
  return 0;
}
