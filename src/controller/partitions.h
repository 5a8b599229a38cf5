// What leaders and brokers tell of partitions, and where people want them to be.
#pragma once

#include "controller/call.h"
#include "controller/state.h"
#include "protocol/messages/alter_partition.h"
#include "protocol/messages/alter_partition_reassignments.h"
#include "protocol/messages/assign_replicas_to_dirs.h"
#include "protocol/messages/list_partition_reassignments.h"

namespace ottla::controller {

// alter_partition.cc: a leader's new ISR.
ApiError alter_partition(const State& state, const protocol::AlterPartitionRequest& request, Call& call,
                         protocol::AlterPartitionResponse& response);

// reassignments.cc
ApiError alter_partition_reassignments(const State& state,
                                       const protocol::AlterPartitionReassignmentsRequest& request,
                                       Call& call, protocol::AlterPartitionReassignmentsResponse& response);
Result<> refuse_alter_partition_reassignments(const protocol::AlterPartitionReassignmentsRequest& request,
                                              const ApiError& error, Arena& arena,
                                              protocol::AlterPartitionReassignmentsResponse& response);
ApiError list_partition_reassignments(const State& state,
                                      const protocol::ListPartitionReassignmentsRequest& request, Call& call,
                                      protocol::ListPartitionReassignmentsResponse& response);
Result<> refuse_list_partition_reassignments(const protocol::ListPartitionReassignmentsRequest& request,
                                             const ApiError& error, Arena& arena,
                                             protocol::ListPartitionReassignmentsResponse& response);

// replica_directories.cc: in which directory of a broker its replicas lie.
ApiError assign_replicas_to_dirs(const State& state, const protocol::AssignReplicasToDirsRequest& request,
                                 Call& call, protocol::AssignReplicasToDirsResponse& response);

}  // namespace ottla::controller
