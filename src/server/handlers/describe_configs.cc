#include "server/handlers/describe_configs.h"

#include <cstddef>
#include <span>
#include <string_view>
#include <vector>

#include "metadata/describe/configs.h"
#include "runtime/process.h"
#include "runtime/shard.h"
#include "server/loggers.h"
#include "server/viewpoint.h"

namespace ottla::server {

Result<> answer_describe_configs(RequestContext& context, const protocol::DescribeConfigsRequest& request,
                                 protocol::DescribeConfigsResponse& response) {
  context.image = context.node.image;
  const SharedSettings settings = context.node.settings;
  const std::vector<LoggerState> all = all_loggers(this_shard().process().log_levels());
  OTTLA_TRY(const std::span<metadata::LoggerLevel> loggers,
            context.arena.make_span<metadata::LoggerLevel>(all.size()));
  for (std::size_t each = 0; each < all.size(); ++each) {
    OTTLA_TRY(loggers[each].name, context.arena.copy(all[each].name));
    OTTLA_TRY(loggers[each].level, context.arena.copy(all[each].level));
  }
  return metadata::describe_configs({.image = *context.image,
                                     .access = access_of(context),
                                     .node = context.node.facts.id,
                                     .layers = settings->layers,
                                     .config = settings->config,
                                     .loggers = loggers},
                                    request, context.arena, response);
}

}  // namespace ottla::server
