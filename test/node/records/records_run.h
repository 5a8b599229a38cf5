// One run of the world of a node that keeps records: a node, its producers and consumers, faults, and a verdict.
#pragma once

#include "test/node/records/records_plant.h"
#include "testing/scenario.h"

namespace ottla::server {

testing::Outcome run_node_with_records(const testing::RunRequest& request, const NamedRecordsPlant& plant);

}  // namespace ottla::server
