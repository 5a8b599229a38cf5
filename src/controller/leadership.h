// Who leads partitions: elections that are asked for, that follow when brokers come and go, and that time asks for.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>

#include "controller/api_error.h"
#include "controller/call.h"
#include "controller/draft.h"
#include "controller/partition_change.h"
#include "controller/partition_index.h"
#include "protocol/messages/elect_leaders.h"

namespace ottla::controller {

// Leaders and ISRs follow what happens to brokers.
void follow_brokers(Draft& draft, const PartitionSet& partitions, const BrokerChange& brokers);
void follow_brokers(Draft& draft, const PartitionKey& partition, const BrokerChange& brokers);

ApiError elect_leaders(const State& state, const protocol::ElectLeadersRequest& request, Call& call,
                       protocol::ElectLeadersResponse& response);
Result<> refuse_elect_leaders(const protocol::ElectLeadersRequest& request, const ApiError& error,
                              Arena& arena, protocol::ElectLeadersResponse& response);

// At most so many elections at once; when there may be more to do, it is done again at once.
inline constexpr std::size_t kMostElections = 1000;

// Preferred replicas lead where they may (auto.leader.rebalance.enable). Whether there may be more to do.
bool elect_preferred_leaders(const State& state, Call& call);
// Partitions that nobody leads, where unclean.leader.election.enable says so.
bool elect_unclean_leaders(const State& state, Call& call);

}  // namespace ottla::controller
