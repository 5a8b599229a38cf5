#include "controller/brokers.h"

#include <fmt/format.h>

#include "metadata/registration.h"

namespace ottla::controller {

ApiError unregister_broker(const State& state, const protocol::UnregisterBrokerRequest& request, Call& call,
                           protocol::UnregisterBrokerResponse& response) {
  const metadata::BrokerRegistration* broker = state.image().cluster.broker(NodeId(request.broker_id));
  if (broker == nullptr) {
    return {ErrorCode::broker_id_not_registered,
            fmt::format("Broker ID {} is not currently registered", request.broker_id)};
  }
  protocol::UnregisterBrokerRecord record;
  record.broker_id = request.broker_id;
  record.broker_epoch = broker->epoch;
  call.records.add(record, 0);
  static_cast<void>(response);
  return {};
}

}  // namespace ottla::controller
