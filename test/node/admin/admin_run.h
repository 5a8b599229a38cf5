// One run of the world of a node that is administered: a node, its administrators, faults, and a verdict.
#pragma once

#include "test/node/admin/admin_plant.h"
#include "testing/scenario.h"

namespace ottla::server {

testing::Outcome run_administered_node(const testing::RunRequest& request, const NamedAdminPlant& plant);

}  // namespace ottla::server
