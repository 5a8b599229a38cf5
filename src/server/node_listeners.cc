#include "server/node_listeners.h"

#include <algorithm>
#include <utility>

#include "config/node_config.h"
#include "server/connection_caps.h"

namespace ottla::server {
namespace {

bool names(const std::vector<config::Endpoint>& endpoints, std::string_view listener) {
  return std::ranges::find(endpoints, listener, &config::Endpoint::listener) != endpoints.end();
}

}  // namespace

Task<Result<void>> NodeListeners::open_all(SharedSettings started) {
  for (const config::Endpoint& each : facts_.shape.listeners)
    OTTLA_CO_CHECK(co_await open_one(each, started));
  co_return Result<void>();
}

Task<Result<void>> NodeListeners::open_one(config::Endpoint endpoint, SharedSettings settings) {
  const ListenerKind kind = facts_.shape.is_controller_listener(endpoint.listener) ? ListenerKind::controller
                                                                                   : ListenerKind::broker;
  const ListenerTerms terms{.kind = kind, .name = endpoint.listener};
  OTTLA_CO_TRY(const Address address, co_await acceptor_.open(endpoint, terms, &settings->config));
  open_.push_back({.name = endpoint.listener, .kind = kind, .address = address});
  log_.info("listening", field("listener", endpoint.listener), field("address", address));
  co_return Result<void>();
}

Task<void> NodeListeners::follow(SharedSettings altered) {
  wanted_ = altered;
  const auto turn = co_await turn_.acquire(1);
  if (!turn.ok() || wanted_ != altered) co_return;
  std::vector<config::Problem> problems;
  const config::NodeShape shape = config::NodeShape::of(altered->config, problems);
  for (const config::Problem& each : problems) {
    log_.warn("listeners stay as they are", field("key", each.key), field("reason", each.text));
  }
  if (shape.complete && facts_.shape.broker) {
    co_await close_what_is_gone(shape);
    co_await open_what_is_new(shape, altered);
  }
  acceptor_.set_caps(co_await connection_caps(altered->config, shape.complete ? shape : facts_.shape, {}));
}

Task<void> NodeListeners::close_what_is_gone(const config::NodeShape& shape) {
  const std::vector<config::Endpoint> told = facts_.shape.advertised_to_clients();
  std::vector<std::string> gone;
  for (const OpenListener& each : open_) {
    if (each.kind == ListenerKind::broker && !names(shape.listeners, each.name) && !names(told, each.name)) {
      gone.push_back(each.name);
    }
  }
  for (const std::string& name : gone) {
    std::erase_if(open_, [&](const OpenListener& each) { return each.name == name; });
    log_.info("no longer listening", field("listener", name));
    co_await acceptor_.close(ListenerKind::broker, name);
  }
}

Task<void> NodeListeners::open_what_is_new(const config::NodeShape& shape, SharedSettings settings) {
  for (const config::Endpoint& each : shape.listeners) {
    if (is_open(each.listener) || facts_.shape.is_controller_listener(each.listener)) continue;
    const Result<void> opened = co_await open_one(each, settings);
    if (!opened.ok()) log_.error("a listener cannot be opened", field("reason", opened.error()));
  }
}

bool NodeListeners::is_open(std::string_view name) const {
  return std::ranges::find(open_, name, &OpenListener::name) != open_.end();
}

}  // namespace ottla::server
