#include "server/handlers/metadata.h"

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "config/node_key.h"
#include "metadata/describe/metadata_response.h"
#include "protocol/error_code.h"
#include "runtime/shard.h"
#include "server/topic_creator.h"
#include "server/viewpoint.h"

namespace ottla::server {
namespace {

using protocol::ErrorCode;

// Older clients cannot say that they do not want topics to be created.
constexpr std::int16_t kSaysWhetherToCreate = 4;

}  // namespace

Task<Result<Outcome>> answer_metadata(RequestContext& context, const protocol::MetadataRequest& request,
                                      protocol::MetadataResponse& response) {
  const Instant begun = this_shard().exact_now();
  OTTLA_CO_TRY(const metadata::Viewpoint viewpoint, viewpoint_of(context));
  const bool wished = context.version() < kSaysWhetherToCreate || request.allow_auto_topic_creation;
  const bool creates = wished && context.node.setting(config::node_key<"auto.create.topics.enable">);
  std::vector<std::string> missing;
  const metadata::MetadataQuestion question{
      .viewpoint = viewpoint,
      .cluster_id = context.node.facts.cluster_id,
      .draw = this_shard().random().next(),
      .on_missing =
          [&](std::string_view name) {
            const ErrorCode error = metadata::missing_topic_error(name);
            if (creates && error == ErrorCode::unknown_topic_or_partition) missing.emplace_back(name);
            return error;
          },
      .creates = creates};
  OTTLA_CO_CHECK(metadata::describe_metadata(question, request, context.version(), context.arena, response));
  context.busy += this_shard().exact_now() - begun;
  if (!missing.empty() && context.node.topic_creator != nullptr) {
    co_await context.node.topic_creator->create(std::move(missing), context.client,
                                                std::string(context.incoming.head.client_id));
  }
  co_return Outcome::reply;
}

}  // namespace ottla::server
