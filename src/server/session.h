// What stands behind one connection: its client's name and address, and the way to the handlers.
//
// Lifetime:    outlives its connection; the dispatcher outlives it.
// Concurrency: confined to its shard.
#pragma once

#include <utility>

#include "protocol/request_header.h"
#include "rpc/service.h"
#include "runtime/cancel.h"
#include "runtime/task.h"
#include "server/client_info.h"
#include "server/dispatcher.h"
#include "server/served.h"
#include "server/use_order.h"

namespace ottla::server {

class Session final : public rpc::Service {
 public:
  // `use` is the connection's place in `order`.
  Session(Dispatcher& dispatcher, ClientInfo client, UseOrder& order, UseOrder::Place& use)
      : dispatcher_(dispatcher), client_(std::move(client)), order_(order), use_(use) {}

  const ClientInfo& client() const { return client_; }

  bool may_overlap(const protocol::RequestHead& head) const override {
    const Handler* handler = handlers_of(client_.kind).find(head.api->key);
    return handler != nullptr && handler->overlaps;
  }
  Task<rpc::Answer> serve(rpc::Incoming request, Cancel cancel) override {
    order_.touch(use_);
    return dispatcher_.serve(client_, std::move(request), cancel);
  }
  void sent(const rpc::Passed& request, Instant turn, Instant end) override {
    dispatcher_.sent(request, turn, end);
  }

 private:
  Dispatcher& dispatcher_;
  const ClientInfo client_;
  UseOrder& order_;
  UseOrder::Place& use_;
};

}  // namespace ottla::server
