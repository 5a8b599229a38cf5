#include "quorum/quorum_options.h"

#include <gtest/gtest.h>

#include <chrono>
#include <vector>

#include "config/node_config.h"
#include "config/node_shape.h"

namespace ottla::quorum {
namespace {

using std::chrono::milliseconds;

TEST(QuorumOptions, SayHowTheMetadataLogIsKept) {
  std::vector<config::Problem> problems;
  const auto config = config::NodeConfig::read({{"process.roles", "controller"},
                                                {"node.id", "1"},
                                                {"controller.listener.names", "CONTROLLER"},
                                                {"listeners", "CONTROLLER://:9093"},
                                                {"controller.quorum.voters", "1@localhost:9093"},
                                                {"internal.metadata.delete.delay.millis", "7"},
                                                {"metadata.log.segment.ms", "9"}},
                                               problems);
  ASSERT_TRUE(problems.empty()) << problems.front().text;
  const QuorumOptions options = quorum_options(config, config::NodeShape::of(config, problems), {}, {});
  EXPECT_EQ(options.log->file_delete_delay_ms, milliseconds(7));
  EXPECT_EQ(options.log->segment_ms, milliseconds(9));
}

}  // namespace
}  // namespace ottla::quorum
