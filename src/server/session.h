// What stands behind one connection: its client's name and address, and the way to the handlers.
//
// Lifetime:    outlives its connection; the dispatcher outlives it.
// Concurrency: confined to its shard.
#pragma once

#include <utility>

#include "protocol/request_header.h"
#include "rpc/service.h"
#include "runtime/cancel.h"
#include "runtime/shard.h"
#include "runtime/task.h"
#include "server/client_info.h"
#include "server/dispatcher.h"
#include "server/served.h"
#include "server/shard_load.h"
#include "server/shard_pull.h"
#include "server/use_order.h"

namespace ottla::server {

class Session final : public rpc::Service {
 public:
  // `use` is the connection's place in `order`.
  Session(Dispatcher& dispatcher, ClientInfo client, UseOrder& order, UseOrder::Place& use, ShardLoad& load)
      : dispatcher_(dispatcher), client_(std::move(client)), order_(order), use_(use), load_(load) {}

  const ClientInfo& client() const { return client_; }

  bool may_overlap(const protocol::RequestHead& head) const override {
    const Handler* handler = handlers_of(client_.kind).find(head.api->key);
    return handler != nullptr && handler->overlaps;
  }
  bool wants_away() const override { return client_.pull->wanted().has_value(); }
  void must_stay() override { client_.pull->give_up(); }
  Task<rpc::Answer> serve(rpc::Incoming request, Cancel cancel) override {
    order_.touch(use_);
    load_.look(this_shard().now());
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
  ShardLoad& load_;
};

}  // namespace ottla::server
